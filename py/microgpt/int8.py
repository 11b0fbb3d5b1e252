"""Weights as whole numbers of eight bits: the rows of a matrix from -127 to 127, each with a scale.

A checkpoint that is packed so is a quarter as large and is read like any other. The optimizer and
the losses are not in it: it is there to be used, or to begin another run with.
"""

from dataclasses import dataclass, replace

import numpy as np

from .errors import UserError
from .gpt.parameters import parameter_shapes
from .safetensors import CheckpointError

LEVELS = 127
SCALES = ".row_scale"  # behind the name of a matrix: the name of its scales


@dataclass(frozen=True)
class Levels:
    """A matrix that is kept as whole numbers and scales; `np.asarray` makes numbers of it."""

    levels: object  # int8 (rows, columns), an array or Stored
    scales: object  # float16 (rows,)

    dtype = np.dtype(np.float32)
    shape = property(lambda self: self.levels.shape)

    def __array__(self, dtype=None, copy=None):
        array = np.asarray(self.levels) * np.asarray(self.scales, np.float32)[:, None]
        return array if dtype is None else array.astype(dtype)


def quantise(array):
    """(scales (rows,) float16, levels int8) with array ≈ levels * scales, row by row."""
    largest = np.abs(array).max(axis=1, keepdims=True)
    with np.errstate(over="ignore"):  # infinity is found in the next line
        scales = (largest / LEVELS).astype("<f2")
    if not np.isfinite(scales).all():
        raise UserError("This model has weights that are too large, or no numbers, for eight bits.")
    # Divided by the scale as it is kept, so that its rounding costs nothing.
    steps = np.where(scales > 0, scales, 1).astype(np.float64)
    levels = np.clip(np.rint(array / steps), -LEVELS, LEVELS).astype(np.int8)
    return scales[:, 0], levels


def packed(checkpoint):
    """A checkpoint with its weights alone: matrices in eight bits, vectors as they are."""
    tensors = {}
    for name in parameter_shapes(checkpoint.model_config()):
        array = np.asarray(checkpoint.tensors[name], np.float32)
        tensors[name] = array
        if array.ndim > 1:
            scales, levels = quantise(array)
            tensors[name] = Levels(levels, scales)
    kept = {name: array for name, array in checkpoint.tensors.items() if name.startswith("copied.")}
    return replace(checkpoint, tensors=tensors | kept)


def stored(tensors):
    """The arrays of a file: of such a matrix two, its whole numbers and its scales."""
    made = {}
    for name, array in tensors.items():
        if isinstance(array, Levels):
            made[name], made[name + SCALES] = np.asarray(array.levels), np.asarray(array.scales)
        else:
            made[name] = array
    return made


def joined(tensors):
    """The tensors of a file: whole numbers and scales put together, the opposite of `stored`."""
    made = dict(tensors)
    for name, levels in tensors.items():
        if levels.dtype == np.int8 and len(levels.shape) > 1:  # one row is no matrix's
            scales = made.pop(name + SCALES, None)
            if scales is None or scales.dtype != np.float16 or scales.shape != levels.shape[:1]:
                raise CheckpointError(f"The checkpoint lacks the scales of {name}.")
            made[name] = Levels(levels, scales)
    return made
