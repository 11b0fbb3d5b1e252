"""Many texts in little memory: kept in few long strings, without an object for each."""

from array import array
from collections.abc import Sequence

import numpy as np

PIECE = 1 << 20  # characters kept together; one that needs more bytes makes only its piece larger
BLOCK = 10_000  # documents looked up in one go


class Documents(Sequence):
    """A sequence of texts. They stand one after the other in `pieces`, a NUL before each.

    >>> documents = Documents.of([("anna", True), ("b", False), ("o", True)])
    >>> len(documents), documents[0], documents[-1], "bo" in documents, "ann" in documents
    (2, 'anna', 'bo', True, False)
    >>> documents.mentions("ann"), documents.mentions("ab")
    (True, False)
    """

    def __init__(self, pieces, starts, lengths, is_all=False):
        self.pieces, self._starts, self.lengths = pieces, starts, lengths
        self._firsts = np.cumsum([0, *map(len, pieces)])  # where each piece begins
        self._is_all = is_all

    @classmethod
    def of(cls, texts):
        """The documents of pairs (text, end); one may come in parts, end is True for the last."""
        pieces, held, size = [], [], 0
        lengths, current, inside = array("Q"), 0, False
        for text, end in texts:
            if not inside:
                held.append("\0")
            held.append(text)
            current += len(text)
            size += len(text) + 1
            inside = not end
            if end:
                lengths.append(current)
                current = 0
            if size >= PIECE:
                pieces.append("".join(held))
                held, size = [], 0
        pieces.append("".join([*held, "\0"]))
        lengths = np.frombuffer(lengths, np.uint64) if lengths else np.zeros(0, np.uint64)
        small = sum(map(len, pieces)) < 1 << 32
        lengths = lengths.astype(np.uint32 if small else np.int64)
        starts = np.cumsum(lengths + 1, dtype=lengths.dtype) - lengths
        return cls(pieces, starts, lengths, True)

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return Documents(self.pieces, self._starts[i], self.lengths[i])
        return self._text(int(self._starts[i]), int(self.lengths[i]))

    def __iter__(self):
        for i in range(0, len(self), BLOCK):
            starts, lengths = self._starts[i : i + BLOCK], self.lengths[i : i + BLOCK]
            numbers = np.searchsorted(self._firsts, starts, "right") - 1
            begins = starts - self._firsts[numbers]
            for number, begin, start, length in zip(
                numbers.tolist(), begins.tolist(), starts.tolist(), lengths.tolist()
            ):
                piece = self.pieces[number]
                if begin + length <= len(piece):
                    yield piece[begin : begin + length]
                else:
                    yield self._text(start, length)

    def __eq__(self, other):
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other))

    def __contains__(self, text):
        if not self._is_all or "\0" in text:
            return any(text == document for document in self)
        return self.mentions(f"\0{text}\0")

    def mentions(self, text):
        """Whether a text stands in one of the documents; for those that are not a choice."""
        tail = ""
        for piece in self.pieces:
            piece = tail + piece
            if text in piece:
                return True
            tail = piece[1 - len(text) :] if len(text) > 1 else ""
        return False

    def marked(self):
        """Yield all texts in pieces, with a NUL after each text; not for a choice of them."""
        for number, piece in enumerate(self.pieces):
            yield piece if number else piece[1:]

    def parts(self):
        """Yield (text, end): long documents in parts; end is True for the last of each."""
        if not len(self) or self.lengths.max() <= PIECE:
            yield from ((document, True) for document in self)
            return
        for start, length in zip(self._starts.tolist(), self.lengths.tolist()):
            for at in range(0, length or 1, PIECE):
                size = min(PIECE, length - at)
                yield self._text(start + at, size), at + size == length

    def shuffled(self, rng):
        """The same documents in the order in which `rng.shuffle` puts a list of them."""
        order = array("Q" if len(self) >= 1 << 32 else "I", range(len(self)))
        rng.shuffle(order)
        order = np.frombuffer(order, np.dtype(order.typecode)) if order else np.zeros(0, int)
        return Documents(self.pieces, self._starts[order], self.lengths[order])

    def cut_last(self, count):
        """(the documents without the last characters of the last one, those characters)"""
        lengths = self.lengths.copy()
        lengths[-1] -= count
        start = self._starts[-1:] + lengths[-1:]
        first = Documents(self.pieces, self._starts, lengths)
        return first, Documents(self.pieces, start, self.lengths[-1:] - lengths[-1:])

    def _text(self, start, length):
        number = int(np.searchsorted(self._firsts, start, "right")) - 1
        parts, at = [], start - int(self._firsts[number])
        while length > 0:
            part = self.pieces[number][at : at + length]
            parts.append(part)
            length -= len(part)
            number, at = number + 1, 0
        return "".join(parts)
