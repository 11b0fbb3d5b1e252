"""Any text file as a list of documents."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..tokenizer import BPETokenizer
from ..tokenizer.rows import lengths_of
from .batches import choose_rows, split_documents
from .documents import Documents
from .encoding import check_beginning, decoder, refusal
from .tokens import encode_rows

SOME = 200  # documents that are looked at
TEXT_CONTEXT = 64  # tokens back, at least, for a text

SPLITS = {
    "line": "every line is a document",
    "blank": "documents are separated by blank lines",
    "none": "the whole text is one document",
}


@dataclass(frozen=True)
class Corpus:
    """Documents to train on, and where they came from."""

    name: str  # "names", "stories", or the name of the file
    documents: Sequence[str]  # a list, or Documents
    source: str  # part of a sentence: "your file notes.txt"
    split: str = "line"  # one of SPLITS
    # How many processes encode it in byte pairs, side by side.
    processes: int = field(default=1, compare=False, kw_only=True)
    questions = ()  # held-out ones with a right answer; only a task has some

    @cached_property
    def digest(self):
        """SHA-256 of the documents, to tell whether two runs had the same."""
        digest = hashlib.sha256()
        if isinstance(self.documents, Documents):
            for piece in self.documents.marked():
                digest.update(piece.encode("utf-8", "surrogatepass"))
            return digest.hexdigest()
        for i in range(0, len(self.documents), 10_000):
            part = "".join(f"{document}\0" for document in self.documents[i : i + 10_000])
            digest.update(part.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @cached_property
    def characters(self):
        """How many characters there are in all."""
        return int(lengths_of(self.documents).sum(dtype=np.int64))

    @cached_property
    def longest(self):
        """How many characters the longest document has."""
        return int(lengths_of(self.documents).max())

    @property
    def size(self):
        """How much it is, in words: "1,000 documents"."""
        count = len(self.documents)
        if self.split == "none" and count == 1:
            return f"{self.characters:,} characters of running text"
        kind = {"line": "document", "blank": "paragraph", "none": "file"}[self.split]
        return f"{count:,} {kind}{'s'[count == 1 :]}"

    def rows(self, tokenizer, rng, val_fraction):
        """(rows to train on, rows held out): the documents shuffled, split and encoded."""
        if isinstance(self.documents, Documents):
            documents = self.documents.shuffled(rng)
        else:
            documents = list(self.documents)
            rng.shuffle(documents)
        trained, held_out = split_documents(documents, val_fraction)
        processes = self.processes if isinstance(tokenizer, BPETokenizer) else 1
        return tuple(encode_rows(each, tokenizer, processes) for each in (trained, held_out))

    @property
    def advice(self):
        """A sentence to show where another split would suit better, else ''."""
        if self.split != "none" and len(self.documents) == 1 and self.longest >= 1000:
            return (
                f"All of {self.name} is one document, of which a model sees only the beginning;"
                " as one running text it would be trained on in stretches."
            )
        return ""


def read_text(path, encoding=None):
    """The text of a file, line ends normalised."""
    check_file(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); check its permissions."
        ) from error
    return decode(data, str(path), encoding)


def check_file(path):
    """Raise unless there is a file, or a pipe, to read."""
    path = Path(path)
    if not os.path.exists(path):
        raise UserError(f"There is no file {path}; check the name and the folder.")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name one text file in it.")
    if not path.is_file() and not path.is_fifo():
        raise UserError(f"{path} is a device, not a file; name a text file.")


def decode(data, name, encoding=None):
    """The text in the bytes of a file, or one sentence saying why they are none."""
    check_beginning(data, name, encoding)
    try:
        text = decoder(encoding).decode(data, final=True)
    except UnicodeDecodeError as error:
        start = error.start + len(data) - len(error.object)  # the decoder took a mark off
        before = data[:start]
        line = max(before.count(b"\n"), before.count(b"\r")) + 1
        place = f", {start:,} byte{'s'[start == 1 :]} into the file"
        raise refusal(data, name, error, line, encoding, place) from None
    if "\0" in text:
        raise UserError(
            f"{name} is not plain text: it has a NUL character {text.index(chr(0)):,} characters"
            " into the file; choose a text file."
        )
    text = text.removeprefix("\ufeff")
    if not text:
        raise UserError(f"{name} is empty; choose a file with text in it.")
    if text.isspace():
        raise UserError(f"{name} has only white space in it; choose a file with text.")
    return text


def split_text(text, split="line"):
    """The documents of a text; see SPLITS."""
    if split == "line":
        return [line for line in map(str.strip, text.split("\n")) if line]
    if split == "blank":
        return [part for part in map(str.strip, re.split(r"\n[^\S\n]*\n", text)) if part]
    if split == "none":
        return [text.strip("\n")]
    raise UserError(f"There is no split {split!r}; choose one of {', '.join(SPLITS)}.")


def corpus_from_bytes(data, name, split="line", encoding=None):
    """The corpus in a file's bytes, as a web page hands them over."""
    documents = split_text(decode(bytes(data), name, encoding), split)
    return Corpus(name, documents, f"your file {name}", split)


def kind_of_rows(corpus, block_size, tokenizer=None):
    """Whether training takes these documents one by one or as crops of one running text.

    Only some of them are looked at, evenly from the whole text.
    """
    count = len(corpus.documents)
    if not count:  # token ids, which are always one running text
        return "crops"
    every = max(1, count // SOME)
    if isinstance(tokenizer, BPETokenizer):
        rows = tokenizer.encode_rows([corpus.documents[i] for i in range(0, count, every)])
    else:  # a document itself may be the whole of a large text
        rows = [range(length + 2) for length in lengths_of(corpus.documents)[::every].tolist()]
    return choose_rows(rows, block_size)


def context_for(corpus, block_size, tokenizer=None):
    """The block size for these data where the reader has not chosen one.

    A text whose documents do not fit gets more room, so that a model sees a line and not a word.
    """
    if kind_of_rows(corpus, block_size, tokenizer) == "documents":
        return block_size
    return max(block_size, TEXT_CONTEXT)
