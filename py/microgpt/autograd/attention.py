"""Attention: positions look at each other, each head by itself.

A position sees no later one, so half of a long sequence's table of scores would be wasted work.
Long sequences are therefore cut into blocks of positions, and a block is compared only with the
keys that one of its positions may see.
"""

import numpy as np

from .ops import as_one_call, softmax
from .tensor import Tensor

BLOCK = 64  # positions; products of smaller arrays are slower, larger blocks waste more scores


def attend(q, k, v, mask):
    """Scaled dot-product attention: softmax(q kᵀ / √size + mask) v for every head.

    q is (batch, time, heads, size); k and v may be longer in time and have fewer heads, each then
    serving a group of neighbouring q heads. The mask, (time, keys) or one for each of the batch, is
    -inf where a position may not look. The result is (batch * time, heads * size).
    """
    batch, time, heads, size = q.data.shape
    spans = _spans(mask, time)
    blocks = [
        _attend_block(q.data[:, own], k.data[:, seen], v.data[:, seen], mask[..., own, seen])
        for own, seen in spans
    ]

    def vjp(g):
        g = g.reshape(batch, time, heads, size)
        grads = [back(g[:, own]) for (own, _), (_, back) in zip(spans, blocks)]
        if len(grads) == 1:
            return grads[0]
        dk, dv = np.zeros_like(k.data), np.zeros_like(v.data)
        for (_, seen), (_, block_dk, block_dv) in zip(spans, grads):
            dk[:, seen] += block_dk
            dv[:, seen] += block_dv
        return np.concatenate([dq for dq, _, _ in grads], 1), dk, dv

    y = blocks[0][0] if len(blocks) == 1 else np.concatenate([y for y, _ in blocks], 1)
    return Tensor(y.reshape(batch * time, heads * size), (q, k, v), vjp)


def _spans(mask, time):
    """[(positions, keys that they see)] of the blocks."""
    if time < 2 * BLOCK:
        return [(slice(None), slice(None))]
    spans = []
    for start in range(0, time, BLOCK):
        own = slice(start, start + BLOCK)
        seen = np.flatnonzero((mask[own] > -np.inf).any(0))
        spans.append((own, slice(int(seen[0]), int(seen[-1]) + 1)))
    return spans


def _attend_block(q, k, v, mask):
    """(the result for the positions of q, (batch, time, heads, size); its gradient, a function)"""
    batch, time, heads, size = q.shape
    keys, kv_heads = k.shape[1:3]
    group = heads // kv_heads
    scale = size**-0.5
    # A group of query heads is more rows for the same keys: (batch, kv_heads, group * time, size)
    qh = (q * scale).swapaxes(1, 2).reshape(batch, kv_heads, group * time, size)
    kh, vh = k.swapaxes(1, 2), v.swapaxes(1, 2)
    # Scores stand as (keys, rows): numpy finds a maximum down columns several times faster, unless
    # the rows are the few heads of a single position.
    e = (qh @ kh.swapaxes(-1, -2)).swapaxes(-1, -2) if time == 1 else kh @ qh.swapaxes(-1, -2)
    e = e.reshape(batch, kv_heads, keys, group, time)
    e += mask.swapaxes(-1, -2).reshape(*mask.shape[:-2], 1, keys, 1, time)
    e = e.reshape(batch, kv_heads, keys, group * time)
    e -= e.max(-2, keepdims=True)
    np.exp(e, out=e)
    # p = e / total is never computed: it is cheaper to divide the smaller arrays around it
    total = e.swapaxes(-1, -2).sum(-1, keepdims=True)
    y = (e.swapaxes(-1, -2) @ vh) / total

    def back(g):
        g = g.swapaxes(1, 2).reshape(batch, kv_heads, group * time, size) / total
        ds = vh @ g.swapaxes(-1, -2)
        # the same as the row's sum of p * dp
        ds -= (g * y).sum(-1, keepdims=True).swapaxes(-1, -2)
        ds *= e
        dq = (ds.swapaxes(-1, -2) @ kh).reshape(batch, heads, time, size) * scale
        dk, dv = ds @ qh, e @ g
        return dq.swapaxes(1, 2), dk.swapaxes(1, 2), dv.swapaxes(1, 2)

    return y.reshape(batch, heads, time, size).swapaxes(1, 2), back


def attend_each(q, k, v, mask, lengths):
    """`attend` for one position of each sequence, without a gradient.

    Of the keys only the first `lengths` (batch,) are read, each sequence's own: the mask, (batch,
    1, keys), hides what lies behind. Where they differ much, that is most of what would be read.
    """
    batch, _, heads, size = q.data.shape
    keys, kv_heads = k.data.shape[1:3]
    group = heads // kv_heads
    qh = (q.data * size**-0.5).reshape(batch, kv_heads, group, size)
    hidden = mask.reshape(batch, 1, 1, keys) + np.zeros((1, kv_heads, group, 1), mask.dtype)
    e = np.zeros_like(hidden)
    scores_of_each(qh, k.data.swapaxes(1, 2), lengths, e)
    e += hidden
    e -= e.max(-1, keepdims=True)
    np.exp(e, out=e)
    y = np.zeros_like(qh)
    values_of_each(e, v.data.swapaxes(1, 2), lengths, y)
    return Tensor((y / e.sum(-1, keepdims=True)).reshape(batch, heads * size))


@as_one_call
def scores_of_each(q, k, lengths, e):
    """q kᵀ of each sequence."""
    for own, theirs, length, row in zip(q, k, lengths.tolist(), e):
        np.matmul(own, theirs[:, :length].swapaxes(-1, -2), out=row[..., :length])


@as_one_call
def values_of_each(e, v, lengths, y):
    """e v of each sequence."""
    for row, theirs, length, own in zip(e, v, lengths.tolist(), y):
        np.matmul(row[..., :length], theirs[:, :length], out=own)


def attention_weights(q, k, mask):
    """How much each position looks at each: (batch, heads, time, keys) arrays, rows of sum one."""
    heads, kv_heads = q.shape[2], k.shape[2]
    k = np.repeat(k, heads // kv_heads, axis=2)
    scores = q.swapaxes(1, 2) @ k.swapaxes(1, 2).swapaxes(-1, -2) * q.shape[-1] ** -0.5
    return softmax(scores + mask)
