"""The memory of generation: keys and values of what was read, so that it is read only once."""

import numpy as np

from ..errors import UserError


class Cache:
    """Keys and values of every layer for B sequences, up to the model's block.

    Positions are filled from the front. The embedding of the last token, before any smear, is
    kept as well: the next one is mixed with it.
    """

    def __init__(self, config, batch, dtype):
        shape = (config.n_layer, batch, config.kv_heads, config.block_size, config.head_size)
        self.keys, self.values = np.zeros(shape, dtype), np.zeros(shape, dtype)
        self.length = 0  # positions filled in every layer
        self.last = None  # (B, C), for smear

    def extend(self, layer, k, v):
        """Append (B, T, heads, size) keys and values; return all of the layer's, same layout."""
        end = self.length + k.shape[1]
        if end > self.keys.shape[3]:
            raise UserError(
                f"The context is full: this model looks back at most {self.keys.shape[3]} tokens."
            )
        self.keys[layer, :, :, self.length : end] = k.swapaxes(1, 2)
        self.values[layer, :, :, self.length : end] = v.swapaxes(1, 2)
        keys, values = self.keys[layer, :, :, :end], self.values[layer, :, :, :end]
        return keys.swapaxes(1, 2), values.swapaxes(1, 2)

    def repeat(self, batch):
        """A cache of B copies of this one's only sequence: read a prompt once, go on many times."""
        copy = object.__new__(Cache)
        copy.keys = np.repeat(self.keys, batch, axis=1)
        copy.values = np.repeat(self.values, batch, axis=1)
        copy.length = self.length
        copy.last = None if self.last is None else np.repeat(self.last, batch, axis=0)
        return copy

    def keep(self, rows):
        """Drop the sequences that are not in rows (a list of indices)."""
        self.keys, self.values = self.keys[:, rows], self.values[:, rows]
        self.last = None if self.last is None else self.last[rows]
