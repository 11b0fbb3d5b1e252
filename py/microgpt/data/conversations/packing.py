"""Conversations packed into rows, so that little of a batch is padding; only answers count.

A row is filled with whole conversations: of those that wait, again and again the longest that
still fits. Where none fits, the row is padded with `bos`. A conversation longer than a row loses
its end. One of which no answer is left teaches nothing and is left out.
"""

import numpy as np

from ...errors import UserError
from ..batches import Batch
from .rendering import render

WAITING = 100  # conversations among which the best fit is looked for
CACHED_TOKENS = 1 << 22  # rendered tokens that are kept for the next pass


class Conversations:
    """Some conversations of a source, rendered as they are needed.

    `source[i]` is a list of messages; `order` says which, and in what order they come.
    """

    kind = "conversations"

    def __init__(self, source, order, tokenizer):
        self.source, self.order, self.tokenizer = source, order, tokenizer
        self._cache, self._cached = {}, 0

    def __len__(self):
        return len(self.order)

    def __iter__(self):
        """Yield what is learned as rows of which every token but the first is a target."""
        for i in range(len(self)):
            ids, learned = self.rendered(i)
            edges = np.flatnonzero(np.diff(learned))  # where learning begins and ends, in turn
            for start, end in zip(edges[::2], [*edges[1::2], len(ids) - 1]):
                yield ids[start : end + 1]

    def rendered(self, i):
        """(ids, learned) of conversation i, as arrays."""
        found = self._cache.get(i)
        if found is None:
            ids, learned = render(self.source[int(self.order[i])], self.tokenizer)
            found = np.array(ids, np.int32), np.array(learned, bool)
            if self._cached + len(ids) <= CACHED_TOKENS:
                self._cache[i] = found
                self._cached += len(ids)
        return found

    def batches(self, batch_size, block_size, dtype, seed):
        """The endless batches to train on."""
        return PackedBatches(self, batch_size, block_size, dtype, seed)

    def eval_batches(self, batch_size, block_size, dtype, max_tokens=None):
        """Yield batches that hold each conversation once, in order, up to `max_tokens` targets."""
        packer = Packer(self, block_size, iter(range(len(self))))
        total = 0
        while rows := list(packer.rows(batch_size)):
            batch = batch_of(rows, block_size, dtype, self.tokenizer)
            total += batch.tokens
            yield batch
            if max_tokens is not None and total >= max_tokens:
                return


class Packer:
    """Takes conversations from `coming`, an iterator of their numbers, and fills rows with them."""

    def __init__(self, conversations, block_size, coming, waiting=()):
        self.conversations, self.room, self.coming = conversations, block_size + 1, coming
        self.cropped = self.left_out = 0  # how many conversations were longer; taught nothing
        self.waiting, self._sizes = [], []  # (number, ids, learned), and how many ids
        for number in waiting:
            self._take(number)

    def rows(self, count):
        """Yield up to `count` rows; a row is a list of (ids, learned)."""
        for _ in range(count):
            row = self._row()
            if not row:
                return
            yield row

    def _row(self):
        row, left = [], self.room
        while True:
            while len(self.waiting) < WAITING and (number := next(self.coming, None)) is not None:
                self._take(number)
            longest = max((size for size in self._sizes if size <= left), default=None)
            if longest is None:
                return row
            best = self._sizes.index(longest)  # of several the one that has waited longest
            _, ids, learned = self.waiting.pop(best)
            row.append((ids, learned))
            left -= self._sizes.pop(best)

    def _take(self, number):
        ids, learned = self.conversations.rendered(number)
        if len(ids) > self.room:
            self.cropped += 1
            ids, learned = ids[: self.room], learned[: self.room]
        if learned.any():
            self.waiting.append((number, ids, learned))
            self._sizes.append(len(ids))
        else:
            self.left_out += 1


def batch_of(rows, block_size, dtype, tokenizer):
    """The batch of some rows: what is not learned has no weight, and its target is 0."""
    ids = np.full((len(rows), block_size + 1), tokenizer.bos, np.intp)
    learned = np.zeros(ids.shape, bool)
    for i, row in enumerate(rows):
        at = 0
        for tokens, own in row:
            ids[i, at : at + len(tokens)] = tokens
            learned[i, at : at + len(tokens)] = own
            at += len(tokens)
    real = learned[:, 1:]
    tokens = int(real.sum())
    weights = (real / max(1, tokens)).astype(dtype)
    inputs = np.ascontiguousarray(ids[:, :-1])
    return Batch(inputs, ids[:, 1:] * real, weights, tokens, tokenizer.vocab_size, masked=True)


class PackedBatches:
    """Endless batches of packed conversations, in another order every pass."""

    def __init__(self, conversations, batch_size, block_size, dtype, seed):
        for name, value in (("batch size", batch_size), ("block size", block_size)):
            if value < 1:
                raise UserError(f"The {name} must be at least 1, not {value}.")
        if not len(conversations):
            raise UserError("There are no conversations to train on; give a file with some.")
        self._conversations = conversations
        self._sizes = batch_size, block_size, np.dtype(dtype)
        self._seed, self._made = seed, 0
        self._start(0, 0, ())

    cropped = property(lambda self: self._packer.cropped)
    left_out = property(lambda self: self._packer.left_out)

    def __iter__(self):
        return self

    def __next__(self):
        batch_size, block_size, dtype = self._sizes
        rows = list(self._packer.rows(batch_size))
        self._made += 1
        return batch_of(rows, block_size, dtype, self._conversations.tokenizer)

    def _start(self, begun, done, waiting):
        """Go on in pass `begun` after `done` of its conversations, with some that wait."""
        self._pass, self._done = begun, done
        block_size = self._sizes[1]
        self._packer = Packer(self._conversations, block_size, self._coming(), waiting)

    def _coming(self):
        """The numbers of the conversations, pass after pass; where it stands is kept."""
        while True:
            random = np.random.Generator(np.random.PCG64([self._seed, self._pass]))
            order = random.permutation(len(self._conversations))
            before = self._packer.left_out
            while self._done < len(order):
                self._done += 1
                yield int(order[self._done - 1])
            if self._packer.left_out - before >= len(order):
                raise UserError(
                    "No conversation has an answer within the model's block"
                    f" ({self._sizes[1]} tokens); make the block larger."
                )
            self._pass, self._done = self._pass + 1, 0

    def state(self):
        """The position in the data, for `restore` to continue at."""
        waiting = [number for number, _, _ in self._packer.waiting]
        return {
            **{"kind": "conversations", "batches": self._made},
            **{"pass": self._pass, "done": self._done, "waiting": waiting},
        }

    def restore(self, state):
        known = isinstance(state, dict) and state.get("kind") == "conversations"
        numbers = [state.get(k) for k in ("batches", "pass", "done")] if known else [None]
        waiting, size = state.get("waiting") if known else None, len(self._conversations)
        if not isinstance(waiting, list) or not all(
            isinstance(n, int) and 0 <= n <= most
            for n, most in zip([*numbers, *waiting], [1 << 60] * 2 + [size] + [size - 1] * size)
        ):
            raise UserError(
                "The saved position belongs to other data than this;"
                " resume with the data the run began with, or begin a new run."
            )
        self._made = state["batches"]
        self._start(state["pass"], state["done"], waiting)
