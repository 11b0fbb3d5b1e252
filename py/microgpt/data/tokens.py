"""Files of token ids: written a part at a time, and read without being loaded (memory-mapped).

Four bytes `TK`, the width (2 or 4), a zero; then the ids, little-endian. This is gonanochat's
format. A raw file has no such beginning: it is nanoGPT's, and 16 bits wide.
"""

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import AtomicFile
from ..tokenizer.processes import encode_each
from ..tokenizer.rows import Rows, parts_of, smallest_type

RAW_SUFFIX = ".bin"
SUFFIXES = (RAW_SUFFIX, ".tk", ".tok", ".tokens")
TOGETHER = 1 << 20  # characters of short documents that are encoded in one go
LOOKED_AT = 1 << 24  # tokens looked at in one go


def width_for(vocab_size):
    """How many bytes an id takes.

    >>> width_for(65536), width_for(65537)
    (2, 4)
    """
    return 2 if vocab_size <= 1 << 16 else 4


class TokenWriter:
    """Writes ids to a file that is there in the end, whole, or not at all. Use it with `with`."""

    def __init__(self, path, vocab_size, raw=False):
        self.width = width_for(vocab_size)
        if raw and self.width > 2:
            raise UserError(
                f"A raw token file has ids below 65,536, and this tokenizer has {vocab_size:,};"
                " leave out --raw."
            )
        self.count, self._raw, self._file = 0, raw, AtomicFile(path)

    def __enter__(self):
        self._file.__enter__()
        if not self._raw:
            self._file.write(bytes([*b"TK", self.width, 0]))
        return self

    def write(self, ids):
        self._file.write(np.asarray(ids).astype(f"<u{self.width}").tobytes())
        self.count += len(ids)

    def __exit__(self, *error):
        self._file.__exit__(*error)


def is_token_file(path):
    """Does a file hold ids rather than text? By how it begins, or else by its name."""
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError:
        return False
    return _header(start) > 0 or Path(path).suffix in SUFFIXES


def open_tokens(path):
    """The ids in a token file as a read-only array that is read from the disk as it is used."""
    try:
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check the name.") from None
    width, offset = _header(start), 4
    if not width:
        if start[:2] == b"TK" and Path(path).suffix != RAW_SUFFIX:
            raise UserError(f"{path} is damaged: its ids should be 2 or 4 bytes wide; make it new.")
        if Path(path).suffix != RAW_SUFFIX:
            raise UserError(
                f"{path} is no token file: it does not begin with TK; `tokenize encode` makes one."
            )
        width, offset = 2, 0
    if (size - offset) % width:
        raise UserError(f"{path} is cut short: it ends within a token; make it again.")
    if size == offset:
        raise UserError(f"{path} has no tokens in it; make it again from a longer text.")
    return np.memmap(path, f"<u{width}", "r", offset, ((size - offset) // width,))


def _header(start):
    """The width of the ids by the first four bytes of a file; 0 where there is no header."""
    return start[2] if start[:2] == b"TK" and start[2:] in (b"\2\0", b"\4\0") else 0


def encode_documents(documents, tokenizer, processes=1):
    """Yield arrays of ids for `stream_documents`: `bos` before every document and at the end."""
    yield np.array([tokenizer.bos], np.int32)
    yield from encode_each(_jobs(documents, tokenizer), tokenizer, processes)


def _jobs(documents, tokenizer):
    """The documents as jobs for `encode_each`."""
    together, size, rest, inside = [], 0, "", False
    for text, end in documents:
        if end and not inside:
            together.append(text)
            size += len(text)
            if size >= TOGETHER:
                yield together
                together, size = [], 0
            continue
        # A document that comes in parts: each is encoded up to where a cut changes nothing.
        if together:
            yield together
            together, size = [], 0
        rest += text
        cut = len(rest) if end else tokenizer.safe_cut(rest)
        yield rest[:cut], end
        rest, inside = rest[cut:], not end
    if together:
        yield together


def encode_rows(documents, tokenizer, processes):
    """As `tokenizer.encode_rows`, by several processes."""
    if processes == 1:
        return tokenizer.encode_rows(documents)
    kind = smallest_type(tokenizer.vocab_size)
    parts = encode_documents(parts_of(documents), tokenizer, processes)
    stream = np.concatenate([part.astype(kind, copy=False) for part in parts])
    return Rows(stream, np.flatnonzero(stream == tokenizer.bos))


@dataclass(frozen=True)
class TokenCorpus:
    """Tokens to train on, in place of documents. Where a `Corpus` is wanted this will do."""

    name: str
    tokens: np.ndarray = field(repr=False)
    source: str
    split: str = "tokens"
    documents: tuple = ()  # what text a sample could repeat is not known
    advice: str = ""
    longest: int = 0
    questions = ()

    @property
    def size(self):
        return f"{len(self.tokens):,} tokens"

    @cached_property
    def digest(self):
        """SHA-256 of the size and of up to 64 evenly spaced stretches: the whole can be large."""
        digest = hashlib.sha256(f"{len(self.tokens)} {self.tokens.dtype.str}".encode())
        stretch = 1 << 18
        step = max(stretch, -(-len(self.tokens) // 64))
        for start in range(0, len(self.tokens), step):
            digest.update(self.tokens[start : start + stretch].tobytes())
        digest.update(self.tokens[-stretch:].tobytes())
        return digest.hexdigest()

    def rows(self, tokenizer, rng, val_fraction):
        """(rows to train on, rows held out): the end is held out, from a `bos` where one is near.

        Nothing is shuffled or copied: batches take random windows, or one after the other.
        """
        self._check(tokenizer)
        count = len(self.tokens)
        cut = count - int(count * val_fraction)
        if not 1 < cut < count - 1:
            return [self.tokens], []
        start = max(1, cut - count // 100 - 1000)
        marks = np.flatnonzero(self.tokens[start : cut + 1] == tokenizer.bos)
        if len(marks):
            cut = start + int(marks[-1])
        return [self.tokens[: cut + 1]], [self.tokens[cut:]]

    def _check(self, tokenizer):
        parts = (self.tokens[i : i + LOOKED_AT] for i in range(0, len(self.tokens), LOOKED_AT))
        highest = int(max(part.max() for part in parts))
        if highest >= tokenizer.vocab_size:
            raise UserError(
                f"{self.name} has the token {highest}, and the tokenizer only"
                f" {tokenizer.vocab_size:,}; name the one it was made with: --tokenizer FILE."
            )


def token_corpus(path):
    return TokenCorpus(Path(path).name, np.asarray(open_tokens(path)), f"your file {path}")
