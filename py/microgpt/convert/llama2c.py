"""llama2.c's model.bin: seven sizes, then float32 numbers, kind by kind through all layers.

Versions 0 (the first, without a mark; this one is written) and 1 hold float32, version 2 whole
numbers of eight bits with a scale for each group of a row. The program turns neighbouring numbers
of queries and keys, we turn one of each half: rows are put in the other order. Its tables of
cosines are computed again from the settings. Its tokenizer (tokenizer.bin, of SentencePiece's kind)
cannot be expressed here: a tokenizer.json in a known format must stand beside the model.
"""

import math
import os
import struct
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import AtomicFile, write_whole
from ..gpt.config import GPTConfig
from ..gpt.parameters import parameter_shapes
from ..gpt.positions import rope_frequencies
from ..safetensors import CheckpointError, OpenFile, Stored, flat
from ..tokenizer.files.formats import write as write_tokenizer
from .record import checkpoint_of
from .tensors import Lazy, changed, checked, plain
from .vocabulary import open_tokenizer
from .writing import check_expressed, weights_of

MODEL, TOKENIZER = "model.bin", "tokenizer.json"
MARK = 0x616B3432  # of versions from 1 on
HEADER = 256  # bytes, then
SIZES = "<7i"  # width, hidden, layers, heads, kv heads, tokens, positions
# In which order the kinds stand, and in version 0 what is between them.
FIRST = ("wte", "norm1.gain", "wq", "wk", "wv", "wo", "norm2.gain", "fc_gate", "fc2", "fc1")
LATER = ("norm1.gain", "norm2.gain", "norm_final.gain", "wte")
LATER += ("wq", "wk", "wv", "wo", "fc_gate", "fc2", "fc1", "lm_head")
FLOAT = np.dtype("<f4")


def reads(path):
    """There is no mark in version 0, but sizes that say how long the file must be."""
    file = _model_file(path)
    return file.is_file() and file.suffix == ".bin" and _header(file) is not None


def _model_file(path):
    path = Path(path)
    return path / MODEL if path.is_dir() else path


def _header(file):
    """(version, group, settings) of a file, or None where it is no model of llama2.c."""
    with open(file, "rb") as opened:
        start = opened.read(HEADER)
    size, version, group, at, tied = os.path.getsize(file), 0, 0, 0, None
    if len(start) < 28:
        return None
    if struct.unpack_from("<I", start)[0] == MARK and len(start) == HEADER:
        version, at = struct.unpack_from("<i", start, 4)[0], 8
        tied, group = start[36] != 0, struct.unpack_from("<i", start, 37)[0]
        if version not in (1, 2) or (version == 2 and group < 1):
            raise CheckpointError(f"{file} is of version {version}; read are 0, 1 and 2.")
    width, hidden, layers, heads, kv_heads, vocab, positions = struct.unpack_from(SIZES, start, at)
    tied = vocab > 0 if tied is None else tied
    sizes = width, hidden, layers, heads, kv_heads, abs(vocab), positions
    if min(sizes) < 1 or layers > size or width % heads or width // heads % 2:
        return None
    try:
        config = GPTConfig(
            vocab_size=abs(vocab),
            block_size=positions,
            n_layer=layers,
            n_head=heads,
            n_kv_head=kv_heads,
            n_embd=width,
            mlp_hidden=hidden,
            positions="rope",
            norm="rms-gain",
            norm_eps=1e-5,
            norm_embedding=False,
            norm_final=True,
            activation="swiglu",
            tied_head=tied,
            init="normal",
            init_std=0.02,
        )
    except UserError:
        return None
    if _places(config, version, group)[1] != size:
        if version:
            raise CheckpointError(f"{file} is cut short, or longer than its sizes say.")
        return None
    return version, group, config


def _places(config, version, group):
    """({name: (where it begins, where its scales begin)}, the size of the file)"""
    shapes = parameter_shapes(config)
    places, scales, at = {}, {}, HEADER if version else 28
    for kind in (*FIRST, "norm_final.gain", "tables", "lm_head") if not version else LATER:
        if kind == "tables":
            at += 4 * config.block_size * config.head_size
        names = [kind] if kind in shapes else [f"layer{i}.{kind}" for i in range(config.n_layer)]
        for name in names:
            if name in shapes:
                count = math.prod(shapes[name])
                few = version == 2 and len(shapes[name]) > 1
                places[name], at = at, at + (count if few else 4 * count)
                if few:
                    scales[name] = count // group
    starts = {}
    for name, count in scales.items():
        starts[name], at = at, at + 4 * count
    return {name: (start, starts.get(name)) for name, start in places.items()}, at


def read(path):
    path = _model_file(path)
    version, group, config = _header(path)
    if not path.with_name(TOKENIZER).is_file():
        raise UserError(
            f"{path} has no {TOKENIZER} beside it; the tokenizer.bin of llama2.c cannot be"
            " expressed here, so only models with another tokenizer can be used."
        )
    tokenizer, file = open_tokenizer(path.with_name(TOKENIZER)), OpenFile(path)
    places, shapes, tensors = _places(config, version, group)[0], parameter_shapes(config), {}
    for name, shape in shapes.items():
        start, scales = places[name]
        if scales is not None:
            levels = Stored(file, np.dtype("|i1"), shape, start)
            scales = Stored(file, FLOAT, (math.prod(shape) // group,), scales)
            tensors[name] = _grouped(levels, scales, group, name, config)
        elif _is_turned(name):
            stored, heads = Stored(file, FLOAT, shape, start), shape[0] // config.head_size
            tensors[name] = changed(stored, name, shape, partial(_halves, heads=heads))
        else:
            tensors[name] = plain(Stored(file, FLOAT, shape, start), name)
    source = f"a model of llama2.c, version {version}"
    return checkpoint_of(config, tokenizer, tensors, path.parent, source)


def _grouped(levels, scales, group, name, config):
    """Numbers out of whole ones, a scale for each group."""

    def fill(array):
        found = np.asarray(levels).reshape(-1, group) * checked(np.asarray(scales), name)[:, None]
        found = found.reshape(levels.shape)
        turned = _is_turned(name)
        array[...] = _halves(found, len(found) // config.head_size) if turned else found

    return Lazy(levels.shape, FLOAT, fill)


def _is_turned(name):
    return name.endswith((".wq", ".wk"))


def _halves(array, heads):
    """Rows of each head: first those at even places, then those at odd ones."""
    return array.reshape(heads, -1, 2, array.shape[-1]).swapaxes(1, 2).reshape(array.shape)


def _neighbours(array, heads):
    """The opposite."""
    return array.reshape(heads, 2, -1, array.shape[-1]).swapaxes(1, 2).reshape(array.shape)


def write(checkpoint, path):
    config, tokenizer = checkpoint.model_config(), checkpoint.tokenizer()
    again = GPTConfig(
        **{name: getattr(config, name) for name in ("vocab_size", "block_size", "n_layer")},
        **{name: getattr(config, name) for name in ("n_head", "n_embd", "tied_head")},
        n_kv_head=config.kv_heads,
        mlp_hidden=config.hidden,
        positions="rope",
        norm="rms-gain",
        norm_embedding=False,
        norm_final=True,
        activation="swiglu",
    )
    check_expressed(config, again, "one of llama2.c")
    folder = Path(path)
    if folder.is_file():
        raise UserError(f"{path} is a file; give the name of a folder.")
    words = write_tokenizer(tokenizer, "microgpt")[""]
    weights, places = weights_of(checkpoint), _places(config, 0, 0)[0]
    sizes = config.n_embd, config.hidden, config.n_layer, config.n_head, config.kv_heads
    vocab = config.vocab_size if config.tied_head else -config.vocab_size
    with AtomicFile(folder / MODEL) as file:
        file.write(struct.pack(SIZES, *sizes, vocab, config.block_size))
        for name in sorted(places, key=places.get):
            if name == "lm_head":
                _write_tables(file, config)
            array = np.asarray(weights[name]).astype(FLOAT, copy=False)
            if _is_turned(name):
                array = _neighbours(array, len(array) // config.head_size)
            file.write(flat(array))
        if config.tied_head:
            _write_tables(file, config)
    write_whole(folder / TOKENIZER, words)


def _write_tables(file, config):
    turns = np.arange(config.block_size)[:, None] * rope_frequencies(config)
    for table in (np.cos(turns), np.sin(turns)):
        file.write(flat(table.astype(FLOAT)))
