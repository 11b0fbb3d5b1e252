"""What a model has to beat: guessing, and counting pairs."""

import math

import numpy as np

SMALL = 2048  # tokens of a vocabulary whose pairs are counted in a table
TOGETHER = 1 << 18  # tokens counted in one go


def uniform_loss(vocab_size):
    """Mean surprise, in nats a token, of giving every token the same chance."""
    return math.log(vocab_size)


def bigram_loss(train_rows, held_out_rows, vocab_size, smoothing=None):
    """Mean surprise on held-out rows of predicting each token from the one before it.

    The chances are counts in the training rows, plus `smoothing` for every pair so that none is
    impossible: 1 for small vocabularies, less for large ones (32 / vocab_size), where adding one
    to each of thousands of pairs would drown what was counted. On the names file it gives 2.507
    (1,000 names) and 2.456 (26,000), over the targets of 5,000 names.
    """
    if smoothing is None:
        smoothing = min(1.0, 32 / vocab_size)
    totals = np.zeros(vocab_size, np.int64)
    count_pairs = _Table(vocab_size) if vocab_size <= SMALL else _List()
    for before, pairs in _pairs(train_rows, vocab_size):
        totals += _bincount(before, vocab_size)
        count_pairs.add(pairs)
    nats = found = 0
    for before, pairs in _pairs(held_out_rows, vocab_size):
        chances = (count_pairs(pairs) + smoothing) / (totals[before] + smoothing * vocab_size)
        nats += float(-np.log(chances).sum())
        found += len(pairs)
    return nats / found if found else math.nan


def _pairs(rows, vocab_size):
    """Yield, of the pairs of neighbours in some rows: the first tokens, and a number a pair."""
    for group in _groups(rows):
        tokens = np.concatenate(group).astype(np.int64, copy=False)
        inside = np.ones(len(tokens), bool)
        inside[np.cumsum([len(row) for row in group]) - 1] = False  # no pair across two rows
        before = np.flatnonzero(inside)
        if len(before):
            yield tokens[before], tokens[before] * vocab_size + tokens[before + 1]


def _groups(rows):
    """Rows, a few at a time, so that what is computed of them stays small."""
    group, size = [], 0
    for row in rows:
        for start in range(0, max(1, len(row) - 1), TOGETHER):  # neighbours share a token
            part = row[start : start + TOGETHER + 1]
            group.append(part)
            size += len(part)
            if size >= TOGETHER:
                yield group
                group, size = [], 0
    if group:
        yield group


class _Table:
    """How often each pair occurs, of a small vocabulary."""

    def __init__(self, vocab_size):
        self._counts = np.zeros(vocab_size**2, np.int64)

    def add(self, pairs):
        self._counts += _bincount(pairs, len(self._counts))

    def __call__(self, wanted):
        return self._counts[wanted]


class _List:
    """How often each pair occurs, of those that do: a full table would be too large."""

    def __init__(self):
        self._parts, self._kinds = [], None

    def add(self, pairs):
        self._parts.append(np.unique(pairs, return_counts=True))

    def __call__(self, wanted):
        if self._kinds is None:
            kinds, counts = map(np.concatenate, zip(*self._parts or [([], [])]))
            self._kinds, places = np.unique(kinds, return_inverse=True)
            self._counts = np.bincount(places, counts, len(self._kinds))
        if not len(self._kinds):
            return np.zeros(len(wanted))
        at = np.minimum(np.searchsorted(self._kinds, wanted), len(self._kinds) - 1)
        return np.where(self._kinds[at] == wanted, self._counts[at], 0)


def _bincount(values, size):
    return np.bincount(values.astype(np.intp, copy=False), minlength=size)  # intp is 32-bit in wasm


def first_tokens(rows, tokens):
    """The first rows, cut at so many tokens: enough to count pairs, and quick on any data."""
    chosen = []
    for row in rows:
        chosen.append(row[:tokens])
        tokens -= len(row)
        if tokens < 2:
            break
    return chosen
