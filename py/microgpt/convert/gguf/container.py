"""The GGUF format: values by name, and tensors in one of ggml's kinds of numbers.

Everything is little-endian. The file is a magic word, a version, two counts, the values, a table of
the tensors, and their numbers, each on a multiple of 32 bytes. What comes in may be a stranger's,
or damaged: all is checked here, and nothing is made in a size that the file itself does not have.
"""

import io
import math
import struct

import numpy as np

from ...safetensors import CheckpointError, OpenFile, damaged
from .blocks import KINDS, from_file

MAGIC, VERSION = b"GGUF", 3
READABLE = (2, 3)  # the first has other counts
ALIGNMENT = 32
AHEAD = 1 << 20  # bytes
LONGEST = 1 << 24  # bytes of one text, such as a chat template
MOST_DIMENSIONS = 4
NUMBERS = {  # a value's type: how it is kept
    **{0: "<u1", 1: "<i1", 2: "<u2", 3: "<i2", 4: "<u4", 5: "<i4", 6: "<f4"},
    **{7: "|b1", 10: "<u8", 11: "<i8", 12: "<f8"},
}
TEXT, LIST = 8, 9
UINT32, INT32, FLOAT32, BOOL = 4, 5, 6, 7
OTHERS = {  # ggml's other kinds of numbers, to name them
    **{3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K"},
    **{13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 24: "I8", 25: "I16", 26: "I32", 27: "I64"},
    **{16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S"},
    **{22: "IQ2_S", 23: "IQ4_XS", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4"},
}


# ---- writing


def file_parts(values, tensors):
    """Yield the bytes of a file; tensors are {name: Encoded}, made when they are written."""
    head = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(values))]
    for name, value in values.items():
        head += [_text(name), _value(value)]
    start = 0
    for name, tensor in tensors.items():
        sizes = tensor.shape[::-1]  # the one whose numbers are neighbours comes first
        place = struct.pack(f"<{len(sizes)}QIQ", *sizes, KINDS[tensor.kind].number, start)
        head += [_text(name), struct.pack("<I", len(sizes)), place]
        start += tensor.size + -tensor.size % ALIGNMENT
    head = b"".join(head)
    yield head + bytes(-len(head) % ALIGNMENT)
    for tensor in tensors.values():
        yield from tensor.parts()
        yield bytes(-tensor.size % ALIGNMENT)


def _text(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value):
    if isinstance(value, list):
        kind = TEXT if not value or isinstance(value[0], str) else INT32
        body = [_text(each) if kind == TEXT else struct.pack("<i", each) for each in value]
        return struct.pack("<IIQ", LIST, kind, len(value)) + b"".join(body)
    if isinstance(value, str):
        return struct.pack("<I", TEXT) + _text(value)
    if isinstance(value, bool):
        return struct.pack("<I?", BOOL, value)
    if isinstance(value, int):
        return struct.pack("<II", UINT32, value)
    return struct.pack("<If", FLOAT32, value)


# ---- reading


def read_file(path):
    """({name: value}, {name: tensor whose numbers are read when they are asked for})"""
    raw = OpenFile(path)
    reader = _Reader(raw, str(path))
    if reader.take(4) != MAGIC:
        raise CheckpointError(f"{path} is not GGUF: it does not begin like such a file.")
    version = reader.number("<I")
    if version not in READABLE:
        raise CheckpointError(
            f"{path} is GGUF of version {version}, and only {READABLE[0]} and {READABLE[1]}, in"
            " little-endian order, are known; convert it anew."
        )
    tensors, values = reader.number("<Q"), {}
    for _ in range(reader.number("<Q")):
        name = reader.text()
        if name in values:
            raise reader.damaged(f"{name[:60]!r} stands twice")
        values[name] = reader.value(reader.number("<I"))
    table = {}
    for _ in range(tensors):
        name, place = reader.text(), reader.place()
        if name in table:
            raise reader.damaged(f"{name[:60]!r} stands twice")
        table[name] = place
    start = _aligned(reader, values.get("general.alignment", ALIGNMENT))
    return values, _tensors(raw, table, start, reader)


def _aligned(reader, alignment):
    if type(alignment) is not int or not 0 < alignment <= 1 << 16:
        raise reader.damaged("its alignment makes no sense")
    return reader.at + -reader.at % alignment


def _tensors(raw, table, start, reader):
    tensors, end = {}, start
    for name, (kind, shape, offset) in sorted(table.items(), key=lambda item: item[1][2]):
        if kind not in BY_NUMBER:
            raise CheckpointError(
                f"{reader.name}: the tensor {name[:80]} is kept as {OTHERS.get(kind, kind)}, and"
                f" only {', '.join(KINDS)} can be read; use another copy of the model."
            )
        kind = BY_NUMBER[kind]
        if shape[-1] % kind.block:
            raise reader.damaged(f"the rows of {name[:60]} are not whole blocks")
        size = math.prod(shape) // kind.block * kind.bytes
        if start + offset < end:
            raise reader.damaged(f"{name[:60]} begins inside another tensor")
        end = start + offset + size
        if end > reader.size:
            raise CheckpointError(
                f"{reader.name} is cut short: {name[:60]} should end at byte {end:,}, and there are"
                f" {reader.size:,}; use another copy."
            )
        tensors[name] = from_file(kind, raw, shape, start + offset, name)
    return tensors


BY_NUMBER = {kind.number: kind for kind in KINDS.values()}


class _Reader:
    """Reads the beginning of a file value by value, never past its end."""

    def __init__(self, raw, name):
        self.size = raw.seek(0, io.SEEK_END)
        raw.seek(0)
        self.file, self.name, self.at = raw, name, 0
        self._ahead, self._used = b"", 0  # what was read ahead, for a header has many small values

    def take(self, count):
        if count > self.size - self.at:
            raise CheckpointError(
                f"{self.name} is cut short: it ends inside its header; use another copy."
            )
        self.at += count
        if self._used + count > len(self._ahead):
            rest = self._ahead[self._used :]
            if count > AHEAD:  # a large value is in memory once
                self._ahead, self._used = b"", 0
                return self._large(rest, count)
            self._ahead, self._used = rest + self.file.read(AHEAD), 0
        self._used += count
        return self._ahead[self._used - count : self._used]

    def _large(self, rest, count):
        data = bytearray(count)
        data[: len(rest)] = rest
        self.file.readinto(memoryview(data)[len(rest) :])
        return data

    def number(self, code):
        return struct.unpack(code, self.take(struct.calcsize(code)))[0]

    def text(self):
        length = self.number("<Q")
        if length > LONGEST:
            raise self.damaged("a text in it is too long")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise self.damaged("a text in it is not UTF-8") from None

    def value(self, kind):
        if kind == TEXT:
            return self.text()
        if kind == LIST:
            kind, count = self.number("<I"), self.number("<Q")
            if kind == TEXT:
                return [self.text() for _ in range(count)]
            return self.numbers(kind, count)  # not a list, which would be larger than the file
        number = self.numbers(kind, 1)[0]
        # As it was written: 1e-05, and not 9.99999974e-06.
        return float(str(number)) if kind == FLOAT32 else number.item()

    def numbers(self, kind, count):
        if kind not in NUMBERS:
            raise self.damaged("one of its values is of no known type")
        dtype = np.dtype(NUMBERS[kind])
        data = self.take(count * dtype.itemsize)
        if kind == BOOL:
            return np.frombuffer(data, np.uint8) != 0
        return np.frombuffer(data, dtype)

    def place(self):
        """(number of the kind, shape, where the numbers begin) of a tensor."""
        count = self.number("<I")
        if not 0 < count <= MOST_DIMENSIONS:
            raise self.damaged("a tensor in it has no shape")
        sizes = [self.number("<Q") for _ in range(count)]
        kind, offset = self.number("<I"), self.number("<Q")
        if max(*sizes, offset) >= 1 << 48 or math.prod(sizes) >= 1 << 48:
            raise self.damaged("a tensor in it has a shape that makes no sense")
        return kind, tuple(sizes[::-1]), offset

    def damaged(self, what):
        return damaged(self.name, what)
