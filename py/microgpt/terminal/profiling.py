"""Where a run spends its time and its memory."""

import cProfile
import io
import marshal
import pstats
import tracemalloc
from contextlib import contextmanager

from ..files import write_whole


@contextmanager
def profiled_time(path, say):
    """Profile what happens inside; print the most expensive functions and save the profile."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        text = io.StringIO()
        stats = pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime")
        stats.print_stats(15)
        table = text.getvalue().partition("   ncalls")
        say("Where the time went (profiling slows a run down):\n" + table[1] + table[2].rstrip())
        profile.create_stats()
        write_whole(path, marshal.dumps(profile.stats))  # as dump_stats does
        say(f"The profile is in {path}; `python -m pstats {path}` opens it.")


@contextmanager
def profiled_memory(say):
    """Follow every allocation inside; print the peak and the lines that hold the most."""
    tracemalloc.start()
    try:
        yield
    finally:
        kept, peak = tracemalloc.get_traced_memory()
        lines = tracemalloc.take_snapshot().statistics("lineno")
        tracemalloc.stop()
        say(f"Memory: {kept / 1e6:.2f} MB kept, {peak / 1e6:.2f} MB at the peak. Most is held by:")
        for line in lines[:10]:
            where = line.traceback[0]
            file = "/".join(where.filename.replace("\\", "/").split("/")[-2:])
            say(f"  {line.size / 1e3:10,.1f} kB  {file}:{where.lineno}")
