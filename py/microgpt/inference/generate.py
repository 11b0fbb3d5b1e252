"""Writing: the model reads what is there, one token is drawn, and so on."""

from dataclasses import dataclass

import numpy as np

from ..autograd import no_grad
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


def generate(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None):
    """Yield tokens that continue the prompt until the model ends the document or at max_tokens.

    By default it stops where the model's block is full. Asked for more, it goes on with the last
    `block_size` tokens in sight.
    """
    sampling = sampling or Sampling()
    ids = [tokenizer.bos, *tokenizer.encode(prompt)]
    if max_tokens is None:
        max_tokens = max(1, model.config.block_size + 1 - len(ids))
    stream = tokenizer.stream()  # a token may end within a character
    for count in range(1, max_tokens + 1):
        p = probabilities(next_logits(model, ids), sampling)
        token = draw(p, rng)
        end = token == tokenizer.bos
        text = "" if end else stream.push(token)
        if end or count == max_tokens:
            text += stream.finish()
        yield Token(token, text, float(p[token]), end)
        if end:
            return
        ids.append(token)


def write(model, tokenizer, rng, prompt="", sampling=None, max_tokens=None):
    """The prompt and its continuation, as one text."""
    tokens = generate(model, tokenizer, rng, prompt, sampling, max_tokens)
    return prompt + "".join(token.text for token in tokens)
