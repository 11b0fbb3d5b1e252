"""What one of several processes under MPI does: exchanges, or steps, and the first one's times."""

import json
import random
import sys
import time

import numpy as np
from mpi4py import MPI

from ...data.builtin import load_names
from ...recorder.record import Machine
from ...training.loop import Exchange, make_step
from ..sizes import endless

TURN = 5  # steps


def exchanges(comm, sizes, rounds):
    """{bytes: median seconds} of sums over all."""
    found = {}
    for size in sizes:
        array, times = np.ones(size // 4, np.float32), []
        for _ in range(rounds):
            comm.Barrier()
            began = time.perf_counter()
            comm.Allreduce(MPI.IN_PLACE, array)
            times.append(time.perf_counter() - began)
            array.fill(1)
        found[size] = float(np.median(times))
    return found


def steps(comm, shape, count):
    """{"alone": seconds of each step of the first rank, "together": of steps of all}.

    They take turns, so that what else the machine does hits both.
    """
    run = endless(load_names(offline=True), tuple(shape), Machine(), shards=1)
    both, times = Exchange(run.model.weights.flat_grad), {"alone": [], "together": []}
    for number in range(count + 1):
        for way in times:
            _wait(comm)
            taken = [_step(run, both, comm, way) for _ in range(TURN)] if _works(comm, way) else []
            times[way] += taken if number else []  # the first ones record
    return times


def _works(comm, way):
    return way == "together" or comm.rank == 0


def _step(run, both, comm, way):
    began = time.perf_counter()
    for event in make_step(run, both):
        if event is both and way == "together":
            comm.Allreduce(MPI.IN_PLACE, both.buffer)
            both.buffer /= comm.size
    return time.perf_counter() - began


def _wait(comm):
    """Until all are here, and without keeping a core busy."""
    request = comm.Ibarrier()
    while not request.Test():
        time.sleep(0.0005)


def sleeps(comm, mean, delay, size, count):
    """The same of steps that sleep, and each so long and a random time more."""
    chance, array = random.Random(comm.rank), np.ones(size // 4, np.float32)
    times = []
    for _ in range(count):
        began = time.perf_counter()
        time.sleep(mean + chance.expovariate(1 / delay))
        comm.Allreduce(MPI.IN_PLACE, array)
        times.append(time.perf_counter() - began)
    return times


def main():
    what, given = json.loads(sys.argv[1])
    comm = MPI.COMM_WORLD
    answer = {"exchanges": exchanges, "steps": steps, "sleeps": sleeps}[what](comm, **given)
    if comm.rank == 0:
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
