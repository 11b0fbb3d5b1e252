"""`tokenize`: learn a tokenizer, encode, decode, and look at tokens."""

import json
import os
import sys
import time

from ...data import load
from ...data.folder import left_out_sentence
from ...data.stream import sample_texts, stream_files, text_files, total_bytes
from ...data.tokenizer_files import format_for, save_tokenizer
from ...data.tokens import TokenWriter, encode_documents, is_token_file, open_tokens
from ...errors import UserError
from ...tokenizer.bpe import BOS, CHAT_SPECIALS, BPETokenizer
from ...tokenizer.patterns import Splitter
from ...tokenizer.train import PATTERN, count_words, merge_count
from ..find_tokenizer import learn, open_tokenizer
from ..inspect_tokens import inspect
from ..progress import Progress, duration, short


def tokenize_command(args):
    actions = {"train": _train, "encode": _encode, "decode": _decode, "inspect": inspect}
    return actions[args.action](args)


# ---- train


def _train(args):
    progress = Progress(quiet=args.quiet)
    specials = CHAT_SPECIALS if args.chat else (BOS,)
    count, pattern = merge_count(args.vocab, len(specials)), args.pattern or PATTERN
    if os.path.isdir(args.out) and args.format != "gpt2":
        raise UserError(f"--out {args.out} is a folder; give the name of a file.")
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
    except KeyboardInterrupt:
        stopped = True
        progress.clear()
    tokenizer = BPETokenizer.from_merges(merges, pattern, specials)
    paths = save_tokenizer(tokenizer, args.out, args.format)
    if args.json:
        _emit(type="done", tokens=tokenizer.vocab_size, merges=len(merges), stopped=stopped)
    where = " and ".join(map(str, paths))
    if stopped:
        print(f"Stopped after {len(merges):,} merges; they are kept in {where}.", file=sys.stderr)
        return 130
    progress.say(f"The tokenizer, {tokenizer.vocab_size:,} tokens, is in {where}.")
    if (args.format or format_for(args.out)) in ("tiktoken", "gpt2"):
        progress.say(f"Such a file names no split pattern: use it with --pattern {pattern}.")
    return 0


def _print_merge():
    """A function that prints a merge as a line of JSON, with the bytes that are joined."""
    tokens = [bytes([i]) for i in range(256)]

    def show(merge):
        tokens.append(tokens[merge.left] + tokens[merge.right])
        text = tokens[-1].decode("utf-8", "backslashreplace")
        _emit(
            type="merge",
            id=merge.id,
            left=merge.left,
            right=merge.right,
            count=merge.count,
            text=text,
        )

    return show


# ---- encode


def _encode(args):
    tokenizer = open_tokenizer(args.tokenizer, args.pattern)
    progress = Progress(quiet=args.quiet)
    if args.text is not None and args.data:
        raise UserError("Give either a TEXT or --data, not both.")
    if args.out:
        return _encode_to_file(args, tokenizer, progress)
    if args.raw:
        raise UserError("--raw is for token files; name one with --out FILE.")
    if args.data:
        source = Source(args, progress)
        for part in encode_documents(source.documents("encoding"), tokenizer):
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
    with TokenWriter(args.out, tokenizer.vocab_size, args.raw) as writer:
        for part in encode_documents(source.documents("encoding"), tokenizer):
            writer.write(part)
        source.done()
        if writer.count < 2:
            raise UserError("There is no text to encode; name a longer one with --data.")
    seconds = time.perf_counter() - began
    if args.json:
        _emit(tokens=writer.count, bytes=source.read, width=writer.width, seconds=seconds)
    progress.say(
        f"{writer.count:,} tokens of {8 * writer.width} bits, {source.read / writer.count:.2f}"
        f" bytes of text each, in {duration(seconds)} ({short(source.read / seconds)}B/s)"
    )
    progress.say(f"The tokens are in {args.out}.")
    return 0


# ---- decode


def _decode(args):
    tokenizer = open_tokenizer(args.tokenizer, args.pattern)
    if args.data:
        if args.ids:
            raise UserError("Give either token ids or --data, not both.")
        _decode_file(args, tokenizer)
        return 0
    words = args.ids or sys.stdin.read().replace(",", " ").replace("[", " ").split()
    ids = []
    for word in words:
        word = word.strip(",[]")
        if not word.isdecimal():
            raise UserError(f"{word!r} is not a token id; give whole numbers.")
        ids.append(int(word))
    print(tokenizer.decode(ids, specials=args.specials))
    return 0


def _decode_file(args, tokenizer, together=1 << 20):
    """Print a token file; where a document ends, so does the line."""
    tokens, stream = open_tokens(args.data), tokenizer.stream()
    begun = False
    for start in range(0, len(tokens), together):
        part = []
        for id in tokens[start : start + together].tolist():
            if id != tokenizer.bos or args.specials:
                special = args.specials and tokenizer.token_bytes[id] == 0
                part.append(tokenizer.decode([id], specials=True) if special else stream.push(id))
                begun = True
            elif begun:
                part.append(stream.finish() + "\n")
        sys.stdout.write("".join(part))
    sys.stdout.write(stream.finish())


# ---- where the text comes from


class Source:
    """The text that the flags name, as a stream; progress by the bytes that were read."""

    def __init__(self, args, progress):
        self.progress, self.read, self.left_out = progress, 0, []
        self.corpus, self.problem = None, None
        word = args.data or "stories"
        self.folder = os.path.isdir(word)
        if self.folder:
            self.paths, self.split = text_files(word, args.include or ()), args.split or "none"
        elif os.path.isfile(word):
            if is_token_file(word):
                raise UserError(f"{word} has token ids in it already; name a text.")
            self.paths, self.split = [word], args.split or "line"
        else:
            self.corpus = load(
                word,
                split=args.split,
                offline=args.offline,
                on_progress=progress.download,
                say=progress.say,
            )
            progress.clear()
            self.paths = []
        sizes = (
            (len(document.encode()) for document in self.corpus.documents) if self.corpus else ()
        )
        self.bytes = sum(sizes) if self.corpus else total_bytes(self.paths)

    def documents(self, doing):
        """Pairs as of `stream_documents`."""
        if self.corpus:
            for document in self.corpus.documents:
                yield document, True
            self.read = self.bytes
            return

        def on_bytes(count):
            self.read += count
            if self.progress.due():
                done = f"{doing}: {self.read / 1e6:,.1f} of {self.bytes / 1e6:,.1f} MB"
                self.progress.bar(self.read / max(1, self.bytes), done)

        skip = self._skip if self.folder else None
        yield from stream_files(self.paths, self.split, on_bytes, skip)

    def _skip(self, path, problem):
        self.left_out.append(path.name)
        self.problem = self.problem or problem

    def done(self):
        self.progress.clear()
        if self.left_out:
            self.progress.say(left_out_sentence(self.left_out, self.problem))


def _emit(**values):
    print(json.dumps(values, ensure_ascii=False))
