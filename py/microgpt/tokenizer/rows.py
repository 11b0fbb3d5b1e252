"""Many rows of tokens in one array, and the texts they come from read a part at a time."""

from collections.abc import Sequence

import numpy as np


class Rows(Sequence):
    """The rows of some documents: views of one stream in which neighbours share their `bos`.

    >>> rows = Rows(np.array([9, 1, 2, 9, 3, 9]), np.array([0, 3, 5]))
    >>> len(rows), rows[0].tolist(), rows[-1].tolist(), rows.lengths.tolist()
    (2, [9, 1, 2, 9], [9, 3, 9], [4, 3])
    """

    def __init__(self, stream, edges):
        stream.flags.writeable = False
        self.stream = stream
        self.edges = edges.astype(np.uint32 if len(stream) < 1 << 32 else np.int64)

    def __len__(self):
        return len(self.edges) - 1

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        return self.stream[self.edges[i] : int(self.edges[i + 1]) + 1]

    @property
    def lengths(self):
        return (np.diff(self.edges) + 1).astype(np.intp)


def smallest_type(vocab_size):
    """The type that ids take the least memory in."""
    return np.uint8 if vocab_size <= 1 << 8 else np.uint16 if vocab_size <= 1 << 16 else np.int32


def lengths_of(documents):
    """How many characters each document has."""
    if hasattr(documents, "lengths"):
        return documents.lengths
    return np.fromiter(map(len, documents), np.int64, len(documents))


def characters_of(documents):
    """Yield the characters of all documents in order, about a million at a time."""
    held, size = [], 0
    for text, _ in parts_of(documents):
        held.append(text)
        size += len(text)
        if size >= 1 << 20:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def parts_of(documents):
    """Yield (text, end): the documents, long ones in parts; end is True for the last of each."""
    if hasattr(documents, "parts"):
        return documents.parts()
    return ((document, True) for document in documents)
