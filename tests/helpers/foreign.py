"""Small models of each family, to be written in the formats of other programs."""

import random
from dataclasses import replace

import numpy as np
from microgpt.convert.record import checkpoint_of
from microgpt.gpt.model import GPT
from microgpt.presets import preset
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.special import with_chat_tokens

MERGES = [(104, 101), (108, 108), (256, 257), (258, 111), (32, 116)]  # he ll hell hello _t
GPT2 = replace(preset("classic").model, tied_head=True, activation="gelu-tanh")
LLAMA = preset("llama").model
NANOCHAT = replace(preset("nanochat").model, n_kv_head=1)


def tokenizer(pattern="gpt2", chat=False):
    made = BPETokenizer.from_merges(MERGES, pattern)
    return with_chat_tokens(made) if chat else made


def tiny(config, words=None, dtype=np.float32, **changes):
    """The checkpoint of a model with random weights, norms and biases too."""
    words = words or tokenizer()
    small = {"n_layer": 2, "n_embd": 32, "n_head": 4, "block_size": 32, "mlp_hidden": 48}
    config = replace(config, **{**small, "vocab_size": words.vocab_size, **changes})
    model = GPT(config, dtype)
    model.init_weights(random.Random(1))
    model.flat[:] += np.random.default_rng(2).normal(0, 0.1, model.flat.size)
    return checkpoint_of(config, words, model.kept(), "made here", "a test")


def assert_same(a, b, name=""):
    """The same model to the bit."""
    assert a.model_config().to_dict() | same_words(a) == b.model_config().to_dict() | same_words(b)
    assert a.shapes() == b.shapes()
    for key in a.shapes():
        ours, theirs = np.asarray(a.tensors[key]), np.asarray(b.tensors[key])
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs), (name, key)
    text = "hello the 12 cats"
    assert a.tokenizer().encode(text) == b.tokenizer().encode(text)
    assert (
        a.tokenizer().specials == b.tokenizer().specials and a.tokenizer().bos == b.tokenizer().bos
    )


def same_words(checkpoint):
    """What may be said in two ways, or does not matter when a model writes."""
    config = checkpoint.model_config()
    return {
        **{"n_kv_head": config.kv_heads, "head_dim": config.head_size, "window_tile": 0},
        **{"mlp_hidden": config.hidden, "init": "", "init_std": 0, "dropout": 0},
    }
