"""The record of a model that was not trained here, as checkpoints keep it."""

import random
from pathlib import Path

import numpy as np

from ..checkpoint import Checkpoint
from ..errors import UserError
from ..gpt.parameters import parameter_shapes
from ..safetensors import CheckpointError
from ..tokenizer import to_dict

CHAT = "conversations"  # how data are split that taught a model to answer


def checkpoint_of(config, tokenizer, tensors, path, source, chat=False, **more):
    """A checkpoint of a model that came from a file of another program.

    `more` goes into its record; `chat`: it was taught to answer, in our special tokens.
    """
    if tokenizer.vocab_size != config.vocab_size:
        raise UserError(
            f"{path}: the model has {config.vocab_size:,} tokens and its tokenizer"
            f" {tokenizer.vocab_size:,}; they do not belong together."
        )
    version, internal, gauss = random.Random(0).getstate()
    meta = {
        "model": config.to_dict(),
        "training": {},
        "tokenizer": to_dict(tokenizer),
        "data": {
            "name": Path(path).name,
            "source": source,
            "documents": 0,
            "split": CHAT if chat else "none",
            "digest": "",
        },
        "progress": {"step": 0, "tokens": 0, "evaluations": []},
        "batches": None,
        "random": [version, list(internal), gauss],
        **more,
    }
    checkpoint = Checkpoint({**tensors, "history.losses": np.zeros(0)}, meta)
    for name, shape in parameter_shapes(config).items():
        found = tensors.get(name)
        if found is None:
            raise CheckpointError(f"{path} lacks the weights that are {name} here.")
        if found.shape != tuple(shape):
            raise CheckpointError(
                f"{path}: the weights that are {name} here have the shape {list(found.shape)},"
                f" where the settings say {list(shape)}."
            )
    return checkpoint
