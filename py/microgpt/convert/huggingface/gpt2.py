"""GPT-2 in Hugging Face's words: its settings and its tensors, whose matrices stand turned round.

Its linear layers are `Conv1D`: a matrix (in, out), where ours is (out, in). Queries, keys and
values are one matrix of three parts.
"""

import numpy as np

from ...gpt.config import GPTConfig
from ..tensors import BY_TOKEN, changed, made, plain

KINDS = ("gpt2",)
NEUTRAL = {
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "quantization_config": (),
}
ACTIVATIONS = {
    "gelu_new": "gelu-tanh",
    "gelu_pytorch_tanh": "gelu-tanh",
    "gelu_fast": "gelu-tanh",
    "gelu": "gelu",
    "relu": "relu",
}
BUFFERS = r"(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)"  # the mask, the same in every model
HEAD, EMBEDDING = "lm_head.weight", "transformer.wte.weight"
OTHERS = {
    "wte": EMBEDDING,
    "wpe": "transformer.wpe.weight",
    "lm_head": HEAD,
    "norm_final.gain": "transformer.ln_f.weight",
    "norm_final.bias": "transformer.ln_f.bias",
}
# Our weight: theirs, which third of its columns, and whether it stands turned round.
LAYER = {
    "norm1.gain": ("ln_1.weight", None, False),
    "norm1.bias": ("ln_1.bias", None, False),
    "wq": ("attn.c_attn.weight", 0, True),
    "wk": ("attn.c_attn.weight", 1, True),
    "wv": ("attn.c_attn.weight", 2, True),
    "bq": ("attn.c_attn.bias", 0, False),
    "bk": ("attn.c_attn.bias", 1, False),
    "bv": ("attn.c_attn.bias", 2, False),
    "wo": ("attn.c_proj.weight", None, True),
    "bo": ("attn.c_proj.bias", None, False),
    "norm2.gain": ("ln_2.weight", None, False),
    "norm2.bias": ("ln_2.bias", None, False),
    "fc1": ("mlp.c_fc.weight", None, True),
    "b1": ("mlp.c_fc.bias", None, False),
    "fc2": ("mlp.c_proj.weight", None, True),
    "b2": ("mlp.c_proj.bias", None, False),
}


def read_config(fields):
    fields.refuse_unless(NEUTRAL)
    fields.refuse_unless({"activation_function": tuple(ACTIVATIONS)})
    return GPTConfig(
        vocab_size=fields.whole("vocab_size", 50257),
        block_size=fields.whole("n_positions", 1024),
        n_layer=fields.whole("n_layer", 12),
        n_head=fields.whole("n_head", 12),
        n_embd=fields.whole("n_embd", 768),
        mlp_hidden=fields.whole("n_inner", 0),
        positions="learned",
        norm="layer",
        norm_eps=fields.number("layer_norm_epsilon", 1e-5),
        norm_embedding=False,
        norm_final=True,
        bias=True,
        activation=ACTIVATIONS[fields.word("activation_function", "gelu_new")],
        tied_head=fields.flag("tie_word_embeddings", True),
        init="normal",
        init_std=fields.number("initializer_range", 0.02),
    )


def write_config(config):
    bends = {ours: theirs for theirs, ours in reversed(ACTIVATIONS.items())}
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": config.vocab_size,
        "n_positions": config.block_size,
        "n_layer": config.n_layer,
        "n_head": config.n_head,
        "n_embd": config.n_embd,
        "n_inner": config.hidden,
        "activation_function": bends.get(config.activation, "gelu_new"),
        "layer_norm_epsilon": config.norm_eps,
        "initializer_range": config.init_std,
        "tie_word_embeddings": config.tied_head,
    }


def place_of(name):
    """(their name, the third of its columns or None, is it turned round)

    >>> place_of("layer1.wk")
    ('transformer.h.1.attn.c_attn.weight', 1, True)
    """
    if name in OTHERS:
        return OTHERS[name], None, False
    layer, _, kind = name.partition(".")
    theirs, third, turned = LAYER[kind]
    return f"transformer.h.{layer.removeprefix('layer')}.{theirs}", third, turned


def read_tensors(stored, shapes):
    """{our name: tensor}, and the names of theirs that have their place here."""
    found, known = {}, set()
    for ours, shape in shapes.items():
        name, third, turned = place_of(ours)
        known.add(name)
        if name not in stored:
            continue
        source = stored[name]
        if third is None and not turned:
            found[ours] = plain(source, name, shape[0] if ours in BY_TOKEN else None)
            continue
        parts = 1 if third is None else 3
        if source.shape != (*shape[:0:-1], parts * shape[0]):
            found[ours] = plain(source, name)  # of another shape, which is refused
            continue
        first = (third or 0) * shape[0]

        def change(array, columns=slice(first, first + shape[0])):
            return array[..., columns].T

        found[ours] = changed(source, name, shape, change)
    return found, known


def write_tensors(tensors, config):
    parts = {}
    for ours, array in tensors.items():
        name, third, turned = place_of(ours)
        parts.setdefault((name, turned), []).append(array)
    return {name: _put_together(arrays, turned) for (name, turned), arrays in parts.items()}


def _put_together(arrays, turned):
    first = arrays[0]
    if not turned and len(arrays) == 1:
        return first
    rows = sum(array.shape[0] for array in arrays)

    def make():
        return np.concatenate([np.asarray(array) for array in arrays]).T

    return made((*first.shape[:0:-1], rows), first.dtype, make)
