"""`tokenize train`: learn byte pairs from a text of any size."""

import signal
import sys
from pathlib import Path

from ....data.stream import sample_texts
from ....errors import UserError
from ....tokenizer.bpe import BPETokenizer
from ....tokenizer.files.formats import FORMATS
from ....tokenizer.patterns import Splitter
from ....tokenizer.special import BOS, CHAT_SPECIALS
from ....tokenizer.train import PATTERN, count_words, merge_count
from ...args import add_data, add_force, add_number, add_pattern, add_word
from ...find import format_for, learn, save_tokenizer
from ...outputs import check_outputs
from ...progress import Progress
from .source import Source, emit


def add(parser):
    add_data(parser)
    add_number(parser, "--vocab", 1024, "how many tokens (1024)", low=1)
    add_pattern(parser)
    parser.add_argument("--chat", action="store_true", help="add nanochat's nine special tokens")
    help = "megabytes of a larger text to learn from, picked at random (all)"
    add_number(parser, "--sample", None, help, low=1)
    add_number(parser, "--seed", 0, "of --sample (0)", high=2**64 - 1)
    parser.add_argument("--out", metavar="FILE", default="tokenizer.json", help="(tokenizer.json)")
    add_force(parser)
    add_word(parser, "--format", FORMATS, "how it is written (microgpt; *.tiktoken: tiktoken)")
    parser.add_argument("--json", action="store_true", help="each merge as a line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(args):
    progress = Progress(quiet=args.quiet)
    specials = CHAT_SPECIALS if args.chat else (BOS,)
    count, pattern = merge_count(args.vocab, len(specials)), args.pattern or PATTERN
    check_outputs(_outputs(args), {"--data": args.data}, args.force)
    source = Source(args, progress)
    chance = min(1.0, args.sample * 1e6 / max(1, source.bytes)) if args.sample else 1.0
    splitter = Splitter(pattern)
    texts = sample_texts(source.documents("counting words"), chance, args.seed)
    words = count_words(texts, splitter)
    source.done()
    if not words:
        raise UserError("There is no text to learn from; name a longer one with --data.")
    merges, stopped = [], False
    try:
        learn(words, count, merges, progress, _print_merge() if args.json else None)
    except KeyboardInterrupt as stop:
        stopped = 128 + getattr(stop, "number", signal.SIGINT)
        progress.clear()
    tokenizer = BPETokenizer.from_merges(merges, pattern, specials)
    paths = save_tokenizer(tokenizer, args.out, args.format)
    if args.json:
        emit(type="done", tokens=tokenizer.vocab_size, merges=len(merges), stopped=bool(stopped))
    where = " and ".join(map(str, paths))
    if stopped:
        print(f"Stopped after {len(merges):,} merges; they are kept in {where}.", file=sys.stderr)
        return stopped
    progress.say(f"The tokenizer, {tokenizer.vocab_size:,} tokens, is in {where}.")
    if (args.format or format_for(args.out)) in ("tiktoken", "gpt2"):
        progress.say(f"Such a file names no split pattern: use it with --pattern {pattern}.")
    return 0


def _outputs(args):
    if args.format != "gpt2":
        return {"--out": (args.out, "a tokenizer")}
    folder = Path(args.out)  # of two files
    return {
        "--out": (folder / "vocab.bpe", "a list of merges"),
        "--out's second file": (folder / "encoder.json", "a vocabulary"),
    }


def _print_merge():
    """A function that prints a merge as a line of JSON, with the bytes that are joined."""
    tokens = [bytes([i]) for i in range(256)]

    def show(merge):
        tokens.append(tokens[merge.left] + tokens[merge.right])
        text = tokens[-1].decode("utf-8", "backslashreplace")
        emit(
            type="merge",
            id=merge.id,
            left=merge.left,
            right=merge.right,
            count=merge.count,
            text=text,
        )

    return show
