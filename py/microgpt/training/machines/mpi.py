"""MPI: the processes of one job, which meet before they add up anything.

Each meeting is small: who is where, who wants to stop, who has failed. It is waited for without
keeping a core busy, and when all are there, the long arrays travel at once. So nobody waits inside
MPI for one that never comes.
"""

import os
import time
from contextlib import nullcontext

import numpy as np

from ...errors import UserError
from ..shards import CHUNK, add_pairwise, edges
from .pulse import Pulse

SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
PATIENCE = 20.0  # seconds, and ten times as long as it took from meeting to meeting
PATIENCE_AT_FIRST = 120.0  # data are read, programs are loaded
PATIENCE_OF_OTHERS = 3600.0  # with the first one, who saves, samples and prints meanwhile
SLOWEST = 250e3  # bytes a second that travel at least, where the network works at all
MOST_NUMBERS = 64
RECORD = np.dtype(
    [
        ("what", "S16"),
        ("step", "i8"),
        ("stop", "i8"),  # the number of a signal
        ("code", "i8"),  # of who has failed: the exit code
        ("size", "i8"),
        ("numbers", "f8", MOST_NUMBERS),
        ("text", "S512"),
    ]
)


class WorkerFailed(UserError):
    """Another process of the job has ended, and has said why; or it does not answer.

    `teller` is the rank that tells the reader.
    """

    def __init__(self, text, code=1, teller=0):
        super().__init__(text)
        self.code, self.teller = code, teller


class NoMPI(UserError):
    """This process cannot join its job, and the others wait for it."""


def join(limited=nullcontext):
    """The Ranks of the job that this process was started for; None where it is alone in it.

    MPI waits for all without end: `limited()` is to see to that.
    """
    try:
        import mpi4py

        mpi4py.rc.thread_level = "serialized"  # threads compute; the first one talks, and a pulse
        with limited():
            from mpi4py import MPI
    except ImportError as error:
        raise NoMPI(
            f"Several workers need mpi4py and an MPI, and they are not here ({error}): pip install"
            " '.[mpi]' in the project's folder."
        ) from None
    wanted = max(int(os.environ.get(name) or 1) for name in SIZES)
    if wanted > MPI.COMM_WORLD.size:
        raise UserError(
            f"{wanted} workers were started and do not know of each other: the launcher belongs to"
            " another MPI than mpi4py uses; take the mpiexec that stands beside this Python, or"
            " srun --mpi=pmi2."
        )
    if MPI.COMM_WORLD.size == 1:
        return None
    ranks = Ranks(MPI)
    if MPI.Query_thread() >= MPI.THREAD_SERIALIZED:
        ranks.pulse = Pulse(MPI.COMM_WORLD)
    return ranks


class Ranks:
    """All processes of a job, of which this one is number `rank`."""

    def __init__(self, mpi, comm=None):
        self._mpi, self._comm = mpi, comm or mpi.COMM_WORLD
        self.rank, self.count = self._comm.rank, self._comm.size
        near = self._comm.Split_type(mpi.COMM_TYPE_SHARED)
        self.here = near.size  # how many share this machine
        hosts = self._comm.allgather(near.bcast(self.rank))  # the first rank of each one's machine
        others = [rank for rank, host in enumerate(hosts) if host != hosts[0]]
        self._second = min(others, default=1)  # who tells that the first one is gone
        self.pulse = None  # by which the others know that the first one is there
        self.wish = lambda: 0  # the number of the signal that asks this one to stop
        self.agreed = 0  # the same, when all know of it
        self._sent, self._met = np.zeros(1, RECORD), np.zeros(self.count, RECORD)
        self._last, self._limit = time.monotonic(), PATIENCE_AT_FIRST
        self._received = {}

    # ---- meetings

    def meet(self, what, step=0, numbers=(), text="", code=0):
        """Wait until all are here; everybody's record, by rank. Raises if one of them has failed.

        All shall be here for the same. Who is not is waited for: by the first one, who sees to
        the others, for a short time, and by those as long as they feel its pulse.
        """
        padded = np.zeros(MOST_NUMBERS)
        padded[: len(numbers)] = numbers
        text = text.encode()[: RECORD["text"].itemsize]
        self._sent[0] = what.encode(), step, self.wish(), code, len(numbers), padded, text
        began = time.monotonic()
        limit = max(self._limit, PATIENCE + 10 * (began - self._last))
        if self.rank and not self.pulse:
            limit = max(limit, PATIENCE_OF_OTHERS)
        self._wait(limit, self._comm.Iallgather, _bytes(self._sent), _bytes(self._met))
        self._last, self._limit = time.monotonic(), PATIENCE
        met = self._met
        if met["code"].any():
            worker = int(np.flatnonzero(met["code"])[0])
            text = met["text"][worker].decode("utf-8", "ignore")
            raise WorkerFailed(
                f"Worker {worker}: {text}" if worker else text, int(met["code"].max())
            )
        if len(set(met["what"])) > 1:
            found = ", ".join(sorted({each.decode() for each in met["what"]}))
            raise WorkerFailed(f"The workers do not do the same ({found}); start them all alike.")
        return met

    def meet_at(self, what, step, numbers=()):
        """As `meet`, for what is done together at each step; who wants to stop is agreed on."""
        met = self.meet(what, step, numbers)
        if len(set(met["step"])) > 1:
            raise WorkerFailed("The workers are at different steps; start them all alike.")
        self.agreed = int(met["stop"].max())
        return met

    def share_losses(self, step, batches, losses_of):
        """The losses of all these batches, of which each rank works out some."""
        own = slice(*edges(len(batches), self.count)[self.rank])
        met = self.meet_at("evaluation", step, losses_of(batches[own]))
        return gathered(met)

    def same(self, facts):
        """Raise unless these {what: text} are the same everywhere."""
        for what, text in facts.items():
            texts = [each.decode() for each in self.meet("compare", text=text)["text"]]
            for worker, each in enumerate(texts):
                if each != texts[0]:
                    short = max(len(each), len(texts[0])) < 30
                    shown = f": {each}, not {texts[0]}" if short else ""
                    raise WorkerFailed(
                        f"Worker {worker} has another {what} than worker 0{shown}; give all the"
                        " same."
                    )

    def _wait(self, limit, begin, *given, patiently=True):
        """Begin something with the others, and wait until it is done: for so many seconds.

        Who feels the pulse of the first one counts from its last beat on.
        """
        alone = self.pulse.alone if self.pulse else nullcontext()
        follows = self.pulse if self.rank else None
        with alone:
            request = begin(*given)
        last, waited, felt, pause = time.monotonic(), 0.0, 0.0, 0.0
        while True:
            with alone:
                if request.Test():
                    return
            now = time.monotonic()
            # Where all are held, as when a computer sleeps, nobody is late.
            waited, last = waited + min(now - last, 1.0), now
            if follows and waited - felt > 0.2 and follows.felt():
                felt = waited
            if waited - felt > limit or waited > max(limit, PATIENCE_OF_OTHERS):
                who, teller = ("The first worker", self._second) if follows else ("A worker", 0)
                raise WorkerFailed(
                    f"{who} has not answered for {waited - felt:.0f} seconds; its machine may be"
                    " gone.",
                    LOST,
                    teller,
                )
            if patiently and waited > 0.0005:
                pause = min(pause + 0.00005, 0.002)
                time.sleep(pause)
            else:
                _let_others()

    def abort(self, code):
        """End all processes of the job at once."""
        with self.pulse.alone if self.pulse else nullcontext():
            self._mpi.COMM_WORLD.Abort(code)

    # ---- what travels

    def broadcast(self, data):
        """The bytes that the first one has."""
        size = int(self.meet("broadcast", numbers=[len(data or b"")])["numbers"][0, 0])
        found = np.frombuffer(data, np.uint8).copy() if data else np.empty(size, np.uint8)
        for start in range(0, size, 1 << 30):
            part = _bytes(found[start : start + (1 << 30)])
            self._wait(self._time_for(part.size), self._comm.Ibcast, part)
        return found.tobytes()

    def send(self, array):
        """Hand an array to the first one."""
        time = self._time_for(array.nbytes * self.count)  # others may be first
        self._wait(time, self._comm.Isend, _bytes(array), 0)

    def receive(self, array, rank):
        self._wait(self._time_for(array.nbytes), self._comm.Irecv, _bytes(array), rank)

    def _time_for(self, size):
        return self._limit + size / SLOWEST

    def add_up(self, owners, own, out, add=False, decode=None):
        """Put the sum of arrays that lie on all ranks into `out`, on each; or add it.

        `owners` says who has which; they are added as neighbours, in their order. `own` are mine,
        of the size of `out`; `decode(number, part)` makes the numbers to add of a part of one.
        Everybody adds up a part of each, and sends the sum to all.
        """
        shares = edges(out.size, self.count)
        sizes, mine = np.diff(shares).ravel(), slice(*shares[self.rank])
        width = (own[0] if own else out).itemsize if decode is None else 2
        parts = [None] * len(owners)
        for turn in range(max(owners.count(rank) for rank in set(owners))):
            numbers = [_nth(owners, rank, turn) for rank in range(self.count)]
            has = [number is not None for number in numbers]
            found = self._buffer(turn, sum(has) * sizes[self.rank] * width)
            sent = own[turn] if has[self.rank] else np.empty(0, np.uint8)
            leaves = sizes * width * has[self.rank]
            comes = np.where(has, sizes[self.rank] * width, 0)
            starts = np.cumsum(comes) - comes
            self._all_to_all(_bytes(sent), leaves, found, comes, starts)
            for number, start, size in zip(numbers, starts, comes):
                if number is not None:
                    part = found[start : start + size]
                    parts[number] = (
                        part.view(out.dtype)
                        if decode is None
                        else decode(number, part.view(np.float16))
                    )
        total = out[mine]
        for start in range(0, total.size, CHUNK):
            chunk = slice(start, start + CHUNK)
            add_pairwise([part[chunk] for part in parts], total[chunk], add)
        wide = sizes * out.itemsize
        spread = [_bytes(out), wide, np.cumsum(wide) - wide, self._mpi.BYTE]
        time, place = self._time_for(2 * out.nbytes), self._mpi.IN_PLACE
        self._wait(time, self._comm.Iallgatherv, place, spread, patiently=False)

    def _all_to_all(self, sent, leaves, found, comes, starts):
        byte = self._mpi.BYTE
        leaving = [sent, leaves, np.cumsum(leaves) - leaves, byte]
        coming, time = [found, comes, starts, byte], self._time_for(2 * (sent.size + found.size))
        self._wait(time, self._comm.Ialltoallv, leaving, coming, patiently=False)

    def _buffer(self, turn, size):
        if turn not in self._received or self._received[turn].size < size:
            self._received[turn] = np.empty(size, np.uint8)
        return self._received[turn][:size]


_let_others = getattr(os, "sched_yield", lambda: time.sleep(0))  # that want this core


def gathered(met):
    """The numbers of all, in the order of the ranks."""
    return [float(n) for each in met for n in each["numbers"][: each["size"]]]


LOST = 75  # the exit code of a job that lost a worker: it can be started again


def _bytes(array):
    return array.reshape(-1).view(np.uint8)


def _nth(owners, rank, turn):
    """The number of the array that is so many-th of a rank's, if it has as many."""
    numbers = [number for number, owner in enumerate(owners) if owner == rank]
    return numbers[turn] if turn < len(numbers) else None
