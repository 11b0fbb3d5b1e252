"""Which stretches of a text stand word for word in what a model was trained on.

The index is a Bloom filter of all runs of so many words: about a byte a run, and the texts cannot
be read out of it. It may take a run for known that is not (two in a hundred), so a stretch counts
from two runs in a row on.
"""

import re
from zlib import crc32

import numpy as np

from ..errors import UserError

KEPT = "copied"  # by this name it stands in a checkpoint
MOST_WORDS = 1 << 17  # whose runs are worked out at once
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

    def __init__(self, parts):
        self.parts = list(parts)  # (filter, how many runs are in it), one for each set of texts

    @classmethod
    def of(cls, texts):
        """Of texts, or of pairs (text, what was read before it)."""
        runs = Runs()
        for text in texts:
            runs.add(*((text,) if isinstance(text, str) else text))
        return runs.index()

    def __add__(self, other):
        """Of the texts of both."""
        return CopyIndex([*self.parts, *other.parts])

    @property
    def bytes(self):
        return sum(len(filter) for filter, _ in self.parts)

    @property
    def runs(self):
        return sum(runs for _, runs in self.parts)

    def knows(self, runs):
        """Whether each run is in the texts, or seems to be."""
        found = np.zeros(len(runs), bool)
        for filter, _ in self.parts:
            places = _places(runs, len(filter) * 8)
            found |= ((filter[places >> 3] >> (places & 7)) & 1).all(-1).astype(bool)
        return found

    # ---- kept with a model

    def tensors(self):
        """{name: array} for a checkpoint."""
        return {f"{KEPT}.{i}": filter.view(np.int8) for i, (filter, _) in enumerate(self.parts)}

    @classmethod
    def kept_in(cls, checkpoint):
        """The index that is kept with a model, or None."""
        counts = checkpoint.meta.get(KEPT)
        if counts is None:
            return None
        parts = []
        for i, runs in enumerate(counts if isinstance(counts, list) else [None]):
            found = checkpoint.tensors.get(f"{KEPT}.{i}")
            fits = found is not None and found.dtype == np.int8 and len(found.shape) == 1
            if not fits or type(runs) is not int or runs < 0 or not found.shape[0]:
                raise UserError("The index of copied text that is kept with the model is damaged.")
            parts.append((np.asarray(found).view(np.uint8), runs))
        return cls(parts)

    def stretches(self, text):
        """[(start, end)] in characters: what stands in the texts for more than RUN words."""
        spans = [match.span() for match in WORD.finditer(text)]
        known = self.knows(_runs(_words(text)))
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


class Runs:
    """The runs of words of texts that come one by one; an index of them can be had at any time."""

    def __init__(self):
        self._runs = np.zeros(0, np.uint64)
        # Of the words since then, of all texts in turn: what stands for each, whether it was not
        # read before, and where the texts end.
        self._words, self._own, self._ends = [], [], []

    def add(self, text, read=""):
        """What is put together from words of what was `read` just before is no text learned by
        heart, so runs of such words alone are left out.
        """
        words = _words(text)
        if len(words) < RUN:
            return
        met = set(_words(read)) if read else ()
        self._own += [not read or (word[0].isalnum() and word not in met) for word in words]
        self._words += words
        self._ends.append(len(self._words))
        if len(self._words) > MOST_WORDS:
            self._join()

    def _join(self):
        """All of them in one list, each once."""
        if self._words:
            runs = _runs(self._words)
            wanted = np.convolve(self._own, np.ones(RUN), "valid") > 0
            for back in range(1, RUN):  # a run of the words of two texts is none
                wanted[np.array(self._ends[:-1], int) - back] = False
            self._runs = np.unique(np.concatenate([self._runs, runs[wanted]]))
            self._words, self._own, self._ends = [], [], []
        return self._runs

    def index(self):
        runs = self._join()
        filter = np.zeros(max(1, -(-len(runs) * BITS // 8)), np.uint8)
        places = _places(runs, len(filter) * 8).ravel()
        np.bitwise_or.at(filter, places >> 3, (1 << (places & 7)).astype(np.uint8))
        return CopyIndex([(filter, len(runs))])


def texts_of(corpus, rows):
    """What a model learns to say from some rows of a corpus, one text after the other; in a
    conversation with what was read before it.
    """
    if not hasattr(rows, "source"):  # no conversations
        yield from corpus.documents
        return
    for number in rows.order:
        read = ""
        for message in rows.source[int(number)]:
            if message.role == "assistant":
                yield message.text, read
            else:
                read += f"{message.text}\n"


def _words(text):
    return [word.lower() for word in WORD.findall(text)]


def _runs(words):
    """A number for every run of RUN words, which are in small letters."""
    count = len(words) - RUN + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    sums = {word: crc32(word.encode()) for word in set(words)}
    words = np.array([sums[word] for word in words], np.uint64)
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
