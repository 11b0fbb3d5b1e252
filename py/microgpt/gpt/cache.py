"""KV cache: the keys and values of what was read, so that each token is read only once."""

import numpy as np

from ..errors import UserError


class Cache:
    """Keys and values of every layer for B sequences of one length, up to the model's block.

    A sequence is one contiguous part, head after head of layer after layer, so that what a head
    looks at is one piece of memory; positions are filled from the front. The embedding of the last
    token, before any smear, is kept as well: the next one is mixed with it.

    Where sequences are filled up to one length, `ends` (B,) says where each ends in what is read.
    """

    ends = None

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

    def clear(self):
        self.length = 0
        self.last.fill(0)


class TracedCache:
    """A cache in arrays that are given, for one position of each sequence that is known later.

    `places`, (layer, B, heads), says where it lies among all positions of all heads. The model sees
    `span` positions; the mask hides those that are not filled.
    """

    length, ends = 0, None

    def __init__(self, keys, values, last, positions, places, span):
        self.keys, self.values, self.last = keys, values, last
        self._positions, self._places, self._span = positions, places, span

    def positions(self, model, time):
        return self._positions

    def extend(self, layer, k, v):
        for whole, new in ((self.keys, k), (self.values, v)):
            whole.reshape(-1, whole.shape[-1])[self._places[layer]] = new[:, 0]
            yield whole[:, layer, :, : self._span].swapaxes(1, 2)
