"""What a recording consists of: buffers, views of them, and calls. Nothing here ever changes.

Each array in a recorded call is a `View`, part or all of a `Buffer`, and a buffer is an argument of
the recorded function or holds what a call computes. A view's array only says where its numbers
will lie in the buffer (shape, strides, distance to the first number); none have been computed.
"""

from collections.abc import Callable
from types import CodeType

import numpy as np

# Plain classes: each dataclass takes a tab five milliseconds to make, before it has started.


class Buffer:
    """Memory of its own: "state" (used in place), "input" (copied in), "constant" or "temp"."""

    __slots__ = ("array", "kind", "name")

    def __init__(self, kind: str, name: str, array: np.ndarray):
        self.kind, self.name, self.array = kind, name, array


class View:
    """`array` shows part or all of `buffer`."""

    __slots__ = ("array", "buffer")

    def __init__(self, buffer: Buffer, array: np.ndarray):
        self.buffer, self.array = buffer, array


class Call:
    """One recorded numpy call.

    `ins` are views, constant arrays, and settings such as an axis; `origin` is the code of the
    function that made the call; `views` are those among ins, and out; `buffers` those of the views.
    """

    __slots__ = ("buffers", "function", "ins", "kind", "origin", "out", "views")

    def __init__(self, kind: "Kind", function: Callable, ins: tuple, out: View, origin: CodeType):  # noqa: F821  (see kinds.py)
        self.kind, self.function, self.ins, self.out, self.origin = kind, function, ins, out, origin
        self.views = [x for x in ins if isinstance(x, View)]
        self.views.append(out)
        self.buffers = {x.buffer for x in self.views}

    def with_views(self, others):
        """The call with other views, {old: new}."""
        ins = tuple([others.get(x, x) if isinstance(x, View) else x for x in self.ins])
        return Call(self.kind, self.function, ins, others.get(self.out, self.out), self.origin)


# ---- how views lie in memory


def address(array):
    return array.__array_interface__["data"][0]


def distance(view):
    """How many bytes lie between the first number of the buffer and that of the view."""
    a, whole = view.array, view.buffer.array
    # An address takes longer to ask for than all of this.
    if a is whole or (a.nbytes == whole.nbytes and (a.flags.c_contiguous or a.flags.f_contiguous)):
        return 0
    return address(a) - address(whole)


def is_whole(view):
    a, b = view.array, view.buffer.array
    return a is b or (a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype)


def overlap(a, b):
    return a.buffer is b.buffer and np.may_share_memory(a.array, b.array)
