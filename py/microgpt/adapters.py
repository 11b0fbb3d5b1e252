"""LoRA adapters in a file of their own: where their base is, and both as one model."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from .errors import UserError
from .gpt.lora import Tuning, merged_weight
from .gpt.parameters import parameter_shapes
from .safetensors import CheckpointError


def places_of_base(checkpoint, path):
    """Where the base of the adapters at a path may be: beside them, or where it was."""
    known = _file(checkpoint)
    return [str(Path(path).parent / Path(known).name), known]


def lacks_base(checkpoint, path):
    name = Path(_file(checkpoint)).name or "its base"
    return UserError(
        f"{path} holds the adapters of another model, {name}, which is not beside it; put it"
        f" there, or name both: BASE+{path}."
    )


def _file(checkpoint):
    """The base's file, as it was called when the adapters were trained."""
    return str(_parent(checkpoint).get("file", ""))


def _parent(checkpoint):
    return checkpoint.meta.get("parent") or {}


def on_base(checkpoint, base, name):
    """Adapters with the base they were made for: a checkpoint with whole weights."""
    config, sizes = base.model_config(), checkpoint.model_config()
    found, wanted = base.weights_checksum(), _parent(checkpoint).get("weights")
    if found != wanted or replace(config, vocab_size=sizes.vocab_size) != sizes:
        raise CheckpointError(
            f"{name} holds adapters for another base: its weights have the mark {wanted}, and those"
            f" of the one that was found {found}; name the right one: BASE+{name}."
        )
    weights, tuning = {}, checkpoint.tuning
    for key in parameter_shapes(config):
        whole = np.asarray(base.tensors[key]).astype(checkpoint.dtype)
        weights[key] = merged_weight(key, whole, checkpoint.tensors, tuning)
    return replace(checkpoint, tensors={**weights, **checkpoint.tensors}, base=base)


def whole(checkpoint):
    """A checkpoint without a base and an optimizer: a model to use and to fine-tune."""
    names = [*parameter_shapes(checkpoint.model_config()), "history.losses"]
    meta = {key: value for key, value in checkpoint.meta.items() if key != "tuning"}
    if checkpoint.labels:
        meta["tuning"] = Tuning(classes=len(checkpoint.labels)).to_dict()
        names.append("class_head")
    names += [name for name in checkpoint.tensors if name.startswith("copied.")]
    tensors = {name: checkpoint.tensors[name] for name in names}
    return replace(checkpoint, tensors=tensors, meta=meta, base=None)
