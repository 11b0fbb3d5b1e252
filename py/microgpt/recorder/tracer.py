"""The stand-in for an array while a function is recorded, and what numpy's functions do with it.

Views are worked out here and cost nothing at replay; everything else is noted as a call.
"""

import linecache
import math
import sys
from pathlib import Path

import numpy as np

from .ir import Buffer, address
from .kinds import AS_ONE_CALL, PUT, SELECT, TAKE, copy_where

NUMBERS = (int, float, bool)  # Python's own, which have no dtype yet


class Unrecordable(TypeError):
    """The function did something that a replay could not repeat."""


# ---- what numpy would answer
OURS = (__file__, str(Path(__file__).with_name("record.py")))
_loops = {}


def loop_dtypes(ufunc, ins):
    """The dtypes in which a ufunc computes; Python's numbers fit themselves to the arrays."""
    key = (ufunc, *[type(x) if type(x) in NUMBERS else x.dtype for x in ins])
    if key not in _loops:
        _loops[key] = ufunc.resolve_dtypes((*key[1:], None))
    return _loops[key]


def common_shape(*shapes):
    """The shape that all are stretched to; most are the same, or those of single numbers."""
    different = set(shapes)
    different.discard(())
    # numpy takes ten times as long to find it out
    return different.pop() if len(different) == 1 else np.broadcast_shapes(*different)


def product_shape(a, b):
    if a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        raise ValueError(f"shapes {a.shape} and {b.shape} do not fit for a product")
    rows = a.shape[-2:-1] if a.ndim > 1 else ()
    columns = b.shape[-1:] if b.ndim > 1 else ()
    return (*common_shape(a.shape[:-2], b.shape[:-2]), *rows, *columns)


# ---- refusals


def users_frame():
    """The innermost frame that is neither ours nor numpy's."""
    frame = sys._getframe(2)
    while frame.f_code.co_filename in OURS or "numpy" in frame.f_globals["__name__"]:
        frame = frame.f_back
    return frame


def refuse(what):
    frame = users_frame()
    file, number = frame.f_code.co_filename, frame.f_lineno
    line = linecache.getline(file, number).strip()
    name = file.replace("\\", "/").rpartition("/")[2]
    raise Unrecordable(f"This cannot be recorded: {what}. {name}, line {number}: {line}")


def _refusal(what):
    def method(self, *args, **settings):
        refuse(what)

    return method


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array that is known only at replay: a view of a buffer."""

    __slots__ = ("recording", "buffer", "array")
    __hash__ = None

    def __init__(self, recording, buffer, array):
        self.recording, self.buffer, self.array = recording, buffer, array

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    T = property(lambda self: self.view(self.array.T))

    def __array_ufunc__(self, ufunc, method, *ins, out=None, **settings):
        return self.recording.ufunc(ufunc, method, ins, out, settings)

    def __array_function__(self, function, types, args, settings):
        rule = FUNCTIONS.get(function)
        if rule is None:
            refuse(f"np.{function.__name__} is not among the recordable functions")
        return rule(self.recording, *args, **settings)

    def __as_one_call__(self, function, args):
        """A function of arrays (it writes to the last) that asks to be recorded as one call."""
        *ins, out = args
        return self.recording.note(AS_ONE_CALL, function, ins, out)

    __bool__ = _refusal("a branch on a value")
    __float__ = __int__ = __complex__ = item = tolist = _refusal("a value as a Python number")
    __index__ = _refusal("a value as an index")
    __array__ = _refusal("the values are wanted as a plain array")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(f"arrays have no recordable {name}")

    # ---- views cost nothing at replay

    def view(self, array):
        return Traced(self.recording, self.buffer, array)

    def transpose(self, *axes):
        return self.view(self.array.transpose(*axes))

    def swapaxes(self, a, b):
        return self.view(self.array.swapaxes(a, b))

    def squeeze(self, axis=None):
        return self.view(self.array.squeeze(axis))

    def reshape(self, *shape):
        result = self.array.reshape(*shape)
        if self.array.flags.c_contiguous or np.may_share_memory(result, self.array):
            return self.view(result)
        copy = self.recording.temp(result.shape, self.dtype)  # numpy had to copy
        self.recording.assign(copy.view(copy.array.reshape(self.shape)), self)
        return copy

    def __len__(self):
        return len(self.array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        if not isinstance(key, tuple):
            key = (key,)
        if not any(map(is_array, key)):
            # With `...` a single number stays a view, too.
            return self.view(self.array[key if ... in key else (*key, ...)])
        if len(key) == 1:
            return self.take(key[0], 0)
        return self.flat().take(self.flat_index(key))

    def __setitem__(self, key, new):
        if not isinstance(key, tuple):
            key = (key,)
        if not any(map(is_array, key)):
            target = self[key]
            if not (isinstance(new, Traced) and same_place(new, target)):  # as after x[i] += y
                self.recording.assign(target, new)
        elif len(key) == 1 and self.ndim > 1:
            self.recording.note(AS_ONE_CALL, put_rows, (check_index(key[0]), new), self)
        else:
            index = self.flat_index(key)
            new = np.asarray(new) if type(new) in NUMBERS else new
            self.recording.note(PUT, np.put, (index, new), self.flat())

    def take(self, index, axis=None):
        shape = (self.size,) if axis is None else self.shape
        out = self.recording.temp((*check_index(index).shape, *shape[1:]), self.dtype)
        if axis not in (None, 0):
            refuse("take along an axis other than the first")
        return self.recording.note(TAKE, np.take, (self, index, axis), out)

    def flat(self):
        if not self.array.flags.c_contiguous:
            refuse("an index array on an array that is not in one piece")
        return self.reshape(-1)

    def flat_index(self, key):
        """Where one integer array for each axis points, in the flat array."""
        if len(key) != self.ndim or not all(map(is_array, key)):
            refuse("an index that mixes arrays with slices")
        known = self.recording.known_index(key, self.shape)
        if known is not None:
            return known
        index = check_index(key[-1])
        for axis in range(self.ndim - 2, -1, -1):
            index = check_index(key[axis]) * math.prod(self.shape[axis + 1 :]) + index
        self.recording.indices.append((key, self.shape, len(self.recording.calls), index))
        return index

    # ---- what ndarray has as methods

    def sum(self, axis=None, dtype=None, out=None, keepdims=False):
        return np.add.reduce(self, axis=axis, dtype=dtype, out=out, keepdims=keepdims)

    def max(self, axis=None, out=None, keepdims=False):
        return np.maximum.reduce(self, axis=axis, out=out, keepdims=keepdims)

    def min(self, axis=None, out=None, keepdims=False):
        return np.minimum.reduce(self, axis=axis, out=out, keepdims=keepdims)

    def mean(self, axis=None, dtype=None, out=None, keepdims=False):
        total = self.sum(axis, dtype, out, keepdims)
        return total / (self.size // total.size)

    def dot(self, other):
        return np.matmul(self, other)

    def fill(self, value):
        self.recording.assign(self, value)

    def astype(self, dtype):
        array = self.recording.laid_out([self.array], self.shape, np.dtype(dtype))
        return self.recording.assign(self.recording.temp_like(array), self)

    def copy(self):
        return self.recording.assign(self.recording.temp(self.shape, self.dtype), self)

    def __pow__(self, power):  # the shortcuts of ndarray
        quick = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}
        if type(power) in NUMBERS and power in quick:
            return quick[power](self)
        return np.power(self, power)


ARRAYS = Traced, np.ndarray, list


def is_array(key):
    return isinstance(key, ARRAYS)


def check_index(index):
    if isinstance(index, list) or index.dtype.kind not in "iu":
        refuse("an index that is not an array of integers: the result's shape hangs on its values")
    return index


def same_place(a, b):
    x, y = a.array, b.array
    return (
        a.buffer is b.buffer
        and (x.shape, x.strides, x.dtype) == (y.shape, y.strides, y.dtype)
        and address(x) == address(y)
    )


def put_rows(index, rows, out):
    out[index] = rows


# ---- numpy's functions that are not ufuncs


def concatenate(recording, arrays, axis=0):
    arrays = [recording.operand(a) for a in arrays]
    shape = list(arrays[0].shape)
    shape[axis] = sum(a.shape[axis] for a in arrays)
    out, start = recording.temp(tuple(shape), np.result_type(*[a.dtype for a in arrays])), 0
    along = out.array.swapaxes(0, axis)
    for a in arrays:
        stop = start + a.shape[axis]
        recording.assign(out.view(along[start:stop].swapaxes(0, axis)), a)
        start = stop
    return out


def split(recording, x, places, axis=0):
    ends = [0, *[int(p) for p in places], x.shape[axis]]
    along = x.swapaxes(0, axis)
    return [along[a:b].swapaxes(0, axis) for a, b in zip(ends, ends[1:])]


def where(recording, condition, a, b):
    """b, and then a where the condition holds."""
    dtype = np.result_type(*[x if type(x) in NUMBERS else x.dtype for x in (a, b)])
    shape = np.broadcast_shapes(*[np.shape(getattr(x, "array", x)) for x in (condition, a, b)])
    out = recording.assign(recording.temp(shape, dtype), b)
    a = np.asarray(a, dtype) if type(a) in NUMBERS else a
    return recording.note(SELECT, copy_where, (a, condition), out)


def filled_like(value):
    def rule(recording, x, dtype=None):
        dtype = np.dtype(dtype or x.dtype)
        if value == 1 and not x.shape:  # where every gradient begins
            return np.ones((), dtype)
        out = recording.temp_like(recording.laid_out([x.array], x.shape, dtype))
        return out if value is None else recording.assign(out, value)

    return rule


def constant(make):
    """np.arange(5, like=x): a constant, but one that a recorded array may index."""

    def rule(recording, *args, **settings):
        array = make(*args, **settings)
        return Traced(recording, Buffer("constant", make.__name__, array), array)

    return rule


FUNCTIONS = {
    np.concatenate: concatenate,
    np.split: split,
    np.where: where,
    np.empty_like: filled_like(None),
    np.zeros_like: filled_like(0),
    np.ones_like: filled_like(1),
    np.copy: lambda recording, x: x.copy(),
    np.broadcast_to: lambda recording, x, shape: x.view(np.broadcast_to(x.array, shape)),
    np.eye: constant(np.eye),
    np.arange: constant(np.arange),
}


def _method(name):
    return lambda recording, x, *args, **settings: getattr(x, name)(*args, **settings)


METHODS = "sum", "max", "min", "mean", "reshape", "transpose", "swapaxes", "squeeze", "take", "dot"
FUNCTIONS |= {getattr(np, name): _method(name) for name in METHODS}
