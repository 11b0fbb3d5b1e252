"""Tensors of other files as our own: widened, turned or cut when they are asked for.

They are read into the model's one array tensor by tensor, so that nothing is in memory twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..safetensors import BFLOAT16, PIECE, CheckpointError, Stored

BY_TOKEN = ("wte", "lm_head")  # matrices with a row for each token


@dataclass(frozen=True)
class Lazy:
    """An array that is made each time its numbers are wanted; `fill` puts them into one."""

    shape: tuple
    dtype: np.dtype
    fill: Callable

    def read_into(self, array):
        self.fill(array)

    def __array__(self, dtype=None, copy=None):
        array = np.empty(self.shape, self.dtype)
        self.fill(array)
        return array if dtype is None else array.astype(dtype, copy=False)


def widened(array):
    """Numbers as float32 or float64; a bfloat16 is the upper half of a float32."""
    if array.dtype == BFLOAT16:
        return (array.view("<u2").astype("<u4") << 16).view("<f4")
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)


def width_of(dtype):
    """What such numbers are read as, or None where they are no floating-point ones."""
    if dtype in (BFLOAT16, np.float16, np.float32):
        return np.dtype(np.float32)
    return np.dtype(np.float64) if dtype == np.float64 else None


def plain(stored, name, rows=None):
    """A stored tensor as it is, or its first rows; its numbers are looked at as they come."""
    dtype = _float(stored, name)
    shape = stored.shape if rows is None else (rows, *stored.shape[1:])

    def fill(array):
        flat, at = array.reshape(-1), 0  # a view: what is filled is contiguous
        cut = Stored(stored.file, stored.dtype, shape, stored.start)
        if stored.dtype == array.dtype:
            cut.read_into(array)
            for start in range(0, flat.size, PIECE):
                checked(flat[start : start + PIECE], name)
            return
        for piece in cut.pieces():
            flat[at : at + piece.size] = checked(widened(piece), name)
            at += piece.size

    return Lazy(shape, dtype, fill)


def changed(stored, name, shape, change):
    """A stored tensor after `change`, such as turned round; it is in memory alone meanwhile."""

    def fill(array):
        array[...] = change(checked(widened(np.asarray(stored)), name))

    return Lazy(tuple(shape), _float(stored, name), fill)


def made(shape, dtype, make):
    """An array that a function makes."""

    def fill(array):
        array[...] = make()

    return Lazy(tuple(shape), np.dtype(dtype), fill)


def _float(stored, name):
    dtype = width_of(stored.dtype)
    if dtype is None:
        raise CheckpointError(
            f"The tensor {name[:80]} holds {stored.dtype}, no floating-point numbers: this kind of"
            " compression is not supported; use the model in float16, bfloat16 or float32."
        )
    return dtype


def checked(numbers, name):
    """The numbers, if that is what they are."""
    if not np.isfinite(numbers).all():
        raise CheckpointError(f"The values of {name[:80]} are not all numbers; use another copy.")
    return numbers
