"""The layers of a transformer as fused operations, each with its gradient beside it.

They could be composed from the small operations; written whole they are shorter to read, several
times faster, and keep fewer arrays alive. Activations are matrices of (batch * time, channels),
heads (batch, time, heads, size). Arrays go in and arrays come out, as in `ops`.
"""

import numpy as np

from .ops import one_hot, softmax
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
        full = np.zeros((size, width), g.dtype)
        order = np.argsort(flat, kind="stable")  # rows of one id side by side, then summed
        first = np.flatnonzero(np.diff(flat[order], prepend=-1))
        full[flat[order][first]] = np.add.reduceat(g[order], first)
        return (full,)

    return Tensor(table.data[flat], (table,), vjp)


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
    y = np.zeros((rows // time, time, width), x.data.dtype)
    y[:, 1:] = x.data.reshape(-1, time, width)[:, :-1]
    if before is not None:
        y[:, 0] = before

    def vjp(g):
        full = np.zeros((rows // time, time, width), g.dtype)
        full[:, :-1] = g.reshape(-1, time, width)[:, 1:]
        return (full.reshape(rows, width),)

    return Tensor(y.reshape(rows, width), (x,), vjp)


def scaled(x, scales, i):
    """x times the learned number scales[i]."""
    s, xd, size = scales.data[i], x.data, scales.data.shape

    def vjp(g):
        full = np.zeros(size, g.dtype)
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
        full = np.empty((g.shape[0], 2 * half), g.dtype)
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


class _Parts:
    """The gradients of several outputs of one operation, gathered until all have come."""

    __slots__ = ("parts",)

    def __init__(self, parts):
        self.parts = parts

    def __add__(self, other):
        pairs = zip(self.parts, other.parts)
        return _Parts([b if a is None else a if b is None else a + b for a, b in pairs])


def split_heads(x, batch, heads):
    """Cut the columns of x into heads: one (batch, time, h, size) for every h in `heads`."""
    rows, width = x.data.shape
    size = width // sum(heads)

    def vjp(gathered):
        columns = [
            np.zeros((rows, h * size), x.data.dtype) if g is None else g.reshape(rows, h * size)
            for g, h in zip(gathered.parts, heads)
        ]
        return (np.concatenate(columns, 1),)

    hub = Tensor(x.data, (x,), vjp)
    outputs, start = [], 0
    for i, h in enumerate(heads):
        piece = x.data[:, start : start + h * size].reshape(batch, rows // batch, h, size)
        start += h * size
        outputs.append(Tensor(piece, (hub,), _part(i, len(heads))))
    return outputs


def _part(i, n):
    return lambda g: (_Parts([g if j == i else None for j in range(n)]),)


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


def attention(q, k, v, mask):
    """Every position looks at those the mask allows: softmax(q kᵀ / √size + mask) v, by head.

    q is (batch, time, heads, size); k and v may be longer in time and have fewer heads, each then
    serving a group of neighbouring q heads. The mask, (time, keys), is -inf where a position may
    not look. The result is (batch * time, heads * size).
    """
    batch, time, heads, size = q.data.shape
    keys, kv_heads = k.data.shape[1:3]
    group = heads // kv_heads
    scale = size**-0.5
    # A group of query heads is more rows for the same keys: (batch, kv_heads, group * time, size)
    qh = (q.data * scale).swapaxes(1, 2).reshape(batch, kv_heads, group * time, size)
    kh, vh = k.data.swapaxes(1, 2), v.data.swapaxes(1, 2)
    e = (qh @ kh.swapaxes(-1, -2)).reshape(batch, heads, time, keys)
    e += mask
    e -= e.max(-1, keepdims=True)
    np.exp(e, out=e)
    # p = e / total is never computed: it is cheaper to divide the smaller arrays around it
    total = e.sum(-1, keepdims=True).reshape(batch, kv_heads, group * time, 1)
    e = e.reshape(batch, kv_heads, group * time, keys)
    y = (e @ vh) / total

    def vjp(g):
        g = g.reshape(batch, time, heads, size).swapaxes(1, 2)
        g = g.reshape(batch, kv_heads, group * time, size) / total
        ds = g @ vh.swapaxes(-1, -2)
        ds -= (g * y).sum(-1, keepdims=True)  # the same as the row's sum of p * dp
        ds *= e
        dq = (ds @ kh).reshape(batch, heads, time, size)
        dq *= scale
        dk, dv = ds.swapaxes(-1, -2) @ qh, e.swapaxes(-1, -2) @ g
        return dq.swapaxes(1, 2), dk.swapaxes(1, 2), dv.swapaxes(1, 2)

    out = y.reshape(batch, heads, time, size).swapaxes(1, 2)
    return Tensor(out.reshape(batch * time, heads * size), (q, k, v), vjp)


def attention_weights(q, k, mask):
    """How much each position looks at each: (batch, heads, time, keys) arrays, rows of sum one."""
    heads, kv_heads = q.shape[2], k.shape[2]
    k = np.repeat(k, heads // kv_heads, axis=2)
    scores = q.swapaxes(1, 2) @ k.swapaxes(1, 2).swapaxes(-1, -2) * q.shape[-1] ** -0.5
    return softmax(scores + mask)


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
    surprise = np.log(total).reshape(-1) - z[np.arange(rows), targets]

    def vjp(g):
        p = e / total
        p[np.arange(rows), targets] -= 1
        p *= (weights * g).reshape(-1, 1)
        return (p,)

    return Tensor((surprise * weights).sum(), (logits,), vjp)
