"""PyTorch's .pt files: a zip with a pickle, which says what lies where, and the numbers.

What the pickle says is read, as a list of names and places, and nothing of it is run; it may name
tensors and the table they are in, and nothing else.
"""

import math
import os
import zipfile
from dataclasses import dataclass

import numpy as np

from ..files import AtomicFile
from ..safetensors import BFLOAT16, NONSENSE, CheckpointError, OpenFile, Stored, flat
from .pickles import MOST, Call, Global, Kept, read_pickle, write_pickle

STORAGES = {
    "torch DoubleStorage": np.dtype("<f8"),
    "torch FloatStorage": np.dtype("<f4"),
    "torch HalfStorage": np.dtype("<f2"),
    "torch BFloat16Storage": BFLOAT16,
    "torch LongStorage": np.dtype("<i8"),
    "torch IntStorage": np.dtype("<i4"),
    "torch CharStorage": np.dtype("|i1"),
    "torch ByteStorage": np.dtype("|u1"),
    "torch BoolStorage": np.dtype("|b1"),
}
REBUILD = "torch._utils _rebuild_tensor_v2"


@dataclass(frozen=True)
class Storage:
    """Numbers in the zip: where they begin, of which kind, how many."""

    start: int
    dtype: np.dtype
    count: int

    __hash__ = None


class Kind:
    """A kind of numbers, as the pickle names it; it is no function."""

    def __init__(self, dtype):
        self.dtype = dtype

    def __call__(self, *arguments):
        raise ValueError


def read_pt(path):
    """{name: tensor} of a file that `torch.save` made of a state dict; nothing is read yet."""
    name, file = str(path), OpenFile(path)
    try:
        zipped = zipfile.ZipFile(file)
        entries = {e.filename.partition("/")[2]: e for e in zipped.infolist()}
    except (zipfile.BadZipFile, *NONSENSE, OSError, NotImplementedError):
        raise CheckpointError(
            f"{name} is no zip of torch.save, or is damaged; save it again with a PyTorch of the"
            " last years."
        ) from None
    size = file.seek(0, os.SEEK_END)

    def place(key):
        """Where an entry's bytes begin; they must lie in the file as they are."""
        entry = entries.get(key)
        plain = entry and not entry.compress_type and entry.compress_size == entry.file_size
        if not plain or not 0 <= entry.header_offset < size:
            raise CheckpointError(f"{name} is damaged: it has no plain entry {key[:60]!r}.")
        file.seek(entry.header_offset)
        local = file.read(30)
        if len(local) < 30 or local[:4] != b"PK\3\4":
            raise CheckpointError(
                f"{name} is damaged: its entry {key[:60]!r} is not where it says."
            )
        start = (
            entry.header_offset
            + 30
            + sum(int.from_bytes(local[i : i + 2], "little") for i in (26, 28))
        )
        if start + entry.file_size > size:
            raise CheckpointError(f"{name} is cut short within {key[:60]!r}; use another copy.")
        return start, entry.file_size

    def persistent(key):
        kind, storage, where, _, count = key
        if kind != "storage" or not isinstance(storage, Kind) or type(count) is not int:
            raise ValueError
        start, length = place(f"data/{where}")
        if not 0 <= count * storage.dtype.itemsize <= length:
            raise ValueError
        return Storage(start, storage.dtype, count)

    def tensor(storage, offset, shape, strides, *_):
        whole = all(type(n) is int and 0 <= n < 2**48 for n in (offset, *shape, *strides))
        if not whole or not isinstance(storage, Storage) or len(shape) > 8:
            raise ValueError
        count, steps = math.prod(shape), [math.prod(shape[i + 1 :]) for i in range(len(shape))]
        in_order = all(n == 1 or a == b for n, a, b in zip(shape, strides, steps, strict=True))
        if offset + count > storage.count or not in_order:
            raise CheckpointError(f"{name} has a tensor whose numbers do not lie in a row.")
        start = storage.start + offset * storage.dtype.itemsize
        return Stored(file, storage.dtype, tuple(shape), start)

    start, length = place("data.pkl")
    if length > MOST:
        raise CheckpointError(f"{name} has a pickle that is too large to describe weights.")
    order = entries.get("byteorder")
    if order is not None:
        at, count = place("byteorder")
        file.seek(at)
        if file.read(min(count, 16)) != b"little":
            raise CheckpointError(f"{name} has numbers in another order of bytes: not supported.")
    file.seek(start)
    known = {kind: Kind(dtype) for kind, dtype in STORAGES.items()}
    known |= {REBUILD: tensor, "torch._utils _rebuild_parameter": lambda data, *_: data}
    known["collections OrderedDict"] = dict
    found = read_pickle(file.read(length), known, name, persistent)
    tensors = isinstance(found, dict) and all(
        isinstance(key, str) and isinstance(value, Stored) for key, value in found.items()
    )
    if not tensors:
        raise CheckpointError(
            f"{name} holds something else than weights by name; it was not opened."
        )
    return found


def write_pt(path, tensors):
    """A file as `torch.save` makes it of a state dict; an array is in memory when it is written."""
    names = {dtype: kind for kind, dtype in STORAGES.items()}
    described = {}
    for number, (name, array) in enumerate(tensors.items()):
        count, shape = math.prod(array.shape), tuple(array.shape)
        strides = tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))
        kept = Kept(("storage", Global(names[array.dtype]), str(number), "cpu", count))
        hooks = Call("collections OrderedDict", ())
        described[name] = Call(REBUILD, (kept, 0, shape, strides, False, hooks))
    with AtomicFile(path) as file, zipfile.ZipFile(_Written(file), "w") as zipped:
        zipped.writestr("archive/data.pkl", write_pickle(described, 2))
        zipped.writestr("archive/byteorder", "little")
        for number, array in enumerate(tensors.values()):
            entry = zipfile.ZipInfo(f"archive/data/{number}")
            entry.file_size = math.prod(array.shape) * array.dtype.itemsize
            with zipped.open(entry, "w") as out:
                out.write(flat(np.asarray(array)))
        zipped.writestr("archive/version", "3\n")


class _Written:
    """A file that is written from front to back, as zipfile wants it."""

    def __init__(self, file):
        self._file, self.flush = file, file.flush

    def write(self, data):
        self._file.write(data)
        return len(data)
