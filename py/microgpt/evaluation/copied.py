"""Which stretches of a text stand word for word in what a model was trained on.

The index is a Bloom filter of all runs of so many words: about a byte a run, and the texts cannot
be read out of it. It may take a run for known that is not (two in a hundred), so a stretch counts
from two runs in a row on.
"""

import re
from zlib import crc32

import numpy as np

RUN = 6  # words
BITS = 8  # for each run that is different; with five marks a run 2 % of others seem known
MARKS = 5
WORD = re.compile(r"\w+|[^\w\s]")
FACTOR = np.uint64(0x9E3779B97F4A7C15)


class CopyIndex:
    """The runs of words of some texts; `stretches` finds them again.

    >>> index = CopyIndex.of(["One day the little fox went to the green river to play."])
    >>> text = "I know: the little fox went to the green river, and more."
    >>> [text[a:b] for a, b in index.stretches(text)]
    ['the little fox went to the green river']
    """

    def __init__(self, filter, runs):
        self.filter, self.runs = np.asarray(filter, np.uint8), runs  # runs: how many are in it

    @classmethod
    def of(cls, texts):
        runs = np.unique(np.concatenate([np.zeros(0, np.uint64), *map(_runs, texts)]))
        filter = np.zeros(max(1, -(-len(runs) * BITS // 8)), np.uint8)
        places = _places(runs, len(filter) * 8).ravel()
        np.bitwise_or.at(filter, places >> 3, (1 << (places & 7)).astype(np.uint8))
        return cls(filter, len(runs))

    @property
    def bytes(self):
        return len(self.filter)

    def knows(self, runs):
        """Whether each run is in the texts, or seems to be."""
        places = _places(runs, len(self.filter) * 8)
        return ((self.filter[places >> 3] >> (places & 7)) & 1).all(-1)

    def stretches(self, text):
        """[(start, end)] in characters: what stands in the texts for more than RUN words."""
        spans = [match.span() for match in WORD.finditer(text)]
        known = self.knows(_runs(text))
        found, i = [], 0
        while i < len(known):
            end = i
            while end < len(known) and known[end]:
                end += 1
            if end - i > 1:
                found.append((spans[i][0], spans[end + RUN - 2][1]))
            i = end + 1
        return found

    def share(self, texts):
        """(copied words, all words) of some texts."""
        copied = total = 0
        for text in texts:
            total += len(WORD.findall(text))
            copied += sum(len(WORD.findall(text[a:b])) for a, b in self.stretches(text))
        return copied, total


def _runs(text):
    """A number for every run of RUN words of a text."""
    words = np.array([crc32(word.lower().encode()) for word in WORD.findall(text)], np.uint64)
    count = len(words) - RUN + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    runs = np.zeros(count, np.uint64)
    for i in range(RUN):
        runs = (runs ^ words[i : i + count]) * FACTOR
        runs ^= runs >> np.uint64(29)
    return runs


def _places(runs, size):
    """(runs, MARKS): the bits of a filter that stand for each run."""
    first, step = runs & np.uint64(0xFFFFFFFF), (runs >> np.uint64(32)) | np.uint64(1)
    marks = np.arange(MARKS, dtype=np.uint64)
    return ((first[:, None] + marks * step[:, None]) % np.uint64(size)).astype(np.intp)
