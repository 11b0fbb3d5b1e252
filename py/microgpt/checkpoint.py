"""Checkpoints: one .safetensors file with everything a run is.

Our own record (configuration, tokenizer, progress, random state, checksums) is JSON inside the
header's `__metadata__`; the weights, the optimizer's state and the losses are arrays. Any
safetensors reader can open it, and nothing in it can run. What comes in may be a stranger's, or
damaged: all is checked here, and whoever holds a `Checkpoint` can rely on it.
"""

import io
import json
import math
import os
import random
from dataclasses import dataclass

import numpy as np

from . import adapters
from . import tokenizer as tokenizers
from .errors import UserError
from .files import AtomicFile, fallback_path
from .gpt.config import GPTConfig
from .gpt.lora import TunedGPT, Tuning, tuning_shapes
from .gpt.model import GPT
from .gpt.parameters import parameter_shapes
from .quantization import Quantized, joined, stored
from .safetensors import (
    NONSENSE,
    CheckpointError,
    OpenFile,
    check_numbers,
    checksum,
    damaged,
    file_parts,
    find_tensors,
    flat,
    read_header,
    table,
)

FORMAT = 1  # raised when an older reader could not understand the file
SHIPPED = {"story-chat": "story-chat.safetensors"}  # what a word names: a file of fallback_data
RECORD = ("model", "training", "tokenizer", "data", "progress", "batches", "random")


@dataclass(frozen=True)
class Checkpoint:
    """What is in a checkpoint's file."""

    tensors: dict  # name -> array, or Stored
    meta: dict  # JSON: what RECORD lists
    base: "Checkpoint | None" = None  # of adapters: what they were trained on

    @property
    def tuning(self):
        """What of the model was trained, if that was not all of it; None else."""
        found = self.meta.get("tuning")
        return None if found is None else Tuning.from_dict(found)

    def shapes(self):
        """Name and shape of the weights in its file: of adapters, only they."""
        config, tuning = self.model_config(), self.tuning
        if not tuning:
            return parameter_shapes(config)
        own = tuning_shapes(config, tuning)
        return own if tuning.rank else {**parameter_shapes(config), **own}

    def model_config(self):
        return GPTConfig.from_dict(self.meta["model"])

    def tokenizer(self):
        return tokenizers.from_dict(self.meta["tokenizer"])

    @property
    def is_quantized(self):
        """Are the weights kept in fewer bits? Then optimizer and losses are not here."""
        return isinstance(self.tensors.get("wte"), Quantized)

    @property
    def losses(self):
        if self.is_quantized:
            return []
        return np.asarray(self.tensors["history.losses"]).tolist()

    @property
    def dtype(self):
        return self.tensors[next(iter(self.shapes()))].dtype

    @property
    def labels(self):
        """Of a model that sorts texts: the names of what it tells apart."""
        return self.meta.get("labels")

    def model(self, dtype=None):
        """The trained model, for sampling."""
        if self.labels:
            raise UserError(
                "This model sorts texts and writes none; in a terminal use it with `classify`."
            )
        model = GPT(self.model_config(), dtype or self.dtype)
        self.load_weights(model)
        return model

    def classifier(self):
        """The trained model with its head for labels."""
        tuning = Tuning(classes=len(self.labels), whole="none")
        model = TunedGPT(self.model_config(), tuning, self.dtype)
        _fill_frozen(model, self)  # with what was learned
        self.load_weights(model)
        return model

    def load_frozen(self, model):
        """Fill what a tuned model has of its base."""
        _fill_frozen(model, self.base or self)

    def load_weights(self, model):
        for name, view in model.weights.named().items():
            self.fill(view, name, self.dtype)

    def fill(self, array, name, dtype=None):
        """Put a tensor's numbers into an array of its shape."""
        found = self.tensor(name, array.shape, dtype or array.dtype)
        if hasattr(found, "read_into") and found.dtype == array.dtype:
            found.read_into(array)
        else:
            array[...] = found

    def weights_checksum(self):
        """A short mark by which these weights are known again."""
        parts = [np.asarray(self.tensors[name]).reshape(-1) for name in self.shapes()]
        own = checksum(np.concatenate(parts))
        return checksum(f"{self.base.weights_checksum()} {own}".encode()) if self.base else own

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


def _fill_frozen(model, source):
    views = model.frozen.named()
    for name, shape in parameter_shapes(source.model_config()).items():
        views[name][: shape[0]] = source.tensor(name, shape, source.dtype)


def to_bytes(checkpoint):
    return b"".join(_parts(checkpoint))


def _parts(checkpoint):
    """The parts of a checkpoint's file."""
    arrays = stored(checkpoint.tensors)
    sums = {key: checksum(flat(array)) for key, array in arrays.items()}
    record = json.dumps({"format": FORMAT, **checkpoint.meta, "checksums": sums})
    return file_parts(arrays, {"microgpt": record, "crc32": checksum(record.encode())})


def from_bytes(data, name="This file"):
    """The checkpoint in the bytes of a file: a whole one, for there is nothing beside it."""
    checkpoint = read(io.BytesIO(data), name)
    if checkpoint.tuning and checkpoint.tuning.rank:
        raise CheckpointError(
            f"{name} holds the adapters of another model; in a terminal `finetune merge`"
            " makes a whole model of them."
        )
    return checkpoint


def read(file, name):
    """The checkpoint in an open file; whatever is wrong with it is said in one sentence.

    All of it is read once, to see that it is what was saved; its arrays are read when asked for.
    """
    header, start = read_header(file, name)
    meta = _read_record(header.pop("__metadata__", None), name)
    tensors = find_tensors(file, header, start, name)
    sums = meta.pop("checksums", None)
    for key, tensor in tensors.items():
        check_numbers(tensor, sums, key, name)
    try:
        checkpoint = Checkpoint(joined(tensors, meta.get("int4_group")), meta)
        _check_run(checkpoint)
    except UserError as error:
        raise CheckpointError(f"{name} cannot be used: {error}") from None
    except NONSENSE:
        raise damaged(name, "its record of the run makes no sense") from None
    return checkpoint


def _read_record(metadata, name):
    """Our record in a file's metadata, of a version that we can read."""
    record = metadata.get("microgpt") if isinstance(metadata, dict) else None
    if not isinstance(record, str):
        raise CheckpointError(
            f"{name} is a safetensors file, but not one of microgpt's: it has no record of a run;"
            " give a model that microgpt has saved."
        )
    try:
        text = record.encode()
        meta = json.loads(record, object_pairs_hook=table)
        version = meta.pop("format")
        readable = isinstance(version, int) and not isinstance(version, bool) and version > 0
    except NONSENSE:
        readable = False
    if not readable or metadata.get("crc32") != checksum(text):
        raise damaged(name, "its record of the run is not what was saved")
    if version > FORMAT:
        raise CheckpointError(
            f"{name} was written by a newer microgpt (format {version}, and this one reads up to"
            f" {FORMAT}); update microgpt to open it."
        )
    if missing := [key for key in RECORD if key not in meta]:
        raise damaged(name, f"its record lacks {', '.join(missing)}")
    return meta


def _check_run(checkpoint):
    """Raise unless the parts fit each other, before anything is made in the sizes they claim."""
    meta, tensors = checkpoint.meta, checkpoint.tensors
    config = checkpoint.model_config()
    if config.n_layer > len(tensors):  # also: do not list a billion layers
        raise CheckpointError("It lacks layers of its model; use another copy.")
    if checkpoint.tokenizer().vocab_size != config.vocab_size:
        raise CheckpointError("Its tokenizer does not fit its model; use another copy.")
    shapes = checkpoint.shapes()
    dtype = tensors[next(iter(shapes))].dtype
    if dtype not in (np.float32, np.float64):
        raise CheckpointError("Its weights are neither float32 nor float64; convert them.")
    for key, shape in shapes.items():
        checkpoint.tensor(key, shape, dtype)
    data, progress = meta["data"], meta["progress"]
    evaluations = [(_count(step), loss + bits) for step, loss, bits in progress["evaluations"]]
    measured = math.fsum(value for _, value in evaluations)
    _count(progress["step"])
    if not checkpoint.is_quantized:
        checkpoint.tensor("history.losses", (progress["step"],), np.float64)
    sound = (
        all(step <= progress["step"] for step, _ in evaluations)
        and math.isfinite(measured)
        and _count(progress["tokens"]) >= 0
        and _count(progress.get("optimizer_steps", 0)) >= 0
        and _count(data["documents"]) >= 0
        and all(isinstance(data[key], str) for key in ("name", "source", "split", "digest"))
        and isinstance(data.get("path", ""), str)
        and isinstance(meta["training"], dict)
        and isinstance(meta.get("parent", {}), dict)
        and _labels_fit(checkpoint)
    )
    version, internal, gauss = meta["random"]
    if not (sound and (gauss is None or math.isfinite(gauss))):
        raise ValueError
    random.Random().setstate((version, tuple(internal), gauss))


def _labels_fit(checkpoint):
    tuning, labels = checkpoint.tuning, checkpoint.labels
    if labels is None:
        return not (tuning and tuning.classes)
    names = isinstance(labels, list) and all(isinstance(label, str) for label in labels)
    return names and tuning and len(set(labels)) == len(labels) == tuning.classes


def _count(value):
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return value


def save(checkpoint, path):
    """Write a checkpoint; returns its size."""
    size = 0
    with AtomicFile(path) as file:
        for part in _parts(checkpoint):
            file.write(part)
            size += len(part)
    return size


def load(path, above=()):
    """The checkpoint in a file, or the one that comes with the package and has this name.

    Adapters come with their base: BASE+FILE names both. `above` are files whose base is looked for.
    """
    if path in SHIPPED:
        return read(OpenFile(fallback_path(SHIPPED[path])), path)
    path, named = str(path), None
    if "+" in path and not os.path.exists(path):
        named, _, path = path.rpartition("+")
    checkpoint = _open(path)
    if checkpoint.tuning and checkpoint.tuning.rank:
        above = (*above, os.path.realpath(path))
        for place in [named] if named else adapters.places_of_base(checkpoint, path):
            there = named or place in SHIPPED or os.path.isfile(place)
            if there and os.path.realpath(place) not in above:  # no file is its own base
                return adapters.on_base(checkpoint, load(place, above), path)
        raise adapters.lacks_base(checkpoint, path)
    if named:
        raise UserError(f"{path} holds a whole model, no adapters; give its name alone.")
    return checkpoint


def _open(path):
    if os.path.exists(path) and not os.path.isfile(path):
        raise UserError(f"{path} is a folder or a device; give a file that was saved.")
    try:
        return read(OpenFile(path), str(path))
    except FileNotFoundError:
        raise UserError(f"There is no checkpoint at {path}; `train --out` saves one.") from None
    except OSError as error:
        raise UserError(
            f"Could not read {path} ({error.strerror or error}); check its permissions."
        ) from None
