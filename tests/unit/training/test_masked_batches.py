"""Fine-tuning on answers: what is not learned moves nothing, and never makes a NaN."""

import random
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES, new_model
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import chat
from microgpt.data.conversations.corpus import conversation_corpus, made_up_corpus
from microgpt.data.conversations.messages import read_messages
from microgpt.data.conversations.packing import Conversations
from microgpt.tokenizer import BPETokenizer, CharTokenizer
from microgpt.tokenizer.special import CHAT_SPECIALS, with_chat_tokens
from microgpt.training.config import TrainConfig
from microgpt.training.loop import evaluate, take_step
from microgpt.training.run import Run
from microgpt.training.step import GradientStep, LossStep, inputs_of

BYTES = BPETokenizer.from_merges([], "none", CHAT_SPECIALS)


def packed(block_size=48):
    rows, _ = made_up_corpus(60, 10).rows(BYTES, random.Random(1), 0.1)
    return next(rows.batches(2, block_size, np.float64, seed=1))


@pytest.mark.parametrize("name", FAMILIES)
def test_gradients_of_a_packed_batch(name):
    """Against finite differences, along random directions."""
    config = replace(FAMILIES[name], vocab_size=BYTES.vocab_size, block_size=48)
    model, batch = new_model(config, np.float64), packed()
    assert 0 < (batch.weights > 0).mean() < 0.9
    GradientStep(model)(batch)
    gradient, weights, loss = model.weights.flat_grad.copy(), model.weights.flat, LossStep(model)
    kept, rng = weights.copy(), np.random.default_rng(3)
    for _ in range(5):
        direction = rng.normal(size=weights.shape)
        ends = []
        for step in (1e-7, -1e-7):  # so short that no ReLU bends in between
            weights[:] = kept + step * direction
            ends.append(float(loss(batch)))
        weights[:] = kept
        slope = (ends[0] - ends[1]) / 2e-7
        assert slope == pytest.approx(gradient @ direction, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", FAMILIES)
def test_targets_that_are_masked_change_nothing(name):
    config = replace(FAMILIES[name], vocab_size=BYTES.vocab_size, block_size=48)
    model, batch = new_model(config, np.float64), packed()
    find = GradientStep(model)
    loss, gradient = float(find(batch)), model.weights.flat_grad.copy()
    targets = np.where(batch.weights > 0, batch.targets, 7)
    assert float(find(batch._replace(targets=targets))) == loss
    np.testing.assert_array_equal(model.weights.flat_grad, gradient)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_head_looks_only_at_what_is_learned(name):
    """Which changes nothing but the last digits."""
    config = replace(FAMILIES[name], vocab_size=BYTES.vocab_size, block_size=48)
    model, batch = new_model(config, np.float64), packed()
    *arrays, picked = inputs_of(batch)
    assert batch.tokens <= len(set(picked)) == len(picked) == 64  # of 96: few numbers to record
    assert (batch.weights.reshape(-1)[picked[: batch.tokens]] > 0).all()
    few, gradient = float(GradientStep(model)(batch)), model.weights.flat_grad.copy()
    model.zero_grad()
    loss = model.loss(*arrays)
    model.backward(loss)
    assert few == pytest.approx(loss.item(), abs=1e-12)
    assert np.abs(model.weights.flat_grad - gradient).max() <= 1e-12
    full = batch._replace(weights=np.full_like(batch.weights, 1 / 96), tokens=96)
    assert len(inputs_of(full)) == 3


@pytest.mark.parametrize("name", FAMILIES)
def test_a_batch_without_any_target_is_no_nan(name):
    config = replace(FAMILIES[name], vocab_size=BYTES.vocab_size, block_size=48)
    model, batch = new_model(config, np.float32), packed()
    nothing = batch._replace(weights=np.zeros_like(batch.weights, np.float32))
    assert float(GradientStep(model)(nothing)) == 0
    assert not model.weights.flat_grad.any() and float(LossStep(model)(nothing)) == 0


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_step_without_any_target_moves_nothing(optimizer):
    """Though the optimizer remembers where it was going."""
    run = start(made_up_corpus(20, 2), optimizer=optimizer, weight_decay=0.1)
    take_step(run)
    weights, mean = run.model.weights.flat.copy(), run.optimizer.mean.copy()
    (batch,) = run.next_batches()
    run.batches = Once([batch._replace(weights=np.zeros_like(batch.weights), tokens=0)])
    step = take_step(run)
    assert (step.step, step.loss, step.tokens, run.optimizer.steps) == (2, 0, 0, 1)
    assert np.array_equal(run.model.weights.flat, weights) and mean.any()
    assert np.array_equal(run.optimizer.mean, mean)


class Once:
    """Batches from a list, with a place that need not be kept."""

    def __init__(self, batches):
        self._batches = batches

    def __next__(self):
        return self._batches.pop()

    def state(self):
        return None

    def restore(self, state):
        pass


def test_where_no_held_out_answer_fits_nothing_is_measured():
    long = [{"role": "user", "content": "?" * 99}, {"role": "assistant", "content": "!"}]
    run = start(made_up_corpus(20, 2))
    run.held_out = Conversations([read_messages(long)], np.arange(1), BYTES)
    assert list(evaluate(run)) == [] and run.evaluations == []


def start(corpus, tokenizer=BYTES, **settings):
    config = replace(FAMILIES["nanochat"], block_size=64)
    settings = {"steps": 6, "batch_size": 2, "optimizer": "muon", "lr": 0.02} | settings
    return Run.start(corpus, config, TrainConfig(dtype="float32", **settings), tokenizer)


def test_a_run_on_conversations_goes_on_bit_for_bit():
    straight, begun = start(made_up_corpus(80, 20)), start(made_up_corpus(80, 20))
    for _ in range(6):
        take_step(straight)
    for _ in range(3):
        take_step(begun)
    kept = from_bytes(to_bytes(begun.checkpoint()))
    again = Run.restore(kept, made_up_corpus(80, 20))
    for _ in range(3):
        take_step(again)
    np.testing.assert_array_equal(again.model.weights.flat, straight.model.weights.flat)
    assert again.losses == straight.losses
    *_, ours = evaluate(again)
    *_, theirs = evaluate(straight)
    assert ours == theirs and 0 < ours.loss < 20 and ours.bits_per_byte > 0


def test_a_run_on_a_file_with_characters(tmp_path):
    path = tmp_path / "talks.jsonl"
    path.write_text("".join(chat.json_lines(40)))
    letters = set(path.read_text())
    tokenizer = with_chat_tokens(CharTokenizer(letters))
    run = start(conversation_corpus(path), tokenizer, accumulate=2)
    first = take_step(run)
    assert first.tokens > 0 and np.isfinite(first.loss)
    assert 0 < run.bigram_loss < run.uniform_loss
    assert len(run.held_out) == 4 and run.kind_of_rows == "conversations"
