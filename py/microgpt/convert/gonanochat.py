"""gonanochat's folders: model.bin, with nanochat's names, and tokenizer.json.

`NANO`, version 1, the settings as JSON with its length before it, the number of tensors; of each
its name, its sizes, and its float32 numbers. The program itself takes 1e-6 in its norms, whatever a
file says; we keep what a model was trained with in the settings, which it does not look at.
"""

import json
import math
import os
import struct
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import AtomicFile, write_whole
from ..safetensors import NONSENSE, CheckpointError, OpenFile, Stored, flat, table
from ..tokenizer.files.formats import write as write_tokenizer
from ..tokenizer.special import has_chat_tokens
from . import nanochat
from .fields import Fields
from .record import checkpoint_of
from .vocabulary import open_tokenizer
from .writing import check_expressed, weights_of

MARK, VERSION = b"NANO", 1
MODEL, TOKENIZER = "model.bin", "tokenizer.json"
MOST_SETTINGS = 1 << 20


def reads(path):
    file = _model_file(path)
    if not file.is_file():
        return False
    with open(file, "rb") as opened:
        return opened.read(4) == MARK


def _model_file(path):
    path = Path(path)
    return path / MODEL if path.is_dir() else path


def read(path):
    file = _model_file(path)
    settings, stored = _read_model(file)
    config = nanochat.read_config(Fields(settings, f"{file}, its settings"), "L", 1e-6)
    if config.n_layer > len(stored):
        raise CheckpointError(f"{file} lacks layers of its model; use another copy.")
    if not file.with_name(TOKENIZER).is_file():
        raise UserError(
            f"{file} has no {TOKENIZER} beside it; put the one it was trained with there."
        )
    tokenizer = open_tokenizer(file.with_name(TOKENIZER))
    tensors = nanochat.read_tensors(stored, config, path)
    chat = has_chat_tokens(tokenizer)
    return checkpoint_of(config, tokenizer, tensors, path, "a gonanochat model", chat)


def _read_model(path):
    """(its settings, {name: tensor}), each number of the file looked at before it is believed."""
    file = OpenFile(path)
    size = file.seek(0, os.SEEK_END)
    file.seek(4)

    def number():
        data = file.read(4)
        if len(data) < 4:
            raise CheckpointError(f"{path} is cut short; use another copy.")
        return int.from_bytes(data, "little")

    def some(count, most):
        if count > most or count > size - file.tell():
            raise CheckpointError(f"{path} is damaged: a part of it would be {count:,} bytes long.")
        return file.read(count)

    if (version := number()) != VERSION:
        raise CheckpointError(f"{path} is of version {version}, and only {VERSION} is known here.")
    try:
        settings = json.loads(some(number(), MOST_SETTINGS), object_pairs_hook=table)
        stored = {}
        for _ in range(number()):
            name = some(number(), 1000).decode()
            dimensions = number()
            if name in stored or dimensions > 8:
                raise ValueError
            shape = tuple(number() for _ in range(dimensions))
            start = file.tell()
            if 4 * math.prod(shape) > size - start:
                raise CheckpointError(f"{path} is cut short within {name[:60]}; use another copy.")
            stored[name] = Stored(file, np.dtype("<f4"), shape, start)
            file.seek(start + 4 * math.prod(shape))
    except CheckpointError:
        raise
    except NONSENSE:
        raise CheckpointError(
            f"{path} is damaged: its table makes no sense; use another copy."
        ) from None
    if file.tell() != size:
        raise CheckpointError(f"{path} is damaged: there is more in it than its table says.")
    return settings, stored


def write(checkpoint, path):
    config, tokenizer = checkpoint.model_config(), checkpoint.tokenizer()
    settings = nanochat.write_config(config) | {"norm_eps": config.norm_eps}
    check_expressed(config, nanochat.read_config(Fields(settings, MODEL)), "one of gonanochat")
    words = write_tokenizer(tokenizer, "gonanochat")[""]
    folder = Path(path)
    if folder.is_file():
        raise UserError(f"{path} is a file; give the name of a folder.")
    weights = weights_of(checkpoint)
    text = json.dumps(settings).encode()
    with AtomicFile(folder / MODEL) as file:
        file.write(MARK + struct.pack("<II", VERSION, len(text)) + text)
        file.write(struct.pack("<I", len(weights)))
        for ours, array in weights.items():
            name, shape = nanochat.their_name(ours).encode(), array.shape
            file.write(struct.pack("<I", len(name)) + name)
            file.write(struct.pack(f"<{1 + len(shape)}I", len(shape), *shape))
            file.write(flat(np.asarray(array).astype("<f4")))
    write_whole(folder / TOKENIZER, words)
