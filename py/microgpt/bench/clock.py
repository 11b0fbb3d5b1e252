"""Timing of contenders that take turns."""

import statistics
import time


def take_turns(contenders, rounds, clock=time.process_time):
    """{name: median seconds a unit} for {name: function that works and returns its units}.

    The processor's time counts, not the wall clock's: other work on the machine is left out. A
    contender that measures itself returns (seconds, units).
    """
    spent = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            start = clock()
            units = work()
            seconds = clock() - start
            if isinstance(units, tuple):
                seconds, units = units
            spent[name].append(seconds / units)
    return {name: statistics.median(times) for name, times in spent.items()}
