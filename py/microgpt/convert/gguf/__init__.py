"""GGUF, the files of llama.cpp and Ollama: models of the Llama and the GPT-2 family."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ...dialogue import was_taught_to_chat
from ...errors import UserError
from ...files import AtomicFile
from ...gpt.parameters import parameter_shapes
from ...safetensors import CheckpointError, OpenFile
from ...tokenizer.special import has_chat_tokens
from ..fields import Fields
from ..record import checkpoint_of
from ..writing import check_expressed, weights_of
from .blocks import Encoded
from .container import MAGIC, file_parts, read_file
from .names import read_tensors, write_tensors
from .settings import FACTORS, family_of, read_config, write_config
from .tokens import read_tokenizer, write_tokenizer

FILE_TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q8_0": 7}  # what most of a file is, for llama.cpp
QUANTIZED = 2  # the version of the blocks


def reads(path):
    """A file that begins like one, whatever it is called."""
    path = Path(path)
    if not path.is_file():
        return False
    try:
        return OpenFile(path).read(len(MAGIC)) == MAGIC
    except OSError:  # who opens it to read it says why
        return False


def read(path):
    values, found = read_file(path)
    fields = Fields(values, str(path))
    factors = found.pop(FACTORS, None)
    if factors is not None:
        if len(factors.shape) != 1 or factors.shape[0] > 1 << 16:
            raise CheckpointError(f"{path}: {FACTORS} makes no sense; use another copy.")
        factors = np.asarray(factors)
    config = read_config(fields, found.keys(), factors)
    if config.n_layer > len(found):  # also: do not list a billion layers
        raise CheckpointError(f"{path} lacks layers of its model; use another copy.")
    tokenizer, chat, problem = read_tokenizer(fields)
    more = {"chat_template": problem} if problem else {}
    if tokenizer.vocab_size < config.vocab_size:
        unused = config.vocab_size - tokenizer.vocab_size
        more["left_out"] = f"{unused:,} rows that no token of the tokenizer has"
        config = replace(config, vocab_size=tokenizer.vocab_size)
    family, shapes = family_of(config), parameter_shapes(config)
    tensors, known = read_tensors(found, shapes, config, family, path)
    if unknown := [name for name in found if name not in known]:
        names = ", ".join(name[:80] for name in unknown[:3])
        raise UserError(f"{path}: there is no place here for {names}; it was not converted.")
    source = f"a GGUF file ({family})"
    return checkpoint_of(config, tokenizer, tensors, path, source, chat, **more)


def write(checkpoint, path):
    config, tokenizer = checkpoint.model_config(), checkpoint.tokenizer()
    family, weights = family_of(config), weights_of(checkpoint)
    values, factors = write_config(config)
    values = {"general.architecture": family, "general.name": Path(path).stem, **values}
    names = {"output.weight"} - ({"output.weight"} if config.tied_head else set())
    names |= {"blk.0.attn_q.bias"} if config.bias else set()
    again = read_config(Fields(values, "GGUF"), names, factors)
    check_expressed(config, again, f"a {family} model of llama.cpp")
    chat = was_taught_to_chat(checkpoint.meta) and has_chat_tokens(tokenizer)
    values |= write_tokenizer(tokenizer, chat)
    tensors = write_tensors(weights, config, family)
    if factors is not None:
        tensors[FACTORS] = Encoded(((factors, None),))
    sizes = {}
    for tensor in tensors.values():
        sizes[tensor.kind] = sizes.get(tensor.kind, 0) + tensor.size
    values["general.file_type"] = FILE_TYPES[max(sizes, key=sizes.get)]
    values |= {"general.quantization_version": QUANTIZED} if {"Q8_0", "Q4_0"} & {*sizes} else {}
    with AtomicFile(path) as file:
        for part in file_parts(values, tensors):
            file.write(part)
