"""Generation of every family: rows together, past the block, and nothing recorded."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES, FEW, configuration, new_model
from microgpt.autograd import no_grad
from microgpt.autograd.tensor import grad_enabled
from microgpt.gpt.model import GPT
from microgpt.inference import engine as module
from microgpt.inference.engine import Engine, Row
from microgpt.inference.generate import generate, generate_rows, write
from microgpt.inference.sampling import Sampling, choose, draw, probabilities
from microgpt.tokenizer import CharTokenizer

LETTERS = CharTokenizer.from_documents(["abcdefghij"])  # with the mark of both ends: 11 tokens
WARM, HOT = Sampling(temperature=1.0), Sampling(temperature=3.0)


class Endless(GPT):
    """A model that hardly ever ends a document."""

    def head(self, x, watch=None):
        scores = super().head(x, watch)
        scores.data[:, LETTERS.bos] = -50
        return scores


def endless(name):
    model = new_model(configuration(name))
    model.__class__ = Endless
    return model


def by_the_rule(model, ids, count, sampling, rng):
    """The scores before each token and the tokens, everything read anew every time.

    At most a block is seen; when it is full, the last half of it with the new token is kept.
    """
    block = model.config.block_size
    ids, seen, scores, tokens = list(ids), list(ids)[-block:], [], []
    for _ in range(count):
        with no_grad():
            scores.append(model.logits(np.array([seen])).data[-1])
        tokens.append(draw(probabilities(scores[-1], sampling, ids[1:]), rng))
        ids.append(tokens[-1])
        full = len(seen) == block
        seen = ids[-max(1, block // 2) :] if full else [*seen, tokens[-1]]
    return scores, tokens


def scores_of(model, ids, tokens):
    """The scores from which an engine would have drawn each of these tokens."""
    engine, found = Engine(model), []
    row = engine.join(Row(ids, random.Random(0), forced=tokens))
    for _ in tokens:
        engine.step()
        found.append(engine.scores(row).copy())
    return np.array(found)


@pytest.mark.parametrize("prompt", ["", "abcabca", "jihgfedcba"])
@pytest.mark.parametrize("name", FEW)
def test_past_the_block(name, prompt):
    model = endless(name)
    ids = [LETTERS.bos, *LETTERS.encode(prompt)]
    sampling = Sampling(temperature=0.8, repetition_penalty=1.1)
    scores, tokens = by_the_rule(model, ids, 22, sampling, random.Random(3))
    for engine in (None, Engine(model, remember=False), Engine(model, piece=3)):
        rng = random.Random(3)
        written = generate(model, LETTERS, rng, prompt, sampling, 22, engine)
        assert [token.id for token in written] == tokens
    assert np.abs(scores_of(model, ids, tokens) - np.array(scores)).max() <= 1e-12


@pytest.mark.parametrize("block", [1, 2, 3])
@pytest.mark.parametrize("name", FAMILIES)
def test_tiny_blocks(name, block):
    model = new_model(replace(FAMILIES[name], block_size=block))
    ids = [LETTERS.bos, 1, 2]
    scores, tokens = by_the_rule(model, ids, 9, WARM, random.Random(1))
    assert np.abs(scores_of(model, ids, tokens) - np.array(scores)).max() <= 1e-12


@pytest.mark.parametrize("name", FEW)
def test_rows_together_are_rows_alone(name):
    model = new_model(configuration(name))  # some rows end early, and the others go on
    rows = [[] for _ in range(12)]
    generators = [random.Random(seed) for seed in range(12)]
    for row, token in generate_rows(model, LETTERS, generators, "ab", HOT, 20):
        rows[row].append(token)
    ends = set()
    for seed, row in enumerate(rows):
        alone = list(generate(model, LETTERS, random.Random(seed), "ab", HOT, 20))
        assert [token.id for token in row] == [token.id for token in alone]
        assert [token.text for token in row] == [token.text for token in alone]
        chances = [token.probability for token in alone]
        assert [token.probability for token in row] == pytest.approx(chances, abs=1e-12)
        assert len(row) == 20 or row[-1].end
        assert not any(token.end for token in row[:-1])
        ends.add(len(row))
    assert len(ends) > 1


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_is_recorded_and_nothing_early(name, monkeypatch):
    model, calls = new_model(FAMILIES[name]), []
    original = GPT.hidden

    def spy(self, ids, cache=None, noise=None, watch=None):
        x = original(self, ids, cache, noise, watch)
        calls.append((ids.shape, cache, noise, x.parents, x.vjp, grad_enabled()))
        return x

    monkeypatch.setattr(GPT, "hidden", spy)
    stream = generate(model, LETTERS, random.Random(0), "abc", Sampling(greedy=True), 6)
    assert calls == []
    next(stream)
    assert [call[0] for call in calls] == [(1, 4)]  # the prompt at once, and no more than asked
    assert grad_enabled()  # whoever takes the tokens can train meanwhile
    list(stream)
    assert {call[0] for call in calls[1:]} <= {(1, 1), (1, 4)}
    for _, cache, noise, parents, vjp, recording in calls:
        assert cache is not None and noise is None
        assert parents == () and vjp is None and not recording
    assert not model.weights.flat_grad.any()


@pytest.mark.parametrize("name", FAMILIES)
def test_dropout_and_computing_twice_do_not_reach_generation(name):
    plain = new_model(FAMILIES[name])
    other = new_model(replace(FAMILIES[name], dropout=0.5), recompute=True)
    texts = [write(model, LETTERS, random.Random(1), "ab", WARM, 12) for model in (plain, other)]
    assert texts[0] == texts[1]


def test_a_penalty_leaves_the_end_alone(monkeypatch):
    """The mark in front was not written, so that ending is not made unlikely by it."""
    model, seen = endless("classic"), []

    def spy(scores, sampling, rngs, ids):
        seen.append(list(ids[0]))
        return choose(scores, sampling, rngs, ids)

    monkeypatch.setattr(module, "choose", spy)
    list(generate(model, LETTERS, random.Random(0), "ab", Sampling(repetition_penalty=1.5), 4))
    assert seen[0] == LETTERS.encode("ab")
    assert all(LETTERS.bos not in ids for ids in seen) and len(seen[3]) == 5


def test_texts_share_an_engine():
    """What it has recorded is used again, also after a text that was left in the middle."""
    engine = Engine(endless("microgpt"))
    model, sampling = engine.model, Sampling()
    texts = [write(model, LETTERS, random.Random(1), "ab", sampling, 20, engine) for _ in range(3)]
    recorded = dict(engine._decoder._steps[1, 0].plans)
    assert recorded and len(set(texts)) == 1 and len(texts[0]) == 22
    left = generate(model, LETTERS, random.Random(1), engine=engine)
    next(left), next(left)
    left.close()
    assert not engine.rows
    assert write(model, LETTERS, random.Random(1), "ab", sampling, 20, engine) == texts[0]
    assert engine._decoder._steps[1, 0].plans == recorded


@pytest.mark.parametrize("penalty", [0.5, 1.3, 2.0])
def test_the_penalty(penalty):
    scores = np.array([2.0, -1.0, 0.5, 0.0, 3.0])
    sampling = Sampling(temperature=0.7, repetition_penalty=penalty)
    changed = np.array([2.0 / penalty, -1.0 * penalty, 0.5, 0.0, 3.0]) / 0.7
    expected = np.exp(changed) / np.exp(changed).sum()
    kept = scores.copy()
    assert probabilities(scores, sampling, [0, 1, 0, 3]) == pytest.approx(expected, abs=1e-15)
    assert np.array_equal(scores, kept)
    assert probabilities(scores, sampling, []) == pytest.approx(
        np.exp(scores / 0.7) / np.exp(scores / 0.7).sum()
    )


def test_every_sampling():
    model = endless("llama")
    switches = itertools.product((0, 0.7), (0, 3), (0.5, 1), (0, 0.3), (1, 1.4))
    for temperature, top_k, top_p, min_p, penalty in switches:
        sampling = Sampling(temperature, top_k, top_p, min_p, penalty)
        one, two = (write(model, LETTERS, random.Random(5), "d", sampling, 5) for _ in range(2))
        assert one == two and len(one) == 6
