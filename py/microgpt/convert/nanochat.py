"""nanochat's checkpoints: model_STEP.pt, meta_STEP.json, and the tokenizer, in one folder.

The tokenizer is a pickle of tiktoken's. It is never unpickled: `pickles` reads what it says and
runs nothing. The rows that fill the vocabulary up to a multiple of 64 are cut off, and put back
when a model is written.
"""

import json
import re
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import write_whole
from ..gpt.config import GPTConfig
from ..gpt.parameters import parameter_shapes
from ..safetensors import CheckpointError
from ..tokenizer import BPETokenizer
from ..tokenizer.special import has_chat_tokens
from .fields import Fields, read_json
from .pickles import MOST, Call, Described, read_pickle, write_pickle
from .record import checkpoint_of
from .tensors import made, plain
from .torch_files import read_pt, write_pt
from .vocabulary import open_tokenizer
from .writing import check_expressed, weights_of

PADDED = 64  # the number of rows is a multiple of this
PREFIX = "_orig_mod."  # that a compiled model's names begin with
TOKENIZER, FIRST = "tokenizer.pkl", "model_000000.pt"
LAYER = {
    "wq": "attn.c_q.weight",
    "wk": "attn.c_k.weight",
    "wv": "attn.c_v.weight",
    "wo": "attn.c_proj.weight",
    "value_gate": "attn.ve_gate.weight",
    "fc1": "mlp.c_fc.weight",
    "fc2": "mlp.c_proj.weight",
}
OTHERS = {
    "wte": "transformer.wte.weight",
    "lm_head": "lm_head.weight",
    "smear.gate": "smear_gate.weight",
    "smear.scale": "smear_lambda",
    "scales.stream": "resid_lambdas",
    "scales.embedding": "x0_lambdas",
    "backout.scale": "backout_lambda",
}


def their_name(name):
    """
    >>> their_name("layer1.value"), their_name("layer0.wq"), their_name("wte")
    ('value_embeds.1.weight', 'transformer.h.0.attn.c_q.weight', 'transformer.wte.weight')
    """
    if name in OTHERS:
        return OTHERS[name]
    layer, _, kind = name.partition(".")
    number = layer.removeprefix("layer")
    if kind == "value":
        return f"value_embeds.{number}.weight"
    return f"transformer.h.{number}.{LAYER[kind]}"


def read_config(fields, window="SSSL", norm_eps=1.1920929e-07):
    """The settings by nanochat's names; the same words are gonanochat's."""
    return GPTConfig(
        vocab_size=fields.whole("vocab_size"),
        block_size=fields.whole("sequence_len"),
        n_layer=fields.whole("n_layer"),
        n_head=fields.whole("n_head"),
        n_kv_head=fields.whole("n_kv_head"),
        n_embd=fields.whole("n_embd"),
        positions="rope",
        rope_base=100_000.0,
        rope_reverse=True,
        norm="rms",
        norm_eps=fields.number("norm_eps", norm_eps),
        norm_embedding=True,
        norm_final=True,
        activation="relu2",
        window=(fields.word("window_pattern", window) or window).upper(),
        window_tile=128,
        qk_norm=True,
        qk_scale=1.2,
        smear=True,
        layer_scales=True,
        value_embeddings=True,
        backout=True,
        softcap=15.0,
        init="nanochat",
    )


def write_config(config):
    return {
        "sequence_len": config.block_size,
        "vocab_size": config.vocab_size,
        "n_layer": config.n_layer,
        "n_head": config.n_head,
        "n_kv_head": config.kv_heads,
        "n_embd": config.n_embd,
        "window_pattern": config.window,
    }


def read_tensors(stored, config, path):
    """{our name: tensor} without the vocabulary's padding; all else must have its place."""
    shapes = parameter_shapes(config)
    theirs = {ours: their_name(ours) for ours in shapes}
    if unknown := sorted(stored.keys() - set(theirs.values())):
        names = ", ".join(name[:80] for name in unknown[:3])
        raise UserError(f"{path}: there is no place here for {names}; it was not converted.")
    found = {}
    for ours, name in theirs.items():
        if name in stored:
            by_token = shapes[ours][:1] == (config.vocab_size,)
            enough = by_token and stored[name].shape[:1] >= shapes[ours][:1]
            found[ours] = plain(stored[name], name, config.vocab_size if enough else None)
    return found


# ---- files


def reads(path):
    return _model_file(path) is not None


def _model_file(path):
    """The .pt file a path means: itself, or of a folder's the one of the last step."""
    path = Path(path)
    if path.is_dir():
        steps = [f for f in path.iterdir() if re.fullmatch(r"model_\d+\.pt", f.name)]
        return max(steps, key=lambda f: int(f.stem[6:]), default=None)
    return path if path.suffix == ".pt" and path.is_file() else None


def read(path):
    file = _model_file(path)
    meta = file.with_name(file.name.replace("model_", "meta_")).with_suffix(".json")
    if not meta.is_file():
        raise UserError(f"{meta} is missing, which says the sizes of {file.name}; put it beside.")
    whole = Fields(read_json(meta), str(meta))
    fields = Fields(whole.values.get("model_config"), f"{meta}, model_config")
    config = read_config(fields)
    stored = {name.removeprefix(PREFIX): t for name, t in read_pt(file).items()}
    if config.n_layer > len(stored):
        raise CheckpointError(f"{file} lacks layers of its model; use another copy.")
    tokenizer = _tokenizer_near(file.parent)
    tensors = read_tensors(stored, config, path)
    chat = has_chat_tokens(tokenizer) and "base_checkpoints" not in file.resolve().parts
    return checkpoint_of(config, tokenizer, tensors, path, "a nanochat checkpoint", chat)


def _tokenizer_near(folder):
    """The tokenizer beside a model, or where nanochat keeps the one of all its models."""
    for place in (folder, folder / "tokenizer", folder.parent.parent / "tokenizer"):
        if (place / TOKENIZER).is_file():
            return read_tokenizer_pickle(place / TOKENIZER)
        if (place / "tokenizer.json").is_file():
            return open_tokenizer(place / "tokenizer.json")
    raise UserError(f"{folder} has no {TOKENIZER} and no tokenizer.json; put one beside the model.")


class Encoding(Described):
    """What stands for tiktoken's tokenizer in its pickle."""


def read_tokenizer_pickle(path):
    try:
        if path.stat().st_size > MOST:
            raise UserError(f"{path} is too large for a tokenizer; use another copy.")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None
    # Older pickles have bytes as text that is encoded.
    known = {"tiktoken.core Encoding": Encoding, "_codecs encode": _bytes_of}
    found = read_pickle(data, known, str(path))
    state = found.state if isinstance(found, Encoding) else None
    fields = Fields(state if isinstance(state, dict) else {}, str(path))
    ranks, specials = (fields.values.get(key) for key in ("mergeable_ranks", "special_tokens"))
    good = (
        isinstance(ranks, dict)
        and isinstance(specials, dict)
        and all(type(key) is bytes and type(id) is int for key, id in ranks.items())
        and all(type(key) is str and type(id) is int for key, id in specials.items())
    )
    if not good:
        raise UserError(f"{path} has no tokenizer of tiktoken in it; use another copy.")
    return BPETokenizer(ranks, fields.word("pat_str"), specials)


def _bytes_of(text, encoding):
    if encoding != "latin1":
        raise ValueError
    return text.encode("latin1")


def write(checkpoint, path):
    config, tokenizer = checkpoint.model_config(), checkpoint.tokenizer()
    settings = write_config(config)
    check_expressed(config, read_config(Fields(settings, "meta")), "one of nanochat")
    folder = Path(path)
    if folder.is_file():
        raise UserError(f"{path} is a file; give the name of a folder.")
    if folder.is_dir() and _model_file(folder) not in (None, folder / FIRST):
        raise UserError(f"{path} has a model of another step in it; choose another name.")
    if not isinstance(tokenizer, BPETokenizer) or tokenizer.ranks is not tokenizer.ids:
        raise UserError("The tokenizer of this model is not one of tiktoken, which nanochat uses.")
    tensors = {
        their_name(name): _padded(array, config.vocab_size)
        for name, array in weights_of(checkpoint).items()
    }
    write_pt(folder / FIRST, tensors)
    meta = {"step": 0, "model_config": settings}
    write_whole(folder / "meta_000000.json", json.dumps(meta, indent=2).encode())
    state = {
        "name": "rustbpe",
        "pat_str": tokenizer.splitter.source,
        "mergeable_ranks": tokenizer.ids,
        "special_tokens": tokenizer.specials,
    }
    data = write_pickle(Call("tiktoken.core Encoding", (), state, new=True), 3)
    write_whole(folder / TOKENIZER, data)


def _padded(array, vocab):
    """A matrix with a row for each token, filled up with rows of zeros."""
    more = -vocab % PADDED
    if array.shape[:1] != (vocab,) or not more:
        return array
    shape = (vocab + more, *array.shape[1:])
    rows = np.zeros((more, *array.shape[1:]), array.dtype)
    return made(shape, array.dtype, lambda: np.concatenate([np.asarray(array), rows]))
