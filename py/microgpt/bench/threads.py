"""Training on several threads against one, by the clock: the machine must be idle."""

import time

from ..training.loop import take_step
from .clock import take_turns
from .rivals import counts, named
from .sizes import endless

SHARDS = 4


def threads(corpus, shape, machine, rounds, rivals_of):
    """The same shape uncut on one thread, cut into shards on one and on several; and what other
    programs reach with as many threads."""
    layers, width, block, batch, _ = shape
    steps = {"uncut": _step(endless(corpus, shape, machine, shards=1))}
    for count in [n for n in counts() if n <= SHARDS]:
        run = endless(corpus, shape, machine.beside(), shards=SHARDS)
        run.use_threads(count)
        steps[named(count)] = _step(run)
    rivals = rivals_of(lambda: endless(corpus, shape, machine.beside(), shards=1))
    contenders = {name: _some(step) for name, step in (steps | rivals).items()}
    seconds = take_turns(contenders, rounds, clock=time.perf_counter)
    rates = {name: 1 / s for name, s in seconds.items()}
    ours, theirs = max(rates[name] for name in steps), {}
    for name in rivals:
        program = name.partition(",")[0]
        theirs[program] = max(rates[name], theirs.get(program, 0.0))
    return {
        "shape": f"L{layers} C{width} T{block} B{batch}",
        "tokens_per_second": rates,
        "times_as_fast": {name: seconds["uncut"] / s for name, s in seconds.items()},
        "best_is_faster_than_best_of": {name: ours / rate for name, rate in theirs.items()},
    }


def _step(run):
    return lambda: take_step(run).tokens


def _some(step, seconds=0.3):
    """A function that takes some steps, about so long, and returns their tokens."""
    for _ in range(2):  # the first records, or compiles
        step()
    began = time.perf_counter()
    step()
    count = max(1, int(seconds / (time.perf_counter() - began)))
    return lambda: sum(step() for _ in range(count))
