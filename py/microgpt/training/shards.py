"""A batch cut into shards: each has its own gradient, and they are added in an order that is fixed.

How many shards there are is a setting of the run. Which thread computes which of them is not seen
in any number, so a run is the same on one thread and on many, bit for bit.
"""

import time
from functools import partial

import numpy as np

from ..errors import UserError
from ..gpt.parameters import count_parameters
from .step import GradientStep, check
from .threads import hold_blas

MOST = 4  # on one thread they cost nothing that could be measured
LEAST_WORK = 3e8  # arithmetic of each: some milliseconds
MOST_BYTES = 1 << 30  # of all their gradients
CHUNK = 1 << 14  # numbers that are added at once: they stay in the cache


def shards_for(sizes, config):
    """How many shards a step of this model and batch has, unless the settings say it.

    Their number changes the last digits, so it hangs on nothing else: not on the machine.
    """
    count = count_parameters(sizes)
    work = 6 * count * config.batch_size * sizes.block_size
    most = min(
        MOST,
        config.batch_size,
        int(work / LEAST_WORK),
        MOST_BYTES // (count * np.dtype(config.dtype).itemsize),
    )
    return next((shards for shards in (4, 2) if shards <= most), 1)


def check_shards(shards, wanted, what, named=None):
    """Refuse more workers than there is work: `named` is how many of `what` were asked for."""
    if wanted > shards:
        raise UserError(
            f"A step of this run has {shards} shard{'s'[shards == 1 :]} to share, so"
            f" {named or wanted} {what} are too many; choose fewer, or more --shards and a larger"
            " batch."
        )


def cut(batch, shards):
    """The batch in so many parts of about as many rows; fewer where it has fewer rows."""
    rows = len(batch.ids)
    shards = min(shards, rows)
    return [_rows(batch, slice(*edge)) for edge in edges(rows, shards)]


def _rows(batch, rows):
    weights = batch.weights[rows]
    tokens = np.count_nonzero(weights) if batch.masked else weights.size
    return batch._replace(
        ids=batch.ids[rows], targets=batch.targets[rows], weights=weights, tokens=tokens
    )


def count_rows(batch):
    """How many rows have something to learn."""
    return int((batch.weights > 0).any(axis=1).sum())


def rows_of(batch):
    """The rows of a batch as batches: their gradients add up to its gradient."""
    for i in range(len(batch.ids)):
        own = {name: getattr(batch, name)[i : i + 1] for name in ("ids", "targets", "weights")}
        count = int((own["weights"] > 0).sum())
        if count:
            yield batch._replace(**own, tokens=count)


def row_by_row(step, gradient, batch, noise=None):
    """Add up the gradients of the rows: a generator of their losses.

    Recording a shape takes as long as many rows, and Stop is not heard meanwhile: so it is done
    once, and not for a first row and for later ones.
    """
    gradient[...] = 0
    for row in rows_of(batch):
        yield float(step.ready(row, noise, add=True)())


def add_pairwise(parts, out, add):
    """Put the sum of some arrays into another, or add it: neighbours first, then their sums.

    The arrays are used up.

    >>> out = np.zeros(1)
    >>> add_pairwise([np.full(1, n) for n in (1.0, 2.0, 4.0)], out, False)
    >>> out.tolist()
    [7.0]
    """
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2])
        parts = [np.add(a, b, a) for a, b in pairs] + parts[len(parts) // 2 * 2 :]
    if add:
        out += parts[0]
    else:
        out[...] = parts[0]


class ShardedStep:
    """As GradientStep: leaves the gradient of a batch's loss in the model's flat gradient, and
    returns the loss. The threads share its shards."""

    def __init__(self, model, shards, threads):
        hold_blas()
        self._model, self.shards, self._threads = model, shards, threads
        self.step = GradientStep(model, threads.machines[0])
        self._made = {}  # the gradients of shards that were worked out here
        self._steps = {}  # (shard, its thread's machine): the step that works there

    def __call__(self, batch, add=False, noise=None):
        """With `add` the gradient is added to what is there."""
        check(batch, self._model.config.vocab_size)
        pieces = cut(batch, self.shards)
        losses, count = self._work(pieces, noise, range(len(pieces)))
        out, parts = self._model.weights.flat_grad, list(map(self._gradient, range(len(pieces))))
        calls = [partial(add_chunks, parts, out, add, *edge) for edge in edges(out.size, count)]
        self._threads.run(calls)
        return sum(losses)

    def _work(self, pieces, noise, chosen):
        """Work out some of the pieces; (their losses, how many threads did)."""
        threads, noises = self._threads, noise or [None] * len(pieces)
        count = min(threads.turn(), len(chosen))
        own = [chosen[slice(*edge)] for edge in edges(len(chosen), count)]
        calls = [
            [self._step(i, machine).ready(pieces[i], noises[i]) for i in part]
            for part, machine in zip(own, threads.machines)
        ]
        began = time.perf_counter()
        losses = threads.run([partial(_each, each) for each in calls])
        tokens = sum(pieces[i].ids.size for i in chosen)
        if threads.took(count, (time.perf_counter() - began) / tokens):
            self._steps.clear()
        return [float(loss) for some in losses for loss in some], count

    def _step(self, shard, machine):
        key = shard, id(machine)
        if key not in self._steps:
            self._steps[key] = self.step.on(self._gradient(shard), machine)
        return self._steps[key]

    def _gradient(self, shard):
        if shard not in self._made:
            self._made[shard] = np.zeros_like(self._model.flat)
        return self._made[shard]


def edges(size, count):
    """Where each of so many parts begins and ends."""
    found = [i * size // count for i in range(count + 1)]
    return list(zip(found, found[1:]))


def _each(calls):
    return [call() for call in calls]


def add_block(parts):
    """The sum of some whole arrays, in the first of them."""
    if len(parts) > 1:
        add_chunks(parts, parts[0], False, 0, parts[0].size)
    return parts[0]


def add_chunks(parts, out, add, start, stop):
    for at in range(start, stop, CHUNK):
        chunk = slice(at, min(stop, at + CHUNK))
        add_pairwise([part[chunk] for part in parts], out[chunk], add)
