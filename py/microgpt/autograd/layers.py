"""The layers of a transformer as fused operations, each with its gradient beside it.

They could be composed from the small operations; written whole they are shorter to read, several
times faster, and keep fewer arrays alive. Activations are matrices of (batch * time, channels),
heads (batch, time, heads, size). Arrays go in and arrays come out, as in `ops`.
"""

import numpy as np

from .ops import as_one_call, one_hot
from .tensor import Tensor


def linear(x, w, b=None):
    """x (rows, in) times a weight matrix (out, in), plus b (out): y = W x + b for each row."""
    xd, wd = x.data, w.data
    if b is None:
        return Tensor(xd @ wd.T, (x, w), lambda g: (g @ wd, g.T @ xd))
    return Tensor(xd @ wd.T + b.data, (x, w, b), lambda g: (g @ wd, g.T @ xd, g.sum(0)))


def embedding(table, ids):
    """The row of the table for every id: (batch, time) ids give (batch * time, channels)."""
    size, width = table.data.shape
    flat = ids.reshape(-1)

    def vjp(g):
        if size <= 512:  # a product with one-hot rows: for small vocabularies the fastest
            return (one_hot(flat, size, g.dtype).T @ g,)
        full = np.zeros_like(table.data)
        add_rows(flat, g, full)
        return (full,)

    return Tensor(table.data[flat], (table,), vjp)


def take_rows(x, index):
    """Some rows of x, each at most once."""

    def vjp(g):
        full = np.zeros_like(x.data)
        full[index] = g
        return (full,)

    return Tensor(x.data[index], (x,), vjp)


@as_one_call
def add_rows(ids, rows, full):
    """Add each row to the row of `full` that its id names."""
    order = np.argsort(ids, kind="stable")  # rows of one id side by side, then summed
    ids = ids[order]
    first = np.flatnonzero(np.diff(ids, prepend=-1))
    full[ids[first]] += np.add.reduceat(rows[order], first)


def add_positions(x, table, time, start=0):
    """Add row start + t of the table to position t of every sequence in x (batch * time, C)."""
    rows, width = x.data.shape
    positions = table.data[start : start + time]

    def vjp(g):
        full = np.zeros_like(table.data)
        full[start : start + time] = g.reshape(-1, time, width).sum(0)
        return g, full

    y = (x.data.reshape(-1, time, width) + positions).reshape(rows, width)
    return Tensor(y, (x, table), vjp)


def previous(x, time, before=None):
    """For every position the row of the one before it; the first gets `before` (batch, C) or 0."""
    rows, width = x.data.shape
    steps = x.data.reshape(-1, time, width)
    y = np.zeros_like(steps)
    y[:, 1:] = steps[:, :-1]
    if before is not None:
        y[:, 0] = before

    def vjp(g):
        full = np.zeros_like(steps)
        full[:, :-1] = g.reshape(-1, time, width)[:, 1:]
        return (full.reshape(rows, width),)

    return Tensor(y.reshape(rows, width), (x,), vjp)


def scaled(x, scales, i):
    """x times the learned number scales[i]."""
    s, xd = scales.data[i], x.data

    def vjp(g):
        full = np.zeros_like(scales.data)
        full[i] = (g * xd).sum()
        return g * s, full

    return Tensor(xd * s, (x, scales), vjp)


def swiglu(x):
    """silu of the left half of the columns, times the right half."""
    half = x.data.shape[-1] // 2
    a, b = x.data[:, :half], x.data[:, half:]
    s = 0.5 * np.tanh(0.5 * a) + 0.5  # the sigmoid
    h = a * s

    def vjp(g):
        full = np.empty_like(x.data)
        np.multiply(g * b, s * (1 + a) - h * s, out=full[:, :half])
        np.multiply(g, h, out=full[:, half:])
        return (full,)

    return Tensor(h * b, (x,), vjp)


# ---- norms


def rms_norm(x, eps=1e-5, gain=None):
    """Scale every row to a root mean square of one, then each channel by its gain."""
    xd = x.data
    width = xd.shape[-1]
    scale = np.sqrt((xd * xd).sum(-1, keepdims=True) / width + eps)
    y = xd / scale

    def back(g):
        return (g - y * ((g * y).sum(-1, keepdims=True) / width)) / scale

    if gain is None:
        return Tensor(y, (x,), lambda g: (back(g),))
    gd = gain.data
    return Tensor(y * gd, (x, gain), lambda g: (back(g * gd), (g * y).sum(0)))


def layer_norm(x, gain, bias, eps=1e-5):
    """Shift and scale every row to mean 0 and variance 1, then by a learned gain and bias."""
    width = x.data.shape[-1]
    y = x.data - x.data.sum(-1, keepdims=True) / width
    scale = np.sqrt((y * y).sum(-1, keepdims=True) / width + eps)
    y = y / scale
    gd = gain.data

    def vjp(g):
        h = g * gd
        dx = h - h.sum(-1, keepdims=True) / width - y * ((h * y).sum(-1, keepdims=True) / width)
        return dx / scale, (g * y).sum(0), g.sum(0)

    return Tensor(y * gd + bias.data, (x, gain, bias), vjp)


# ---- attention


class _Pieces(dict):
    """Gradients of several outputs of one operation, {number: gradient}, until all have come."""

    def __add__(self, other):
        return _Pieces(self | other)


def split_heads(x, batch, heads):
    """Cut the columns of x into heads: one (batch, time, h, size) for every h in `heads`."""
    xd = x.data
    rows, width = xd.shape
    size = width // sum(heads)

    def vjp(pieces):
        columns = [
            pieces[i].reshape(rows, h * size) if i in pieces else np.zeros_like(xd[:, : h * size])
            for i, h in enumerate(heads)
        ]
        return (np.concatenate(columns, 1),)

    hub = Tensor(xd, (x,), vjp)
    outputs, start = [], 0
    for i, h in enumerate(heads):
        piece = xd[:, start : start + h * size].reshape(batch, rows // batch, h, size)
        start += h * size
        outputs.append(Tensor(piece, (hub,), lambda g, i=i: (_Pieces({i: g}),)))
    return outputs


def rope(x, cos, sin):
    """Turn each pair (x[i], x[i + size/2]) of a head by the angle of its position.

    x is (batch, time, heads, size); cos and sin are (time, 1, size/2). Turning back by the same
    angle is the gradient.
    """

    def turn(a, s):
        half = a.shape[-1] // 2
        a1, a2 = a[..., :half], a[..., half:]
        return np.concatenate([a1 * cos - a2 * s, a1 * s + a2 * cos], -1)

    return Tensor(turn(x.data, sin), (x,), lambda g: (turn(g, -sin),))


# ---- the end


def cross_entropy(logits, targets, weights):
    """The surprise at each target, -log p(target), summed with the given weights.

    Weights of 1/rows make it the mean; a weight of 0 leaves a position out, so padding and
    prompts need nothing else, and a batch in which every weight is 0 has loss 0.
    """
    rows, classes = logits.data.shape
    z = logits.data - logits.data.max(-1, keepdims=True)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True)
    at = np.arange(rows), targets
    surprise = np.log(total).reshape(-1) - z[at]

    def vjp(g):
        p = e / total
        p[at] -= 1
        p *= (weights * g).reshape(-1, 1)
        return (p,)

    return Tensor(surprise @ weights, (logits,), vjp)
