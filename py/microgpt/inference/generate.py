"""Writing: the model reads what is there, one token is drawn, and so on."""

from dataclasses import dataclass

import numpy as np

from ..autograd import no_grad
from .sampling import Sampling, draw, probabilities


@dataclass(frozen=True)
class Token:
    id: int
    text: str  # what it adds to the text; empty for the end
    probability: float  # how likely it was
    end: bool  # the model says the document is over


def next_logits(model, ids):
    """Scores (V,) for the token after ids; what lies further back than the block is not seen."""
    context = np.array([ids[-model.config.block_size :]])
    with no_grad():
        return model.logits(context).data[-1]


def generate(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None):
    """Yield tokens that continue the prompt until the model ends the document or at max_tokens.

    By default it stops where the model's block is full. Asked for more, it goes on with the last
    `block_size` tokens in sight.
    """
    sampling = sampling or Sampling()
    ids = [tokenizer.bos, *tokenizer.encode(prompt)]
    if max_tokens is None:
        max_tokens = max(1, model.config.block_size + 1 - len(ids))
    for _ in range(max_tokens):
        p = probabilities(next_logits(model, ids), sampling)
        token = draw(p, rng)
        end = token == tokenizer.bos
        yield Token(token, "" if end else tokenizer.decode([token]), float(p[token]), end)
        if end:
            return
        ids.append(token)


def write(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None):
    """The prompt and its continuation, as one text."""
    tokens = generate(model, tokenizer, rng, prompt, sampling, max_tokens)
    return prompt + "".join(token.text for token in tokens)
