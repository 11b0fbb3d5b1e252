"""Checkpoints: one .safetensors file with everything a run is.

The format is eight bytes with the length of a JSON header, the header, and the raw numbers. The
header names each tensor's type, shape and place; our own record (configuration, tokenizer,
progress, random state) is JSON inside the header's `__metadata__`. Any safetensors reader can
open it, and nothing in it can run.
"""

import json
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import tokenizer as tokenizers
from .errors import UserError
from .gpt.config import GPTConfig
from .gpt.model import GPT

FORMAT = 1  # raised when an older reader could not understand the file
_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I8": "|i1",
    "U8": "|u1",
}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_MAX_HEADER = 100_000_000  # the limit of the official reader


class CheckpointError(UserError):
    """A file that is not a checkpoint we can use."""


@dataclass(frozen=True)
class Checkpoint:
    tensors: dict  # name -> array
    meta: dict  # JSON: model, training, tokenizer, data, progress, batches, random

    def model_config(self):
        return GPTConfig.from_dict(self.meta["model"])

    def tokenizer(self):
        return tokenizers.from_dict(self.meta["tokenizer"])

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
            raise CheckpointError(f"the checkpoint lacks the tensor {name}")
        if found.shape != tuple(shape) or found.dtype != dtype:
            raise CheckpointError(
                f"the checkpoint's tensor {name} is {found.dtype} {list(found.shape)}, its"
                f" configuration says {np.dtype(dtype)} {list(shape)}"
            )
        return found


def to_bytes(checkpoint):
    header = {"__metadata__": {"microgpt": json.dumps({"format": FORMAT, **checkpoint.meta})}}
    parts, start = [], 0
    for name, array in checkpoint.tensors.items():
        data = np.ascontiguousarray(array)
        code = _NAMES[data.dtype.newbyteorder("<") if data.dtype.itemsize > 1 else data.dtype]
        header[name] = {
            "dtype": code,
            "shape": list(array.shape),
            "data_offsets": [start, start + data.nbytes],
        }
        parts.append(data.astype(_TYPES[code], copy=False).tobytes())
        start += data.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers start on a multiple of eight
    return b"".join([struct.pack("<Q", len(text)), text, *parts])


def from_bytes(data, name="this file"):
    """Read a checkpoint; whatever is wrong with it is said in one sentence."""
    header, body = _read_header(data, name)
    record = header.pop("__metadata__", {})
    record = record.get("microgpt") if isinstance(record, dict) else None
    tensors = {key: _read_tensor(key, entry, body, name) for key, entry in header.items()}
    if record is None:
        raise CheckpointError(
            f"{name} is a safetensors file, but not one of microgpt's: it has no record of a run"
        )
    try:
        meta = json.loads(record)
        version = meta.pop("format")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise CheckpointError(f"{name} is damaged: its record of the run cannot be read") from None
    if not isinstance(version, int) or version > FORMAT:
        raise CheckpointError(
            f"{name} was written by a newer microgpt (format {version}; this one reads up to"
            f" {FORMAT}): update microgpt to open it"
        )
    missing = [
        key
        for key in ("model", "training", "tokenizer", "data", "progress", "batches", "random")
        if key not in meta
    ]
    if missing:
        raise CheckpointError(f"{name} is damaged: its record lacks {', '.join(missing)}")
    return Checkpoint(tensors, meta)


def _read_header(data, name):
    if len(data) < 8:
        what = "is empty" if not data else "is cut short"
        raise CheckpointError(f"{name} {what}: it is not a checkpoint")
    (length,) = struct.unpack("<Q", data[:8])
    if length > _MAX_HEADER or data[8:9] != b"{":
        raise CheckpointError(
            f"{name} is not a checkpoint: it does not begin like a .safetensors file"
        )
    if len(data) < 8 + length:
        raise CheckpointError(f"{name} is cut short: the file ends inside its header")
    try:
        header = json.loads(data[8 : 8 + length])
    except ValueError:
        raise CheckpointError(f"{name} is damaged: its header is not JSON") from None
    if not isinstance(header, dict):
        raise CheckpointError(f"{name} is damaged: its header is not a table of tensors")
    return header, memoryview(data)[8 + length :]


def _read_tensor(key, entry, body, name):
    try:
        dtype = np.dtype(_TYPES[entry["dtype"]])
        shape = tuple(int(n) for n in entry["shape"])
        start, end = entry["data_offsets"]
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(f"{name} is damaged: its entry for {key} makes no sense") from None
    if min(shape, default=1) < 0 or not 0 <= start <= end:
        raise CheckpointError(f"{name} is damaged: its entry for {key} makes no sense")
    if end > len(body):
        raise CheckpointError(
            f"{name} is cut short: {key} should end at byte {end:,}, the file has {len(body):,}"
        )
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if count * dtype.itemsize != end - start:
        raise CheckpointError(f"{name} is damaged: the size of {key} does not fit its shape")
    return np.frombuffer(body[start:end], dtype).reshape(shape).copy()


def save(checkpoint, path):
    """Write a checkpoint whole or not at all: to a temporary neighbour, then renamed."""
    path = Path(path)
    data = to_bytes(checkpoint)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"could not save {path}: {error.strerror or error}") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
    return len(data)


def load(path):
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"there is no checkpoint at {path}") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder, not a checkpoint") from None
    except OSError as error:
        raise UserError(f"could not read {path}: {error.strerror or error}") from None
    return from_bytes(data, str(path))


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
