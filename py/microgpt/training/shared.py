"""Workers that share no memory share the steps of a run, with messages between them.

All have the whole model and what its optimizer remembers, and make the same moves. One of them has
the run: it hands out the shards of a batch; all tell each other their gradients, and each adds up
the same sums, in the same order, as one alone. What takes long in a move of Muon is shared out and
told in the same way. Whoever is lost is no loss: the rest of the step is worked out where the run
is, and whoever comes in its place gets weights and memory with the next step.
"""

import contextlib
import copy
import math
import time
from itertools import count

import numpy as np

from ..errors import UserError
from .optim import PiecewiseMove
from .run import Run
from .shards import ShardedStep, add_block, add_chunks, count_rows, cut, row_by_row
from .step import check

_numbers = count(1)  # of exchanges, in all runs


class Others:
    """The other workers of a run: what they shall get, and who has answered.

    Each exchange has a number; an answer to an earlier one is dropped.
    """

    def __init__(self):
        self.wanted = 1  # workers that share the steps to come, with this one
        self.count = 1  # that share the one that is being made
        self.outbox = []  # (facts, arrays) in the order they are to be sent
        self.exchange = None  # of the last step: who took how long
        self.abreast = False  # have they the weights as they are here?
        self.moving = False  # have they been told of a move that is not made here yet?
        self.mine = []  # what is left of this worker's own part
        self._parts, self._missing = [], set()  # of all; those whose part has not come yet
        self.number, self._seconds = 0, [0.0]

    @property
    def idle(self):
        """Is there nothing to do here until the others answer?"""
        return not self.mine and bool(self._missing)

    @property
    def done(self):
        return not self.mine and not self._missing

    def forgo(self):
        """There is nothing to do in this exchange, and nothing to wait for."""
        self.mine, self._missing = [], set()

    def begin_step(self, shared, state):
        """A step begins. Those who are to share it get `state()` where they are not abreast."""
        self.count = self.wanted if shared else 1
        if self.count == 1 or self.moving:
            self.abreast = self.moving = False
        if self.count > 1 and not self.abreast:
            facts, arrays = state()
            for worker in range(1, self.count):
                self.tell(worker, "join", worker=worker, count=self.count, **facts)
                for i, array in enumerate(arrays):  # one by one: each is copied once
                    self.tell(worker, "state", [array], at=i)
            self.abreast = True
        self._seconds, self._waited, self._spent, self._bytes = [0.0] * self.count, 0.0, 0.0, 0

    def share(self, count):
        """From the next step on so many share them."""
        self.wanted = count
        self.leave()

    def leave(self):
        """What is left of this step is worked out here, and nobody is abreast any more."""
        for worker in sorted(self._missing):
            self.mine += self._parts[worker]
        self.count, self.abreast = 1, False
        self._missing.clear()
        self.outbox.clear()

    def begin(self, parts, take):
        """Begin an exchange: `parts` are to do, that of this worker first; `take(worker, data,
        facts)` gets the answer of another."""
        self.number, self._parts, self._take = next(_numbers), parts, take
        self.mine, self._missing = list(parts[0]), set(range(1, self.count))
        self._opened, self._idle_since, self._before = time.perf_counter(), None, [*self._seconds]

    def tell(self, to, kind, arrays=(), **facts):
        facts = {"to": to, "kind": kind, "number": self.number, **facts}
        self.outbox.append((facts, list(arrays)))

    def tell_all(self, kind, arrays=(), **facts):
        for worker in range(1, self.count):
            self.tell(worker, kind, arrays, **facts)

    def work(self, action):
        """Do the next piece of what is to do here; whether it was the last."""
        began, piece = time.perf_counter(), self.mine.pop(0)
        action(piece)
        self._seconds[0] += time.perf_counter() - began
        if self.idle:
            self._idle_since = time.perf_counter()
        return not self.mine

    def end(self, size):
        """The exchange, of so many bytes with each, is over."""
        now, took = time.perf_counter(), zip(self._seconds, self._before)
        self._waited += now - (self._idle_since or now)
        # On the way there and back, and waiting: what the slowest did not work.
        self._spent += max(0.0, now - self._opened - max(after - before for after, before in took))
        self._bytes += size

    def end_step(self):
        names, waited = ("seconds", "waited", "exchanged", "bytes"), self._waited
        told = dict(zip(names, (self._seconds, waited, self._spent, self._bytes)))
        self.exchange = told if self.count > 1 else None

    def receive(self, data, worker, number, seconds, **facts):
        """What another worker has worked out; too late it is no use."""
        if worker not in self._missing or number != self.number:
            return
        for other in set(range(1, self.count)) - {worker}:
            self.tell(other, "heard", [np.array(data)], of=worker)
        self._take(worker, data, **facts)
        self._seconds[worker] += seconds
        self._missing.discard(worker)


class SharedStep(ShardedStep):
    """As ShardedStep, in pieces. Called, it answers None: `gathered` has the loss later."""

    sliced = False  # is a shard worked out row by row?

    def __init__(self, model, shards, threads):
        super().__init__(model, shards, threads)
        self.others, self.state = Others(), None  # what others need to be abreast
        self.accumulates = False  # does dropout go on drawing from batch to batch?
        self.alone = False  # are steps made here and at once?
        self._batch, self._spoiled = None, False  # what is worked out; must it begin anew?

    def __call__(self, batch, add=False, noise=None):
        if self.alone:
            self._spoiled = True
            return super().__call__(batch, add, noise)
        check(batch, self._model.config.vocab_size)
        self._batch, self._spoiled = (batch, add, copy.deepcopy(noise)), False
        others, pieces = self.others, cut(batch, self.shards)
        size = len(pieces) // others.wanted
        # The block of each is a subtree of the sum, or all is worked out here.
        even = len(pieces) % others.wanted == 0 and not size & (size - 1)
        shared = even and not (noise and self.accumulates)
        if not add:
            others.begin_step(shared, self.state)
        elif not shared:
            others.leave()
        size = len(pieces) // others.count
        self._blocks = [range(n * size, (n + 1) * size) for n in range(others.count)]
        self._pieces, self._noise = pieces, noise or [None] * len(pieces)
        self._losses, self._sums = [0.0] * len(pieces), {}
        others.begin([self._units(block) for block in self._blocks], self._take)
        for worker in range(1, others.count):
            self._hand_out(worker, add)
        return None

    def _hand_out(self, worker, add):
        block = self._blocks[worker]
        pieces, noises = ([each[i] for i in block] for each in (self._pieces, self._noise))
        self.others.tell(
            worker,
            "shards",
            [array for piece in pieces for array in (piece.ids, piece.targets, piece.weights)],
            add=add,
            shapes=[piece.ids.shape for piece in pieces],
            masked=bool(pieces[0].masked),
            # As text: a seed may be larger than the numbers of JavaScript are exact.
            seeds=[n and [str(part) for part in n.bit_generator.seed_seq.entropy] for n in noises],
        )

    def gathered(self):
        """Work out one more shard; the loss, when all are there, else None."""
        if self._spoiled:
            return self(*self._batch)
        others = self.others
        if others.mine and others.work(self._work_out) and others.count > 1:
            others.tell_all("heard", [self._sum_of(0)], of=0)
            return None
        if not others.done:
            return None
        out, sums = self._model.weights.flat_grad, map(self._sum_of, range(len(self._blocks)))
        add_chunks(list(sums), out, self._batch[1], 0, out.size)
        others.end(2 * out.nbytes)  # a gradient there and one back
        return sum(self._losses)

    def _units(self, block):
        """The shards of a block, each as often as it takes pieces to work it out."""
        return list(block)

    def _work_out(self, i):
        step = self._step(i, self._threads.machines[0])
        self._losses[i] = float(step.ready(self._pieces[i], self._noise[i])())

    def _sum_of(self, worker):
        """The gradient of a worker's block; of one that is lost it was worked out here."""
        if worker not in self._sums:
            self._sums[worker] = add_block(list(map(self._gradient, self._blocks[worker])))
        return self._sums[worker]

    def _take(self, worker, data, losses):
        self._sums[worker] = Source(data).own(self._model.flat)
        for i, loss in zip(self._blocks[worker], losses):
            self._losses[i] = math.nan if loss is None else loss


class SlicedStep(SharedStep):
    """As SharedStep, a row at a time: a row of a chat model takes as long as many a step."""

    sliced = True

    def _units(self, block):
        self._rows = {}
        return [i for i in block for _ in range(max(1, count_rows(self._pieces[i])))]

    def _work_out(self, i):
        if i not in self._rows:
            step = self._step(i, self._threads.machines[0])
            self._rows[i] = row_by_row(step, self._gradient(i), self._pieces[i], self._noise[i])
        self._losses[i] += next(self._rows[i], 0.0)


class SharedMove(PiecewiseMove):
    """The optimizer of a run whose steps are shared."""

    others = None  # if they are
    meanwhile = None  # what the worker of the run does while others turn the matrices
    _clipped = None  # (limit, norm) of the gradient at hand

    def clip(self, grad, limit, norm):
        super().clip(grad, limit, norm)
        self._clipped = limit, norm

    def update(self, grad, lr, momentum=0.95, decay=1.0):
        if self.others is None:
            return super().update(grad, lr, momentum, decay)
        return self._pieces(lr, momentum, decay)

    def _pieces(self, *at):
        others, clipped, self._clipped = self.others, self._clipped, None
        if not others.abreast:
            others.leave()
        busy = self.meanwhile is not None and others.count > 1
        parts = self.parts(others.count, busy)
        mine = [None] if busy else parts[0]

        def do(name):
            self.turn(name, at[1]) if name else self.meanwhile()

        def take(worker, data):
            Source(data).fill_all(self.turned(parts[worker]))

        others.begin([mine, *parts[1:]], take)
        if others.count > 1:
            others.moving = True
            others.tell_all("move", at=at, clipped=clipped, busy=busy)
            yield True  # so that they hear it now
        if not self.matrices:
            others.forgo()
        while not others.done:
            if others.mine and others.work(do) and not busy:
                others.tell_all("heard", self.turned(parts[0]), of=0)
            yield True
        self.settle(*at)
        others.moving = False
        others.end(self.turned_bytes)
        others.end_step()


class SharedRun(Run):
    """A run whose steps other workers may share."""

    sharded_step, optimized_by = SharedStep, SharedMove

    def __init__(self, *args, outer=None, **options):
        if outer:
            raise UserError(
                "A run with --sync-every goes on in a terminal: `microgpt train --resume FILE`."
            )
        super().__init__(*args, **options)
        self.others = None
        if self.shards > 1 or self.sharded_step.sliced:
            if self.shards == 1:
                self.gradient = self.sharded_step(self.model, 1, self.threads)
            self.others = self.optimizer.others = self.gradient.others
            self.gradient.state, self.gradient.accumulates = self._state, self.config.accumulate > 1

    @property
    def can_share(self):
        """How many shards a step has that others can work out: of adapters they cannot."""
        return 1 if self.tuning else self.shards

    def _state(self):
        """What others need to make the same steps."""
        facts = {
            "model": self.model.config.to_dict(),
            "training": {**self.config.to_dict(), "seed": 0},  # which may be a large number
            "steps": self.optimizer.steps,
            "sliced": self.gradient.sliced,
        }
        return facts, [self.model.flat, *self.optimizer.state().values()]

    @contextlib.contextmanager
    def alone(self):
        """Steps are made here and at once meanwhile; one that is half made begins anew then."""
        if self.others:
            self.others.leave()
            self.gradient.alone, self.optimizer.others = True, None
        try:
            yield
        finally:
            if self.others:
                self.gradient.alone, self.optimizer.others = False, self.others


class Source:
    """Arrays that were laid end to end as bytes."""

    def __init__(self, data):
        self._bytes, self._at = np.frombuffer(data, np.uint8), 0

    def take(self, shape, dtype):
        start = self._at
        self._at += math.prod(shape) * dtype.itemsize
        return self._bytes[start : self._at].view(dtype).reshape(shape)

    def fill_all(self, arrays):
        for array in arrays:
            array[...] = self.take(array.shape, array.dtype)

    def own(self, like):
        """An array that may be changed."""
        found = self.take(like.shape, like.dtype)
        return found if found.flags.writeable else found.copy()


def as_bytes(arrays):
    """Some arrays end to end; of one it is a view."""
    parts = [np.ascontiguousarray(array).reshape(-1).view(np.uint8) for array in arrays]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.uint8), *parts])
