"""Workers that share no memory share the shards of a step, with messages between them.

One worker has the run. Of each batch it hands the others some shards and the weights as they are,
works out its own, and adds up what comes back: the same sums as alone, in the same order. The
others keep nothing, so one that is lost is no loss: its shards are worked out here.
"""

import math
import time
from itertools import count

import numpy as np

from ..data.batches import Batch
from ..errors import UserError
from ..gpt.config import GPTConfig
from ..gpt.model import GPT
from ..recorder.record import Machine
from .run import Run
from .shards import ShardedStep, add_pairwise, cut
from .step import GradientStep, check

_numbers = count(1)  # of batches that are shared, in all runs


class SharedStep(ShardedStep):
    """As ShardedStep. Called, it may answer None: then ask `gathered` until that has the loss."""

    def __init__(self, model, shards, threads):
        super().__init__(model, shards, threads)
        self.count = 1  # workers, this one among them
        self.outbox = []  # what the others shall get: (facts, bytes)
        self.exchange = None  # of the last step: who took how long
        self._number, self._mine, self._missing = 0, [], set()

    def __call__(self, batch, add=False, noise=None):
        pieces = cut(batch, self.shards)
        size = len(pieces) // self.count
        # A block of the others is a subtree of the sum, or all is worked out here.
        if self.count == 1 or len(pieces) % self.count or size & (size - 1):
            return super().__call__(batch, add, noise)
        check(batch, self._model.config.vocab_size)
        self._number = next(_numbers)
        self._pieces, self._noise, self._add = pieces, noise or [None] * len(pieces), add
        self._losses, self._began = [None] * len(pieces), time.perf_counter()
        self._blocks = [range(n * size, (n + 1) * size) for n in range(self.count)]
        self._missing, self._answered = set(range(1, self.count)), set()
        self._mine = list(self._blocks[0])
        self._seconds, self._idle_since = [0.0] * self.count, None
        self.outbox = [self._share(worker) for worker in sorted(self._missing)]
        return None

    def _share(self, worker):
        block = self._blocks[worker]
        pieces, noises = ([each[i] for i in block] for each in (self._pieces, self._noise))
        facts = {
            "worker": worker,
            "number": self._number,
            "shapes": [piece.ids.shape for piece in pieces],
            "masked": bool(pieces[0].masked),
            # As text: a seed may be larger than the numbers of JavaScript are exact.
            "seeds": [n and [str(s) for s in n.bit_generator.seed_seq.entropy] for n in noises],
        }
        arrays = [self._model.flat, *(a for p in pieces for a in (p.ids, p.targets, p.weights))]
        return facts, np.concatenate([as_bytes(array) for array in arrays])

    @property
    def idle(self):
        """Is there nothing to do here until the others answer?"""
        return not self._mine and bool(self._missing)

    def gathered(self):
        """Work out one more shard; the loss, when all are there, else None."""
        if self._mine:
            i, began = self._mine.pop(0), time.perf_counter()
            step = self._step(i, self._threads.machines[0])
            self._losses[i] = float(step.ready(self._pieces[i], self._noise[i])())
            self._seconds[0] += time.perf_counter() - began
            if self.idle:
                self._idle_since = time.perf_counter()
        if self._mine or self._missing:
            return None
        waited = time.perf_counter() - (self._idle_since or time.perf_counter())
        for worker, block in enumerate(self._blocks):
            if worker not in self._answered:  # worked out here, and not added up yet
                parts = [self._gradients[i] for i in block]
                add_pairwise(parts, parts[0], False)
        firsts = [self._gradients[block[0]] for block in self._blocks]
        add_pairwise(firsts, self._model.weights.flat_grad, self._add)
        # Handing out, the way there and back, and adding up: what the slowest did not work.
        exchanged = time.perf_counter() - self._began - max(self._seconds)
        size = 2 * self._model.flat.nbytes  # weights there, gradients back
        self.exchange = {
            **{"seconds": self._seconds, "waited": waited},
            **{"exchanged": max(0.0, exchanged), "bytes": size},
        }
        return sum(self._losses)

    def receive(self, worker, number, losses, seconds, gradient):
        """What another worker has worked out; too late it is no use."""
        if number != self._number or worker not in self._missing:
            return
        block = self._blocks[worker]
        self._gradients[block[0]][...] = np.frombuffer(gradient, self._model.dtype)
        for i, loss in zip(block, losses):
            self._losses[i] = math.nan if loss is None else loss
        self._seconds[worker] = seconds
        self._answered.add(worker)
        self._missing.discard(worker)

    def lose(self, worker):
        """A worker answers no more: its shards are worked out here."""
        if worker in self._missing:
            self._missing.discard(worker)
            self._mine += self._blocks[worker]
        self.count = 1


class SharedRun(Run):
    """A run whose steps other workers may share."""

    sharded_step = SharedStep

    def __init__(self, *args, outer=None, **options):
        if outer:
            raise UserError(
                "A run with --sync-every goes on in a terminal: `microgpt train --resume FILE`."
            )
        super().__init__(*args, **options)


class ShardWorker:
    """What another worker does: it has the model of a run, and works out shards."""

    def __init__(self, kernel, model, dtype, recompute, shards):
        """For so many shards a step of such a model."""
        self._model = GPT(GPTConfig.from_dict(model), dtype, recompute)
        step = GradientStep(self._model, machine := Machine(kernel))
        flat = self._model.weights.flat_grad
        self._gradients = [np.zeros_like(flat) for _ in range(shards)]
        self._steps = [step.on(gradient, machine) for gradient in self._gradients]

    def compute(self, data, worker, number, shapes, masked, seeds):
        """The gradient of some shards, added up, and their losses."""
        began, source = time.perf_counter(), Source(data)
        model = self._model
        model.flat[...] = source.take(model.flat.shape, model.dtype)
        losses = []
        with np.errstate(all="ignore"):
            for step, shape, seed in zip(self._steps, shapes, seeds):
                ids, targets = (source.take(shape, np.dtype(np.intp)) for _ in range(2))
                weights = source.take(shape, model.dtype)
                tokens = np.count_nonzero(weights) if masked else weights.size
                batch = Batch(ids, targets, weights, tokens, model.config.vocab_size, masked)
                noise = seed and np.random.default_rng([int(part) for part in seed])
                losses.append(float(step.ready(batch, noise)()))
            parts = self._gradients[: len(shapes)]
            add_pairwise(parts, parts[0], False)
        facts = {"worker": worker, "number": number, "losses": losses}
        facts["seconds"] = time.perf_counter() - began
        return facts, as_bytes(self._gradients[0])


class Source:
    """Arrays that were laid end to end as bytes."""

    def __init__(self, data):
        self._bytes, self._at = np.frombuffer(data, np.uint8), 0

    def take(self, shape, dtype):
        start = self._at
        self._at += math.prod(shape) * dtype.itemsize
        return self._bytes[start : self._at].view(dtype).reshape(shape)


def as_bytes(array):
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
