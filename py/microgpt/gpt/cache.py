"""KV cache: the keys and values of what was read, so that each token is read only once."""

import numpy as np

from ..errors import UserError


class Cache:
    """Keys and values of every layer for B sequences, up to the model's block.

    Positions are filled from the front. The embedding of the last token, before any smear, is
    kept as well: the next one is mixed with it.
    """

    def __init__(self, config, batch, dtype):
        shape = (config.n_layer, config.block_size, batch, config.kv_heads, config.head_size)
        self.keys, self.values = np.zeros(shape, dtype), np.zeros(shape, dtype)
        self.length = 0  # positions filled in every layer
        self.last = np.zeros((batch, config.n_embd), dtype)  # for smear

    def positions(self, model, time):
        """The next positions."""
        return model.positions(self.length, time)

    def extend(self, layer, k, v):
        """Append (B, T, heads, size) keys and values; return all of the layer's, same layout."""
        end = self.length + k.shape[1]
        if end > self.keys.shape[1]:
            raise UserError(
                f"The context is full: this model looks back at most {self.keys.shape[1]} tokens."
            )
        for all_layers, new in ((self.keys, k), (self.values, v)):
            all_layers[layer, self.length : end] = new.swapaxes(0, 1)
            yield all_layers[layer, :end].swapaxes(0, 1)

    def repeat(self, batch):
        """A cache of B copies of this one's only sequence: read a prompt once, go on many times."""
        return self.rows([0] * batch)

    def rows(self, rows):
        """A copy with some of the sequences, in this order."""
        copy = object.__new__(Cache)
        copy.keys, copy.values = self.keys[:, :, rows], self.values[:, :, rows]
        copy.last, copy.length = self.last[rows], self.length
        return copy


class TracedCache:
    """A cache in arrays that are given, for one position that is only known later.

    The model sees `span` positions; the mask hides those that are not filled.
    """

    length = 0

    def __init__(self, keys, values, last, positions, span):
        self.keys, self.values, self.last = keys, values, last
        self._positions, self._span = positions, span

    def positions(self, model, time):
        return self._positions

    def extend(self, layer, k, v):
        for all_layers, new in ((self.keys, k), (self.values, v)):
            all_layers[layer][self._positions.index] = new.swapaxes(0, 1)
            yield all_layers[layer][: self._span].swapaxes(0, 1)
