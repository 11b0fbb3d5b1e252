"""The kinds of recorded calls: of each, its code, its text, how it is cut in tiles and encoded.

This is the only place that tells them apart by what they do. A new kind is one more `Kind` here.
"""

from collections.abc import Callable

import numpy as np

from .ir import View

SPELL_OUT_BELOW = 1 << 16  # bytes up to which a constant is stretched once, not at every replay


class Kind:
    """What is known of the calls of one kind.

    `ins` and `out` are the operands of a call: arrays in their final place or, for `text`, names.

    - `code(call, ins, out, row)` -> (function, *arguments), the fastest way to make the call;
      row(x) is the contiguous array x as one row.
    - `text(call, ins, out)` -> a line of numpy to read.
    - `encode(encoder, function, ins, out)` -> the kernel's steps, or None to leave the call to
      numpy. The functions of the encoder are those of kernels/encode.py.
    - `tiled_by(call, ins, out)` -> the array that says how large the call is, or None where the
      call does not treat the first axis index by index.
    - `in_place`: whether the result may take the place of an operand.
    """

    __slots__ = ("code", "encode", "in_place", "name", "text", "tiled_by")

    def __init__(
        self,
        name: str,
        code: Callable,
        text: Callable,
        encode: Callable = lambda encoder, function, ins, out: None,
        tiled_by: Callable = lambda call, ins, out: None,
        in_place: bool = False,
    ):
        self.name, self.code, self.text = name, code, text
        self.encode, self.tiled_by, self.in_place = encode, tiled_by, in_place


# ---- elementwise calls


def _elementwise(call, ins, out, row):
    if 0 < out.nbytes <= SPELL_OUT_BELOW:
        ins = [_spelt_out(x, old, out.shape) for x, old in zip(ins, call.ins)]
    if _is_one_row([*ins, out]):
        ins, out = [row(x) for x in ins], row(out)
    return call.function, *ins, out


def _spelt_out(x, old, shape):
    if isinstance(old, View) or not x.ndim or x.shape == shape:
        return x
    spelt_out = np.empty(shape, x.dtype)
    spelt_out[...] = x
    return spelt_out


def _is_one_row(arrays):
    """Whether all are contiguous and of one size, or single: then ufuncs need no iterator."""
    out = arrays[-1]
    return out.ndim > 1 and all(
        [x.ndim == 0 or (x.size == out.size and x.flags.c_contiguous) for x in arrays]
    )


def _numpy_call(call, ins, out):
    return f"np.{call.function.__name__}({', '.join([*ins, f'out={out}'])})"


ELEMENTWISE = Kind(
    "elementwise",
    code=_elementwise,
    text=_numpy_call,
    encode=lambda encoder, function, ins, out: encoder.elementwise(function, ins, out),
    tiled_by=lambda call, ins, out: out,
    in_place=True,
)


# ---- products


def _product(call, ins, out, row):
    a, b = ins
    if a.ndim > 2 and b.ndim == 2 and _contiguous(a, out):
        a, out = a.reshape(-1, a.shape[-1]), out.reshape(-1, out.shape[-1])
    while out.ndim > 2 and a.ndim == out.ndim and len(a) == len(out) == 1:
        if b.ndim == out.ndim:
            b = b[0]
        a, out = a[0], out[0]
    if a.ndim == b.ndim == 1 and a.dtype == b.dtype == out.dtype:
        return a.dot, b, out
    if a.ndim == out.ndim == 2 and b.shape[-1] == 1 and _contiguous(a, b, out):
        return a.dot, b.reshape(-1), out.reshape(-1)
    if a.ndim == b.ndim == out.ndim == 2 and _contiguous(out) and a.dtype == b.dtype == out.dtype:
        return a.dot, b, out
    return call.function, a, b, out


def _contiguous(*arrays):
    return all(a.flags.c_contiguous for a in arrays)


def _tiled_product(call, ins, out):
    stacked = out.ndim > 2 and all(a.ndim in (2, out.ndim) for a in ins)
    row_sums = out.ndim == 2 and out.shape[1] == 1 and isinstance(call.ins[1], np.ndarray)
    return out if stacked or row_sums else None


MATMUL = Kind(
    "matmul",
    code=_product,
    text=_numpy_call,
    encode=lambda encoder, function, ins, out: encoder.product(*ins, out),
    tiled_by=_tiled_product,
)


# ---- reductions


def _reduction(call, ins, out, row):
    x, axis, keepdims = ins
    if axis in (-1, (-1,), x.ndim - 1) and x.ndim > 1 and _contiguous(x, out):
        x, out = x.reshape(-1, x.shape[-1]), out.reshape((-1, 1) if keepdims else -1)
        axis = -1
    elif axis is None and not out.ndim and _contiguous(x):
        x, axis = x.reshape(-1), 0
    return call.function.reduce, x, axis, None, out, keepdims


def _reduction_text(call, ins, out):
    keep = ", keepdims=True" if call.ins[2] else ""
    return f"np.{call.function.__name__}.reduce({ins[0]}, axis={ins[1]}{keep}, out={out})"


def _tiled_reduction(call, ins, out):
    x, axis, keepdims = ins
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not keepdims or axis is None or 0 in [a % x.ndim for a in axes]:
        return None
    return x


REDUCE = Kind(
    "reduce",
    code=_reduction,
    text=_reduction_text,
    encode=lambda encoder, function, ins, out: encoder.reduction(function, *ins, out),
    tiled_by=_tiled_reduction,
)


# ---- rows and numbers by index


def _take_text(call, ins, out):
    axis = "" if call.ins[2] is None else f", axis={ins[2]}"
    return f"{ins[0]}.take({ins[1]}{axis}, out={out})"


TAKE = Kind(
    "take",
    # In mode "raise" numpy computes into a copy of out. Who gives the ids checks them.
    code=lambda call, ins, out, row: (ins[0].take, *ins[1:], out, "clip"),
    text=_take_text,
    encode=lambda encoder, function, ins, out: encoder.take(*ins, out),
)
PUT = Kind(
    "put",
    code=lambda call, ins, out, row: (out.put, *ins, "clip"),
    text=lambda call, ins, out: f"{out}.put({', '.join(ins)})",
    encode=lambda encoder, function, ins, out: encoder.put(*ins, out),
)


# ---- copies


def _copy(call, ins, out, row):
    if ins[0].dtype == out.dtype:
        return np.copyto, out, *ins
    return np.copyto, out, *ins, "unsafe"


def copy_where(a, condition, out):
    np.copyto(out, a, where=condition)


COPY = Kind(
    "copy",
    code=_copy,
    text=lambda call, ins, out: f"{out}[...] = {ins[0]}",
    encode=lambda encoder, function, ins, out: encoder.copy(*ins, out),
    tiled_by=lambda call, ins, out: out,
)
FILL = Kind(
    "fill",
    code=lambda call, ins, out, row: (out.fill, *ins),
    text=lambda call, ins, out: f"{out}.fill({ins[0]})",
    encode=lambda encoder, function, ins, out: encoder.fill(*ins, out),
)
SELECT = Kind(
    "select",
    code=lambda call, ins, out, row: (copy_where, *ins, out),
    text=lambda call, ins, out: f"np.copyto({out}, {ins[0]}, where={ins[1]})",
    encode=lambda encoder, function, ins, out: encoder.select(*ins, out),
)


# ---- functions of arrays that a recording does not look into

AS_ONE_CALL = Kind(
    "as one call",
    code=lambda call, ins, out, row: (call.function, *ins, out),
    text=lambda call, ins, out: f"{call.function.__name__}({', '.join([*ins, f'out={out}'])})",
)
