"""How fast Python computes here: the same work with the kernel, without it, and never recorded.

Measured in turns, so that whatever else the machine does meets all alike, and in pieces of a step
or some, so that whoever asks can stop.
"""

import random
import time
from dataclasses import dataclass, replace

import numpy as np

from ..data.batches import Batch
from ..errors import UserError
from ..gpt.model import GPT
from ..presets import preset
from ..recorder import kinds
from ..recorder.record import Machine
from ..training.optim import Optimizer, groups_of
from ..training.step import GradientStep
from .json_api import page_request

TURNS = 5
MOST_SECONDS = 1.5  # for the turns of one way: what is very slow has fewer
WARM_SECONDS = 0.1  # before the first step that counts, for the browser's compiler
TURN_SECONDS = 0.03  # short steps are measured several at a time
LETTERS = 28
PRODUCT = 256  # rows and columns

# "kernel": recorded, and given to the kernel; "trace": recorded, by numpy; "numpy": neither.
WAYS = "kernel", "trace", "numpy"


@dataclass(frozen=True)
class Work:
    """A training step: which model, and the shape of its batch."""

    preset: str
    batch: tuple
    model: dict


WORKS = {
    "reference": Work("microgpt", (1, 7), {}),
    "small": Work("classic", (4, 32), {"block_size": 32}),
    "medium": Work("classic", (12, 64), {"n_layer": 4, "n_head": 4, "n_embd": 128}),
}


class BenchmarkRequests:
    """The benchmark the page asks for."""

    def __init__(self, kernel):
        self._kernel, self._benchmark = kernel, None

    @page_request
    def start_benchmark(self, works=None):
        """Begin with the named works; then `go_on_measuring` until it is done."""
        self._benchmark = Benchmark(self._kernel, works)
        return {"works": self._benchmark.works, "kernel": self._kernel is not None}

    @page_request
    def go_on_measuring(self, milliseconds):
        """{done, kernel, results: [{work, way, stepsPerSecond, tokensPerSecond, gflops}]}."""
        if not self._benchmark:
            raise UserError("There is no benchmark yet; start one first.")
        answer = self._benchmark.advance(milliseconds)
        if answer["done"]:
            self._benchmark = None  # its models take memory
        return answer


class Benchmark:
    """`advance` until it is done; the medians so far are in every answer."""

    def __init__(self, kernel=None, works=None):
        self._kernel = kernel
        self.works = [
            name for name in (*WORKS, "product") if name in (works or (*WORKS, "product"))
        ]
        self._times, self._sizes = {}, {}  # by (work, way): seconds of a step; (tokens, flops)
        self._pieces, self._done = self._measure(), False

    def advance(self, milliseconds):
        end = time.perf_counter() + milliseconds / 1000
        while not self._done and time.perf_counter() < end:
            self._done = next(self._pieces, True) is True
        return {"done": self._done, "kernel": self._kernel is not None, "results": self.results()}

    def results(self):
        return [self._result(*key) for key, times in self._times.items() if times]

    def _result(self, work, way):
        times, (tokens, flops) = sorted(self._times[work, way]), self._sizes[work]
        seconds = times[len(times) // 2]
        return {
            "work": work,
            "way": way,
            "stepsPerSecond": 1 / seconds,
            "tokensPerSecond": tokens / seconds if tokens else None,
            "gflops": flops / seconds / 1e9,
        }

    def _measure(self):
        """Yields None after each piece of work."""
        for work in self.works:
            steps = {}
            for way in WAYS:
                if way == "kernel" and not self._kernel:
                    continue
                if way == "trace" and work == "product":
                    continue
                steps[way], self._sizes[work] = self._prepared(work, way)
                self._times[work, way] = []
                yield
            for step in steps.values():
                yield
                _warm_up(step)
            for _ in range(TURNS):
                for way, step in steps.items():
                    times = self._times[work, way]
                    if sum(times) < MOST_SECONDS:
                        yield
                        times.append(_seconds(step))

    def _prepared(self, work, way):
        """(a function that makes a step, (its tokens, about how much arithmetic it is))"""
        kernel = self._kernel if way == "kernel" else None
        step, size = _product(kernel) if work == "product" else _training(work, way, kernel)
        step()  # the first time it is recorded
        return step, size


def _training(name, way, kernel):
    work = WORKS[name]
    config, training, *_ = preset(work.preset)
    config = replace(config, vocab_size=LETTERS, **work.model)
    model = GPT(config, np.dtype(training.dtype))
    model.init_weights(random.Random(0))
    batch = _batch(work.batch, model.dtype)
    machine = Machine(kernel)
    gradient = GradientStep(model, machine)
    groups = groups_of(training, config, model.weights.shapes)
    optimizer = Optimizer(model.weights, groups, machine)
    move, factors = optimizer.step_at()
    if way == "numpy":

        def step():
            gradient.write.unrecorded(*batch[:3])
            move.unrecorded(*factors)

    else:

        def step():
            gradient(batch)
            move(*factors)

    # Two products with each weight and two numbers each, for a token; twice that on the way back.
    return step, (batch.tokens, 6 * model.weights.count * batch.tokens)


def _batch(shape, dtype):
    ids = np.random.default_rng(0).integers(0, LETTERS, (2, *shape)).astype(np.intp)
    weights = np.full(shape, 1 / ids[0].size, dtype)
    return Batch(ids[0], ids[1], weights, ids[0].size)


def _product(kernel):
    a, b = np.random.default_rng(0).random((2, PRODUCT, PRODUCT), np.float32)
    out = np.empty_like(a)
    flops = 2 * PRODUCT**3
    if kernel:
        steps = kernel.encode(kinds.MATMUL, np.matmul, [a, b], out)
        packed = [step.pack() for step in steps]
        return kernel.runner(packed, [a, b, out]), (0, flops)
    return lambda: np.matmul(a, b, out=out), (0, flops)


def _warm_up(step):
    end = time.perf_counter() + WARM_SECONDS
    while time.perf_counter() < end:
        step()


def _seconds(step):
    """A step's share of a piece that takes long enough to be measured."""
    count, began = 0, time.perf_counter()
    while True:
        step()
        count += 1
        seconds = time.perf_counter() - began
        if seconds > TURN_SECONDS:
            return seconds / count
