"""What the actions of `tokenize` share: where the text comes from, and the tokenizer's flags."""

import json
import os

from ....data import load
from ....data.encoding import OtherEncoding
from ....data.stream import left_out_sentence, stream_files, text_files, total_bytes
from ....data.tokens import is_token_file
from ....errors import UserError
from ...announce import announce
from ...args import add_pattern
from ...find import with_flag

TOKENIZER = "a file of any known format, a folder with one, or a model saved by train --out"


def add_tokenizer(parser):
    parser.add_argument("--tokenizer", metavar="FILE", required=True, help=TOKENIZER)
    add_pattern(parser)


def emit(**values):
    """A line of JSON."""
    print(json.dumps(values, ensure_ascii=False))


class Source:
    """The text that the flags name, as a stream; progress by the bytes that were read."""

    def __init__(self, args, progress):
        self.progress, self.read, self.left_out = progress, 0, []
        self.corpus, self.problem = None, None
        word, self.encoding = args.data or "stories", args.encoding
        self.folder = os.path.isdir(word)
        if self.folder:
            self.paths, self.split = text_files(word, args.include or ()), args.split or "none"
        elif os.path.isfile(word):
            if is_token_file(word):
                raise UserError(f"{word} has token ids in it already; name a text.")
            self.paths, self.split = [word], args.split or "line"
            announce(word, progress)
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
        try:
            yield from stream_files(self.paths, self.split, on_bytes, skip, self.encoding)
        except OtherEncoding as problem:
            raise with_flag(problem) from None

    def _skip(self, path, problem):
        self.left_out.append(path.name)
        self.problem = self.problem or problem

    def done(self):
        self.progress.clear()
        if self.left_out:
            self.progress.say(left_out_sentence(self.left_out, self.problem))
