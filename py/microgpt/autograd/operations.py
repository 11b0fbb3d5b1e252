"""Every operation of the autograd, a line each: what the gradient checks go through.

A line is name: (a function of tensors, shapes of its inputs). The name begins with that of the
operation. Names in POSITIVE get inputs above zero. Inputs keep away from zero, where some slopes
jump.
"""

import numpy as np

from . import layers, ops
from .attention import attend

IDS = np.array([[2, 0, 2], [1, 2, 4]])  # row 2 comes three times, row 3 never
MANY_IDS = np.array([[599, 0, 7], [0, 1, 599]])  # of 600: summed another way than a few
TARGETS = np.array([1, 0, 3, 3])
WEIGHTS = np.array([0.5, 0.0, 0.25, 2.0])  # one position is left out
PICK = np.array([0, 2, 0, 0])
BEFORE = np.array([[0.5, -1.0], [2.0, 3.0]])
ANGLES = np.array([[0.1, 2.0], [-1.0, 0.7], [3.0, 0.0]])  # (time, size / 2)
WINDOW = np.where(np.tri(3, 5, 2) - np.tri(3, 5, 0) > 0, 0, -np.inf)  # two of five keys


def causal(time, keys, dtype=np.float64):
    """The mask of the last `time` of `keys` positions."""
    return np.triu(np.full((time, keys), -np.inf, dtype), 1 + keys - time)


def turned(x, sign=1):
    cos, sin = np.cos(ANGLES)[:, None], np.sin(ANGLES)[:, None]
    return layers.rope(x, cos.astype(x.dtype), sign * sin.astype(x.dtype))


def heads(x):
    """Parts of different widths, the second unused, the first used twice."""
    a, _, c = layers.split_heads(x, 2, [2, 1, 3])
    return ops.concatenate([a, c * 2, a * c[:, :, :2]], axis=2)


def seen(mask):
    """Attention under this mask."""
    return lambda q, k, v: attend(q, k, v, mask.astype(q.dtype))


# Written with operators and methods alone, so that numpy's own arrays take them, too.
ARITHMETIC = {
    # arithmetic, with every kind of broadcasting on either side
    "add": (lambda a, b: a + b, (2, 3), (2, 3)),
    "add, left wide": (lambda a, b: a + b, (2, 1), (4, 2, 3)),
    "add, right wide": (lambda a, b: a + b, (4, 2, 3), (3,)),
    "add, both wide": (lambda a, b: a + b, (2, 1, 3), (4, 1)),
    "add, 0-d": (lambda a, b: a + b, (), (2, 3)),
    "add, numbers": (lambda a: 2 + a + 0.5, (2, 3)),
    "sub": (lambda a, b: a - b, (2, 1, 3), (4, 1)),
    "sub, numbers": (lambda a: 2 - a - 0.5, (2, 3)),
    "mul": (lambda a, b: a * b, (2, 1, 3), (4, 1)),
    "mul, 0-d": (lambda a, b: a * b, (2, 3), ()),
    "mul, both 0-d": (lambda a, b: a * b, (), ()),
    "mul, numbers": (lambda a: 2 * a * 0.5, (2, 3)),
    "div": (lambda a, b: a / b, (2, 1, 3), (4, 1)),
    "div, 0-d": (lambda a, b: a / b, (), (2, 3)),
    "div, numbers": (lambda a: 2 / a + a / 3, (2, 3)),
    "neg": (lambda a: -a, (2, 3)),
    "square": (lambda a: a**2, (2, 3)),
    "cube, 0-d": (lambda a: a**3, ()),
    "inverse": (lambda a: a**-1, (2, 3)),
    "root": (lambda a: a**0.5, (2, 3)),
    "itself twice": (lambda a: a * a + a, (2, 3)),
    "matmul": (lambda a, b: a @ b, (2, 3), (3, 4)),
    "matmul, batched": (lambda a, b: a @ b, (5, 2, 3), (5, 3, 4)),
    "matmul, left wide": (lambda a, b: a @ b, (2, 3), (5, 3, 4)),
    "matmul, right wide": (lambda a, b: a @ b, (5, 2, 3), (3, 4)),
    "matmul, both wide": (lambda a, b: a @ b, (2, 1, 2, 3), (5, 3, 1)),
    # shape and selection
    "item": (lambda a: a[1], (3, 4)),
    "number": (lambda a: a[1, 2], (3, 4)),
    "slice": (lambda a: a[:, 1:4:2], (3, 5)),
    "newaxis": (lambda a: a[..., 1:], (3, 4)),
    "overlapping slices": (lambda a: a[:-1] * a[1:], (4, 2)),
    "pick twice": (lambda a: a[PICK], (3, 2)),
    "pick pairs": (lambda a: a[PICK, PICK], (3, 3)),
    "pick by mask": (lambda a: a[np.eye(3, dtype=bool)], (3, 3)),
    "reshape": (lambda a: a.reshape(4, 3), (2, 6)),
    "reshape, tuple and -1": (lambda a: a.reshape((-1, 2)), (2, 6)),
    "reshape to 0-d": (lambda a: a.reshape(()), (1, 1)),
    "transpose": (lambda a: a.transpose(), (2, 3, 4)),
    "transpose, axes": (lambda a: a.transpose(1, 2, 0), (2, 3, 4)),
    "transpose, negative": (lambda a: a.transpose(-1, 0, -2), (2, 3, 4)),
    "T": (lambda a: a.T, (2, 3)),
    "sum": (lambda a: a.sum(), (2, 3)),
    "sum, axis": (lambda a: a.sum(1), (2, 3, 4)),
    "sum, last kept": (lambda a: a.sum(-1, keepdims=True), (2, 3, 4)),
    "sum, axes": (lambda a: a.sum((0, -1)), (2, 3, 4)),
    "sum, all kept": (lambda a: a.sum(keepdims=True), (2, 3)),
    "sum, 0-d": (lambda a: a.sum(), ()),
    "sum, axis of one": (lambda a: a.sum(0), (1, 3)),
    "sum, beside an axis of one": (lambda a: a.sum(1), (2, 3, 1)),
    "mean": (lambda a: a.mean(), (2, 3)),
    "mean, axis": (lambda a: a.mean(0), (2, 3)),
    "mean, axes kept": (lambda a: a.mean((0, 2), keepdims=True), (2, 3, 4)),
}
FUNCTIONS = {
    # elementwise
    "exp": (ops.exp, (2, 3)),
    "log": (ops.log, (2, 3)),
    "sqrt": (ops.sqrt, (2, 3)),
    "tanh": (ops.tanh, (2, 3)),
    "sigmoid": (ops.sigmoid, (2, 3)),
    "relu": (ops.relu, (4, 3)),
    "relu, 0-d": (ops.relu, ()),
    "silu": (ops.silu, (4, 3)),
    "gelu": (ops.gelu, (4, 3)),
    "gelu_tanh": (ops.gelu_tanh, (4, 3)),
    "dropout": (lambda x: ops.dropout(x, 0.4, np.random.default_rng(5)), (4, 3)),
    "recompute": (lambda x: ops.recompute(lambda h: ops.tanh(h) * h, x), (4, 3)),
    "recompute, with a weight inside": (
        lambda x, w: ops.recompute(lambda h: ops.tanh(layers.linear(h, w)) * h, x),
        *((4, 3), (3, 3)),
    ),
    # joining and parting
    "concatenate": (lambda a, b, c: ops.concatenate([a, b, a * c]), (2, 3), (1, 3), (2, 3)),
    "concatenate, last": (lambda a, b: ops.concatenate([a, b, a], axis=-1), (2, 3), (2, 1)),
    "split_heads": (heads, (4, 12)),
    # fused
    "linear": (layers.linear, (5, 3), (4, 3)),
    "linear, with a vector": (layers.linear, (5, 3), (4, 3), (4,)),
    "embedding": (lambda w: layers.embedding(w, IDS), (5, 3)),
    "embedding of many": (lambda w: layers.embedding(w, MANY_IDS), (600, 2)),
    "take_rows": (lambda x: layers.take_rows(x, np.array([3, 0])), (4, 2)),
    "add_positions": (lambda x, w: layers.add_positions(x, w, 3), (6, 4), (5, 4)),
    "add_positions, later": (lambda x, w: layers.add_positions(x, w, 3, start=2), (6, 4), (6, 4)),
    "previous": (lambda x: layers.previous(x, 3), (6, 2)),
    "previous, going on": (lambda x: layers.previous(x, 3, BEFORE), (6, 2)),
    "scaled": (lambda x, s: layers.scaled(x, s, 1), (4, 2), (3,)),
    "swiglu": (layers.swiglu, (4, 6)),
    "rms_norm": (layers.rms_norm, (4, 5)),
    "rms_norm, large eps": (lambda x: layers.rms_norm(x, 0.5), (4, 5)),
    "rms_norm, of heads": (lambda x: layers.rms_norm(x, 0.5), (2, 3, 2, 4)),
    "rms_norm, gain": (lambda x, gain: layers.rms_norm(x, 1e-5, gain), (4, 5), (5,)),
    "layer_norm": (layers.layer_norm, (4, 5), (5,), (5,)),
    "layer_norm, large eps": (
        lambda x, gain, bias: layers.layer_norm(x, gain, bias, 0.3),
        *((4, 5), (5,), (5,)),
    ),
    "rope": (turned, (2, 3, 2, 4)),
    "rope, the other way": (lambda x: turned(x, -1), (2, 3, 2, 4)),
    "attend": (seen(causal(3, 3)), *3 * ((2, 3, 2, 4),)),
    "attend, one key head": (seen(causal(3, 3)), (2, 3, 4, 4), *2 * ((2, 3, 1, 4),)),
    "attend, more keys": (seen(causal(2, 6)), (2, 2, 4, 2), *2 * ((2, 6, 2, 2),)),
    "attend, in groups and windows": (seen(WINDOW), (2, 3, 4, 4), *2 * ((2, 5, 2, 4),)),
    "attend to itself": (lambda x: attend(x, x, x, causal(3, 3, x.dtype)), (2, 3, 2, 4)),
    "cross_entropy": (
        lambda x: layers.cross_entropy(x, TARGETS, WEIGHTS.astype(x.dtype)),
        (4, 5),
    ),
}
OPERATIONS = ARITHMETIC | FUNCTIONS
POSITIVE = {"root", "log", "sqrt"}


def inputs(name, dtype=np.float64):
    """The same random arrays every time, of either sign and at least 0.3 from zero."""
    rng = np.random.default_rng(list(name.encode()))
    arrays = []
    for shape in OPERATIONS[name][1:]:
        signs = 1 if name in POSITIVE else rng.choice([-1, 1], shape)
        arrays.append(np.asarray(signs * rng.uniform(0.3, 2, shape), dtype))
    return arrays
