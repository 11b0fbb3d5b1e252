"""The numpy model beside the scalar one of lesson one: with the same weights, the same numbers."""

import random

import numpy as np

from ..gpt.config import GPTConfig
from ..gpt.model import GPT
from .scalar import ScalarGPT


def both_models(config, seed=7):
    """(numpy model, scalar model) of the reference's family, drawn from the same seed."""
    ours = GPT(config, np.float64)
    ours.init_weights(random.Random(seed))
    theirs = ScalarGPT(
        random.Random(seed),
        config.vocab_size,
        config.block_size,
        config.n_layer,
        config.n_head,
        config.n_embd,
        config.init_std,
    )
    return ours, theirs


def largest_differences(ours, theirs, tokens):
    """{what: the largest difference} of both models on one document that fits in the block.

    Of weights, of scores for every next token, of the loss, and of its gradient by every weight.

    >>> models = both_models(GPTConfig(vocab_size=4, block_size=5, n_head=2, n_embd=6))
    >>> max(largest_differences(*models, [3, 0, 2, 1, 3]).values()) < 1e-12
    True
    """
    ids, targets = np.array([tokens[:-1]]), np.array([tokens[1:]])
    past = theirs.new_past()
    scores = [theirs.logits(token, i, past) for i, token in enumerate(tokens[:-1])]
    expected = theirs.loss(tokens)
    expected.backward()
    ours.zero_grad()
    loss = ours.loss(ids, targets, np.full(ids.shape, 1 / ids.size))
    ours.backward(loss)
    pairs = {
        "weights": (ours.weights.flat, [p.data for p in theirs.parameters()]),
        "logits": (ours.logits(ids).data, [[x.data for x in row] for row in scores]),
        "loss": (loss.data, expected.data),
        "gradients": (ours.weights.flat_grad, [p.grad for p in theirs.parameters()]),
    }
    return {what: float(np.abs(a - np.array(b)).max()) for what, (a, b) in pairs.items()}


def compare(config=None, seed=3):
    """The largest differences on a random document that fills the block of a model."""
    config, rng = config or GPTConfig(), random.Random(seed)
    tokens = [rng.randrange(config.vocab_size) for _ in range(config.block_size + 1)]
    return largest_differences(*both_models(config), tokens)
