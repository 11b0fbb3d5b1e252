"""The tensors of a model under llama.cpp's names.

llama.cpp turns pairs of neighbours in a head of a Llama model, where here (and at Hugging Face)
a number is turned with the one half a head further on. So the rows of queries and keys stand in
another order there; their products are the same. GPT-2's queries, keys and values are one tensor.
"""

import numpy as np

from ...safetensors import CheckpointError, Stored
from ..tensors import BY_TOKEN, changed, plain
from .blocks import Encoded

OTHERS = {
    "wte": "token_embd.weight",
    "wpe": "position_embd.weight",
    "norm_final.gain": "output_norm.weight",
    "norm_final.bias": "output_norm.bias",
    "lm_head": "output.weight",
}
LAYER = {
    "norm1.gain": "attn_norm.weight",
    "norm1.bias": "attn_norm.bias",
    **{"wq": "attn_q.weight", "wk": "attn_k.weight", "wv": "attn_v.weight"},
    **{"bq": "attn_q.bias", "bk": "attn_k.bias", "bv": "attn_v.bias"},
    **{"wo": "attn_output.weight", "bo": "attn_output.bias"},
    "norm2.gain": "ffn_norm.weight",
    "norm2.bias": "ffn_norm.bias",
    **{"fc_gate": "ffn_gate.weight", "fc1": "ffn_up.weight", "fc2": "ffn_down.weight"},
    **{"b_gate": "ffn_gate.bias", "b1": "ffn_up.bias", "b2": "ffn_down.bias"},
}
JOINED = {"wq": "weight", "wk": "weight", "wv": "weight", "bq": "bias", "bk": "bias", "bv": "bias"}


def their_name(name, family):
    """
    >>> their_name("layer3.wk", "llama"), their_name("layer3.wk", "gpt2"), their_name("wte", "gpt2")
    ('blk.3.attn_k.weight', 'blk.3.attn_qkv.weight', 'token_embd.weight')
    """
    if name in OTHERS:
        return OTHERS[name]
    layer, _, kind = name.partition(".")
    theirs = LAYER[kind]
    if family == "gpt2" and kind in JOINED:
        theirs = f"attn_qkv.{JOINED[kind]}"
    return f"blk.{layer.removeprefix('layer')}.{theirs}"


def row_order(name, config, family):
    """Which row of ours stands at each place of theirs, or None where the order is the same."""
    kind = name.rpartition(".")[2]
    if family != "llama" or kind not in ("wq", "wk", "bq", "bk"):
        return None
    heads = config.n_head if kind.endswith("q") else config.kv_heads
    rows = np.arange(heads * config.head_size)
    return rows.reshape(heads, 2, config.head_size // 2).swapaxes(1, 2).reshape(-1)


def _grouped(names, family):
    """{their name: our names}, in order."""
    groups = {}
    for name in names:
        groups.setdefault(their_name(name, family), []).append(name)
    return groups


def write_tensors(weights, config, family):
    return {
        theirs: Encoded(tuple((weights[name], row_order(name, config, family)) for name in ours))
        for theirs, ours in _grouped(weights, family).items()
    }


def read_tensors(found, shapes, config, family, path):
    """{our name: tensor}, and the names of theirs that have their place here."""
    tensors, groups = {}, _grouped(shapes, family)
    for theirs, ours in groups.items():
        if theirs not in found:
            continue
        tensor, first = found[theirs], 0
        _, *rest = shapes[ours[0]]
        whole = (sum(shapes[name][0] for name in ours), *rest)
        cropped = ours[0] in BY_TOKEN and tensor.shape[0] > whole[0]
        if tensor.shape != whole and not (cropped and tensor.shape[1:] == whole[1:]):
            raise CheckpointError(
                f"{path}: the tensor {theirs} has the shape {list(tensor.shape)}, where the"
                f" settings say {list(whole)}."
            )
        for name in ours:
            rows = np.arange(first, first + shapes[name][0])
            first += len(rows)
            order = row_order(name, config, family)
            if order is not None:
                rows = rows[np.argsort(order)]
            tensors[name] = _rows(tensor, theirs, rows, plain_order=order is None)
    return tensors, set(groups)


def _rows(tensor, name, rows, plain_order):
    """Rows of a tensor, in an order."""
    shape = (len(rows), *tensor.shape[1:])
    if plain_order and rows[0] == 0 and isinstance(tensor, Stored):
        return plain(tensor, name, len(rows))
    if plain_order and shape == tensor.shape:
        return tensor
    return changed(tensor, name, shape, lambda array: array[rows])
