"""The safetensors format: a JSON header, and the raw numbers of named arrays.

The file is eight bytes with the length of the header, the header, and the numbers. The header names
each array's type, shape and place, and may hold texts of its writer in `__metadata__`. What comes
in may be a stranger's, or damaged: all is checked here.
"""

import io
import json
import math
import os
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from .errors import UserError

PIECE = 1 << 19  # numbers looked at in one go
# numpy has no bfloat16: a mark, and the two bytes of each.
BFLOAT16 = np.dtype([("bfloat16", "<u2")])
TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": BFLOAT16, "BOOL": "|b1"},
    **{"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U8": "|u1"},
}
NAMES = {np.dtype(code): name for name, code in TYPES.items()}
MAX_HEADER = 100_000_000  # the limit of the official reader
# What reading a stranger's values can raise.
NONSENSE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class CheckpointError(UserError):
    """A file that is not a checkpoint we can use."""


class OpenFile(io.FileIO):
    """A file to read that is closed with the last array in it."""

    def __del__(self):
        self.close()


@dataclass(frozen=True)
class Stored:
    """An array in an open file, read each time its numbers are wanted, so that none is kept twice.

    `np.asarray` makes an array of it, `read_into` fills one that is there.
    """

    file: object
    dtype: np.dtype
    shape: tuple
    start: int

    def read_into(self, array):
        self.file.seek(self.start)
        left = memoryview(array.reshape(-1)).cast("B")
        while len(left):
            if not (count := self.file.readinto(left)):
                raise CheckpointError("The file has become shorter while it was read; try again.")
            left = left[count:]

    def __array__(self, dtype=None, copy=None):
        array = np.empty(self.shape, self.dtype)
        self.read_into(array)
        return array

    def pieces(self):
        """Its numbers, a part at a time."""
        size = math.prod(self.shape)
        for start in range(0, size, PIECE):
            place = self.start + start * self.dtype.itemsize
            yield np.asarray(Stored(self.file, self.dtype, (min(PIECE, size - start),), place))


# ---- writing


def file_parts(arrays, metadata):
    """Yield the bytes of a file: its beginning, then each array, made when it is written."""
    header, start = {"__metadata__": metadata}, 0
    for name, array in arrays.items():
        end = start + math.prod(array.shape) * array.dtype.itemsize
        code = NAMES[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers start on a multiple of eight
    yield struct.pack("<Q", len(text)) + text
    for array in arrays.values():
        yield flat(np.asarray(array).astype(array.dtype.newbyteorder("<"), copy=False))


def flat(array):
    """The bytes of an array."""
    return memoryview(np.ascontiguousarray(array).reshape(-1)).cast("B")


def checksum(data):
    return f"{zlib.crc32(data):08x}"


# ---- reading


def read_header(file, name):
    """(the table of tensors, where their numbers begin)"""
    start = file.read(9)
    _check_start(start, name)
    length = int.from_bytes(start[:8], "little")
    text = start[8:] + file.read(length - 1)
    if len(text) < length:
        raise CheckpointError(f"{name} is cut short: it ends inside its header; use another copy.")
    try:
        return json.loads(str(text, "utf-8"), object_pairs_hook=table), 8 + length
    except NONSENSE:
        raise damaged(name, "its header is not a table of tensors") from None


def _check_start(data, name):
    """Say no to what is not safetensors by its first nine bytes."""
    if len(data) < 9:
        what = "is cut short" if data else "is empty"
        raise CheckpointError(f"{name} {what}: it is not a checkpoint; use another copy.")
    if struct.unpack("<Q", data[:8])[0] > MAX_HEADER or data[8:9] != b"{":
        raise CheckpointError(
            f"{name} is not a checkpoint: it does not begin like a .safetensors file;"
            " give a model that microgpt has saved."
        )


def table(pairs):
    """A JSON object, refused where two values have one name: which one is meant?"""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a name stands twice")
    return table


def find_tensors(file, header, begin, name):
    """The arrays. As in the official reader they fill the file, without gaps or overlaps."""
    body = file.seek(0, os.SEEK_END) - begin  # its size
    places, tensors = [], {}
    for key, entry in header.items():
        try:
            dtype = np.dtype(TYPES[entry["dtype"]])
            shape, (start, end) = entry["shape"], entry["data_offsets"]
            fits = all(type(n) is int and 0 <= n < 2**48 for n in (*shape, start, end))
            fits = fits and len(shape) <= 8 and math.prod(shape) * dtype.itemsize == end - start
        except NONSENSE:
            fits = False
        if not fits:
            raise damaged(name, f"its entry for {key[:60]} makes no sense")
        places.append((start, end, key, dtype, shape))
    at = 0
    for start, end, key, dtype, shape in sorted(places, key=lambda place: place[:2]):
        if start != at:
            raise damaged(name, f"{key[:60]} does not begin where the tensor before it ends")
        if end > body:
            raise CheckpointError(
                f"{name} is cut short: {key[:60]} should end at byte {end:,}, and there are"
                f" {body:,}; use another copy."
            )
        tensors[key] = Stored(file, dtype, tuple(shape), begin + start)
        at = end
    if at != body:
        raise damaged(name, f"it has {body - at:,} bytes that belong to nothing")
    return tensors


def check_numbers(stored, sums, key, name):
    """Refuse an array that is not the one that was saved, or that has other than numbers."""
    if not isinstance(sums, dict) or key not in sums:
        raise damaged(name, f"there is no checksum for {key[:60]}")
    found, finite = 0, True
    for piece in stored.pieces():
        found = zlib.crc32(flat(piece), found)
        finite = finite and (piece.dtype.kind != "f" or bool(np.isfinite(piece).all()))
    if sums[key] != f"{found:08x}":
        raise damaged(name, f"the numbers of {key[:60]} are not those that were saved")
    if not finite:
        raise CheckpointError(
            f"{name} cannot be used: its values {key[:60]} are not all numbers; use another copy."
        )


def damaged(name, what):
    return CheckpointError(f"{name} is damaged: {what}; use another copy.")
