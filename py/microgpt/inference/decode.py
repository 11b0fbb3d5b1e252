"""Reading one more token, recorded once and replayed for every position."""

import weakref

import numpy as np

from ..autograd import no_grad
from ..gpt.cache import Cache, TracedCache
from ..gpt.model import check_ids
from ..gpt.positions import Positions
from ..recorder.record import Recorded

FIRST_SPAN = 16  # positions of the cache that are looked at; doubled when they are full

_idle = weakref.WeakKeyDictionary()  # {model: {(rows, machine): [decoders nobody uses]}}


class Decoder:
    """Reads one token a call in each of B sequences, into a cache of its own."""

    def __init__(self, model, rows, machine=None):
        # A copy that is not the model itself: that one, and its decoders with it, is forgotten
        # when nobody else holds it.
        self._model = model.bind(model.weights.flat, model.weights.flat_grad)
        self.cache = cache = Cache(model.config, rows, model.dtype)
        state = {"weights": model.weights.flat}
        state |= {"keys": cache.keys, "values": cache.values, "last": cache.last}
        self._step = Recorded(reading(self._model), state, machine)
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


def decoder(model, cache, user, machine=None):
    """A decoder that goes on from a cache; it is idle again when its user is gone."""
    rows = len(cache.last)
    idle = _idle.setdefault(model, {}).setdefault((rows, machine), [])
    chosen = idle.pop() if idle else Decoder(model, rows, machine)
    length = chosen.cache.length = cache.length
    chosen.cache.keys[:, :length] = cache.keys[:, :length]
    chosen.cache.values[:, :length] = cache.values[:, :length]
    chosen.cache.last[...] = cache.last
    weakref.finalize(user, idle.append, chosen).atexit = False
    return chosen
