"""Checkpoints: one .safetensors file with everything a run is.

The format is eight bytes with the length of a JSON header, the header, and the raw numbers. The
header names each tensor's type, shape and place; our own record (configuration, tokenizer,
progress, random state, checksums) is JSON inside the header's `__metadata__`. Any safetensors
reader can open it, and nothing in it can run. What comes in may be a stranger's, or damaged: all
is checked here, and whoever holds a `Checkpoint` can rely on it.
"""

import json
import math
import os
import random
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from . import tokenizer as tokenizers
from .errors import UserError
from .files import write_whole
from .gpt.config import GPTConfig
from .gpt.model import GPT
from .gpt.parameters import parameter_shapes

FORMAT = 1  # raised when an older reader could not understand the file
RECORD = ("model", "training", "tokenizer", "data", "progress", "batches", "random")
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "|i1"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_MAX_HEADER = 100_000_000  # the limit of the official reader
# What reading a stranger's values can raise.
_NONSENSE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class CheckpointError(UserError):
    """A file that is not a checkpoint we can use."""


@dataclass(frozen=True)
class Checkpoint:
    """What is in a checkpoint's file."""

    tensors: dict  # name -> array
    meta: dict  # JSON: what RECORD lists

    def model_config(self):
        return GPTConfig.from_dict(self.meta["model"])

    def tokenizer(self):
        return tokenizers.from_dict(self.meta["tokenizer"])

    @property
    def losses(self):
        return self.tensors["history.losses"].tolist()

    def model(self, dtype=None):
        """The trained model, for sampling."""
        model = GPT(self.model_config(), dtype or self.tensors["wte"].dtype)
        self.load_weights(model)
        return model

    def load_weights(self, model):
        for name, view in model.weights.named().items():
            view[...] = self.tensor(name, view.shape, self.tensors["wte"].dtype)

    def tensor(self, name, shape, dtype):
        """A tensor, refused unless it is what the configuration says."""
        found = self.tensors.get(name)
        if found is None:
            raise CheckpointError(f"The checkpoint lacks the tensor {name}; use another copy.")
        if found.shape != tuple(shape) or found.dtype != dtype:
            raise CheckpointError(
                f"The checkpoint's tensor {name} is {found.dtype} {list(found.shape)}, where its"
                f" configuration says {np.dtype(dtype)} {list(shape)}; use another copy."
            )
        return found


def to_bytes(checkpoint):
    arrays = {
        name: np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        for name, array in checkpoint.tensors.items()
    }
    sums = {key: _checksum(array) for key, array in arrays.items()}
    record = json.dumps({"format": FORMAT, **checkpoint.meta, "checksums": sums})
    header = {"__metadata__": {"microgpt": record, "crc32": _checksum(record.encode())}}
    start = 0
    for name, array in arrays.items():
        end = start + array.nbytes
        code = _NAMES[array.dtype]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers start on a multiple of eight
    return b"".join([struct.pack("<Q", len(text)), text, *(a.tobytes() for a in arrays.values())])


def from_bytes(data, name="This file"):
    """Read a checkpoint; whatever is wrong with it is said in one sentence."""
    header, body = _read_header(data, name)
    meta = _read_record(header.pop("__metadata__", None), name)
    tensors = _read_tensors(header, body, name)
    sums = meta.pop("checksums", {})
    for key, array in tensors.items():
        if isinstance(sums, dict) and sums.get(key, _checksum(array)) != _checksum(array):
            raise _damaged(name, f"the numbers of {key} are not those that were saved")
    checkpoint = Checkpoint(tensors, meta)
    try:
        _check_run(checkpoint)
    except UserError as error:
        raise CheckpointError(f"{name} cannot be used: {error}") from None
    except _NONSENSE:
        raise _damaged(name, "its record of the run makes no sense") from None
    return checkpoint


def _read_header(data, name):
    _check_start(data, name)
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 + length:
        raise CheckpointError(f"{name} is cut short: it ends inside its header; use another copy.")
    try:
        header = json.loads(str(data[8 : 8 + length], "utf-8"), object_pairs_hook=_table)
    except _NONSENSE:
        raise _damaged(name, "its header is not a table of tensors") from None
    return header, memoryview(data)[8 + length :]


def _check_start(data, name):
    """Say no to what is not safetensors by its first nine bytes."""
    if len(data) < 9:
        what = "is cut short" if data else "is empty"
        raise CheckpointError(f"{name} {what}: it is not a checkpoint; use another copy.")
    if struct.unpack("<Q", data[:8])[0] > _MAX_HEADER or data[8:9] != b"{":
        raise CheckpointError(
            f"{name} is not a checkpoint: it does not begin like a .safetensors file;"
            " give a file that `train --out` saved."
        )


def _table(pairs):
    """A JSON object, refused where two values have one name: which one is meant?"""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a name stands twice")
    return table


def _read_record(metadata, name):
    """Our record in a file's metadata, of a version that we can read."""
    record = metadata.get("microgpt") if isinstance(metadata, dict) else None
    if not isinstance(record, str):
        raise CheckpointError(
            f"{name} is a safetensors file, but not one of microgpt's: it has no record of a run;"
            " give a file that `train --out` saved."
        )
    try:
        text = record.encode()
        meta = json.loads(record, object_pairs_hook=_table)
        version = meta.pop("format")
        readable = isinstance(version, int) and not isinstance(version, bool) and version > 0
    except _NONSENSE:
        readable = False
    if not readable or metadata.get("crc32", _checksum(text)) != _checksum(text):
        raise _damaged(name, "its record of the run is not what was saved")
    if version > FORMAT:
        raise CheckpointError(
            f"{name} was written by a newer microgpt (format {version}, and this one reads up to"
            f" {FORMAT}); update microgpt to open it."
        )
    if missing := [key for key in RECORD if key not in meta]:
        raise _damaged(name, f"its record lacks {', '.join(missing)}")
    return meta


def _read_tensors(header, body, name):
    """The arrays. As in the official reader they fill the file, without gaps or overlaps."""
    places, tensors = [], {}
    for key, entry in header.items():
        try:
            dtype = np.dtype(_TYPES[entry["dtype"]])
            shape, (start, end) = entry["shape"], entry["data_offsets"]
            fits = all(type(n) is int and 0 <= n < 2**48 for n in (*shape, start, end))
            fits = fits and len(shape) <= 8 and math.prod(shape) * dtype.itemsize == end - start
        except _NONSENSE:
            fits = False
        if not fits:
            raise _damaged(name, f"its entry for {key[:60]} makes no sense")
        places.append((start, end, key, dtype, shape))
    at = 0
    for start, end, key, dtype, shape in sorted(places, key=lambda place: place[:2]):
        if start != at:
            raise _damaged(name, f"{key[:60]} does not begin where the tensor before it ends")
        if end > len(body):
            raise CheckpointError(
                f"{name} is cut short: {key[:60]} should end at byte {end:,}, and there are"
                f" {len(body):,}; use another copy."
            )
        tensors[key] = np.frombuffer(body[start:end], dtype).reshape(shape).copy()
        at = end
    if at != len(body):
        raise _damaged(name, f"it has {len(body) - at:,} bytes that belong to nothing")
    return tensors


def _check_run(checkpoint):
    """Raise unless the parts fit each other, before anything is made in the sizes they claim."""
    meta, tensors = checkpoint.meta, checkpoint.tensors
    config = checkpoint.model_config()
    if config.n_layer > len(tensors):  # also: do not list a billion layers
        raise CheckpointError("It lacks layers of its model; use another copy.")
    if checkpoint.tokenizer().vocab_size != config.vocab_size:
        raise CheckpointError("Its tokenizer does not fit its model; use another copy.")
    if tensors["wte"].dtype not in (np.float32, np.float64):
        raise CheckpointError("Its weights are neither float32 nor float64; convert them.")
    for key, shape in parameter_shapes(config).items():
        if not np.isfinite(checkpoint.tensor(key, shape, tensors["wte"].dtype)).all():
            raise CheckpointError(f"Its weights {key} are not all numbers; use another copy.")
    data, progress = meta["data"], meta["progress"]
    evaluations = [(_count(step), loss + bits) for step, loss, bits in progress["evaluations"]]
    checkpoint.tensor("history.losses", (_count(progress["step"]),), np.float64)
    sound = (
        all(step <= progress["step"] for step, _ in evaluations)
        and _count(progress["tokens"]) >= 0
        and _count(data["documents"]) >= 0
        and all(isinstance(data[key], str) for key in ("name", "source", "split", "digest"))
        and isinstance(data.get("path", ""), str)
        and isinstance(meta["training"], dict)
    )
    version, internal, gauss = meta["random"]
    if not (sound and (gauss is None or isinstance(gauss, float))):
        raise ValueError
    random.Random().setstate((version, tuple(internal), gauss))


def _count(value):
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return value


def _checksum(data):
    return f"{zlib.crc32(data):08x}"


def _damaged(name, what):
    return CheckpointError(f"{name} is damaged: {what}; use another copy.")


def save(checkpoint, path):
    """Write a checkpoint; returns its size."""
    return write_whole(path, to_bytes(checkpoint))


def load(path):
    if os.path.exists(path) and not os.path.isfile(path):
        raise UserError(f"{path} is a folder or a device; give a file that was saved.")
    try:
        with open(path, "rb") as file:
            start = file.read(9)
            _check_start(start, str(path))  # before a large foreign file is read as a whole
            data = start + file.read()
    except FileNotFoundError:
        raise UserError(f"There is no checkpoint at {path}; `train --out` saves one.") from None
    except OSError as error:
        raise UserError(
            f"Could not read {path} ({error.strerror or error}); check its permissions."
        ) from None
    return from_bytes(data, str(path))
