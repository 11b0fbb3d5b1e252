"""Hugging Face folders: config.json, model.safetensors in one file or several, tokenizer.json."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...dialogue import was_taught_to_chat
from ...errors import UserError
from ...files import write_whole
from ...gpt.parameters import parameter_shapes
from ...safetensors import CheckpointError, OpenFile, find_tensors, read_header
from ...tokenizer.special import has_chat_tokens
from ..fields import Fields, read_json
from ..record import checkpoint_of
from ..tensors import BY_TOKEN
from ..vocabulary import read_tokenizer, tokenizer_files
from ..writing import check_expressed, weights_of, write_safetensors
from . import gpt2, llama

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
FAMILIES = (llama, gpt2)


def reads(path):
    """A folder with config.json and weights, or one of its files."""
    folder = _folder(path)
    return folder is not None and (folder / "config.json").is_file()


def _folder(path):
    path = Path(path)
    if path.is_dir():
        return path
    known = path.name in ("config.json", INDEX) or re.fullmatch(r"model.*\.safetensors", path.name)
    return path.parent if known and path.is_file() else None


def read(path):
    folder = _folder(path)
    fields = Fields(read_json(folder / "config.json"), str(folder / "config.json"))
    family = _family(fields)
    config = family.read_config(fields)
    stored = _stored(folder)
    if config.n_layer > len(stored):  # also: do not list a billion layers
        raise CheckpointError(f"{path} lacks layers of its model; use another copy.")
    tokenizer, chat, problem = read_tokenizer(folder)
    note, full = None, config.vocab_size
    if tokenizer.vocab_size < full:
        config = replace(config, vocab_size=tokenizer.vocab_size)
        note = f"{full - tokenizer.vocab_size:,} rows that no token of the tokenizer has"
    shapes = parameter_shapes(config)
    tensors, known = family.read_tensors(stored, shapes)
    for name in BY_TOKEN:
        theirs = {"wte": family.EMBEDDING, "lm_head": family.HEAD}[name]
        rows = stored[theirs].shape[:1] if theirs in stored else (full,)
        if rows != (full,):
            raise CheckpointError(
                f"{path}: {theirs} has {rows[0] if rows else 0:,} rows, and config.json says"
                f" {full:,} tokens."
            )
    _refuse_unknown(stored, known, family, config, path)
    more = {"left_out": note} if note else {}
    more |= {"chat_template": problem} if problem else {}
    source = f"a Hugging Face folder ({fields.values['model_type']})"
    return checkpoint_of(config, tokenizer, tensors, path, source, chat, **more)


def _family(fields):
    kind = fields.word("model_type")
    for family in FAMILIES:
        if kind in family.KINDS:
            return family
    kinds = ", ".join(kind for family in FAMILIES for kind in family.KINDS)
    raise UserError(
        f"{fields.where}: models of the type {kind[:60]!r} are not supported, only {kinds}."
    )


def _stored(folder):
    """All tensors of the folder's files by name, none of them read yet."""
    if (folder / WHOLE).is_file():
        files = {WHOLE: None}
    elif (folder / INDEX).is_file():
        index = Fields(read_json(folder / INDEX), str(folder / INDEX)).values.get("weight_map")
        if not isinstance(index, dict) or not all(map(_is_name, index.values())):
            raise UserError(f"{folder / INDEX} has no weight_map of names of files.")
        files = {}
        for tensor, file in index.items():
            files.setdefault(file, set()).add(tensor)
    else:
        raise UserError(
            f"{folder} has a config.json and no {WHOLE}; weights are read from safetensors alone,"
            " since other files can run what they like."
        )
    stored = {}
    for name, listed in files.items():
        found = _tensors_of(folder / name)
        if listed is not None and listed != set(found) or stored.keys() & found.keys():
            raise CheckpointError(f"{folder / name} does not have the tensors its index says.")
        stored |= found
    return _with_prefix(stored)


def _is_name(value):
    return isinstance(value, str) and Path(value).name == value


def _tensors_of(path):
    try:
        file = OpenFile(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None
    header, start = read_header(file, str(path))
    header.pop("__metadata__", None)
    return find_tensors(file, header, start, str(path))


def _with_prefix(stored):
    """The names as a model with a head has them: GPT-2's were published without."""
    for start in ("wte.", "embed_tokens."):
        prefix = {"wte.": "transformer.", "embed_tokens.": "model."}[start]
        if f"{start}weight" in stored:
            return {
                name if name.startswith("lm_head.") else prefix + name: tensor
                for name, tensor in stored.items()
            }
    return stored


def _refuse_unknown(stored, known, family, config, path):
    """No tensor is left out, but for those that are computed from the settings."""
    unknown = [
        name for name in stored if name not in known and not re.fullmatch(family.BUFFERS, name)
    ]
    if config.tied_head and family.HEAD in unknown and _same(stored, family):
        unknown.remove(family.HEAD)
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        names = ", ".join(name[:80] for name in unknown[:3])
        raise UserError(f"{path}: there is no place here for {names}{more}; it was not converted.")


def _same(stored, family):
    head, embedding = stored[family.HEAD], stored.get(family.EMBEDDING)
    if embedding is None or (head.shape, head.dtype) != (embedding.shape, embedding.dtype):
        return False
    return all(np.array_equal(a, b) for a, b in zip(head.pieces(), embedding.pieces()))


# ---- writing


def write(checkpoint, path):
    config, tokenizer = checkpoint.model_config(), checkpoint.tokenizer()
    family = gpt2 if config.norm == "layer" else llama
    settings = family.write_config(config)
    again = family.read_config(Fields(settings, "config.json"))
    check_expressed(config, again, f"a {family.KINDS[0]} model of Hugging Face")
    taught = was_taught_to_chat(checkpoint.meta) and has_chat_tokens(tokenizer)
    files = tokenizer_files(tokenizer, taught)
    ends = tokenizer.specials[files["tokenizer_config.json"]["eos_token"]]
    settings |= {"bos_token_id": tokenizer.bos, "eos_token_id": ends}
    settings["dtype"] = settings["torch_dtype"] = str(checkpoint.dtype)
    folder = Path(path)
    if folder.is_file():
        raise UserError(f"{path} is a file; give the name of a folder.")
    tensors = family.write_tensors(weights_of(checkpoint), config)
    write_safetensors(folder / WHOLE, tensors, {"format": "pt"})
    files["config.json"] = settings
    for name, content in files.items():
        data = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
        write_whole(folder / name, data)
