"""Every operation of the autograd, a line each: for gradient checks, dtypes, memory, and PyTorch.

A line is name: (our function of tensors, the same in PyTorch, shapes of the inputs). PyTorch's
function gets the torch module first; None says that our function takes PyTorch's tensors too.
Names in POSITIVE get inputs above zero. Inputs keep away from zero, where some slopes jump.
"""

import numpy as np
from microgpt.autograd import layers, ops
from microgpt.autograd.attention import attend

IDS = np.array([[2, 0, 2], [1, 2, 4]])  # row 2 comes three times, row 3 never
TARGETS = np.array([1, 0, 3, 3])
WEIGHTS = np.array([0.5, 0.0, 0.25, 2.0])  # one position is left out
PICK = np.array([0, 2, 0, 0])


def mask(time, dtype=np.float64):
    return np.triu(np.full((time, time), -np.inf, dtype), 1)


def ours_cross_entropy(x):
    return layers.cross_entropy(x, TARGETS, WEIGHTS.astype(x.dtype))


def torch_cross_entropy(t, x):
    losses = t.nn.functional.cross_entropy(x, t.from_numpy(TARGETS), reduction="none")
    return (losses * t.from_numpy(WEIGHTS).to(x.dtype)).sum()


def torch_attention(t, q, k, v):
    q, k, v = (part.transpose(1, 2) for part in (q, k, v))
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    hidden = t.triu(t.ones(scores.shape[-2:]), 1).bool()
    y = t.softmax(scores.masked_fill(hidden, -t.inf), -1) @ v
    return y.transpose(1, 2).flatten(2).flatten(0, 1)


def ours_heads(x):
    """Parts of different widths, the second unused, the first used twice."""
    a, _, c = layers.split_heads(x, 2, [2, 1, 3])
    return ops.concatenate([a, c * 2, a * c[:, :, :2]], axis=2)


def torch_heads(t, x):
    x = x.reshape(2, 2, 6, 2)
    a, c = x[:, :, :2], x[:, :, 3:]
    return t.cat([a, c * 2, a * c[:, :, :2]], dim=2)


MANY_IDS = np.array([[599, 0, 7], [0, 1, 599]])  # of 600: summed another way than a few
BEFORE = np.array([[0.5, -1.0], [2.0, 3.0]])
ANGLES = np.array([[0.1, 2.0], [-1.0, 0.7], [3.0, 0.0]])  # (time, size / 2)
WINDOW = np.where(np.tri(3, 5, 2) - np.tri(3, 5, 0) > 0, 0, -np.inf)  # two of five keys


def turns(dtype):
    return np.cos(ANGLES)[:, None].astype(dtype), np.sin(ANGLES)[:, None].astype(dtype)


def torch_rope(t, x):
    """As a product of complex numbers: another way to turn pairs."""
    half = x.shape[-1] // 2
    pairs = t.complex(x[..., :half], x[..., half:])
    cos, sin = map(t.from_numpy, turns(np.dtype(str(x.dtype).removeprefix("torch."))))
    turned = pairs * t.complex(cos, sin)
    return t.cat([turned.real, turned.imag], -1)


def torch_grouped(t, q, k, v):
    """Two queries for each key, of which those seen are the window."""
    k, v = (part.repeat_interleave(2, 2).transpose(1, 2) for part in (k, v))
    mask = t.from_numpy(WINDOW).to(q.dtype)
    y = t.nn.functional.scaled_dot_product_attention(q.transpose(1, 2), k, v, mask)
    return y.transpose(1, 2).flatten(2).flatten(0, 1)


def kept(shape, rate=0.4):
    """What dropout keeps under the seed of the table, scaled."""
    return (np.random.default_rng(5).random(shape, np.float32) >= rate) / (1 - rate)


OPERATIONS = {
    # arithmetic, with every kind of broadcasting on either side
    "add": (lambda a, b: a + b, None, (2, 3), (2, 3)),
    "add, left wide": (lambda a, b: a + b, None, (2, 1), (4, 2, 3)),
    "add, right wide": (lambda a, b: a + b, None, (4, 2, 3), (3,)),
    "add, both wide": (lambda a, b: a + b, None, (2, 1, 3), (4, 1)),
    "add, 0-d": (lambda a, b: a + b, None, (), (2, 3)),
    "add, numbers": (lambda a: 2 + a + 0.5, None, (2, 3)),
    "sub": (lambda a, b: a - b, None, (2, 1, 3), (4, 1)),
    "sub, numbers": (lambda a: 2 - a - 0.5, None, (2, 3)),
    "mul": (lambda a, b: a * b, None, (2, 1, 3), (4, 1)),
    "mul, 0-d": (lambda a, b: a * b, None, (2, 3), ()),
    "mul, both 0-d": (lambda a, b: a * b, None, (), ()),
    "mul, numbers": (lambda a: 2 * a * 0.5, None, (2, 3)),
    "div": (lambda a, b: a / b, None, (2, 1, 3), (4, 1)),
    "div, 0-d": (lambda a, b: a / b, None, (), (2, 3)),
    "div, numbers": (lambda a: 2 / a + a / 3, None, (2, 3)),
    "neg": (lambda a: -a, None, (2, 3)),
    "square": (lambda a: a**2, None, (2, 3)),
    "cube, 0-d": (lambda a: a**3, None, ()),
    "inverse": (lambda a: a**-1, None, (2, 3)),
    "root": (lambda a: a**0.5, None, (2, 3)),
    "itself twice": (lambda a: a * a + a, None, (2, 3)),
    "matmul": (lambda a, b: a @ b, None, (2, 3), (3, 4)),
    "matmul, batched": (lambda a, b: a @ b, None, (5, 2, 3), (5, 3, 4)),
    "matmul, left wide": (lambda a, b: a @ b, None, (2, 3), (5, 3, 4)),
    "matmul, right wide": (lambda a, b: a @ b, None, (5, 2, 3), (3, 4)),
    "matmul, both wide": (lambda a, b: a @ b, None, (2, 1, 2, 3), (5, 3, 1)),
    # shape and selection
    "item": (lambda a: a[1], None, (3, 4)),
    "number": (lambda a: a[1, 2], None, (3, 4)),
    "slice": (lambda a: a[:, 1:4:2], None, (3, 5)),
    "newaxis": (lambda a: a[..., None, 1:], None, (3, 4)),
    "overlapping slices": (lambda a: a[:-1] * a[1:], None, (4, 2)),
    "pick twice": (lambda a: a[PICK], None, (3, 2)),
    "pick pairs": (lambda a: a[PICK, PICK], None, (3, 3)),
    "pick by mask": (lambda a: a[np.eye(3, dtype=bool)], None, (3, 3)),
    "reshape": (lambda a: a.reshape(4, 3), None, (2, 6)),
    "reshape, tuple and -1": (lambda a: a.reshape((-1, 2)), None, (2, 6)),
    "reshape to 0-d": (lambda a: a.reshape(()), None, (1, 1)),
    "transpose": (lambda a: a.transpose(), lambda t, a: a.permute(2, 1, 0), (2, 3, 4)),
    "transpose, axes": (lambda a: a.transpose(1, 2, 0), lambda t, a: a.permute(1, 2, 0), (2, 3, 4)),
    "transpose, negative": (
        lambda a: a.transpose(-1, 0, -2),
        lambda t, a: a.permute(-1, 0, -2),
        (2, 3, 4),
    ),
    "T": (lambda a: a.T, None, (2, 3)),
    "sum": (lambda a: a.sum(), None, (2, 3)),
    "sum, axis": (lambda a: a.sum(1), None, (2, 3, 4)),
    "sum, last kept": (lambda a: a.sum(-1, keepdims=True), None, (2, 3, 4)),
    "sum, axes": (lambda a: a.sum((0, -1)), None, (2, 3, 4)),
    "sum, all kept": (
        lambda a: a.sum(keepdims=True),
        lambda t, a: a.sum((0, 1), keepdim=True),
        (2, 3),
    ),
    "sum, 0-d": (lambda a: a.sum(), None, ()),
    "sum, axis of one": (lambda a: a.sum(0), None, (1, 3)),
    "sum, beside an axis of one": (lambda a: a.sum(1), None, (2, 3, 1)),
    "mean": (lambda a: a.mean(), None, (2, 3)),
    "mean, axis": (lambda a: a.mean(0), None, (2, 3)),
    "mean, axes kept": (lambda a: a.mean((0, 2), keepdims=True), None, (2, 3, 4)),
    # elementwise
    "exp": (ops.exp, lambda t, x: t.exp(x), (2, 3)),
    "log": (ops.log, lambda t, x: t.log(x), (2, 3)),
    "sqrt": (ops.sqrt, lambda t, x: t.sqrt(x), (2, 3)),
    "tanh": (ops.tanh, lambda t, x: t.tanh(x), (2, 3)),
    "sigmoid": (ops.sigmoid, lambda t, x: t.sigmoid(x), (2, 3)),
    "relu": (ops.relu, lambda t, x: t.relu(x), (4, 3)),
    "relu, 0-d": (ops.relu, lambda t, x: t.relu(x), ()),
    "silu": (ops.silu, lambda t, x: t.nn.functional.silu(x), (4, 3)),
    "gelu": (ops.gelu, lambda t, x: t.nn.functional.gelu(x), (4, 3)),
    "gelu_tanh": (
        ops.gelu_tanh,
        lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
        (4, 3),
    ),
    "dropout": (
        lambda x: ops.dropout(x, 0.4, np.random.default_rng(5)),
        lambda t, x: x * t.from_numpy(kept((4, 3))).to(x.dtype),
        (4, 3),
    ),
    "recompute": (
        lambda x: ops.recompute(lambda h: ops.tanh(h) * h, x),
        lambda t, x: t.tanh(x) * x,
        (4, 3),
    ),
    # joining and parting
    "concatenate": (
        lambda a, b, c: ops.concatenate([a, b, a * c]),
        lambda t, a, b, c: t.cat([a, b, a * c]),
        *((2, 3), (1, 3), (2, 3)),
    ),
    "concatenate, last": (
        lambda a, b: ops.concatenate([a, b, a], axis=-1),
        lambda t, a, b: t.cat([a, b, a], dim=-1),
        *((2, 3), (2, 1)),
    ),
    "split_heads": (ours_heads, torch_heads, (4, 12)),
    # fused
    "linear": (layers.linear, lambda t, x, w: t.nn.functional.linear(x, w), (5, 3), (4, 3)),
    "linear, with a vector": (
        layers.linear,
        lambda t, x, w, b: t.nn.functional.linear(x, w, b),
        *((5, 3), (4, 3), (4,)),
    ),
    "embedding of many": (
        lambda w: layers.embedding(w, MANY_IDS),
        lambda t, w: t.nn.functional.embedding(t.from_numpy(MANY_IDS), w).flatten(0, 1),
        (600, 2),
    ),
    "embedding": (
        lambda w: layers.embedding(w, IDS),
        lambda t, w: t.nn.functional.embedding(t.from_numpy(IDS), w).flatten(0, 1),
        (5, 3),
    ),
    "add_positions": (
        lambda x, w: layers.add_positions(x, w, 3),
        lambda t, x, w: (x.reshape(2, 3, 4) + w[:3]).reshape(6, 4),
        *((6, 4), (5, 4)),
    ),
    "add_positions, later": (
        lambda x, w: layers.add_positions(x, w, 3, start=2),
        lambda t, x, w: (x.reshape(2, 3, 4) + w[2:5]).reshape(6, 4),
        *((6, 4), (6, 4)),
    ),
    "previous": (
        lambda x: layers.previous(x, 3),
        lambda t, x: t.nn.functional.pad(x.reshape(2, 3, 2)[:, :-1], (0, 0, 1, 0)).reshape(6, 2),
        (6, 2),
    ),
    "previous, going on": (
        lambda x: layers.previous(x, 3, BEFORE),
        lambda t, x: t.cat(
            [t.from_numpy(BEFORE).to(x.dtype)[:, None], x.reshape(2, 3, 2)[:, :-1]], 1
        ).reshape(6, 2),
        (6, 2),
    ),
    "scaled": (lambda x, s: layers.scaled(x, s, 1), lambda t, x, s: x * s[1], (4, 2), (3,)),
    "swiglu": (
        layers.swiglu,
        lambda t, x: t.nn.functional.silu(x[:, :3]) * x[:, 3:],
        (4, 6),
    ),
    "rms_norm, gain": (
        lambda x, gain: layers.rms_norm(x, 1e-5, gain),
        lambda t, x, gain: t.nn.functional.rms_norm(x, x.shape[-1:], gain, 1e-5),
        *((4, 5), (5,)),
    ),
    "layer_norm": (
        layers.layer_norm,
        lambda t, x, gain, bias: t.nn.functional.layer_norm(x, x.shape[-1:], gain, bias),
        *((4, 5), (5,), (5,)),
    ),
    "rope": (lambda x: layers.rope(x, *turns(x.dtype)), torch_rope, (2, 3, 2, 4)),
    "rms_norm": (
        layers.rms_norm,
        lambda t, x: t.nn.functional.rms_norm(x, x.shape[-1:], eps=1e-5),
        (4, 5),
    ),
    "rms_norm, large eps": (
        lambda x: layers.rms_norm(x, 0.5),
        lambda t, x: t.nn.functional.rms_norm(x, x.shape[-1:], eps=0.5),
        (4, 5),
    ),
    "attend": (
        lambda q, k, v: attend(q, k, v, mask(3, q.dtype)),
        torch_attention,
        *3 * ((2, 3, 2, 4),),
    ),
    "attend, in groups and windows": (
        lambda q, k, v: attend(q, k, v, WINDOW.astype(q.dtype)),
        torch_grouped,
        *((2, 3, 4, 4), (2, 5, 2, 4), (2, 5, 2, 4)),
    ),
    "attend to itself": (
        lambda x: attend(x, x, x, mask(3, x.dtype)),
        lambda t, x: torch_attention(t, x, x, x),
        (2, 3, 2, 4),
    ),
    "cross_entropy": (ours_cross_entropy, torch_cross_entropy, (4, 5)),
}
POSITIVE = {"root", "log", "sqrt"}


def inputs(name, dtype=np.float64):
    """The same random arrays every time, of either sign and at least 0.3 from zero."""
    rng = np.random.default_rng(list(name.encode()))
    arrays = []
    for shape in OPERATIONS[name][2:]:
        signs = 1 if name in POSITIVE else rng.choice([-1, 1], shape)
        arrays.append(np.asarray(signs * rng.uniform(0.3, 2, shape), dtype))
    return arrays
