"""A numpy call as steps of the kernel.

Every function here answers None for a call that the kernel leaves to numpy: other dtypes, more
axes, operands that overlap the result. The steps hold addresses: the arrays must stay alive.
"""

from dataclasses import replace
from functools import cache

import numpy as np

from .steps import AXES, Array, Operation, Step

COMPARISONS = np.greater, np.greater_equal, np.less
OF_NUMPY = {getattr(np, op.name.lower()): op for op in Operation if op <= Operation.LESS}

FLOAT32, FLOAT64, BOOL = map(np.dtype, ("f4", "f8", "?"))
INDEX = np.dtype(np.intp)  # four bytes, where there is a kernel
FLOATS = FLOAT32, FLOAT64
TRIES = 1000  # to find out whether two arrays overlap


# ---- elementwise


def elementwise(function, ins, out):
    operation, kinds = OF_NUMPY.get(function), [x.dtype for x in ins]
    kind = kinds[0]
    wanted = BOOL if function in COMPARISONS else kind
    if operation is None or out.dtype != wanted or (function is np.tanh and kind == FLOAT64):
        return None
    if function is np.multiply and kinds[1:] == [BOOL] and kind in FLOATS:
        operation = Operation.MASK
    elif function is np.add and kinds == [INDEX, INDEX]:
        operation = Operation.ADD_INTEGERS
    elif kind not in FLOATS or any(k != kind for k in kinds):
        return None
    if any(disturbs(x, out) for x in ins):
        return None
    return loop(operation, kind.itemsize, out, ins[0], ins[-1])


def copy(source, out):
    if not isinstance(source, np.ndarray) or source.dtype != out.dtype or disturbs(source, out):
        return None
    if out.itemsize not in (1, 4, 8):
        return None
    return loop(Operation.COPY, out.itemsize, out, source, source)


def fill(value, out):
    return copy(_single(float(value), out.dtype), out) if np.ndim(value) == 0 else None


def select(source, condition, out):
    """out = source where the condition holds."""
    if not isinstance(source, np.ndarray) or condition.dtype != BOOL:
        return None
    if out.dtype not in FLOATS or source.dtype != out.dtype or disturbs(source, out):
        return None
    if np.may_share_memory(condition, out):
        return None
    return loop(Operation.SELECT, out.itemsize, out, source, condition)


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
        operation, alone, first = (
            Operation.ADD,
            Operation.SUM,
            copy(_single(0.0, out.dtype), target),
        )
    elif function is np.maximum and x.size:
        start = x[tuple([slice(0, 1) if i in axes else slice(None) for i in range(x.ndim)])]
        operation, alone, first = Operation.MAXIMUM, Operation.LARGEST, copy(start, target)
    else:
        return None
    steps = loop(operation, x.itemsize, target, target, x, by=x)
    if steps is None or first is None:
        return None
    return first + [_alone(step, alone) for step in steps]


def _alone(step, operation):
    """The step with another operation and one operand if its innermost axis has one result."""
    if step.out.stride[-1] or step.shape[-1] == 1:
        return step
    return replace(step, operation=operation, a=step.b)


def loop(operation, size, out, a, b, by=None):
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
    operands = [Array(address(x), column) for x, column in zip(arrays, columns)]
    return [Step(operation, size, 0, lengths, *operands)]


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
    lengths, *columns = zip(*stacks)
    operands = [Array(address(x), (*column, *x.strides[-2:])) for x, column in zip(arrays, columns)]
    shape = (*lengths, *out.shape[-2:])
    return [Step(Operation.PRODUCT, kind.itemsize, depth, shape, *operands)]


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
    operands = [_in_a_row(out), _in_a_row(x), _in_a_row(index, INDEX.itemsize)]
    return [Step(Operation.TAKE, row, length, (1, 1, 1, index.size), *operands)]


def put(index, values, out):
    if index.dtype != INDEX or not isinstance(values, np.ndarray) or values.dtype != out.dtype:
        return None
    if not all(a.flags.c_contiguous for a in (index, values, out)) or out.itemsize not in (4, 8):
        return None
    if values.size not in (1, index.size) or np.may_share_memory(values, out) or not out.size:
        return None
    stride = values.itemsize if values.size > 1 else 0
    operands = [_in_a_row(out), _in_a_row(values, stride), _in_a_row(index, INDEX.itemsize)]
    return [Step(Operation.PUT, out.itemsize, out.size, (1, 1, 1, index.size), *operands)]


def _in_a_row(x, stride=0):
    return Array(address(x), (0, 0, 0, stride))


# ---- memory


@cache
def _single(value, dtype):
    """An array of one number that stays."""
    return np.array(value, dtype)


def address(array):
    return array.__array_interface__["data"][0]


def disturbs(x, out):
    """Whether writing out would change what is still to be read of x."""
    if x is out or not np.may_share_memory(x, out):
        return False
    same = x.shape == out.shape and x.strides == out.strides and x.dtype == out.dtype
    return not (same and address(x) == address(out)) and _overlap(x, out)


def _overlap(x, out):
    try:
        return np.shares_memory(x, out, max_work=TRIES)
    except np.exceptions.TooHardError:
        return True
