"""Operations on tensors, each with its gradient beside it.

The small ones are one line of calculus. The fused ones at the end (linear, embedding, rms_norm,
attention, cross_entropy) could be composed from the small ones; written whole they are shorter to
read, several times faster, and keep fewer arrays alive.

Activations are matrices of (batch * time, channels). Arrays go in and arrays come out: no branch
on a value, no number taken out of an array. That keeps one step the same list of numpy calls for
every batch of a shape.
"""

import numpy as np

from .tensor import Tensor

# ---- elementwise


def exp(x):
    y = np.exp(x.data)
    return Tensor(y, (x,), lambda g: (g * y,))


def log(x):
    return Tensor(np.log(x.data), (x,), lambda g: (g / x.data,))


def sqrt(x):
    y = np.sqrt(x.data)
    return Tensor(y, (x,), lambda g: (g * 0.5 / y,))


def tanh(x):
    y = np.tanh(x.data)
    return Tensor(y, (x,), lambda g: (g * (1 - y * y),))


def sigmoid(x):
    y = 0.5 * np.tanh(0.5 * x.data) + 0.5  # never overflows, unlike 1 / (1 + exp(-x))
    return Tensor(y, (x,), lambda g: (g * (y * (1 - y)),))


def relu(x):
    y = np.maximum(x.data, 0)
    return Tensor(y, (x,), lambda g: (g * (y > 0),))


# ---- joining and parting


def concatenate(tensors, axis=0):
    sizes = [t.data.shape[axis] for t in tensors]

    def vjp(g):
        return np.split(g, np.cumsum(sizes)[:-1], axis)

    return Tensor(np.concatenate([t.data for t in tensors], axis), tuple(tensors), vjp)


class _Parts:
    """The gradients of several outputs of one operation, gathered until all have come."""

    __slots__ = ("parts",)

    def __init__(self, parts):
        self.parts = parts

    def __add__(self, other):
        pairs = zip(self.parts, other.parts, strict=True)
        return _Parts([b if a is None else a for a, b in pairs])  # each part comes once


def split_heads(x, batch, heads):
    """Cut the columns of x into heads: one (batch, time, h, size) for every h in `heads`."""
    rows, width = x.data.shape
    size = width // sum(heads)
    shapes = [(batch, rows // batch, h, size) for h in heads]

    def vjp(gathered):
        columns = [
            np.zeros((rows, h * size), x.data.dtype) if g is None else g.reshape(rows, h * size)
            for g, h in zip(gathered.parts, heads, strict=True)
        ]
        return (np.concatenate(columns, 1),)

    hub = Tensor(x.data, (x,), vjp)
    outputs, start = [], 0
    for i, (h, shape) in enumerate(zip(heads, shapes, strict=True)):
        piece = x.data[:, start : start + h * size].reshape(shape)
        start += h * size
        outputs.append(Tensor(piece, (hub,), _part(i, len(heads))))
    return outputs


def _part(i, n):
    return lambda g: (_Parts([g if j == i else None for j in range(n)]),)


# ---- fused


def linear(x, w):
    """x (rows, in) times a weight matrix (out, in): y = W x for each row."""
    xd, wd = x.data, w.data
    return Tensor(xd @ wd.T, (x, w), lambda g: (g @ wd, g.T @ xd))


def one_hot(ids, size, dtype):
    return (ids.reshape(-1, 1) == np.arange(size)).astype(dtype)


def embedding(table, ids):
    """The row of the table for every id: (batch, time) ids give (batch * time, channels)."""
    size = table.data.shape[0]
    flat = ids.reshape(-1)

    def vjp(g):
        # A product with one-hot rows: for small vocabularies faster than np.add.at.
        return (one_hot(flat, size, g.dtype).T @ g,)

    return Tensor(table.data[flat], (table,), vjp)


def add_positions(x, table, time, start=0):
    """Add row t of the table to position start + t of every sequence in x (batch * time, C)."""
    rows, width = x.data.shape
    positions = table.data[start : start + time]

    def vjp(g):
        full = np.zeros_like(table.data)
        full[start : start + time] = g.reshape(-1, time, width).sum(0)
        return g, full

    y = (x.data.reshape(-1, time, width) + positions).reshape(rows, width)
    return Tensor(y, (x, table), vjp)


def rms_norm(x, eps=1e-5):
    """Scale every row to a root mean square of one."""
    xd = x.data
    width = xd.shape[-1]
    scale = np.sqrt((xd * xd).sum(-1, keepdims=True) / width + eps)
    y = xd / scale

    def vjp(g):
        return ((g - y * ((g * y).sum(-1, keepdims=True) / width)) / scale,)

    return Tensor(y, (x,), vjp)


def softmax(x):
    """Over the last axis of an array (not a tensor)."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attention(q, k, v, mask):
    """Every position looks at the earlier ones: softmax(q kᵀ / √size + mask) v, head by head.

    q, k, v are (batch, time, heads, size); mask is added to the (time, time) scores, -inf where
    a position may not look. The result is (batch * time, heads * size).
    """
    batch, time, heads, size = q.data.shape
    scale = size**-0.5
    qh, kh, vh = (t.data.swapaxes(1, 2) for t in (q, k, v))  # (batch, heads, time, size)
    p = softmax((qh @ kh.swapaxes(-1, -2)) * scale + mask)
    y = (p @ vh).swapaxes(1, 2).reshape(batch * time, heads * size)

    def vjp(g):
        g = g.reshape(batch, time, heads, size).swapaxes(1, 2)
        dp = (g @ vh.swapaxes(-1, -2)) * p
        ds = (dp - p * dp.sum(-1, keepdims=True)) * scale
        shares = (ds @ kh, ds.swapaxes(-1, -2) @ qh, p.swapaxes(-1, -2) @ g)
        return tuple(share.swapaxes(1, 2) for share in shares)

    return Tensor(y, (q, k, v), vjp)


def cross_entropy(logits, targets, weights):
    """The surprise at each target, -log p(target), summed with the given weights.

    Weights of 1/rows make it the mean; a weight of 0 leaves a position out, so padding and
    prompts need nothing else, and a batch in which every weight is 0 has loss 0.
    """
    rows, classes = logits.data.shape
    z = logits.data - logits.data.max(-1, keepdims=True)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True)
    surprise = np.log(total).reshape(-1) - z[np.arange(rows), targets]

    def vjp(g):
        p = e / total
        return ((p - one_hot(targets, classes, p.dtype)) * (weights * g).reshape(-1, 1),)

    return Tensor((surprise * weights).sum(), (logits,), vjp)
