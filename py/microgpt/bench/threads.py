"""Training on several threads against one, by the clock: the machine must be idle."""

import time

from ..training.loop import take_step
from ..training.threads import cores
from .clock import take_turns
from .sizes import endless

SHARDS = 4


def threads(corpus, shape, machine, rounds):
    """The same shape uncut on one thread, and cut into shards on one and on several."""
    layers, width, block, batch, _ = shape
    contenders = {"uncut": _steps(endless(corpus, shape, machine, shards=1))}
    for count in [n for n in (1, 2, 4) if n <= cores()]:
        run = endless(corpus, shape, machine.beside(), shards=SHARDS)
        run.use_threads(count)
        contenders[f"{count} thread{'s'[count == 1 :]}"] = _steps(run)
    for work in contenders.values():
        work()
    seconds = take_turns(contenders, rounds, clock=time.perf_counter)
    return {
        "shape": f"L{layers} C{width} T{block} B{batch}",
        "tokens_per_second": {name: 1 / s for name, s in seconds.items()},
        "times_as_fast": {name: seconds["uncut"] / s for name, s in seconds.items()},
    }


def _steps(run, seconds=0.3):
    """A function that takes some steps, about so long, and returns their tokens."""
    take_step(run)
    began = time.perf_counter()
    take_step(run)
    count = max(1, int(seconds / (time.perf_counter() - began)))
    return lambda: sum(take_step(run).tokens for _ in range(count))
