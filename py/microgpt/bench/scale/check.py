"""The model beside what can be measured on one machine: what it says, what is so, the error.

It is told the times of one rank and those of exchanges, and nothing of steps that several make
together. One rank is timed while the other core has as much to do, but exchanges nothing: else the
error would be that two cores share one memory, which two machines do not. Four ranks that share two
cores are no four machines: what lies between them is fitted to exchanges of four, as that between
two is to exchanges of two.

All is done in several rounds, the exchanges of two ranks, too, and the medians count: a program
that wakes up for a moment makes steps of 20 ms look as if they varied much.
"""

import statistics

from ...data.builtin import load_names
from ...recorder.record import Machine
from ..sizes import MEDIUM, endless
from .measure import launcher, mean_and_spread, mpi, under_mpi
from .model import fit_network, step

SHAPES = MEDIUM[:2]  # layers, width, block, batch, heads; the model was made with neither
SLEEP, DELAY, SIZE = 0.05, 0.02, 1 << 20  # seconds, seconds on average, bytes
SLEEPERS = (2, 4)  # ranks
ROUNDS = 5
COUNTS = {"steps": 6, "sleeps": 40}  # of a round


def check_model(exchanges, say):
    """[{"what", "ranks", "predicted", "measured", "error"}]; nothing where there is no MPI.

    `exchanges` are {ranks: {bytes: seconds}}.
    """
    if not launcher():
        return []
    rows, found = [], {shape: [] for shape in (*SHAPES, *SLEEPERS)}
    for number in range(ROUNDS):
        say(f"the check, round {number + 1} of {ROUNDS}")
        if number:
            exchanges = {count: mpi(count) for count in exchanges}
        networks = {count: fit_network(times, count) for count, times in exchanges.items()}
        for shape in SHAPES:
            times = under_mpi(2, "steps", shape=shape, count=COUNTS["steps"])
            alone = mean_and_spread(times["alone"])
            predicted = step(2, *alone, 4 * _parameters(shape), networks[2])
            found[shape].append((predicted, mean_and_spread(times["together"])[0]))
        for count in SLEEPERS:
            given = {"mean": SLEEP, "delay": DELAY, "size": SIZE, "count": COUNTS["sleeps"]}
            slept = under_mpi(count, "sleeps", **given)
            # An exponential delay varies by as much as its mean.
            predicted = step(count, SLEEP + DELAY, DELAY, SIZE, networks[count])
            found[count].append((predicted, statistics.fmean(slept)))
    for shape in SHAPES:
        rows.append(_row(_name(shape), 2, found[shape]))
    for count in SLEEPERS:
        rows.append(_row(f"sleeps {SLEEP} s and {DELAY} s by chance", count, found[count]))
    return rows


def _row(what, ranks, rounds):
    """`rounds` are (predicted, measured) seconds."""
    predicted, measured = (statistics.median(times) for times in zip(*rounds))
    return {
        "what": what,
        "ranks": ranks,
        "predicted": predicted,
        "measured": measured,
        "error": predicted / measured - 1,
        "rounds": [each / other - 1 for each, other in rounds],
    }


def _name(shape):
    layers, width, time, batch, _ = shape
    return f"L{layers} C{width} T{time} B{batch}"


def _parameters(shape):
    return endless(load_names(offline=True), shape, Machine(), shards=1).model.weights.count
