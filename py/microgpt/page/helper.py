"""What another worker of the tab does that helps with a run: see `training.shared`."""

import time

import numpy as np

from ..data.batches import Batch
from ..gpt.config import GPTConfig
from ..gpt.model import GPT
from ..recorder.record import Machine
from ..training.config import TrainConfig
from ..training.optim import PiecewiseMove, groups_of
from ..training.shards import add_block, add_chunks, row_by_row
from ..training.shared import Source, as_bytes
from ..training.step import GradientStep


class Helper:
    """It has the model of the run and its optimizer, and does what it is told, in that order."""

    def __init__(self, kernel):
        self._kernel, self._known, self._heard = kernel, None, {}

    def hear(self, data, kind, **facts):
        """What the worker of the run says: (facts, bytes) to answer, or None."""
        does = {
            "join": self._join,
            "state": self._put,
            "shards": self._compute,
            "heard": self._hear,
            "move": self._move,
        }
        with np.errstate(all="ignore"):
            return does[kind](Source(data), **facts)

    def _join(self, _, number, worker, count, model, training, steps, sliced):
        """Be as far as the run is."""
        if self._known != (model, training):
            self._begin(GPTConfig.from_dict(model), TrainConfig.from_dict(training))
            self._known = model, training
        self._worker, self._count, self._sliced = worker, count, sliced
        self._optimizer.steps = steps

    def _put(self, source, number, at):
        """Its weights are those of the run, or something that its optimizer remembers is."""
        source.fill_all([[self._model.flat, *self._optimizer.state().values()][at]])

    def _begin(self, sizes, config):
        self._model = GPT(sizes, np.dtype(config.dtype), config.recompute)
        weights, self._machine = self._model.weights, Machine(self._kernel)
        groups = groups_of(config, sizes, weights.shapes)
        self._optimizer = PiecewiseMove(weights, groups, self._machine)
        self._step, self._shards = GradientStep(self._model, self._machine), []

    def _shard(self, i):
        """(gradient, the step that leaves it there) of one of the shards that are worked out."""
        while len(self._shards) <= i:
            gradient = np.zeros_like(self._model.flat)
            self._shards.append((gradient, self._step.on(gradient, self._machine)))
        return self._shards[i]

    def _compute(self, source, number, add, shapes, masked, seeds):
        """The gradient of some shards, added up, and their losses."""
        began, model, losses = time.perf_counter(), self._model, []
        for i, (shape, seed) in enumerate(zip(shapes, seeds)):
            ids, targets = (source.take(shape, np.dtype(np.intp)) for _ in range(2))
            weights = source.take(shape, model.dtype)
            tokens = np.count_nonzero(weights) if masked else weights.size
            batch = Batch(ids, targets, weights, tokens, model.config.vocab_size, masked)
            noise = seed and np.random.default_rng([int(part) for part in seed])
            gradient, step = self._shard(i)
            if self._sliced:
                losses.append(sum(row_by_row(step, gradient, batch, noise)))
            else:
                losses.append(float(step.ready(batch, noise)()))
        own = add_block([self._shard(i)[0] for i in range(len(shapes))])
        self._heard, self._then = {self._worker: own}, lambda sums: self._add_up(sums, add)
        self._take = lambda source, worker: source.own(own)
        return self._answer(number, began, [own], losses=losses)

    def _add_up(self, sums, add):
        out = self._model.weights.flat_grad
        add_chunks(sums, out, add, 0, out.size)

    def _move(self, source, number, at, clipped, busy):
        """Move the weights as the run does, when all matrices are turned: here, some."""
        began, optimizer = time.perf_counter(), self._optimizer
        if clipped:
            optimizer.clip(self._model.weights.flat_grad, *clipped)
        if not optimizer.matrices:
            return optimizer.settle(*at)
        parts = optimizer.parts(self._count, busy)
        for name in parts[self._worker]:
            optimizer.turn(name, at[1])
        self._heard, self._then = {self._worker: None}, lambda _: optimizer.settle(*at)
        if busy:  # the worker of the run has turned none
            self._heard[0] = None
        self._take = lambda source, worker: source.fill_all(optimizer.turned(parts[worker]))
        facts, data = self._answer(number, began, optimizer.turned(parts[self._worker]))
        self._when_all_are_heard()
        return facts, data

    def _answer(self, number, began, arrays, **more):
        facts = {"worker": self._worker, "number": number, **more}
        return {**facts, "seconds": time.perf_counter() - began}, as_bytes(arrays)

    def _hear(self, source, number, of):
        """What another has worked out; with the last of them the exchange is over."""
        self._heard[of] = self._take(source, of)
        self._when_all_are_heard()

    def _when_all_are_heard(self):
        if len(self._heard) == self._count:
            self._then([self._heard[worker] for worker in range(self._count)])
