"""Any text file as a list of documents."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..tokenizer.rows import lengths_of
from .batches import split_documents
from .documents import Documents

SPLITS = {
    "line": "every line is a document",
    "blank": "documents are separated by blank lines",
    "none": "the whole text is one document",
}

# How files begin that people take for text.
SIGNATURES = {
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"PK\x03\x04": "a zip archive or an office document: unpack it, or save it as plain text",
    b"%PDF-": "a PDF: save it as plain text",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GGUF\x03\0": "the weights of a model (GGUF)",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


@dataclass(frozen=True)
class Corpus:
    """Documents to train on, and where they came from."""

    name: str  # "names", "stories", or the name of the file
    documents: Sequence[str]  # a list, or Documents
    source: str  # part of a sentence: "your file notes.txt"
    split: str = "line"  # one of SPLITS

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
        return tokenizer.encode_rows(trained), tokenizer.encode_rows(held_out)

    @property
    def advice(self):
        """A sentence to show where another split would suit better, else ''."""
        if self.split != "none" and len(self.documents) == 1 and self.longest >= 1000:
            return (
                f"All of {self.name} is one document when split by {self.split};"
                " as one running text (split none) it would be trained on in stretches."
            )
        return ""


def read_text(path):
    """The text of a UTF-8 file, line ends normalised."""
    check_file(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); check its permissions."
        ) from error
    return decode(data, str(path))


def check_file(path):
    """Raise unless there is a file, or a pipe, to read."""
    path = Path(path)
    if not os.path.exists(path):
        raise UserError(f"There is no file {path}; check the name and the folder.")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name one text file in it.")
    if not path.is_file() and not path.is_fifo():
        raise UserError(f"{path} is a device, not a file; name a text file.")


def decode(data, name):
    """The text in the bytes of a file, or one sentence saying why they are none."""
    kind = looks_like(data)
    if kind:
        raise UserError(f"{name} is not plain text but looks like {kind}.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = max(before.count(b"\n"), before.count(b"\r")) + 1
        raise UserError(
            f"{name} is not valid UTF-8: line {line} has the byte 0x{data[error.start]:02X},"
            f" {error.start:,} bytes into the file; save it as UTF-8."
        ) from None
    if "\0" in text:
        raise UserError(
            f"{name} is not plain text: it has a NUL character {text.index(chr(0)):,} characters"
            " into the file; choose a text file."
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
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


def corpus_from_bytes(data, name, split="line"):
    """The corpus in a file's bytes, as a web page hands them over."""
    documents = split_text(decode(bytes(data), name), split)
    return Corpus(name, documents, f"your file {name}", split)


def looks_like(data):
    """What a file that begins so is instead of text, or None."""
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            return kind
    # safetensors: eight bytes of length, then a JSON header
    if data[8:10] == b'{"' and b"\0" in data[:8]:
        return "the weights of a model (safetensors)"
    return None
