"""The losses that a model has to beat."""

import math
import random

import numpy as np
import pytest
from microgpt.data.baselines import bigram_loss, uniform_loss
from microgpt.tokenizer.chars import CharTokenizer


def test_guessing():
    assert uniform_loss(27) == pytest.approx(3.2958, abs=1e-4)


def test_counting_by_hand():
    # Token 2 marks the ends; add-one over three tokens.
    train = [np.array([2, 0, 1, 2]), np.array([2, 0, 0, 2])]
    # 2→0: 2 of 2; 0→1: 1 of 3; 1→2: 1 of 1
    expected = -(math.log(3 / 5) + math.log(2 / 6) + math.log(2 / 4)) / 3
    assert bigram_loss(train, [np.array([2, 0, 1, 2])], 3) == pytest.approx(expected)
    # 0→0: 1 of 3; the pair 2→2 stands only where two rows meet, which is no pair.
    expected = -math.log(1 / 5)
    assert bigram_loss(train, [np.array([2, 2])], 3) == pytest.approx(expected)


def test_large_vocabularies_give_the_same():
    generator = np.random.default_rng(0)
    rows = [generator.integers(0, 50, size) for size in generator.integers(2, 30, 200)]
    table = bigram_loss(rows[:100], rows[100:], 2048, smoothing=0.5)
    # The same chances by hand, for a vocabulary too large for a table of all pairs.
    for vocab_size in (2048, 2049, 100_000):
        counts = np.zeros((50, 50))
        for row in rows[:100]:
            np.add.at(counts, (row[:-1], row[1:]), 1)
        chances = (counts + 0.5) / (counts.sum(1, keepdims=True) + 0.5 * vocab_size)
        chosen = np.concatenate([chances[row[:-1], row[1:]] for row in rows[100:]])
        loss = bigram_loss(rows[:100], rows[100:], vocab_size, smoothing=0.5)
        assert loss == pytest.approx(-np.log(chosen).mean())
    assert table == pytest.approx(bigram_loss(rows[:100], rows[100:], 2049, 0.5), rel=1e-3)


@pytest.mark.parametrize("vocab_size", [27, 5000])
def test_nothing_learned_is_guessing_and_nothing_held_out_is_no_number(vocab_size):
    row = np.array([0, 1, 0])
    assert bigram_loss([], [row], vocab_size) == pytest.approx(uniform_loss(vocab_size))
    assert math.isnan(bigram_loss([row], [], vocab_size))


def test_the_figures_of_the_reference(names_file):
    names = names_file.read_text().split()
    random.seed(42)
    random.shuffle(names)
    rows = CharTokenizer.from_documents(names).encode_rows(names)
    assert bigram_loss(rows[:1000], rows[1000:6000], 27) == pytest.approx(2.507, abs=5e-4)
    assert bigram_loss(rows[:26000], rows[-5000:], 27) == pytest.approx(2.455, abs=5e-4)
