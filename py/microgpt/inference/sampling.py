"""From scores to the next token: which are allowed, how likely each is, and the draw."""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from ..errors import UserError
from ..settings import Settings, setting


@dataclass(frozen=True)
class Sampling(Settings):
    """How the next token is chosen among the likely ones."""

    temperature: float = setting(0.5, "below 1 bolder, above 1 more even", low=0, high=100)
    top_k: int = setting(0, "only the k likeliest tokens; 0 is all", low=0, high=1 << 24)
    top_p: float = setting(1.0, "only the likeliest that reach this together", above=0, high=1)
    min_p: float = setting(
        0.0, "only those at least this part as likely as the first", low=0, high=1
    )
    repetition_penalty: float = setting(
        1.0, "above 1: what was written already becomes less likely", above=0, high=100
    )
    greedy: bool = setting(False, "always the likeliest token: no chance at all")

    @property
    def looks_back(self):
        """Whether it matters what was written before."""
        return self.repetition_penalty != 1

    @property
    def is_greedy(self):
        return self.greedy or self.temperature < 1e-6  # dividing by less could overflow


def probabilities(logits, sampling, seen=()):
    """The chance of every token (V,) under the settings; tokens that are cut have none.

    The penalty for what was seen and the temperature first, then top-k, top-p and min-p, each on
    what the one before left. For several rows (B, V) at once `seen` has a list for each.
    """
    weights = _weights(np.asarray(logits, np.float64), sampling, seen)
    weights /= np.add.reduce(weights, -1, None, None, True)
    return weights


def choose(logits, sampling, rngs, seen=()):
    """(a token id, its chance) for every row of scores (B, V), in two lists.

    Each token is drawn as `rng.choices` of the row's own generator would draw it.
    """
    weights = _weights(logits, sampling, seen)
    tokens, sums = _draw(weights, rngs)
    return tokens, [
        weights.item(row, token) / total
        for row, (token, total) in enumerate(zip(tokens, sums[:, -1].tolist()))
    ]


def log_probabilities(scores, token, count):
    """(the log-probability of a token, [(id, that of it)] of the likeliest), before any cut."""
    scores = scores.astype(np.float64)
    scores -= scores.max()
    scores -= np.log(np.exp(scores).sum())
    best = np.argpartition(-scores, min(count, len(scores) - 1))[:count] if count else ()
    tops = sorted(((int(id), float(scores[id])) for id in best), key=lambda top: (-top[1], top[0]))
    return float(scores[token]), tops


class Shift:
    """What is added to the scores of one text: a bias of tokens, penalties for what it has said.

    `presence` is taken once from every token that was drawn, `frequency` for each time.
    """

    def __init__(self, vocab_size, bias=None, presence=0.0, frequency=0.0):
        self._added = np.zeros(vocab_size)
        for id, value in (bias or {}).items():
            self._added[id] += value
        self._presence, self._frequency, self._seen = presence, frequency, set()

    def change(self, scores):
        scores += self._added.astype(scores.dtype)

    def count(self, token):
        """This token was drawn."""
        if token not in self._seen:
            self._seen.add(token)
            self._added[token] -= self._presence
        self._added[token] -= self._frequency


def draw(p, rng):
    """One token id, drawn with the given chances from Python's own generator."""
    return _draw(p[None], [rng])[0][0]


def _draw(weights, rngs):
    """(token ids, the sums of the weights (B, V) from the first on)"""
    sums = np.add.accumulate(weights.astype(np.float64), -1)
    # At most 1 - 2**-53 of the last sum: even rounded that is below it.
    targets = np.array([[rng.random()] for rng in rngs]) * sums[:, -1:]
    return (sums > targets).argmax(-1).tolist(), sums


def _weights(logits, sampling, seen):
    """What is in proportion to the chances: the likeliest token has 1."""
    if sampling.looks_back:
        logits = logits.copy()
        for row, ids in zip(np.atleast_2d(logits), seen if logits.ndim > 1 else [seen]):
            _penalise(row, ids, sampling.repetition_penalty)
    top = np.maximum.reduce(logits, -1, None, None, True)
    if not all(map(isfinite, top.ravel().tolist())):  # one that is no number would be the largest
        raise UserError(
            "The model's scores are not numbers: its weights are damaged or far too large; use"
            " another copy, or train it again with a lower learning rate."
        )
    if sampling.is_greedy:
        p = np.zeros_like(logits)
        np.put_along_axis(p, logits.argmax(-1, keepdims=True), 1.0, -1)
        return p
    p = logits - top
    p /= sampling.temperature
    np.exp(p, p)
    if 0 < sampling.top_k < p.shape[-1]:
        least = -np.partition(-p, sampling.top_k - 1)[..., sampling.top_k - 1, None]
        _keep(p, sampling.top_k, least)
    if sampling.top_p < 1:
        ranked = -np.sort(-p)
        before = np.cumsum(ranked, -1) - ranked
        # The one that crosses the line stays.
        inside = before < sampling.top_p * p.sum(-1, keepdims=True)
        count = np.count_nonzero(inside, axis=-1, keepdims=True)
        _keep(p, count, np.take_along_axis(ranked, count - 1, -1))
    if sampling.min_p > 0:
        p[p < sampling.min_p * p.max(-1, keepdims=True)] = 0
    return p


def _keep(p, count, least):
    """Keep the `count` largest of each row, of which `least` is the last: of equals the first."""
    larger, equal = p > least, p == least
    left = count - np.count_nonzero(larger, axis=-1, keepdims=True)
    p[~(larger | (equal & (np.cumsum(equal, -1) <= left)))] = 0


def _penalise(logits, ids, penalty):
    """Make tokens that were seen less likely, in place, however often they were seen."""
    if len(ids):
        logits[ids] *= np.where(logits[ids] > 0, 1 / penalty, penalty)
