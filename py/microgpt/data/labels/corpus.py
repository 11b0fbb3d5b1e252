"""Texts with labels as a corpus: what to train on, balanced, and what to judge by."""

import hashlib
import random
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import UserError
from ..batches import Batch
from . import topics
from .files import read_labelled

LABELLED = "labels"  # what takes the place of a split
MADE, TESTED = 4000, 1000  # made-up messages to train on, and of each part to test with
WIDTHS = 16  # a batch is made as wide as a multiple of this: fewer shapes to record


class LabelledRows:
    """Texts as ids and labels as numbers; batches of them learn the label at the last position."""

    kind = LABELLED

    def __init__(self, pairs, labels, tokenizer):
        self.pairs, self.tokenizer = pairs, tokenizer
        number = {label: i for i, label in enumerate(labels)}
        self.labels = np.array([number[label] for _, label in pairs], np.intp)
        self.ids = [np.array([tokenizer.bos, *tokenizer.encode(text)]) for text, _ in pairs]

    def __len__(self):
        return len(self.pairs)

    def __iter__(self):
        return iter(self.ids)

    def batches(self, batch_size, block_size, dtype, seed):
        """The endless batches to train on, in which every label is met equally often."""
        return BalancedBatches(self, batch_size, block_size, dtype, seed)

    def eval_batches(self, batch_size, block_size, dtype, max_tokens=None):
        """Yield batches that hold each text once, in order, up to `max_tokens` of them."""
        count = min(len(self), max_tokens or len(self))
        for start in range(0, count, batch_size):
            chosen = range(start, min(count, start + batch_size))
            yield batch_of(self, chosen, block_size, dtype)


def batch_of(rows, chosen, block_size, dtype):
    """The batch of some texts: a target, its label, at the last position of each."""
    ids = [rows.ids[i][:block_size] for i in chosen]
    width = min(block_size, -(-max(map(len, ids)) // WIDTHS) * WIDTHS)
    arrays = np.full((len(ids), width), rows.tokenizer.bos, np.intp)
    targets, weights = np.zeros_like(arrays), np.zeros(arrays.shape, dtype)
    for i, (row, number) in enumerate(zip(ids, chosen)):
        arrays[i, : len(row)] = row
        targets[i, len(row) - 1] = rows.labels[number]
        weights[i, len(row) - 1] = 1 / len(ids)
    below = rows.tokenizer.vocab_size
    return Batch(arrays, targets, weights, len(ids), below, masked=True)


class BalancedBatches:
    """Endless batches: the labels come in turn, each walks through its own texts, shuffled anew
    every time it is through.

    A label with few texts comes to its end sooner, and as often as the others all in all. Every
    batch follows from its number, so the position in the data is one.
    """

    cropped = left_out = 0

    def __init__(self, rows, batch_size, block_size, dtype, seed):
        self._rows, self._sizes, self._seed = rows, (batch_size, block_size, np.dtype(dtype)), seed
        self._members = [np.flatnonzero(rows.labels == i) for i in range(rows.labels.max() + 1)]
        self._members = [members for members in self._members if len(members)]
        self._orders, self._made = {}, 0

    def __iter__(self):
        return self

    def __next__(self):
        batch_size, block_size, dtype = self._sizes
        first = self._made * batch_size
        chosen = [self._text(n) for n in range(first, first + batch_size)]
        self._made += 1
        return batch_of(self._rows, chosen, block_size, dtype)

    def _text(self, number):
        turn, label = divmod(number, len(self._members))
        members = self._members[label]
        times, place = divmod(turn, len(members))
        if self._orders.get(label, (None,))[0] != times:
            chance = np.random.Generator(np.random.PCG64([self._seed, label, times]))
            self._orders[label] = times, chance.permutation(members)
        return int(self._orders[label][1][place])

    def state(self):
        """The position in the data, for `restore` to continue at."""
        return {"kind": LABELLED, "batches": self._made}

    def restore(self, state):
        made = state.get("batches") if isinstance(state, dict) else None
        if not isinstance(made, int) or made < 0 or state.get("kind") != LABELLED:
            raise UserError(
                "The saved position belongs to other data than this;"
                " resume with the data the run began with, or begin a new run."
            )
        self._made = made


@dataclass(frozen=True)
class LabelledCorpus:
    """Texts with labels. Where a `Corpus` is wanted this will do."""

    name: str
    pairs: list = field(repr=False)  # (text, label)
    source: str  # part of a sentence: "your file mails.csv"
    tests: dict = field(default_factory=dict, repr=False)  # {part: pairs}; none: a part of `pairs`
    split: str = LABELLED
    documents: tuple = ()  # what text a sample could repeat is not asked
    advice: str = ""
    questions = ()

    @cached_property
    def labels(self):
        return sorted({label for _, label in self.pairs})

    @property
    def size(self):
        return f"{len(self.pairs):,} texts with {len(self.labels)} labels"

    @cached_property
    def digest(self):
        digest = hashlib.sha256()
        for pairs in (self.pairs, *self.tests.values()):
            digest.update("".join(f"{t}\0{label}\0" for t, label in pairs).encode() + b"\1")
        return digest.hexdigest()

    @cached_property
    def characters(self):
        """The characters that a tokenizer has to know for them."""
        every = [*self.pairs, *(pair for pairs in self.tests.values() for pair in pairs)]
        return set().union(*(text for text, _ in every))

    def parts(self, seed, val_fraction):
        """(pairs to train on, {part: pairs to judge by}): of a file, a part of every label."""
        if self.tests:
            return self.pairs, self.tests
        shuffle = np.random.Generator(np.random.PCG64(seed)).permutation
        trained, held_out = [], []
        for label in self.labels:
            own = [pair for pair in self.pairs if pair[1] == label]
            own = [own[i] for i in shuffle(len(own))]
            count = round(len(own) * val_fraction)
            if not count and val_fraction and len(own) > 1:
                count = 1
            held_out += own[:count]
            trained += own[count:]
        return trained, {"held out": held_out} if held_out else {}

    def tests_of(self, config):
        """{part: pairs to judge by} of a run with these settings."""
        return self.parts(random.Random(config.seed).getrandbits(63), config.val_fraction)[1]

    def rows(self, tokenizer, rng, val_fraction):
        """(rows to train on, rows held out): of these the first part."""
        trained, tests = self.parts(rng.getrandbits(63), val_fraction)
        held_out = next(iter(tests.values()), [])
        return tuple(LabelledRows(pairs, self.labels, tokenizer) for pairs in (trained, held_out))


def made_up_topics(count=MADE, tested=TESTED, seed=0):
    """The messages that the package makes up, with names and phrases held out."""
    tests = {part: topics.messages(tested, part, seed) for part in topics.PARTS if part != "train"}
    source = "the messages that microgpt makes up"
    return LabelledCorpus("topics", topics.messages(count, seed=seed), source, tests)


def labelled_corpus(data, encoding=None, text=None, label=None, say=None):
    """The texts with labels called `topics`, or those in a file, each text once."""
    if str(data) == "topics":
        return made_up_topics()
    pairs, found = read_labelled(data, encoding, text, label), {}
    for said, kind in pairs:
        found.setdefault(said, kind)
    if say and len(found) < len(pairs):
        again = len(pairs) - len(found)
        say(f"{again:,} of {len(pairs):,} texts stand there before; each is taken once.")
    return LabelledCorpus(Path(data).name, list(found.items()), f"your file {data}")
