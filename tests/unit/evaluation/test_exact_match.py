"""Exact match: only the right answer counts, whole and ended; and how sure a share is."""

import doctest

import numpy as np
import pytest
from microgpt.evaluation import score as scores
from microgpt.evaluation.exact_match import engine_for, exact_match, result_of
from microgpt.evaluation.score import Score
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.tokenizer import CharTokenizer


def test_the_examples_hold():
    assert doctest.testmod(scores).failed == 0


@pytest.fixture(scope="module")
def parrot():
    """(model, tokenizer): after "=" it always writes "ab", and then ends."""
    tokenizer = CharTokenizer.from_documents(["ab=x"])
    a, b, mark = (tokenizer.encode(letter)[0] for letter in "ab=")
    config = GPTConfig(vocab_size=tokenizer.vocab_size, n_embd=8, n_head=2, n_layer=1)
    model = GPT(config, np.dtype("float64"))
    follows = {mark: a, a: b, b: tokenizer.bos}
    named = model.weights.named()
    for array in named.values():
        array[:] = 0
    for token in range(tokenizer.vocab_size):
        named["wte"][token, token] = 1
        if token in follows:
            named["lm_head"][follows[token], token] = 9
    return model, tokenizer


@pytest.mark.parametrize(
    "answer, right",
    [("ab", 1), ("a", 0), ("abb", 0), ("ba", 0), ("", 0)],
)
def test_only_the_whole_answer_is_right(parrot, answer, right):
    assert result_of(exact_match(*parrot, [("x=", answer)])) == Score(right, 1)


def test_many_questions_and_an_engine_that_is_used_again(parrot):
    questions = [("xx=", "ab"), ("ab=", "ab"), ("x=", "x")] * 20
    engine = engine_for(parrot[0])
    for _ in range(2):
        assert result_of(exact_match(*parrot, questions, engine)) == Score(40, 60)


def test_it_can_be_left_between_two_tokens(parrot):
    asked = exact_match(*parrot, [("x=", "ab")] * 3)
    assert next(asked) == 0
    asked.close()


def test_nothing_asked(parrot):
    assert result_of(exact_match(*parrot, [])) == Score(0, 0)


def test_an_interval_holds_the_share_it_is_for():
    rng = np.random.default_rng(0)
    for share in (0.02, 0.5, 0.97):
        right = rng.binomial(100, share, 2000)
        held = [low <= share <= high for low, high in (Score(int(r), 100).interval for r in right)]
        assert 0.93 < np.mean(held) < 0.99
