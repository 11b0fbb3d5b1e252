"""Choosing tokens: every cut and all together, the draw, and the texts that come of it."""

import math
import random

import numpy as np
import pytest
from microgpt.autograd import Tensor
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.inference.generate import generate, next_logits, write
from microgpt.inference.sampling import Sampling, draw, probabilities
from microgpt.tokenizer.chars import CharTokenizer

CHANCES = [0.125, 0.5, 0.25, 0.125]  # exact in binary, and so are their sums


def chances(scores=None, **settings):
    scores = np.log(CHANCES) if scores is None else scores
    settings = {"temperature": 1.0, **settings}
    return probabilities(np.array(scores), Sampling(**settings)).tolist()


# ---- each cut


def test_nothing_is_cut_by_itself():
    assert chances() == pytest.approx(CHANCES)
    assert chances(top_k=4) == chances(top_k=99) == chances(top_p=1) == chances(min_p=0)


def test_temperature():
    assert chances(temperature=0.5) == pytest.approx([p**2 / 0.34375 for p in CHANCES])
    roots = [p**0.5 for p in CHANCES]
    assert chances(temperature=2) == pytest.approx([p / sum(roots) for p in roots])
    assert chances(temperature=100) == pytest.approx([0.25] * 4, abs=0.01)


@pytest.mark.parametrize("cold", [{"greedy": True}, {"temperature": 0}, {"temperature": 1e-320}])
def test_greedy(cold):
    assert chances(**cold) == [0, 1, 0, 0]
    assert chances([3.0, 7.0, 7.0], **cold) == [0, 1, 0]  # the first of equals
    assert chances([-1e9, 1e9, 0.0], top_k=2, top_p=0.1, min_p=1, **cold) == [0, 1, 0]


def test_cold_is_nearly_greedy():
    assert chances([1e3, 1e3 - 1, -1e3], temperature=1e-6) == [1, 0, 0]


def test_top_k():
    assert chances(top_k=1) == [0, 1, 0, 0]
    assert chances(top_k=2) == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert chances(top_k=3) == pytest.approx([1 / 7, 4 / 7, 2 / 7, 0])  # of equals the first
    assert chances([0.0] * 5, top_k=2) == [0.5, 0.5, 0, 0, 0]


def test_top_p():
    scores = [1.0, 3.0, 2.0]  # exact chances are not needed away from the edge
    p = probabilities(np.array(scores), Sampling(temperature=1.0))
    both = p[1] + p[2]
    assert chances(scores, top_p=p[1] * 0.99) == [0, 1, 0]
    # Just over the first, the second crosses the line, and it stays.
    assert chances(scores, top_p=p[1] * 1.01) == pytest.approx([0, p[1] / both, p[2] / both])
    assert chances(scores, top_p=both * 0.999) == pytest.approx([0, p[1] / both, p[2] / both])
    assert chances(scores, top_p=both * 1.001) == pytest.approx(p.tolist())
    assert chances(scores, top_p=1e-12) == [0, 1, 0]  # the likeliest always stays
    # Reaching it exactly is enough.
    assert chances([0.0, 0.0, 0.0, 0.0], top_p=0.5) == [0.5, 0.5, 0, 0]
    assert chances([0.0, 0.0, 0.0, 0.0], top_p=0.51) == pytest.approx([1 / 3] * 3 + [0])


def test_min_p():
    assert chances(min_p=0.24) == pytest.approx(CHANCES)
    assert chances(min_p=0.26) == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert chances(min_p=0.51) == [0, 1, 0, 0]
    assert chances([0.0, 0.0], min_p=1) == [0.5, 0.5]  # equals of the first stay


def test_each_works_on_what_the_one_before_left():
    # 1/2 1/4 1/8 1/8. Of the whole, 0.7 is passed by the second; of the first two it is, too;
    # of the first two, 0.6 is passed by the first alone (2/3), while of all it takes both.
    assert chances(top_p=0.6) == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert chances(top_p=0.6, top_k=2) == [0, 1, 0, 0]
    # Temperature comes before the cuts: cold, the first has 16/22, more than 0.7.
    assert chances(top_p=0.7) == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert chances(top_p=0.7, temperature=0.5) == [0, 1, 0, 0]
    assert chances(min_p=0.3, temperature=0.5) == [0, 1, 0, 0]


def plain(scores, temperature, top_k, top_p, min_p):
    """The same in words of plain Python."""
    top = max(scores)
    weights = {i: math.exp((s - top) / temperature) for i, s in enumerate(scores)}
    ranked = sorted(weights, key=lambda i: -weights[i])
    if top_k:
        ranked = ranked[:top_k]
    if top_p < 1:
        whole, reached, kept = sum(weights[i] for i in ranked), 0.0, []
        while reached < top_p * whole:
            kept.append(ranked.pop(0))
            reached += weights[kept[-1]]
        ranked = kept
    ranked = [i for i in ranked if weights[i] >= min_p * weights[ranked[0]]]
    whole = sum(weights[i] for i in ranked)
    return [weights[i] / whole if i in ranked else 0.0 for i in range(len(scores))]


@pytest.mark.parametrize("seed", range(200))
def test_all_together(seed):
    rng = random.Random(seed)
    # Few different scores, so that there are many equals.
    scores = [rng.choice([rng.gauss(0, 3), 1.5, -1.0]) for _ in range(rng.randint(1, 12))]
    settings = {
        "temperature": rng.choice([0.3, 1.0, 1.7]),
        "top_k": rng.choice([0, 1, 3, 7]),
        "top_p": rng.choice([1.0, rng.random() + 1e-3]) % 1 or 1.0,
        "min_p": rng.choice([0.0, rng.random()]),
    }
    assert chances(scores, **settings) == pytest.approx(plain(scores, **settings))


def test_float32_scores_and_untouched_input():
    scores = np.array([1.0, 3.0, 2.0], np.float32)
    p = probabilities(scores, Sampling(top_k=2))
    assert p.dtype == np.float64 and scores.tolist() == [1, 3, 2]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"temperature": -1}, "temperature must be a number .*at least 0"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_k": -1}, "top_k"),
        ({"top_p": 0}, "top_p must be a number .*above 0 and at most 1"),
        ({"top_p": 1.1}, "top_p"),
        ({"min_p": 1.1}, "min_p"),
    ],
)
def test_mistakes(settings, sentence):
    with pytest.raises(UserError, match=sentence):
        Sampling(**settings)


# ---- the draw


def test_the_largest_draw_of_all_finds_a_token():
    class Highest:
        def random(self):
            return 1 - 2**-53

    for p in np.random.default_rng(0).dirichlet(np.ones(5), 500):
        p[3:] *= p[0] > 0.2  # the last tokens are cut sometimes
        assert draw(p, Highest()) == np.flatnonzero(p)[-1]


def test_draws_are_those_of_random_choices():
    p = np.array(chances(top_k=3))
    ours, theirs = random.Random(5), random.Random(5)
    for _ in range(200):
        assert draw(p, ours) == theirs.choices(range(4), weights=p.tolist())[0]
    assert ours.getstate() == theirs.getstate()


def test_draws_come_as_often_as_they_should():
    p, rng, n = np.array([0.05, 0.5, 0.0, 0.25, 0.2]), random.Random(1), 20_000
    counts = np.bincount([draw(p, rng) for _ in range(n)], minlength=5)
    assert counts[2] == 0
    real = p > 0
    chi_square = (((counts - n * p) ** 2)[real] / (n * p[real])).sum()
    assert chi_square < 11.34  # 99 % of honest draws, three degrees of freedom


# ---- texts

LETTERS = CharTokenizer("abc")


class Script:
    """A model that always continues a → b → c → a, or ends after a letter if told to."""

    def __init__(self, block_size=4, end_after=None):
        self.config, self.dtype = GPTConfig(vocab_size=4, block_size=block_size), np.float64
        self.end_after, self.seen = end_after, []

    def logits(self, ids):
        self.seen.append(ids[0].tolist())
        scores = np.full((ids.size, 4), -30.0)
        for row, last in enumerate(ids[0]):
            end = self.end_after is not None and last == LETTERS.encode(self.end_after)[0]
            scores[row, 3 if end else (last + 1) % 4 if last == 3 else (last + 1) % 3] = 30.0
        return Tensor(scores)


class Unrecorded:
    """A decoder for a Script, which is no function of arrays."""

    def __init__(self, model, slots, machine=None, threads=None):
        self.model, self.lengths = model, [0] * slots

    def prefill(self, prompts, fresh=True, tokens=()):
        (ids,) = prompts
        self.prompt = len(ids)
        assert not tokens  # a single row
        return self.model.logits(np.array([ids])).data[-1:]

    def admit(self, slot, source):
        self.lengths[slot] = self.prompt

    def read(self, tokens):
        self.lengths = [length + 1 for length in self.lengths]
        return self.model.logits(np.array([tokens])).data


@pytest.fixture(autouse=True)
def scripts_are_not_recorded(monkeypatch):
    from microgpt.inference import decode, engine

    def decoder(model, *others):
        return (Unrecorded if isinstance(model, Script) else decode.Decoder)(model, *others)

    monkeypatch.setattr(engine, "Decoder", decoder)


def test_it_ends_where_the_model_ends():
    tokens = list(generate(Script(end_after="b"), LETTERS, random.Random(0)))
    assert [token.text for token in tokens] == ["a", "b", ""]
    assert [token.end for token in tokens] == [False, False, True]
    assert [token.id for token in tokens] == [0, 1, LETTERS.bos]
    assert all(token.probability == pytest.approx(1) for token in tokens)


def test_it_ends_where_the_block_is_full():
    assert write(Script(), LETTERS, random.Random(0)) == "abca"
    assert write(Script(), LETTERS, random.Random(0), prompt="c") == "cabc"


@pytest.mark.parametrize("count", [0, 1, 3, 10])
def test_it_ends_at_max_tokens(count):
    tokens = list(generate(Script(), LETTERS, random.Random(0), max_tokens=count))
    assert "".join(token.text for token in tokens) == ("abc" * 4)[:count]


def test_beyond_the_block_it_sees_the_last_tokens():
    """When the block is full, its last half is read again, and the rest forgotten."""
    model = Script(block_size=4)
    assert write(model, LETTERS, random.Random(0), max_tokens=8) == "abcabcab"
    assert model.seen == [[3], [0], [1], [2], [2, 0], [1], [2], [2, 0]]


@pytest.mark.parametrize("prompt", ["abc", "abca", "abcabcabcb"])
def test_prompts_as_long_as_the_block_and_longer(prompt):
    model = Script(block_size=4)
    text = write(model, LETTERS, random.Random(0), prompt=prompt)
    assert text.startswith(prompt) and len(text) == len(prompt) + 1
    assert write(model, LETTERS, random.Random(0), prompt, max_tokens=5).startswith(text)
    assert max(map(len, model.seen)) == 4


def test_unknown_characters_in_the_prompt():
    with pytest.raises(UserError, match="'x'"):
        write(Script(), LETTERS, random.Random(0), prompt="axb")


def test_the_same_seed_writes_the_same():
    model = GPT(GPTConfig(vocab_size=4, block_size=8, init_std=0.15), np.float64)
    model.init_weights(random.Random(3))
    texts = [write(model, LETTERS, random.Random(seed // 2)) for seed in range(20)]
    assert texts[::2] == texts[1::2] and len(set(texts)) > 5
    greedy = Sampling(greedy=True)
    assert len({write(model, LETTERS, random.Random(s), "", greedy) for s in range(5)}) == 1


def test_probabilities_are_those_of_the_model():
    model = GPT(GPTConfig(vocab_size=4, block_size=8, init_std=0.15), np.float64)
    model.init_weights(random.Random(3))
    ids, sampling = [LETTERS.bos, 0], Sampling(temperature=0.8, top_k=3)
    for token in generate(model, LETTERS, random.Random(0), "a", sampling, max_tokens=20):
        p = probabilities(next_logits(model, ids), sampling)
        assert token.probability == pytest.approx(p[token.id], rel=1e-12) and p[token.id] > 0
        ids.append(token.id)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("sampling", [Sampling(), Sampling(greedy=True), Sampling(top_k=2)])
def test_scores_that_are_not_numbers_are_refused(wrong, sampling):
    for place in range(3):
        scores = np.array([1.0, 2.0, -np.inf])  # a token that is ruled out is no mistake
        assert probabilities(scores, sampling)[2] == 0
        scores[place] = wrong
        with pytest.raises(UserError, match=r"scores are not numbers.*\.$"):
            probabilities(scores, sampling)
