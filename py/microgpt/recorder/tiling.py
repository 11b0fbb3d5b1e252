"""Calls over large arrays, made band by band, so that what one writes the next finds in the cache.

Twenty elementwise calls on ten megabytes each wait for memory; on a few rows at a time, all twenty
for the first rows, then all twenty for the next, they do not. It changes no number: only calls
that treat the first axis index by index (elementwise calls, sums along other axes, products of
stacks of matrices) are banded.
"""

import numpy as np

from .ir import View, address

BAND = 1 << 17  # bytes of the largest array that one band shall touch
LARGE = 1 << 19  # bytes; smaller arrays stay in the cache anyway


def banded(calls, code):
    """[(calls, rows of a band or None)]: neighbours that can go through the bands together."""
    groups = []
    if code.memory.size < LARGE:
        return [([call], None) for call in calls]
    for call in calls:
        lanes = _lanes(call, code)
        if groups and groups[-1].takes(lanes):
            groups[-1].add(call, lanes)
        else:
            groups.append(_Group(call, lanes))
    return [(group.calls, group.step()) for group in groups]


class _Lane:
    """How a call touches an array: whole, or index by index of the first axis."""

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
        """Whether the order of calls would matter between different bands."""
        if not (self.written or other.written):
            return False
        if self.end <= other.start or other.end <= self.start:
            return False
        if not (self.along and other.along and self.stride == other.stride):
            return True
        reach = max(self.start + self.extent, other.start + other.extent)
        return reach - min(self.start, other.start) > self.stride


class _Group:
    def __init__(self, call, lanes):
        self.calls, self.length, self.lanes = [call], 0, []
        if lanes:
            self.length, self.lanes = lanes

    def takes(self, lanes):
        if not lanes or lanes[0] != self.length:
            return False
        return not any(new.disturbs(old) for new in lanes[1] for old in self.lanes)

    def add(self, call, lanes):
        self.calls.append(call)
        self.lanes += lanes[1]

    def step(self):
        if len(self.calls) < 2:
            return None
        step = max(1, BAND // max(lane.extent if lane.along else 1 for lane in self.lanes))
        return step if step < self.length else None


def _lanes(call, code):
    """(length of the first axis, lanes), or None where a call cannot be cut along it."""
    out = code.array(call.out)
    if not out.ndim or out.nbytes < LARGE and call.kind != "reduce":
        return None
    length = out.shape[0]
    arrays = [code.array(x) for x in call.ins if isinstance(x, View | np.ndarray)]
    if call.kind == "matmul":
        stacked = out.ndim > 2 and all(a.ndim in (2, out.ndim) for a in arrays)
        sums = out.ndim == 2 and out.shape[1] == 1 and isinstance(call.ins[1], np.ndarray)
        if not (stacked or sums):
            return None
    elif call.kind == "reduce":
        x, axis, keepdims = arrays[0], *call.ins[1:]
        axes = axis if isinstance(axis, tuple) else (axis,)
        if not keepdims or axis is None or 0 in [a % x.ndim for a in axes] or x.nbytes < LARGE:
            return None
    elif call.kind not in ("elementwise", "copy"):
        return None
    if length < 2 or any(a.ndim == out.ndim and a.shape[0] not in (1, length) for a in arrays):
        return None
    # An array with fewer axes is the same for every index.
    lanes = [_Lane(a, length if a.ndim == out.ndim else 0, False) for a in arrays]
    lanes.append(_Lane(out, length, True))
    return (length, lanes) if all(lane.regular for lane in lanes) else None
