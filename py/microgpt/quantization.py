"""Quantization: weights in fewer bits, to be used or to begin another run with.

| kind    | matrices of the layers    | other matrices (embeddings, head) | vectors |
|---------|---------------------------|-----------------------------------|---------|
| int8    | 8 bits, a scale a row     | 8 bits, a scale a row             | float32 |
| int4    | 4 bits, a scale a group   | 8 bits, a scale a row             | float32 |
| float16 | float16                   | float16                           | float16 |

A number is a whole one times the scale of its row or group; scales are float16. A checkpoint of
such weights is read like any other. The optimizer and the losses are not in it. How the rounding
works is explained, step by step, in `lessons/quantize.py`.
"""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from .errors import UserError
from .gpt.parameters import JOINED
from .safetensors import CheckpointError

KINDS = ("int8", "int4", "float16")
EIGHT, FOUR = (-127, 127), (-8, 7)  # the whole numbers there are
GROUP = 32  # numbers of a row that share a scale in four bits
FEWER_BITS = {*JOINED["qkv"], *JOINED["gate_up"], "wo", "fc2"}  # the matrices of a layer


@dataclass(frozen=True)
class Quantized:
    """A weight that is kept in fewer bits; `np.asarray` makes float32 numbers of it."""

    dtype = np.dtype(np.float32)

    def __array__(self, dtype=None, copy=None):
        return self.numbers() if dtype is None else self.numbers().astype(dtype)

    def arrays(self):
        """{what is put behind its name in a file: the array that is kept under it}"""
        return {end: getattr(self, field) for field, end in self.ENDS.items()}


@dataclass(frozen=True)
class Int8(Quantized):
    """Whole numbers of eight bits, a scale a row."""

    levels: object  # int8 (rows, columns), an array or Stored
    scales: object  # float16 (rows,)

    kind = "int8 by row"
    ENDS: ClassVar = {"levels": "", "scales": ".row_scale"}
    shape = property(lambda self: self.levels.shape)

    def numbers(self):
        return np.asarray(self.levels) * np.asarray(self.scales, np.float32)[:, None]


@dataclass(frozen=True)
class Int4(Quantized):
    """Whole numbers of four bits, two in a byte, and a scale for so many neighbours in a row."""

    pairs: object  # uint8 (rows, columns / 2): level + 8, the left one in the lower four bits
    scales: object  # float16 (rows, groups); the last group may be shorter
    group: int

    ENDS: ClassVar = {"pairs": "", "scales": ".group_scale"}
    kind = property(lambda self: f"int4 by {self.group}")
    shape = property(lambda self: (self.pairs.shape[0], 2 * self.pairs.shape[1]))

    def numbers(self):
        pairs, (rows, columns) = np.asarray(self.pairs), self.shape
        levels = np.stack([pairs & 15, pairs >> 4], -1).reshape(rows, columns).astype(np.int8) - 8
        scales = np.asarray(self.scales, np.float32).repeat(self.group, axis=1)
        return levels * scales[:, :columns]


@dataclass(frozen=True)
class Float16(Quantized):
    """Numbers of sixteen bits."""

    halves: object

    kind = "float16"
    ENDS: ClassVar = {"halves": ""}
    shape = property(lambda self: self.halves.shape)

    def numbers(self):
        return np.asarray(self.halves, np.float32)


# ---- rounding


def to_int8(array):
    scales, levels = eight_bits(array)
    return Int8(levels, scales)


def eight_bits(array):
    """(scales (rows,) float16, levels int8) with array ≈ levels * scales, row by row."""
    largest = np.abs(array).max(axis=1, keepdims=True)
    scales = _float16(largest / EIGHT[1])
    return scales[:, 0], _levels(array, scales, EIGHT)


def to_int4(array, group=GROUP):
    rows, columns = array.shape
    # Zeros at the end of a row fill its last group; they change neither its scale nor its error.
    grouped = np.pad(array, ((0, 0), (0, -columns % group))).reshape(rows, -1, group)
    # The number farthest from zero becomes -8, whatever its sign: one level more than 7 would give.
    farthest = np.abs(grouped).argmax(axis=2)[..., None]
    scales = _float16(np.take_along_axis(grouped, farthest, axis=2) / FOUR[0])
    levels = _levels(grouped, scales, FOUR).reshape(rows, -1)[:, :columns]
    shifted = (levels + 8).astype(np.uint8)
    return Int4(shifted[:, ::2] | shifted[:, 1::2] << 4, scales[:, :, 0], group)


def to_float16(array):
    return Float16(_float16(array))


def _float16(array):
    with np.errstate(over="ignore"):  # infinity is found in the next line
        halves = array.astype("<f2")
    if not np.isfinite(halves).all():
        raise UserError(
            "This model has weights that are too large, or no numbers, to be kept in fewer bits."
        )
    return halves


def _levels(array, scales, range):
    """The whole numbers that are nearest when multiplied by the scales as they are kept."""
    steps = np.where(scales == 0, 1, scales).astype(np.float64)
    return np.clip(np.rint(array / steps), *range).astype(np.int8)


# ---- checkpoints


def quantized(checkpoint, kind, group=GROUP):
    """A checkpoint with its weights alone, in fewer bits."""
    tensors = {
        name: _quantized(name, np.asarray(checkpoint.tensors[name], np.float32), kind, group)
        for name in checkpoint.shapes()
    }
    kept = {name: array for name, array in checkpoint.tensors.items() if name.startswith("copied.")}
    meta = {key: value for key, value in checkpoint.meta.items() if key != "int4_group"}
    meta |= {"int4_group": group} if kind == "int4" else {}
    return replace(checkpoint, tensors=tensors | kept, meta=meta)


def _quantized(name, array, kind, group):
    if kind == "float16":
        return to_float16(array)
    if array.ndim == 1:
        return array
    small = kind == "int4" and name.rpartition(".")[2] in FEWER_BITS
    return to_int4(array, group) if small and array.shape[1] % 2 == 0 else to_int8(array)


def stored(tensors):
    """The arrays of a file: of a quantized matrix two, its whole numbers and its scales."""
    made = {}
    for name, array in tensors.items():
        arrays = array.arrays() if isinstance(array, Quantized) else {"": array}
        made |= {name + end: part for end, part in arrays.items()}
    return made


def kinds_of(checkpoint):
    """{how weights are kept: how many bytes those take}."""
    kinds = {}
    for name in checkpoint.shapes():
        kind, arrays = kind_of(checkpoint.tensors[name]), stored({"": checkpoint.tensors[name]})
        size = sum(math.prod(array.shape) * array.dtype.itemsize for array in arrays.values())
        kinds[kind] = kinds.get(kind, 0) + size
    return kinds


def kind_of(tensor):
    return tensor.kind if isinstance(tensor, Quantized) else str(tensor.dtype)


def joined(tensors, group=None):
    """The tensors of a file: whole numbers and scales put together, the opposite of `stored`."""
    made = dict(tensors)
    for name, found in tensors.items():
        if found.dtype == np.int8 and len(found.shape) > 1:  # one row is no matrix's
            made[name] = Int8(found, _scales(made, name, Int8, found.shape[:1]))
        elif found.dtype == np.uint8 and len(found.shape) == 2:
            if type(group) is not int or group < 1:
                raise CheckpointError("The checkpoint does not say how large its groups are.")
            rows, half = found.shape
            groups = -(-2 * half // group)
            made[name] = Int4(found, _scales(made, name, Int4, (rows, groups)), group)
    for name, found in made.items():
        if found.dtype == np.float16:
            made[name] = Float16(found)
    return made


def _scales(tensors, name, kind, shape):
    scales = tensors.pop(name + kind.ENDS["scales"], None)
    if scales is None or scales.dtype != np.float16 or scales.shape != shape:
        raise CheckpointError(f"The checkpoint lacks the scales of {name}.")
    return scales
