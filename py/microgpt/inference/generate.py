"""Writing: the model reads what is there, one token is drawn, and so on."""

from dataclasses import dataclass

import numpy as np

from ..autograd import no_grad
from ..gpt.cache import Cache
from .sampling import Sampling, draw, probabilities


@dataclass(frozen=True)
class Token:
    id: int
    text: str  # what it adds to the text; empty for the end and within a character
    probability: float  # how likely it was
    end: bool  # the model says the document is over


def next_logits(model, ids):
    """Scores (V,) for the token after ids; what lies further back than the block is not seen."""
    context = np.array([ids[-model.config.block_size :]])
    with no_grad():
        return model.logits(context).data[-1]


class Reader:
    """What a model has read, for one or more sequences, and the scores for what comes next.

    Each token is read once and remembered in a cache. When the block is full, the last half of
    it is read anew and the rest forgotten. Without `remember` all that is in view is read anew
    for every token: the same scores, so that a reader can see what the cache saves.
    """

    def __init__(self, model, ids, rows=1, remember=True):
        self.model, self.remember = model, remember
        self.ids = [list(ids) for _ in range(rows)]
        cache = Cache(model.config, 1, model.dtype)
        scores = self._read(np.array([ids[-model.config.block_size :]]), cache)
        self.cache = cache.repeat(rows) if rows > 1 else cache
        self.scores = np.repeat(scores, rows, axis=0)  # (rows, V)

    def add(self, tokens):
        """Read one more token in every sequence."""
        for ids, token in zip(self.ids, tokens):
            ids.append(token)
        config, view = self.model.config, self.cache.length + 1
        full = view > config.block_size
        if full:
            view = max(1, config.block_size // 2)
        if full or not self.remember:
            self.cache = Cache(config, len(self.ids), self.model.dtype)
            tokens = [ids[-view:] for ids in self.ids]
        else:
            tokens = [[token] for token in tokens]
        self.scores = self._read(np.array(tokens), self.cache)

    def keep(self, rows):
        """Go on with some of the sequences only."""
        self.ids = [self.ids[row] for row in rows]
        self.cache.keep(rows)
        self.scores = self.scores[rows]

    def _read(self, ids, cache):
        with no_grad():
            scores = self.model.logits(ids, cache).data
        return scores.reshape(*ids.shape, -1)[:, -1]


def generate(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None, remember=True):
    """Yield tokens that continue the prompt until the model ends the document or at max_tokens.

    By default it stops where the model's block is full.
    """
    rows = generate_rows(model, tokenizer, [rng], prompt, sampling, max_tokens, remember)
    for _, token in rows:
        yield token


def generate_rows(model, tokenizer, rngs, prompt="", sampling=None, max_tokens=None, remember=True):
    """Yield (row, token) for several continuations of one prompt, written side by side.

    Each row draws from a generator of its own, so a row is the same whatever its neighbours.
    Without `remember` there is no cache, and everything is read anew for every token.
    """
    sampling = sampling or Sampling()
    ids = [tokenizer.bos, *tokenizer.encode(prompt)]
    if max_tokens is None:
        max_tokens = max(1, model.config.block_size + 1 - len(ids))
    reader, rows = Reader(model, ids, len(rngs), remember), list(range(len(rngs)))
    streams = [tokenizer.stream() for _ in rngs]  # a token may end within a character
    for count in range(1, max_tokens + 1):
        drawn = []
        for row, scores, seen in zip(rows, reader.scores, reader.ids):
            # The mark in front was not written: a penalty on it would be one on ending.
            p = probabilities(scores, sampling, seen[1:])
            token = draw(p, rngs[row])
            end = token == tokenizer.bos
            drawn.append(token)
            text = "" if end else streams[row].push(token)
            if end or count == max_tokens:
                text += streams[row].finish()
            yield row, Token(token, text, float(p[token]), end)
        going = [i for i, token in enumerate(drawn) if token != tokenizer.bos]
        if not going or count == max_tokens:
            return
        if len(going) < len(rows):
            reader.keep(going)
            rows = [rows[i] for i in going]
        reader.add([drawn[i] for i in going])


def write(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None):
    """The prompt and its continuation, as one text."""
    tokens = generate(model, tokenizer, rng, prompt, sampling, max_tokens)
    return prompt + "".join(token.text for token in tokens)
