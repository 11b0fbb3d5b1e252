"""Threads that work side by side, and how many of them are fastest."""

import os
from functools import cache

import numpy as np

from ..recorder.machine import Machine

ROUNDS = 5  # steps that each number of threads takes before the fastest is chosen
WORTH = 0.95  # more threads are taken where they need at most so much of the time


class Threads:
    """Some threads, of which the caller's is the first; each has a machine of its own.

    What they compute does not depend on how many they are: whoever gives them work sees to that.
    """

    def __init__(self, machine):
        self.machines = [machine]
        self.count, self._trial, self._pool = 1, {}, None

    def use(self, count):
        self._grow(count)
        self.count, self._trial = count, {}

    def try_out(self, counts):
        """Let these numbers of threads take turns in the next steps, then use the fastest."""
        self._grow(max(counts))
        self.count, self._trial = 1, {count: [] for count in counts}

    def _grow(self, count):
        while len(self.machines) < count:
            self.machines.append(self.machines[0].beside())
        if count > 1:
            from concurrent.futures import ThreadPoolExecutor  # a start does without

            self._pool = ThreadPoolExecutor(count - 1, "microgpt")

    @property
    def undecided(self):
        return bool(self._trial)

    def turn(self):
        """How many shall make the step that comes."""
        if not self._trial:
            return self.count
        return min(self._trial, key=lambda count: (len(self._trial[count]), count))

    def took(self, count, seconds):
        """Hear what a step took with so many threads; whether it is decided now how many there are.

        Steps differ in size: `seconds` are for each of its tokens.
        """
        if not self._trial:
            return False
        self._trial[count].append(seconds)
        if all(len(times) >= ROUNDS for times in self._trial.values()):
            typical = {n: sorted(times[1:])[len(times) // 2] for n, times in self._trial.items()}
            best = 1
            for count in sorted(typical):
                if typical[count] < WORTH * typical[best]:
                    best = count
            self.use(best)
            del self.machines[best:]  # with the memory of those that are not needed
            return True
        return False

    def run(self, jobs):
        """Do jobs[i] on thread i, and return what they answer when all are done."""
        first, *rest = jobs
        if not rest:
            return [first()]
        others = [self._pool.submit(_quietly, job) for job in rest]
        try:
            answer = first()
        finally:
            for other in others:  # also where somebody interrupts: nothing goes on behind our back
                other.exception()
        return [answer, *(other.result() for other in others)]


def _quietly(job):
    """As the caller does, who sees in the numbers themselves that some are none."""
    with np.errstate(all="ignore"):
        return job()


def cores():
    """How many processors this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def hold_blas():
    """Let each product run on the thread that asks for it alone, from here on; whether it can.

    Several threads that each start several more are slow, and the sums of a product depend on how
    many threads make it. The library is one for the whole process, so it stays held.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return False
    threadpool_limits(1, "blas")
    return True


class BlasThreads:
    """The threads of the library that makes products, in a process that shares the processors.

    They are as many as the library has found, or was told by its variable in the environment.
    `own` are as many of ours, for work that is shared out by sequences.
    """

    def __init__(self, processes=1):
        try:
            from threadpoolctl import ThreadpoolController
        except ImportError:
            self._libraries = ()  # it does as it likes
        else:
            self._libraries = ThreadpoolController().select(user_api="blas").lib_controllers
        found = [library.num_threads for library in self._libraries]
        self.most = max(1, min(found, default=1) // processes)
        self.own = Threads(Machine())
        self.own.use(self.most)

    def use(self, count):
        for library in self._libraries:
            library.set_num_threads(count)
