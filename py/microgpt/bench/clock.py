"""Timing of contenders that take turns."""

import statistics
import time


def take_turns(contenders, rounds):
    """{name: median seconds a unit} for {name: function that works and returns its units}.

    A contender that times itself returns (seconds, units).
    """
    spent = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            start = time.perf_counter()
            units = work()
            seconds = time.perf_counter() - start
            if isinstance(units, tuple):
                seconds, units = units
            spent[name].append(seconds / units)
    return {name: statistics.median(times) for name, times in spent.items()}
