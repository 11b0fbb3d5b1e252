"""How long a step would take: measured on a model that is thrown away."""

import itertools
import time
from dataclasses import replace

import pytest
from family import FAMILIES
from microgpt.gpt.config import GPTConfig
from microgpt.page import estimate
from microgpt.page.estimate import seconds_per_step
from microgpt.page.settings import presets
from microgpt.tokenizer import CharTokenizer
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step
from page_caller import Caller

LETTERS = CharTokenizer("abcdefghij")
MODEL = GPTConfig(vocab_size=LETTERS.vocab_size)


def test_a_step_too_large_to_try_has_no_estimate():
    session = Caller().session
    config = GPTConfig(n_embd=512, n_layer=8, block_size=256)
    documents, tokenizer = session.data.corpus.documents, session.data.characters
    assert seconds_per_step(tokenizer, documents, config, TrainConfig(batch_size=64)) is None


def test_the_first_step_which_compiles_is_no_estimate(monkeypatch):
    """In a tab it takes a hundred times what the others take."""
    took = iter([0.2])
    monkeypatch.setattr(estimate, "take_step", lambda run: time.sleep(next(took, 0.001)))
    session = Caller().session
    documents, tokenizer = session.data.corpus.documents, session.data.characters
    config = GPTConfig(vocab_size=tokenizer.vocab_size)
    assert seconds_per_step(tokenizer, documents, config, TrainConfig()) < 0.1


def test_a_machine_that_is_busy_now_and_then_is_not_taken_for_a_slow_one(monkeypatch):
    """A browser that opens a page has much to do beside."""
    took = itertools.cycle([0.02, 0.02, 0.001])
    monkeypatch.setattr(estimate, "SECONDS", 0.4)
    monkeypatch.setattr(estimate, "MOST_SECONDS", 0.8)
    monkeypatch.setattr(estimate, "take_step", lambda run: time.sleep(next(took)))
    assert estimate._measured(LETTERS, ["abc", "defg"], MODEL, TrainConfig(), None) < 0.01


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_the_time_is_that_of_the_optimizer(optimizer, monkeypatch):
    seen = []
    monkeypatch.setattr(estimate, "SECONDS", 0.001)
    monkeypatch.setattr(estimate, "take_step", lambda run: seen.append(run) or take_step(run))
    config = TrainConfig(optimizer=optimizer, recompute=True)
    model = replace(FAMILIES["nanochat"], vocab_size=LETTERS.vocab_size, dropout=0.5)
    assert seconds_per_step(LETTERS, ["abc", "defg"], model, config) > 0
    assert any(name.startswith("second.") for name in seen[0].optimizer.state()) == (
        optimizer == "muon"
    )
    assert seen[0].model.recompute and seen[0].noise() is not None


def test_a_large_batch_is_measured_in_part():
    caller = Caller()
    settings = {**presets()["medium"], "batch_size": 512}
    small = caller("describe", settings=presets()["medium"])["secondsPerStep"]
    large = caller("describe", settings=settings)["secondsPerStep"]
    assert large > 4 * small
