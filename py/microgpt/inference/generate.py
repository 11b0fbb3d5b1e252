"""Writing: the model reads what is there, one token is drawn, and so on."""

import copy
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..autograd import no_grad
from ..tokenizer.special import ends_of
from .engine import Engine, Row
from .sampling import Sampling, probabilities

# {model: an engine that nobody uses}. What it has recorded is used again; what is written does not
# depend on it, and it goes with its model.
_idle = WeakKeyDictionary()


class Token(NamedTuple):  # made for each: a dataclass would be felt
    """A token that was written."""

    id: int
    text: str  # what it adds to the text; empty for the end and within a character
    probability: float  # how likely it was
    end: bool  # the model says the document is over
    unseen: int = 0  # how many tokens at the beginning the model no longer saw when it chose this


def next_logits(model, ids):
    """Scores (V,) for the token after ids; what lies further back than the block is not seen."""
    context = np.array([ids[-model.config.block_size :]])
    with no_grad():
        return model.last_logits(context)[0]


def generate(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None, engine=None):
    """Yield tokens that continue the prompt until the model ends the document or at max_tokens.

    Where the block is full the window slides, and the model no longer sees the beginning: `unseen`
    of a Token says so. A model of a running text hardly ever ends it: stop, or give max_tokens.
    """
    for _, token in generate_rows(model, tokenizer, [rng], prompt, sampling, max_tokens, engine):
        yield token


def generate_rows(model, tokenizer, rngs, prompt="", sampling=None, max_tokens=None, engine=None):
    """Yield (row, token) for several continuations of one prompt, written side by side.

    Each row draws from a generator of its own, so a row is the same whatever its neighbours.
    Whoever has an idle `engine` of this model may give it.
    """
    ids = [tokenizer.bos, *tokenizer.encode(prompt)]
    if max_tokens == 0:
        return
    given, engine = engine, engine or _engine_of(model, len(rngs))
    sampling, stops = sampling or Sampling(), ends_of(tokenizer)
    rows = [engine.join(Row(ids, rng, sampling, stops, max_tokens)) for rng in rngs]
    places = {row: (i, tokenizer.stream()) for i, row in enumerate(rows)}
    try:
        while engine.rows:
            for row, id, probability, unseen, _ in engine.step():
                place, stream = places[row]  # a token may end within a character
                end = row.ended == "stop"
                text = ("" if end else stream.push(id)) + (stream.finish() if row.ended else "")
                yield place, Token(id, text, probability, end, unseen)
    except (Exception, KeyboardInterrupt):  # within a step: who knows what it left
        given = engine
        raise
    finally:
        for row in rows:
            engine.leave(row)
        if not given:
            _idle[model] = engine


def _engine_of(model, slots):
    idle = _idle.pop(model, None)
    # Of a copy: an engine that holds the model itself would keep it.
    return idle if idle and idle.slots == slots else Engine(copy.copy(model), slots)


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


def write(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None, engine=None):
    """The prompt and its continuation, as one text.

    By default it ends where the model's block is full, as in the reference.
    """
    if max_tokens is None:
        max_tokens = max(1, model.config.block_size - len(tokenizer.encode(prompt)))
    tokens = generate(model, tokenizer, rng, prompt, sampling, max_tokens, engine)
    return prompt + "".join(token.text for token in tokens)
