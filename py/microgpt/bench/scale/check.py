"""The model beside what can be measured on one machine: what it says, what is so, the error.

It is told the times of one rank and those of exchanges, and nothing of steps that several make
together. One rank is timed while the other core has as much to do, but exchanges nothing: else the
error would be that two cores share one memory, which two machines do not. Four ranks that share two
cores are no four machines: what lies between them is fitted to exchanges of four, as that between
two is to exchanges of two.
"""

import statistics

from ...data.builtin import load_names
from ...recorder.record import Machine
from ..sizes import MEDIUM, endless
from .measure import launcher, mean_and_spread, under_mpi
from .model import fit_network, step

SHAPES = MEDIUM[:2]  # layers, width, block, batch, heads; the model was made with neither
SLEEP, DELAY, SIZE = 0.05, 0.02, 1 << 20  # seconds, seconds on average, bytes
SLEEPERS = (2, 4)  # ranks
COUNTS = {"steps": 24, "sleeps": 200}


def check_model(exchanges, say):
    """[{"what", "ranks", "predicted", "measured", "error"}]; nothing where there is no MPI.

    `exchanges` are {ranks: {bytes: seconds}}.
    """
    if not launcher():
        return []
    networks = {count: fit_network(times, count) for count, times in exchanges.items()}
    rows = []
    for shape in SHAPES:
        say(f"two ranks, {_name(shape)}")
        times = under_mpi(2, "steps", shape=shape, count=COUNTS["steps"])
        alone = mean_and_spread(times["alone"])
        predicted = step(2, *alone, 4 * _parameters(shape), networks[2])
        rows.append(_row(_name(shape), 2, predicted, times["together"]))
    for count in SLEEPERS:
        say(f"{count} ranks that sleep")
        slept = under_mpi(
            count, "sleeps", mean=SLEEP, delay=DELAY, size=SIZE, count=COUNTS["sleeps"]
        )
        # An exponential delay varies by as much as its mean.
        predicted = step(count, SLEEP + DELAY, DELAY, SIZE, networks[count])
        rows.append(_row(f"sleeps {SLEEP} s and {DELAY} s by chance", count, predicted, slept))
    return rows


def _row(what, ranks, predicted, times):
    measured = statistics.fmean(sorted(times)[: max(2, int(len(times) * 0.99))])
    return {
        "what": what,
        "ranks": ranks,
        "predicted": predicted,
        "measured": measured,
        "error": predicted / measured - 1,
    }


def _name(shape):
    layers, width, time, batch, _ = shape
    return f"L{layers} C{width} T{time} B{batch}"


def _parameters(shape):
    return endless(load_names(offline=True), shape, Machine(), shards=1).model.weights.count
