"""Sorting texts, counted: how many a model sorts right, and which it takes for which."""

import numpy as np

from ..inference.labels import TOGETHER, chances
from .score import Score


class Confusion:
    """How often texts of each label (rows) were given each label (columns)."""

    def __init__(self, labels):
        self.labels = list(labels)
        self.counts = np.zeros((len(labels), len(labels)), int)

    def add(self, label, given):
        self.counts[self.labels.index(label), self.labels.index(given)] += 1

    @property
    def score(self):
        return Score(int(np.trace(self.counts)), int(self.counts.sum()))

    def of(self, label):
        """The Score of the texts of one label."""
        own = self.counts[self.labels.index(label)]
        return Score(int(own[self.labels.index(label)]), int(own.sum()))

    def to_dict(self):
        return {"labels": self.labels, "confusion": self.counts.tolist()}

    def lines(self):
        """The table as rows of texts, the labels in the first row and column."""
        yield ["", *self.labels]
        for label, row in zip(self.labels, self.counts.tolist()):
            yield [label, *map(str, row)]


def sort_all(model, tokenizer, labels, pairs):
    """Sort texts of which the label is known: a generator of how many so far; its value is the
    Confusion.
    """
    table = Confusion(labels)
    for start in range(0, len(pairs), TOGETHER):
        some = pairs[start : start + TOGETHER]
        for (_, label), row in zip(some, chances(model, tokenizer, [text for text, _ in some])):
            table.add(label, labels[int(row.argmax())])
        yield start + len(some)
    return table
