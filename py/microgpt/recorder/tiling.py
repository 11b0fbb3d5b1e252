"""Runs calls on a few rows at a time, so that intermediates stay in the processor's cache.

Twenty elementwise calls on ten megabytes each wait for memory; on a few rows at a time, all twenty
for the first rows, then all twenty for the next, they do not. It changes no number: only calls
that treat the first axis index by index are tiled (elementwise calls, sums along other axes,
products of stacks of matrices).
"""

import numpy as np

from .ir import address

TILE = 1 << 17  # bytes of the largest array that one tile shall touch
LARGE = 1 << 19  # bytes; smaller arrays stay in the cache anyway


def group_into_tiles(calls, code):
    """[(calls, rows of a tile or None)]: neighbours that can be tiled together."""
    groups = []
    if code.machine.memory.size < LARGE:
        return [([call], None) for call in calls]
    for call in calls:
        length, accesses = _accesses(call, code)
        if groups and groups[-1].takes(length, accesses):
            groups[-1].add(call, accesses)
        else:
            groups.append(_Group(call, length, accesses))
    return [(group.calls, group.rows()) for group in groups]


class _Access:
    """How a call touches an array: all of it, or index by index of the first axis."""

    def __init__(self, array, length, written):
        shape, strides = array.shape, array.strides
        self.written = written
        self.along = array.ndim > 0 and shape[0] == length and length > 1
        self.stride = strides[0] if self.along else 0
        rest = list(zip(shape, strides))[1 if self.along else 0 :]
        self.extent = sum((n - 1) * s for n, s in rest) + array.itemsize
        self.start = address(array)
        self.end = self.start + self.extent + (length - 1) * self.stride
        self.regular = array.size > 0 and min((0, *strides)) == 0

    def disturbs(self, other):
        """Whether the order of calls would matter between different tiles."""
        if not (self.written or other.written):
            return False
        if self.end <= other.start or other.end <= self.start:
            return False
        if not (self.along and other.along and self.stride == other.stride):
            return True
        reach = max(self.start + self.extent, other.start + other.extent)
        return reach - min(self.start, other.start) > self.stride


class _Group:
    """Calls that can be tiled together; a call that cannot (length 0) is alone."""

    def __init__(self, call, length, accesses):
        self.calls, self.length, self.accesses = [call], length, list(accesses)

    def takes(self, length, accesses):
        if not length or length != self.length:
            return False
        return not any(new.disturbs(old) for new in accesses for old in self.accesses)

    def add(self, call, accesses):
        self.calls.append(call)
        self.accesses += accesses

    def rows(self):
        """How many rows a tile has; None if tiles gain nothing."""
        if len(self.calls) < 2:
            return None
        widest = max(access.extent if access.along else 1 for access in self.accesses)
        rows = max(1, TILE // widest)
        return rows if rows < self.length else None


def _accesses(call, code):
    """(length of the first axis, accesses), or (0, []) where a call cannot be cut along it."""
    if not any([x.array.nbytes >= LARGE for x in call.views]):
        return 0, []
    out = code.array(call.out)
    length = out.shape[0] if out.ndim else 0
    if length < 2:
        return 0, []
    ins = [code.array(x) for x in call.ins]
    measure = call.kind.tiled_by(call, ins, out)
    if measure is None or measure.nbytes < LARGE:
        return 0, []
    arrays = [x for x in ins if isinstance(x, np.ndarray)]
    if any(a.ndim == out.ndim and a.shape[0] not in (1, length) for a in arrays):
        return 0, []
    # An array with fewer axes is the same for every index.
    accesses = [_Access(a, length if a.ndim == out.ndim else 0, False) for a in arrays]
    accesses.append(_Access(out, length, True))
    return (length, accesses) if all(access.regular for access in accesses) else (0, [])
