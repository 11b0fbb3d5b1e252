"""A numpy call as steps of the kernel: lists of whole numbers, as `Step` in kernels.c has them.

Every function here answers None for a call that the kernel leaves to numpy: other dtypes, more
axes, operands that overlap the result. The answers hold addresses: the arrays must stay alive.
"""

from functools import cache

import numpy as np

# The operations in the order of kernels.c. The first are elementwise, and have a numpy function.
ELEMENTWISE = (
    *(np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.exp, np.log),
    *(np.sqrt, np.tanh, np.absolute, np.negative, np.greater, np.greater_equal, np.less),
)
NUMBER = {function: number for number, function in enumerate(ELEMENTWISE)}
MASK, SELECT, COPY, ADD_INTEGERS, SUM, LARGEST, PRODUCT, TAKE, PUT = range(15, 24)
COMPARISONS = np.greater, np.greater_equal, np.less
AXES = 4
NOTHING = (0,) * (AXES + 1)  # an operand that is not there
LENGTH = 7 + 3 * (AXES + 1)  # numbers in a step

FLOAT32, FLOAT64, BOOL = map(np.dtype, ("f4", "f8", "?"))
INDEX = np.dtype(np.intp)  # four bytes, where there is a kernel
FLOATS = FLOAT32, FLOAT64
TRIES = 1000  # to find out whether two arrays overlap


def encode(kind, function, ins, out):
    """The steps of a recorded call (see `autograd.plan.Call`), or None."""
    if kind == "elementwise":
        return elementwise(function, ins, out)
    if kind == "matmul":
        return product(*ins, out)
    if kind == "reduce":
        return reduction(function, *ins, out)
    if kind == "copy":
        return copy(ins[0], out)
    if kind == "fill":
        return copy(_single(float(ins[0]), out.dtype), out) if np.ndim(ins[0]) == 0 else None
    if kind == "take":
        return take(*ins, out)
    if kind == "put":
        return put(*ins, out)
    if kind == "whole" and getattr(function, "__name__", "") == "copy_where":
        return select(*ins, out)
    return None


# ---- elementwise


def elementwise(function, ins, out):
    number, kinds = NUMBER.get(function), [x.dtype for x in ins]
    kind = kinds[0]
    wanted = BOOL if function in COMPARISONS else kind
    if number is None or out.dtype != wanted or (function is np.tanh and kind == FLOAT64):
        return None
    if function is np.multiply and kinds[1:] == [BOOL] and kind in FLOATS:
        number = MASK
    elif function is np.add and kinds == [INDEX, INDEX]:
        number = ADD_INTEGERS
    elif kind not in FLOATS or any(k != kind for k in kinds):
        return None
    if any(disturbs(x, out) for x in ins):
        return None
    return loop(number, kind.itemsize, out, ins[0], ins[-1])


def copy(source, out):
    if not isinstance(source, np.ndarray) or source.dtype != out.dtype or disturbs(source, out):
        return None
    if out.itemsize not in (1, 4, 8):
        return None
    return loop(COPY, out.itemsize, out, source, source)


def select(source, condition, out):
    """out = source where the condition holds."""
    if not isinstance(source, np.ndarray) or condition.dtype != BOOL:
        return None
    if out.dtype not in FLOATS or source.dtype != out.dtype or disturbs(source, out):
        return None
    if np.may_share_memory(condition, out):
        return None
    return loop(SELECT, out.itemsize, out, source, condition)


def reduction(function, x, axis, keepdims, out):
    """A first value, and then an elementwise step whose result repeats along the axes."""
    if out.dtype not in FLOATS or x.dtype != out.dtype or np.may_share_memory(x, out):
        return None
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {a % x.ndim for a in axes}
    kept = tuple([1 if i in axes else n for i, n in enumerate(x.shape)])
    target = out.reshape(kept) if out.flags.c_contiguous else out
    if target.shape != kept:
        return None
    if function is np.add:
        number, alone, first = NUMBER[np.add], SUM, copy(_single(0.0, out.dtype), target)
    elif function is np.maximum and x.size:
        start = x[tuple([slice(0, 1) if i in axes else slice(None) for i in range(x.ndim)])]
        number, alone, first = NUMBER[np.maximum], LARGEST, copy(start, target)
    else:
        return None
    order = loop(number, x.itemsize, target, target, x, by=x)
    if order is None or first is None:
        return None
    for step in order:
        if step[11] == 0 and step[6] > 1:  # along the innermost axis there is one result
            step[0] = alone
            step[12:17] = step[17:22]
    return first + order


def loop(number, size, out, a, b, by=None):
    """One step over all elements, with axes that lie side by side in every array made one."""
    shape = out.shape if by is None else by.shape
    if 0 in shape:
        return []
    arrays = out, a, b
    strides = [spread(x, shape) for x in arrays]
    rank = strides[0] if by is None else by.strides
    axes = [i for i, n in enumerate(shape) if n > 1]
    axes.sort(key=lambda i: (-abs(rank[i]), -abs(strides[1][i])))
    joined = []  # [length, the stride of each array], the outermost first
    for i in axes:
        mine = [s[i] for s in strides]
        if joined and joined[-1][1:] == [s * shape[i] for s in mine]:
            joined[-1] = [joined[-1][0] * shape[i], *mine]
        else:
            joined.append([shape[i], *mine])
    if len(joined) > AXES:
        return None
    if not joined:
        joined = [[1, *[x.itemsize for x in arrays]]]
    table = [[1, 0, 0, 0]] * (AXES - len(joined)) + joined
    lengths, *columns = zip(*table)
    step = [number, size, 0, *lengths]
    for x, column in zip(arrays, columns):
        step += [address(x), *column]
    return [step]


def spread(x, shape):
    """The strides of an array that is stretched to a shape."""
    if x.shape == shape:
        return x.strides
    strides = [0 if n == 1 else stride for n, stride in zip(x.shape, x.strides)]
    return (*[0] * (len(shape) - x.ndim), *strides)


# ---- products


def product(a, b, out):
    kind = out.dtype
    if kind not in FLOATS or a.dtype != kind or b.dtype != kind:
        return None
    if np.may_share_memory(a, out) and _overlap(a, out):
        return None
    if np.may_share_memory(b, out) and _overlap(b, out):
        return None
    if not out.size:
        return []
    if a.ndim == 1:
        a, out = a[None], out[None] if b.ndim == 1 else out[..., None, :]
    if b.ndim == 1:
        b, out = b[:, None], out[..., None]
    if b.ndim == 2 and a.ndim > 2:  # one matrix for all: more rows
        rows, results = _as_rows(a), _as_rows(out)
        if rows is not None and results is not None:
            a, out = rows, results
    stack, depth = out.shape[:-2], a.shape[-1]
    # A few rows are packed in less time than many columns: make the smaller one the right one.
    if out.shape[-2] > out.shape[-1] or b.strides[-1] == kind.itemsize:
        swap = out.strides[-1] != kind.itemsize and out.shape[-1] > 1
    else:
        swap = out.shape[-2] <= 16
    if swap:
        a, b, out = b.swapaxes(-1, -2), a.swapaxes(-1, -2), out.swapaxes(-1, -2)
    arrays = out, a, b
    if any(s % kind.itemsize for x in arrays for s in x.strides[-2:]):
        return None
    strides = [spread(x, (*stack, *x.shape[-2:])) for x in arrays]
    stacks = [[n, *[s[i] for s in strides]] for i, n in enumerate(stack) if n > 1]
    if len(stacks) > 2:
        return None
    stacks = [[1, 0, 0, 0]] * (2 - len(stacks)) + stacks
    step = [PRODUCT, kind.itemsize, depth, stacks[0][0], stacks[1][0], *out.shape[-2:]]
    for i, x in enumerate(arrays):
        step += [address(x), stacks[0][1 + i], stacks[1][1 + i], *x.strides[-2:]]
    return [step]


def _as_rows(x):
    """A stack of matrices as one matrix, where it lies in memory like that."""
    length, stride = x.shape[-2], x.strides[-2]
    for n, s in zip(x.shape[-3::-1], x.strides[-3::-1]):
        if n > 1 and length > 1 and s != stride * length:
            return None
        stride = s if length == 1 else stride
        length *= n
    return np.lib.stride_tricks.as_strided(
        x, (length, x.shape[-1]), (stride, x.strides[-1]), writeable=x.flags.writeable
    )


# ---- rows by number


def take(x, index, axis, out):
    """Rows of x, or numbers where the axis is None. An index beyond the ends is the end."""
    arrays = x, index, out
    if index.dtype != INDEX or x.dtype != out.dtype or not x.size:
        return None
    if not all(a.flags.c_contiguous for a in arrays) or np.may_share_memory(x, out):
        return None
    row = x.itemsize if axis is None else x.nbytes // len(x)
    length = x.size if axis is None else len(x)
    if not out.size:
        return []
    step = [TAKE, row, length, 1, 1, 1, index.size, address(out), *NOTHING[1:]]
    return [[*step, address(x), *NOTHING[1:], address(index), 0, 0, 0, INDEX.itemsize]]


def put(index, values, out):
    if index.dtype != INDEX or not isinstance(values, np.ndarray) or values.dtype != out.dtype:
        return None
    if not all(a.flags.c_contiguous for a in (index, values, out)) or out.itemsize not in (4, 8):
        return None
    if values.size not in (1, index.size) or np.may_share_memory(values, out) or not out.size:
        return None
    step = [PUT, out.itemsize, out.size, 1, 1, 1, index.size, address(out), *NOTHING[1:]]
    stride = values.itemsize if values.size > 1 else 0
    return [[*step, address(values), 0, 0, 0, stride, address(index), 0, 0, 0, INDEX.itemsize]]


# ---- memory


@cache
def _single(value, dtype):
    """An array of one number that stays."""
    return np.array(value, dtype)


def address(array):
    return array.__array_interface__["data"][0]


def disturbs(x, out):
    """Whether writing out would change what is still to be read of x."""
    if not np.may_share_memory(x, out):
        return False
    same = x.shape == out.shape and x.strides == out.strides and x.dtype == out.dtype
    return not (same and address(x) == address(out)) and _overlap(x, out)


def _overlap(x, out):
    try:
        return np.shares_memory(x, out, max_work=TRIES)
    except np.exceptions.TooHardError:
        return True
