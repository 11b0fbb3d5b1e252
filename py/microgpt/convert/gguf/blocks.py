"""The kinds of numbers in a GGUF file, and which of them hold our quantized weights exactly.

Q8_0 and Q4_0 keep 32 neighbours of a row together: a scale as float16, then their whole numbers.
In Q4_0 a byte holds the number at its place (the lower four bits) and the one 16 further on.

| ours         | here | where                                              |
|--------------|------|----------------------------------------------------|
| float16      | F16  | matrices                                           |
| int8 by row  | Q8_0 | rows of whole blocks; every block has its row's scale |
| int4 by 32 n | Q4_0 | rows of whole blocks                               |
| others       | F32  | and all vectors, which llama.cpp wants so          |

So what `export` has made goes over bit for bit.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...quantization import Float16, Int4, Int8
from ...safetensors import BFLOAT16, CheckpointError, Stored
from ..tensors import Lazy

BLOCK = 32


class Kind(NamedTuple):
    """A kind of numbers: its number in ggml, and how many numbers are how many bytes."""

    name: str
    number: int
    block: int
    bytes: int


KINDS = {
    kind.name: kind
    for kind in (
        Kind("F32", 0, 1, 4),
        Kind("F16", 1, 1, 2),
        Kind("BF16", 30, 1, 2),
        Kind("Q8_0", 8, BLOCK, 2 + BLOCK),
        Kind("Q4_0", 2, BLOCK, 2 + BLOCK // 2),
    )
}
PLAIN = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": BFLOAT16}
PIECE = 1 << 14  # blocks that are looked at in one go


# ---- writing


@dataclass(frozen=True)
class Encoded:
    """Weights under each other as one tensor of a file, the rows of each in an order."""

    weights: tuple  # of (weight, the order of its rows or None)

    @property
    def shape(self):
        _, *rest = self.weights[0][0].shape
        return (sum(weight.shape[0] for weight, _ in self.weights), *rest)

    @property
    def kind(self):
        """One for all of them."""
        kinds = {kind_of(weight) for weight, _ in self.weights}
        return kinds.pop() if len(kinds) == 1 else "F32"

    @property
    def size(self):
        kind = KINDS[self.kind]
        return math.prod(self.shape) // kind.block * kind.bytes

    def parts(self):
        for weight, order in self.weights:
            yield encode(weight, self.kind, slice(None) if order is None else order)


def kind_of(weight):
    if len(weight.shape) == 1 or weight.shape[1] % BLOCK and not isinstance(weight, Float16):
        return "F32"
    if isinstance(weight, Int4):
        return "F32" if weight.group % BLOCK else "Q4_0"
    return {Float16: "F16", Int8: "Q8_0"}.get(type(weight), "F32")


def encode(weight, kind, order=slice(None)):
    """The bytes of a weight."""
    if kind == "F32":
        return np.asarray(weight)[order].astype("<f4").tobytes()
    if kind == "F16":
        return np.asarray(weight.halves)[order].astype("<f2").tobytes()
    rows, columns = weight.shape
    blocks = columns // BLOCK
    scales = np.asarray(weight.scales)[order]
    if kind == "Q8_0":
        scales = scales[:, None].repeat(blocks, axis=1)
        numbers = np.asarray(weight.levels)[order].reshape(rows, blocks, BLOCK).view(np.uint8)
    else:
        scales = scales.repeat(weight.group // BLOCK, axis=1)[:, :blocks]
        pairs = np.asarray(weight.pairs)[order]
        levels = np.stack([pairs & 15, pairs >> 4], axis=-1).reshape(rows, blocks, BLOCK)
        numbers = levels[..., : BLOCK // 2] | levels[..., BLOCK // 2 :] << 4
    start = np.ascontiguousarray(scales, "<f2")[..., None].view(np.uint8)
    return np.concatenate([start, numbers], axis=-1).tobytes()


# ---- reading


def from_file(kind, file, shape, start, name):
    """A tensor whose numbers are read when they are asked for."""
    if kind.name in PLAIN:
        return Stored(file, PLAIN[kind.name], shape, start)
    count = math.prod(shape) // kind.block

    def fill(array):
        flat = array.reshape(-1)  # a view: what is filled is contiguous
        for first in range(0, count, PIECE):
            size = (min(PIECE, count - first), kind.bytes)
            piece = Stored(file, np.dtype(np.uint8), size, start + first * kind.bytes)
            numbers = decode(np.asarray(piece), kind.name, name)
            flat[first * BLOCK : first * BLOCK + numbers.size] = numbers.reshape(-1)

    return Lazy(shape, np.dtype(np.float32), fill)


def decode(blocks, kind, name):
    """The numbers of some blocks of a tensor, (blocks, bytes) → (blocks, 32)."""
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    if not np.isfinite(scales).all():
        raise CheckpointError(f"The values of {name[:80]} are not all numbers; use another copy.")
    numbers = blocks[:, 2:]
    if kind == "Q8_0":
        return scales * numbers.view(np.int8)
    return scales * (np.concatenate([numbers & 15, numbers >> 4], axis=1).astype(np.int8) - 8)
