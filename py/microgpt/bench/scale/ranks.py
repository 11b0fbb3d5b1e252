"""What one of several processes under MPI does: exchanges, or steps, and the first one's times."""

import json
import random
import sys
import time

import numpy as np

from ...data.builtin import load_names
from ...recorder.record import Machine
from ...training.loop import Exchange, make_step
from ...training.machines.mpi import join
from ..sizes import endless

TURN = 5  # steps
LATE = 0.01  # seconds
OTHERS = 8 << 20  # bytes that a step works on, and that drive out what is exchanged


def exchanges(ranks, sizes, rounds):
    """{bytes: median seconds} of what training does when all have worked out a step.

    As in training one is later than the others, each in its turn, and time is counted from there;
    and what is exchanged has been driven out of the caches.
    """
    found, others = {}, np.ones(OTHERS // 4, np.float32)
    for size in sizes:
        array, times = np.ones(size // 4, np.float32), np.zeros((2, rounds))
        for number in range(rounds):
            _wait(ranks)
            array.fill(1)
            others += 1
            time.sleep(LATE * (number % ranks.count == ranks.rank))
            times[0, number] = time.monotonic()  # on one machine all have the same clock
            _exchange(ranks, array)
            times[1, number] = time.monotonic()
        came, left = (ranks.meet("times", numbers=each)["numbers"].copy() for each in times)
        took = left.mean(0) - came.max(0)
        found[size] = float(np.median(took[:rounds]))
    return found


def _exchange(ranks, array):
    """As RankedStep does it."""
    ranks.meet_at("step", 0, [0.0])
    ranks.add_up(list(range(ranks.count)), [array], array)


def steps(ranks, shape, count):
    """{"alone": seconds of each step of the first rank by itself, "together": of steps of all}.

    They take turns, so that what else the machine does hits both. While the first one steps by
    itself the others do so, too, and exchange nothing: on one machine they share memory and clock,
    as several machines would not.
    """
    run = endless(load_names(offline=True), tuple(shape), Machine(), shards=1)
    both, times = Exchange(run.model.weights.flat_grad), {"alone": [], "together": []}
    for number in range(count + 1):
        for way in times:
            _wait(ranks)
            taken = [_step(run, both, ranks, way) for _ in range(TURN)]
            times[way] += taken if number else []  # the first ones record
    return times


def _step(run, both, ranks, way):
    began = time.perf_counter()
    for event in make_step(run, both):
        if event is both and way == "together":
            _exchange(ranks, both.buffer)
            both.buffer /= ranks.count
    return time.perf_counter() - began


def _wait(ranks):
    """Until all are here, and without keeping a core busy."""
    ranks.meet("wait")


def sleeps(ranks, mean, delay, size, count):
    """The same of steps that sleep, and each so long and a random time more."""
    chance, array = random.Random(ranks.rank), np.ones(size // 4, np.float32)
    times = []
    for _ in range(count):
        began = time.perf_counter()
        time.sleep(mean + chance.expovariate(1 / delay))
        _exchange(ranks, array)
        times.append(time.perf_counter() - began)
    return times


def main():
    what, given = json.loads(sys.argv[1])
    ranks = join()
    answer = {"exchanges": exchanges, "steps": steps, "sleeps": sleeps}[what](ranks, **given)
    if ranks.rank == 0:
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
