"""Counters and times of all workers, in memory that they share; each worker writes its own row."""

import mmap
import sys
from bisect import bisect_left

import numpy as np

STATUSES = (200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 499, 500, 503, 504)
COUNTERS = {
    "prompt_tokens": "tokens of prompts, those that were read before included",
    "cached_tokens": "of these, tokens that had been read before",
    "completion_tokens": "tokens written",
    "engine_steps": "steps of the engine; each writes one token for everyone",
    "workers_lost": "workers that ended without being asked to",
}
GAUGES = {
    "active": "texts that are being written",
    "waiting": "texts that wait for their turn",
    "connections": "open connections",
    "prefix_bytes": "memory that the prefixes take",
}
TIMES = {
    "first_token": "seconds from a request to its first token",
    "between_tokens": "seconds between two tokens of a text",
    "request": "seconds from a request to its end",
}
EDGES = [0.001 * 2**i for i in range(18)]  # seconds: 1 ms to 131 s
BUCKETS = len(EDGES) + 1  # the last one has no edge
PLACES = {name: i for i, name in enumerate([*COUNTERS, *GAUGES, *STATUSES])}
STARTS = {name: len(PLACES) + i * (BUCKETS + 1) for i, name in enumerate(TIMES)}
WIDTH = len(PLACES) + len(TIMES) * (BUCKETS + 1)


class Metrics:
    """Rows of numbers: `row(i)` is where worker i counts; what is asked for are their sums."""

    def __init__(self, rows):
        memory = mmap.mmap(-1, rows * WIDTH * 8)
        self._numbers = np.frombuffer(memory, np.float64).reshape(rows, WIDTH)

    def row(self, i):
        return Row(self._numbers[i])

    def worker_ended(self, i):
        """What it counted stays; what it had at the moment is no more."""
        for name in GAUGES:
            self._numbers[i, PLACES[name]] = 0

    @property
    def stats(self):
        """All of it as JSON has it."""
        sums = self._numbers.sum(0)
        found = {name: int(sums[PLACES[name]]) for name in (*COUNTERS, *GAUGES)}
        found["requests"] = {str(s): int(sums[PLACES[s]]) for s in STATUSES if sums[PLACES[s]]}
        for name in TIMES:
            counts, total = _times(sums, name)
            found[f"{name}_seconds"] = {
                "count": int(counts.sum()),
                "mean": float(total / counts.sum()) if counts.sum() else None,
                "p50_below": _below(counts, 0.5),
                "p99_below": _below(counts, 0.99),
            }
        return found

    @property
    def prometheus(self):
        """The same as Prometheus reads it."""
        sums, lines = self._numbers.sum(0), []

        def head(name, kind, help):
            lines.append(f"# HELP microgpt_{name} {help[0].upper()}{help[1:]}.")
            lines.append(f"# TYPE microgpt_{name} {kind}")

        for name, help in COUNTERS.items():
            head(f"{name}_total", "counter", help)
            lines.append(f"microgpt_{name}_total {sums[PLACES[name]]:.0f}")
        for name, help in GAUGES.items():
            head(name, "gauge", help)
            lines.append(f"microgpt_{name} {sums[PLACES[name]]:.0f}")
        head("requests_total", "counter", "requests by the status of their answers")
        for status in STATUSES:
            lines.append(f'microgpt_requests_total{{status="{status}"}} {sums[PLACES[status]]:.0f}')
        for name, help in TIMES.items():
            counts, total = _times(sums, name)
            head(f"{name}_seconds", "histogram", help)
            so_far = counts.cumsum()
            for edge, count in zip([*EDGES, "+Inf"], so_far):
                edge = edge if isinstance(edge, str) else f"{edge:g}"
                lines.append(f'microgpt_{name}_seconds_bucket{{le="{edge}"}} {count:.0f}')
            lines.append(f"microgpt_{name}_seconds_sum {total:.6f}")
            lines.append(f"microgpt_{name}_seconds_count {so_far[-1]:.0f}")
        return "\n".join(lines) + "\n"


class Row:
    """Where one worker counts."""

    def __init__(self, numbers):
        self._numbers = memoryview(numbers)  # quicker for one number at a time

    def add(self, name, count=1):
        self._numbers[PLACES[name]] += count

    def set(self, name, value):
        self._numbers[PLACES[name]] = value

    def status(self, status):
        self.add(status if status in PLACES else 500)

    def time(self, name, seconds):
        start = STARTS[name]
        self._numbers[start + bisect_left(EDGES, seconds)] += 1
        self._numbers[start + BUCKETS] += seconds


def _times(sums, name):
    start = STARTS[name]
    return sums[start : start + BUCKETS], sums[start + BUCKETS]


def _below(counts, share):
    """The edge below which this share of the times lies."""
    if not counts.sum():
        return None
    at = int(np.searchsorted(counts.cumsum(), share * counts.sum()))
    return EDGES[at] if at < len(EDGES) else sys.float_info.max
