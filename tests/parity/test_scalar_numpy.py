"""The numpy model against the scalar one: the same weights, so the same scores and gradients."""

import random

import numpy as np
import pytest
from microgpt.gpt.config import GPTConfig
from microgpt.inference.generate import write
from microgpt.inference.sampling import Sampling
from microgpt.lessons.against_scalar import both_models, compare, largest_differences
from microgpt.lessons.scalar import sample
from microgpt.tokenizer.chars import CharTokenizer

CONFIGS = {
    "the reference": GPTConfig(),
    "two layers, two heads": GPTConfig(vocab_size=4, block_size=5, n_layer=2, n_head=2, n_embd=6),
    "one head, wild weights": GPTConfig(vocab_size=4, block_size=6, n_head=1, init_std=0.4),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_weights_scores_loss_and_gradients(name):
    found = compare(CONFIGS[name])
    assert found.pop("weights") == 0
    assert list(found) == ["logits", "loss", "gradients"] and max(found.values()) <= 1e-12


@pytest.mark.parametrize(
    ("what", "wrong"),
    [("weights", {"loss", "logits", "gradients", "weights"}), ("grad", {"gradients"})],
)
def test_a_difference_is_seen(what, wrong):
    """The comparison can fail: with another weight, or with a gradient that nobody reset."""
    config = CONFIGS["two layers, two heads"]
    ours, theirs = both_models(config)
    if what == "weights":
        ours.weights.flat[0] += 1e-6
    else:
        theirs.wte[0][0].grad = 1e-6
    found = largest_differences(ours, theirs, [0, 1, 2, 3, 0])
    assert {name for name, difference in found.items() if difference > 1e-10} == wrong


def test_the_gradient_is_not_all_small():
    ours, theirs = both_models(CONFIGS["two layers, two heads"])
    largest_differences(ours, theirs, [0, 1, 2, 3, 0])
    assert np.abs(ours.weights.flat_grad).max() > 1e-2


@pytest.mark.parametrize("name", CONFIGS)
def test_samples(name):
    ours, theirs = both_models(CONFIGS[name])
    letters = "abcdefghijklmnopqrstuvwxyz"[: ours.config.vocab_size - 1]
    a, b = random.Random(1), random.Random(1)
    for _ in range(1 if name == "the reference" else 3):
        text = write(ours, CharTokenizer(letters), a, sampling=Sampling(temperature=0.5))
        assert text == sample(theirs, b, letters, temperature=0.5)
    assert a.getstate() == b.getstate()
