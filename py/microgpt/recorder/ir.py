"""What a recording consists of: buffers, views of them, and calls. Nothing here ever changes.

Each array in a recorded call is a `View`, part or all of a `Buffer`, and a buffer is an argument of
the recorded function or holds what a call computes. A view's array only says where its numbers
will lie in the buffer (shape, strides, distance to the first number); none have been computed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType

import numpy as np


@dataclass(frozen=True, eq=False, slots=True)
class Buffer:
    """Memory of its own: "state" (used in place), "input" (copied in), "constant" or "temp"."""

    kind: str
    name: str
    array: np.ndarray


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """`array` shows part or all of `buffer`."""

    buffer: Buffer
    array: np.ndarray


@dataclass(frozen=True, eq=False, init=False)
class Call:
    """One recorded numpy call."""

    kind: "Kind"  # noqa: F821  (see kinds.py)
    function: Callable
    ins: tuple  # views, constant arrays, and settings such as an axis
    out: View
    origin: CodeType  # of the function that made the call
    views: list  # of ins, and out
    buffers: set  # of the views

    def __init__(self, kind, function, ins, out, origin):
        views = [x for x in ins if isinstance(x, View)]
        views.append(out)
        buffers = {x.buffer for x in views}
        # All at once: setting frozen fields one by one takes three times as long.
        self.__dict__.update(
            kind=kind,
            function=function,
            ins=ins,
            out=out,
            origin=origin,
            views=views,
            buffers=buffers,
        )

    def with_views(self, others):
        """The call with other views, {old: new}."""
        ins = tuple([others.get(x, x) if isinstance(x, View) else x for x in self.ins])
        return Call(self.kind, self.function, ins, others.get(self.out, self.out), self.origin)


# ---- how views lie in memory


def address(array):
    return array.__array_interface__["data"][0]


def is_whole(view):
    a, b = view.array, view.buffer.array
    return a is b or (a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype)


def overlap(a, b):
    return a.buffer is b.buffer and np.may_share_memory(a.array, b.array)
