"""The models that are served: by name, each with what the endpoints need to know of it."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import checkpoint as checkpoints
from .. import convert
from ..dialogue import was_taught_to_chat
from ..errors import UserError
from ..safetensors import checksum
from ..tokenizer.special import has_chat_tokens
from .refusals import Refused

MOST_CACHE = 2e9  # bytes that the KV caches of a model may take


@dataclass(frozen=True)
class Served:
    """A model with its tokenizer. `batcher` writes with it, once its worker runs."""

    name: str
    model: Any
    tokenizer: Any
    fingerprint: str
    created: int
    can_chat: bool
    batcher: Any = None

    @property
    def block(self):
        return self.model.config.block_size

    @property
    def card(self):
        """What /v1/models tells of it."""
        card = {"id": self.name, "object": "model", "created": self.created}
        return card | {"owned_by": "microgpt", "context_window": self.block}


def load_models(paths):
    """{name: Served} of checkpoints; whatever is wrong with one is said in a sentence."""
    found = {}
    for path in paths:
        checkpoint = convert.load(path)
        name = path if path in checkpoints.SHIPPED else _name_of(Path(path))
        if name in found:
            raise UserError(f"Two of these are called {name}; rename one of them.")
        tokenizer, model = checkpoint.tokenizer(), checkpoint.model()
        found[name] = Served(
            name,
            model.by_columns(),
            tokenizer,
            "fp_" + checksum(model.flat),
            int(os.path.getmtime(path)) if os.path.isfile(path) else int(time.time()),
            was_taught_to_chat(checkpoint.meta) and has_chat_tokens(tokenizer),
        )
    return found


def _name_of(path):
    """A file's name without what says its kind; a folder's may have a dot in it."""
    return path.resolve().name if path.is_dir() else path.stem


def slots_for(model, wanted):
    """As many slots as memory has room for their caches."""
    config = model.config
    width = config.kv_heads * config.head_size
    cache = 2 * config.n_layer * config.block_size * width * model.dtype.itemsize
    return int(max(1, min(wanted, MOST_CACHE // cache)))


def find(models, name):
    if name not in models:
        known = ", ".join(models)
        raise Refused(
            f"There is no model {name[:100]!r} here; there is {known}.",
            "model",
            404,
            "model_not_found",
        )
    return models[name]
