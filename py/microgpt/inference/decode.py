"""Reading one more token, recorded once and replayed for every position."""

import numpy as np

from ..autograd import no_grad
from ..gpt.cache import Cache, TracedCache
from ..gpt.model import check_ids
from ..gpt.positions import Positions
from ..recorder.record import Machine, Recorded

FIRST_SPAN = 16  # positions of the cache that are looked at; doubled when they are full


class Decoder:
    """Reads one token a call in each of B sequences, into a cache of its own."""

    def __init__(self, model, rows, machine=None):
        self._model = model
        self.cache = cache = Cache(model.config, rows, model.dtype)
        state = {"weights": model.weights.flat}
        state |= {"keys": cache.keys, "values": cache.values, "last": cache.last}
        self._step = Recorded(reading(model), state, machine)
        self._places = {}

    def read(self, ids):
        """Scores (B, V) after one more token in every sequence, (B, 1)."""
        check_ids(ids, self._model.config.vocab_size)
        length = self.cache.length
        if length not in self._places:
            self._places[length] = self._place(length)
        scores = self._step(ids, *self._places[length])
        self.cache.length += 1
        return scores

    def step_at(self, ids, length):
        """The recorded step and its inputs, to look at."""
        return self._step, (ids, *self._place(length))

    def _place(self, length):
        """What the step is told of a position: which it is, its table rows, a mask a window."""
        positions, span = self._model.positions(length, 1), FIRST_SPAN
        while span <= length:
            span *= 2
        masks = np.full(
            (len(positions.masks), 1, min(span, self._model.config.block_size)), -np.inf
        )
        for mask, own in zip(masks, positions.masks.values()):
            mask[:, : length + 1] = own
        return np.array([length]), masks.astype(self._model.dtype), *positions.rows


def reading(model):
    """Reading one token as a function of arrays only."""
    windows = list(model.positions(0, 1).masks)

    def read(weights, keys, values, last, ids, index, masks, *rows):
        positions = Positions(index, rows, dict(zip(windows, masks)))
        cache = TracedCache(keys, values, last, positions, span=masks.shape[-1])
        with no_grad():
            return model.bind(weights, weights).logits(ids, cache).data

    return read


class Decoders:
    """The decoders of one model. One that is given back need not be recorded anew for the next.

    Whoever writes several texts keeps this and hands it to each reader.
    """

    def __init__(self, model, machine=None):
        self.model, self.machine = model, machine or Machine()
        self._idle = {}  # {rows: decoders that nobody uses}

    def take(self, cache):
        """A decoder that goes on from a cache."""
        rows, length = len(cache.last), cache.length
        idle = self._idle.get(rows)
        chosen = idle.pop() if idle else Decoder(self.model, rows, self.machine)
        chosen.cache.length = length
        chosen.cache.keys[:, :length] = cache.keys[:, :length]
        chosen.cache.values[:, :length] = cache.values[:, :length]
        chosen.cache.last[...] = cache.last
        return chosen

    def give_back(self, decoder):
        self._idle.setdefault(len(decoder.cache.last), []).append(decoder)
