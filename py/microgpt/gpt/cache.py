"""KV cache: the keys and values of what was read, so that each token is read only once."""

import numpy as np

from ..autograd import Tensor
from ..autograd.layers import previous
from ..errors import UserError
from .positions import Positions, attend_at


class Cache:
    """Keys and values of every layer for B sequences of one length, up to the model's block.

    A sequence is one contiguous part, head after head of layer after layer, so that what a head
    looks at is one piece of memory; positions are filled from the front. The embedding of the last
    token, before any smear, is kept as well: the next one is mixed with it.

    Where sequences are filled up to one length, `ends` (B,) says where each ends in what is read.
    """

    ends, is_mixed = None, False

    def __init__(self, config, batch, dtype):
        shape = (batch, config.n_layer, config.kv_heads, config.block_size, config.head_size)
        self.keys, self.values = np.zeros(shape, dtype), np.zeros(shape, dtype)
        self.length = 0  # positions filled in every layer
        self.last = np.zeros((batch, config.n_embd), dtype)  # for smear

    def positions(self, model, time):
        """The next positions."""
        return model.positions(self.length, time)

    def extend(self, layer, k, v):
        """Append (B, T, heads, size) keys and values; yields all of the layer's, same layout."""
        end = self.length + k.shape[1]
        if end > self.keys.shape[3]:
            raise UserError(
                f"The context is full: this model looks back at most {self.keys.shape[3]} tokens."
            )
        for whole, new in ((self.keys, k), (self.values, v)):
            own = whole[:, layer].swapaxes(1, 2)
            own[:, self.length : end] = new
            yield own[:, :end]

    def last_of(self, x):
        """Of x (B, T, C) the last position of each sequence."""
        return x[:, -1] if self.ends is None else x[np.arange(len(x)), self.ends]

    def previous(self, x, time):
        """What stands before each row of x (B·T, C); the last ones are kept for what comes next."""
        before = previous(x, time, self.last)
        self.last[...] = self.last_of(x.data.reshape(-1, time, x.data.shape[-1]))
        return before

    def clear(self):
        self.length = 0
        self.last.fill(0)


class TracedCache(Cache):
    """A cache in arrays that are given, for one position of each sequence that is known later.

    `places`, (layer, B, heads), says where it lies among all positions of all heads. The model sees
    `span` positions; the mask hides those that are not filled.
    """

    length = 0

    def __init__(self, keys, values, last, positions, places, span):
        self.keys, self.values, self.last = keys, values, last
        self._positions, self._places, self._span = positions, places, span

    def positions(self, model, time):
        return self._positions

    def extend(self, layer, k, v):
        for whole, new in ((self.keys, k), (self.values, v)):
            whole.reshape(-1, whole.shape[-1])[self._places[layer]] = new[:, 0]
            yield whole[:, layer, :, : self._span].swapaxes(1, 2)


class MixedCache:
    """Sequences that write one token each, and prompts that are read, side by side in one pass.

    Only attention and smear know whose a row is; everything else is the same for all of them, and
    the weights are fetched once. First stand the rows that write, a `TracedCache`, then `prompts`,
    a `Cache`, with `time` tokens of each. Both are filled as if they had been read by themselves.
    """

    length, is_mixed = 0, True

    def __init__(self, writing, prompts, time):
        self._parts = (writing, 1), (prompts, time)
        self._count = len(writing.last)  # of the rows that write

    def positions(self, model, time):
        self._positions = [cache.positions(model, time) for cache, time in self._parts]
        writing, prompts = [positions.index for positions in self._positions]
        prompts = np.tile(np.arange(prompts.start, prompts.stop), len(self._parts[1][0].last))
        index = np.concatenate([writing, prompts])
        return Positions(index, model.table_rows(index), None)

    def _split(self, x):
        """[(cache, tokens of each of its sequences, its rows of x)]"""
        rows = x[: self._count], x[self._count :]
        return [(cache, time, own) for (cache, time), own in zip(self._parts, rows)]

    def attend(self, layer, q, k, v, window):
        """What every row takes from those of its own sequence: (rows, heads * size)."""
        qkv, parts = zip(*[self._split(x.data) for x in (q, k, v)]), []
        for part, positions in zip(qkv, self._positions):
            q, k, v = [x.reshape(-1, time, *x.shape[2:]) for _, time, x in part]
            k, v = (Tensor(array) for array in part[0][0].extend(layer, k, v))
            parts.append(attend_at(Tensor(q), k, v, positions, window).data)
        return Tensor(np.concatenate(parts))

    def previous(self, x, time):
        parts = self._split(x.data)
        return Tensor(np.concatenate([c.previous(Tensor(x), time).data for c, time, x in parts]))

    def last_of(self, x):
        width = x.shape[-1]
        parts = self._split(x)
        return np.concatenate([c.last_of(x.reshape(-1, time, width)) for c, time, x in parts])
