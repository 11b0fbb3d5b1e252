"""Writing: the model reads what is there, one token is drawn, and so on."""

from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ..autograd import no_grad
from ..gpt.cache import Cache
from .decode import Decoders
from .sampling import Sampling, draw, probabilities


@dataclass(frozen=True)
class Token:
    """A token that was written."""

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

    def __init__(self, model, ids, rows=1, remember=True, decoders=None):
        self.model, self.remember = model, remember
        self._decoders, self._decoder = decoders or Decoders(model), None
        self.ids = [list(ids) for _ in range(rows)]
        self._view = len(ids[-model.config.block_size :])  # how many tokens are in sight
        scores, cache = self._read(np.array([ids[-self._view :]]))
        self.scores = np.repeat(scores, rows, axis=0)  # (rows, V)
        self._go_on(cache.repeat(rows) if rows > 1 else cache)

    def add(self, tokens):
        """Read one more token in every sequence."""
        for ids, token in zip(self.ids, tokens):
            ids.append(token)
        block = self.model.config.block_size
        full = self._view == block
        self._view = max(1, block // 2) if full else self._view + 1
        if full or not self.remember:
            self.scores, cache = self._read(np.array([ids[-self._view :] for ids in self.ids]))
            self._go_on(cache)
        else:
            # Sequences that were dropped are read on, with any token.
            last = np.zeros((len(self._decoder.cache.last), 1), np.intp)
            last[self._rows, 0] = tokens
            scores = self._decoder.read(last)
            self.scores = scores if len(last) == len(tokens) else scores[self._rows]

    def keep(self, rows):
        """Go on with some of the sequences only."""
        self.ids = [self.ids[row] for row in rows]
        self.scores = self.scores[rows]
        if not self.remember:
            return
        self._rows = [self._rows[row] for row in rows]
        cache = self._decoder.cache
        if len(rows) <= len(cache.last) // 2:
            self._go_on(cache.rows(self._rows))

    def _go_on(self, cache):
        if self.remember:
            self.close()
            self._decoder = self._decoders.take(cache)
            self._rows = list(range(len(cache.last)))  # which of the decoder's are still wanted

    def close(self):
        """Give back what it reads with; there is nothing more to read."""
        if self._decoder:
            self._decoders.give_back(self._decoder)
        self._decoder = None

    def _read(self, ids):
        """Scores after ids (B, T), and a cache that has read them."""
        cache = Cache(self.model.config, len(ids), self.model.dtype)
        with no_grad():
            scores = self.model.logits(ids, cache).data
        return scores.reshape(*ids.shape, -1)[:, -1], cache


def generate(
    model,
    tokenizer,
    rng,
    prompt="",
    sampling=None,
    max_tokens=None,
    remember=True,
    decoders=None,
):
    """Yield tokens that continue the prompt until the model ends the document or at max_tokens.

    By default it stops where the model's block is full.
    """
    rows = generate_rows(model, tokenizer, [rng], prompt, sampling, max_tokens, remember, decoders)
    for _, token in rows:
        yield token


def generate_rows(
    model,
    tokenizer,
    rngs,
    prompt="",
    sampling=None,
    max_tokens=None,
    remember=True,
    decoders=None,
):
    """Yield (row, token) for several continuations of one prompt, written side by side.

    Each row draws from a generator of its own, so a row is the same whatever its neighbours.
    Without `remember` there is no cache, and everything is read anew for every token. With
    `decoders` that were used before nothing needs to be recorded again.
    """
    sampling = sampling or Sampling()
    ids = [tokenizer.bos, *tokenizer.encode(prompt)]
    if max_tokens is None:
        max_tokens = max(1, model.config.block_size + 1 - len(ids))
    rows = list(range(len(rngs)))
    streams = [tokenizer.stream() for _ in rngs]  # a token may end within a character
    with closing(Reader(model, ids, len(rngs), remember, decoders)) as reader:
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


@dataclass(frozen=True)
class NextToken:
    """One of the tokens that may come next."""

    text: str
    p: float  # before any token is cut
    kept: bool  # whether top-k, top-p and min-p leave it
    end: bool  # the end of the document


def next_tokens(model, tokenizer, prompt, sampling):
    """Every token with its chance to come next, by id.

    At temperature zero one token has all the chance: shown is what it was chosen from.
    """
    scores = next_logits(model, [tokenizer.bos, *tokenizer.encode(prompt)])
    temperature = sampling.temperature if sampling.temperature >= 1e-6 else 1.0
    before = probabilities(scores, Sampling(temperature=temperature))
    after = probabilities(scores, sampling)
    return [
        NextToken(tokenizer.token_text(i), float(p), bool(after[i] > 0), i == tokenizer.bos)
        for i, p in enumerate(before)
    ]


def write(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None, decoders=None):
    """The prompt and its continuation, as one text."""
    tokens = generate(model, tokenizer, rng, prompt, sampling, max_tokens, decoders=decoders)
    return prompt + "".join(token.text for token in tokens)
