"""What the operations of the autograd are called in PyTorch: the second opinion's column.

name: a function of the torch module and its tensors. Names that are not here are written with
operators and methods alone, and our own function takes PyTorch's tensors as they are.
"""

import numpy as np
from microgpt.autograd.operations import (
    ANGLES,
    BEFORE,
    IDS,
    MANY_IDS,
    TARGETS,
    WEIGHTS,
    WINDOW,
    causal,
)


def cross_entropy(t, x):
    losses = t.nn.functional.cross_entropy(x, t.from_numpy(TARGETS), reduction="none")
    return (losses * t.from_numpy(WEIGHTS).to(x.dtype)).sum()


def attention(t, q, k, v):
    q, k, v = (part.transpose(1, 2) for part in (q, k, v))
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    hidden = t.triu(t.ones(scores.shape[-2:]), 1).bool()
    y = t.softmax(scores.masked_fill(hidden, -t.inf), -1) @ v
    return y.transpose(1, 2).flatten(2).flatten(0, 1)


def grouped(mask):
    """Some queries for each key, of which those seen are the mask's."""

    def attend(t, q, k, v):
        group = q.shape[2] // k.shape[2]
        k, v = (part.repeat_interleave(group, 2).transpose(1, 2) for part in (k, v))
        seen = t.from_numpy(mask).to(q.dtype)
        y = t.nn.functional.scaled_dot_product_attention(q.transpose(1, 2), k, v, seen)
        return y.transpose(1, 2).flatten(2).flatten(0, 1)

    return attend


def heads(t, x):
    x = x.reshape(2, 2, 6, 2)
    a, c = x[:, :, :2], x[:, :, 3:]
    return t.cat([a, c * 2, a * c[:, :, :2]], dim=2)


def rope(t, x, sign=1):
    """As a product of complex numbers: another way to turn pairs."""
    half = x.shape[-1] // 2
    pairs = t.complex(x[..., :half], x[..., half:])
    angles = t.from_numpy(sign * ANGLES[:, None]).to(x.dtype)
    turned = pairs * t.complex(angles.cos(), angles.sin())
    return t.cat([turned.real, turned.imag], -1)


def kept(shape, rate=0.4):
    """What dropout keeps under the seed of the table, scaled."""
    return (np.random.default_rng(5).random(shape, np.float32) >= rate) / (1 - rate)


def previous_going_on(t, x):
    before = t.from_numpy(BEFORE).to(x.dtype)[:, None]
    return t.cat([before, x.reshape(2, 3, 2)[:, :-1]], 1).reshape(6, 2)


def layer_norm(eps):
    return lambda t, x, gain, bias: t.nn.functional.layer_norm(x, x.shape[-1:], gain, bias, eps)


def rms_norm(eps):
    return lambda t, x, gain=None: t.nn.functional.rms_norm(x, x.shape[-1:], gain, eps)


TORCH = {
    "transpose": lambda t, a: a.permute(2, 1, 0),
    "transpose, axes": lambda t, a: a.permute(1, 2, 0),
    "transpose, negative": lambda t, a: a.permute(-1, 0, -2),
    "sum, all kept": lambda t, a: a.sum((0, 1), keepdim=True),
    # elementwise
    "exp": lambda t, x: t.exp(x),
    "log": lambda t, x: t.log(x),
    "sqrt": lambda t, x: t.sqrt(x),
    "tanh": lambda t, x: t.tanh(x),
    "sigmoid": lambda t, x: t.sigmoid(x),
    "relu": lambda t, x: t.relu(x),
    "relu, 0-d": lambda t, x: t.relu(x),
    "silu": lambda t, x: t.nn.functional.silu(x),
    "gelu": lambda t, x: t.nn.functional.gelu(x),
    "gelu_tanh": lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
    "dropout": lambda t, x: x * t.from_numpy(kept((4, 3))).to(x.dtype),
    "recompute": lambda t, x: t.tanh(x) * x,
    "recompute, with a weight inside": lambda t, x, w: t.tanh(x @ w.T) * x,
    # joining and parting
    "concatenate": lambda t, a, b, c: t.cat([a, b, a * c]),
    "concatenate, last": lambda t, a, b: t.cat([a, b, a], dim=-1),
    "split_heads": heads,
    # fused
    "linear": lambda t, x, w: t.nn.functional.linear(x, w),
    "linear, with a vector": lambda t, x, w, b: t.nn.functional.linear(x, w, b),
    "embedding": lambda t, w: t.nn.functional.embedding(t.from_numpy(IDS), w).flatten(0, 1),
    "take_rows": lambda t, x: x[t.tensor([3, 0])],
    "embedding of many": lambda t, w: t.nn.functional.embedding(t.from_numpy(MANY_IDS), w).flatten(
        0, 1
    ),
    "add_positions": lambda t, x, w: (x.reshape(2, 3, 4) + w[:3]).reshape(6, 4),
    "add_positions, later": lambda t, x, w: (x.reshape(2, 3, 4) + w[2:5]).reshape(6, 4),
    "previous": lambda t, x: t.nn.functional.pad(x.reshape(2, 3, 2)[:, :-1], (0, 0, 1, 0)).reshape(
        6, 2
    ),
    "previous, going on": previous_going_on,
    "scaled": lambda t, x, s: x * s[1],
    "swiglu": lambda t, x: t.nn.functional.silu(x[:, :3]) * x[:, 3:],
    "rms_norm": rms_norm(1e-5),
    "rms_norm, large eps": rms_norm(0.5),
    "rms_norm, of heads": rms_norm(0.5),
    "rms_norm, gain": rms_norm(1e-5),
    "layer_norm": layer_norm(1e-5),
    "layer_norm, large eps": layer_norm(0.3),
    "rope": rope,
    "rope, the other way": lambda t, x: rope(t, x, -1),
    "attend": attention,
    "attend, one key head": grouped(causal(3, 3)),
    "attend, more keys": grouped(causal(2, 6)),
    "attend, in groups and windows": grouped(WINDOW),
    "attend to itself": lambda t, x: attention(t, x, x, x),
    "cross_entropy": cross_entropy,
}
