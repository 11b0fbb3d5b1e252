"""The numpy model against the scalar one: the same weights, so the same scores and gradients."""

import random

import numpy as np
import pytest
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.inference.generate import write
from microgpt.inference.sampling import Sampling
from microgpt.lessons.scalar import ScalarGPT, sample
from microgpt.tokenizer.chars import CharTokenizer

CONFIGS = {
    "the reference": GPTConfig(),
    "two layers, two heads": GPTConfig(vocab_size=4, block_size=5, n_layer=2, n_head=2, n_embd=6),
    "one head, wild weights": GPTConfig(vocab_size=4, block_size=6, n_head=1, init_std=0.4),
}


@pytest.fixture(params=CONFIGS)
def pair(request):
    """The same model twice, drawn from the same seed."""
    config = CONFIGS[request.param]
    ours = GPT(config, np.float64)
    ours.init_weights(random.Random(7))
    theirs = ScalarGPT(
        random.Random(7),
        config.vocab_size,
        config.block_size,
        config.n_layer,
        config.n_head,
        config.n_embd,
        config.init_std,
    )
    return ours, theirs


def document(config):
    """Tokens that fill the block, with the last one as a target only."""
    rng = random.Random(3)
    return [rng.randrange(config.vocab_size) for _ in range(config.block_size + 1)]


def batch_of(tokens):
    tokens = np.array([tokens])
    n = tokens.shape[1] - 1
    return tokens[:, :-1], tokens[:, 1:], np.full((1, n), 1 / n)


def test_weights_are_drawn_in_the_same_order(pair):
    ours, theirs = pair
    assert ours.weights.flat.tolist() == [p.data for p in theirs.parameters()]


def test_logits(pair):
    ours, theirs = pair
    ids, past = document(ours.config)[:-1], theirs.new_past()
    expected = [[x.data for x in theirs.logits(t, i, past)] for i, t in enumerate(ids)]
    assert np.abs(ours.logits(np.array([ids])).data - expected).max() <= 1e-12


def test_loss_and_gradients(pair):
    ours, theirs = pair
    tokens = document(ours.config)
    expected = theirs.loss(tokens)
    expected.backward()
    ours.zero_grad()
    loss = ours.loss(*batch_of(tokens))
    ours.backward(loss)
    assert loss.item() == pytest.approx(expected.data, abs=1e-12)
    gradient = np.array([p.grad for p in theirs.parameters()])
    assert np.abs(gradient).max() > 1e-2
    assert np.abs(ours.weights.flat_grad - gradient).max() <= 1e-12


def test_samples(pair):
    ours, theirs = pair
    letters = "abcdefghijklmnopqrstuvwxyz"[: ours.config.vocab_size - 1]
    a, b = random.Random(1), random.Random(1)
    for _ in range(3):
        text = write(ours, CharTokenizer(letters), a, sampling=Sampling(temperature=0.5))
        assert text == sample(theirs, b, letters, temperature=0.5)
    assert a.getstate() == b.getstate()
