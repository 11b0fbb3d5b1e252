"""`tokenize encode`: text into token ids, printed or as a token file."""

import json
import sys
import time

from ....data.tokens import TokenWriter, encode_documents
from ....errors import UserError
from ....tokenizer.bpe import BPETokenizer
from ...args import add_data, add_force, add_threads
from ...find import open_tokenizer, processes_for
from ...outputs import check_outputs
from ...progress import Progress, duration, short
from .source import Source, add_tokenizer, emit


def add(parser):
    parser.add_argument("text", metavar="TEXT", nargs="?", help="(what comes on stdin)")
    add_tokenizer(parser)
    add_data(parser)
    parser.add_argument("--out", metavar="FILE", help="write a token file, of any size")
    add_force(parser)
    parser.add_argument("--raw", action="store_true", help="without a header, as nanoGPT's .bin")
    parser.add_argument(
        "--specials", action="store_true", help="special tokens in TEXT are meant as such"
    )
    add_threads(
        parser, "how many processes encode a text of more than 16 MB (as many as processors)"
    )
    parser.add_argument("--json", action="store_true", help="the ids as a line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(args):
    if args.text is not None and args.data:
        raise UserError("Give either a TEXT or --data, not both.")
    outputs = {"--out": (args.out, "a token file")}
    check_outputs(outputs, {"--data": args.data, "--tokenizer": args.tokenizer}, args.force)
    tokenizer = open_tokenizer(args.tokenizer, args.pattern)
    progress = Progress(quiet=args.quiet)
    if args.out:
        return _encode_to_file(args, tokenizer, progress)
    if args.raw:
        raise UserError("--raw is for token files; name one with --out FILE.")
    if args.data:
        source = Source(args, progress)
        processes = processes_for(args, source.bytes)
        for part in encode_documents(source.documents("encoding"), tokenizer, processes):
            print(" ".join(map(str, part.tolist())))
        return 0
    text = args.text if args.text is not None else sys.stdin.read()
    if args.specials and isinstance(tokenizer, BPETokenizer):
        ids = tokenizer.encode(text, allowed_special="all")
    else:
        ids = tokenizer.encode_array(text).tolist()
    print(json.dumps(ids) if args.json else " ".join(map(str, ids)))
    return 0


def _encode_to_file(args, tokenizer, progress):
    if args.text is not None:
        raise UserError("--out is for the text that --data names.")
    began, source = time.perf_counter(), Source(args, progress)
    processes = processes_for(args, source.bytes)
    with TokenWriter(args.out, tokenizer.vocab_size, args.raw) as writer:
        for part in encode_documents(source.documents("encoding"), tokenizer, processes):
            writer.write(part)
        source.done()
        if writer.count < 2:
            raise UserError("There is no text to encode; name a longer one with --data.")
    seconds = time.perf_counter() - began
    if args.json:
        emit(tokens=writer.count, bytes=source.read, width=writer.width, seconds=seconds)
    progress.say(
        f"{writer.count:,} tokens of {8 * writer.width} bits, {source.read / writer.count:.2f}"
        f" bytes of text each, in {duration(seconds)} ({short(source.read / seconds)}B/s)"
    )
    progress.say(f"The tokens are in {args.out}.")
    return 0
