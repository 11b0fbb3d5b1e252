"""Whole runs, reading and refusals of recorded steps: what a run is spared, and what falls back."""

import gc
import random
import tracemalloc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from family import (
    FAMILIES,
    FEW,
    loss_and_gradient,
    new_batch,
    new_model,
    undropped,
    whole_batch,
)
from microgpt.autograd import attention
from microgpt.data.batches import Batch, eval_batches
from microgpt.data.text import Corpus
from microgpt.gpt.model import GPT
from microgpt.inference.decode import Decoder
from microgpt.inference.engine import Engine, Row
from microgpt.presets import PRESETS
from microgpt.recorder.plan import Plan
from microgpt.recorder.record import Recorded, UnrecordedWarning
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step, train
from microgpt.training.optim import Optimizer, adam_groups
from microgpt.training.run import Run
from microgpt.training.step import GradientStep, LossStep

# ---- whole runs


@pytest.fixture
def words():
    rng = random.Random(0)
    return Corpus(
        "words",
        ["".join(rng.choices("abcdefg", k=rng.randrange(1, 9))) for _ in range(60)],
        "a test",
    )


@pytest.mark.parametrize("name", ["microgpt", "llama"])
@pytest.mark.parametrize("batch_size", [1, 7])
def test_a_restored_run_goes_on_bit_for_bit(name, batch_size, words):
    """The first step of a shape gives the bits that every later one gives."""
    config = TrainConfig(steps=40, batch_size=batch_size, dtype="float32", eval_every=0)
    model = replace(PRESETS[name].model, block_size=16)
    whole = Run.start(words, model, config)
    for _ in range(20):
        take_step(whole)
    checkpoint = whole.checkpoint()
    tensors = {k: np.array(v) for k, v in checkpoint.tensors.items()}
    again = Run.restore(replace(checkpoint, tensors=tensors), words)
    for _ in range(20):
        assert take_step(whole) == take_step(again)
    assert np.array_equal(whole.model.weights.flat, again.model.weights.flat)
    assert not whole.gradient.write.refusals and len(whole.gradient.write.plans) > 1


def test_a_dropped_run_is_freed(words):
    run = Run.start(words, PRESETS["microgpt"].model, TrainConfig(eval_every=0))
    take_step(run)
    engine = Engine(run.model)
    engine.join(Row([0], random.Random(0)))
    engine.step(), engine.step()
    gone = weakref.ref(run.model)
    gc.disable()
    try:
        del run, engine
        assert gone() is None
    finally:
        gc.enable()


# ---- memory


@pytest.mark.parametrize("name", FAMILIES)
def test_replaying_takes_no_more_memory_than_running(name):
    config = replace(
        FAMILIES[name], vocab_size=65, block_size=64, n_embd=64, n_layer=2, mlp_hidden=0
    )
    model = new_model(config, np.float32)
    batch = whole_batch(config, 16, dtype=np.float32)
    tracemalloc.start()
    loss_and_gradient(model, batch[:3])
    peak = tracemalloc.get_traced_memory()[1] - model.weights.flat_grad.nbytes  # it is copied there
    tracemalloc.stop()
    gradient = GradientStep(model)
    gradient(batch)
    (plan,) = gradient.write.plans.values()
    assert plan.size <= peak


# ---- reading


@pytest.mark.parametrize("name", FEW)
def test_reading_token_by_token(name):
    """Rows at positions of their own, over the edges of the spans."""
    config = replace(undropped(name), block_size=40)
    model = new_model(config)
    ids = new_batch(config, 3, 40)[0]
    whole = model.logits(ids).data.reshape(3, 40, -1)

    decoder, positions = Decoder(model, 3), [0, 0, 0]
    rng = random.Random(0)
    while positions[0] < 40:
        rows = rng.randint(1, 3)  # the first of them are read on
        scores = decoder.read([ids[row, positions[row]] for row in range(rows)])
        for row in range(rows):
            assert np.abs(scores[row] - whole[row, positions[row]]).max() <= 1e-11
            positions[row] += 1
    assert positions == decoder.lengths and len(set(positions)) > 1
    steps = decoder._steps
    assert len(steps) == 3 and not any(step.refusals for step in steps.values())
    assert all(len(steps[size, 0].plans) >= 2 for size in (1, 3))  # spans of 16, 32 and 40


@pytest.mark.parametrize("name", FAMILIES)
def test_a_recording_can_be_planned_twice(name):
    """Plans are made from a recording and change nothing in it."""
    recording = GradientStep(new_model(FAMILIES[name])).write.record(*new_batch(FAMILIES[name]))
    calls, (first, second) = list(recording[0]), (Plan(*recording) for _ in range(2))
    assert first.show() == second.show() and first.size == second.size
    assert list(first.offsets.values()) == list(second.offsets.values())
    assert recording[0] == calls and len(first.calls) < len(calls)


def test_a_recording_says_where_each_call_comes_from():
    model = new_model(FAMILIES["microgpt"])
    text = GradientStep(model).write.show(*new_batch(FAMILIES["microgpt"]))
    for part in ("# embedding\n", "# _attend_block.back\n", "# rms_norm.back\n"):
        assert part in text


def test_refusals_fall_back_to_the_eager_step():
    def branching(w, x):
        return x.sum() if x.sum() > 0 else (x * w).sum()

    recorded = Recorded(branching, {"w": np.full(3, 2.0)})
    with pytest.warns(UnrecordedWarning, match=r"a branch on a value\. test_trace_runs\.py"):
        assert recorded(np.ones(3)) == 3
    assert recorded(-np.ones(3)) == -6


def test_a_refusal_is_said_once_for_all_steps_of_a_run(words, monkeypatch):
    """A model that branches: the run trains on, one warning says why it is slow, and who reads
    the run can find it there."""
    usual = GPT.loss

    def loss(model, *batch, **settings):
        result = usual(model, *batch, **settings)
        return result if result.data > 0 else result * 1

    monkeypatch.setattr(GPT, "loss", loss)
    config = TrainConfig(steps=10, eval_every=5, eval_tokens=100, batch_size=2)
    run = Run.start(words, PRESETS["microgpt"].model, config)
    with pytest.warns(UnrecordedWarning) as heard:
        assert len(list(train(run))) > 10
    assert len(heard) == 1 and len(run.losses) == 10
    (said,) = run.machine.refusals
    assert "a branch on a value. test_trace_runs.py" in said and said in str(heard[0].message)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_faded_means_become_zero_and_not_the_smallest_numbers(dtype):
    """Of weights that get no gradient any more, such as those of a unit that died."""
    model = new_model(FAMILIES["microgpt"], dtype)
    optimizer = Optimizer(model.weights, adam_groups(TrainConfig(), model.weights.shapes))
    grad = model.weights.flat_grad
    grad[...] = 1
    optimizer.update(grad, 0.01)
    grad[: grad.size // 2] = 0
    for step in range(2, 6000 if dtype == np.float64 else 1200):
        optimizer.update(grad, 0.01)
        if step % 64 == 0:
            small = np.abs(optimizer.mean)
            assert not ((small > 0) & (small < np.finfo(dtype).tiny)).any()
    assert (optimizer.mean[: grad.size // 2] == 0).all()


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("bad", [-1, 11])
def test_batches_of_rows_with_bad_ids_are_refused(bad, size):
    """Rows that are known to be good are not looked at again; these are not."""
    model = new_model(FAMILIES["microgpt"])
    rows = [np.array([0, *row, 0], np.int32) for row in ([1, 2, 10], [3, bad, 4], [5, 6, 7])]
    for loss in (GradientStep(model), LossStep(model)):
        good = eval_batches([rows[0], rows[2]], size, 8, np.float64)
        assert all(batch.below == 11 for batch in good)
        assert all(float(loss(batch)) > 0 for batch in good)
        with pytest.raises(IndexError, match="from 0 to 10"):
            for batch in eval_batches(rows, size, 8, np.float64):
                loss(batch)


@pytest.mark.parametrize("family", ["microgpt", "llama"])
def test_attention_in_blocks_is_recorded_like_any(monkeypatch, family):
    monkeypatch.setattr(attention, "BLOCK", 3)
    model, batch = new_model(FAMILIES[family]), whole_batch(FAMILIES[family])
    gradient = GradientStep(model)
    loss = gradient(batch)
    found = model.weights.flat_grad.copy()
    assert not gradient.write.refusals
    assert loss == pytest.approx(gradient.write.unrecorded(*batch[:3]), abs=1e-12)
    assert np.abs(model.weights.flat_grad - found).max() <= 1e-12


@pytest.mark.parametrize("bad", [-1, 11, 2**40])
def test_bad_ids_are_refused_before_a_replay(bad):
    model = new_model(FAMILIES["microgpt"])
    gradient, (ids, targets, weights) = GradientStep(model), new_batch(FAMILIES["microgpt"])
    gradient(Batch(ids, targets, weights, 1))
    before, wrong = model.weights.flat_grad.copy(), ids.copy()
    wrong[1, 2] = bad
    for batch in (Batch(wrong, targets, weights, 1), Batch(ids, wrong, weights, 1)):
        with pytest.raises(IndexError, match="from 0 to 10"):
            gradient(batch)
    with pytest.raises(IndexError, match="from 0 to 10"):
        Decoder(model, 2).read(wrong[:, 2])
    assert np.array_equal(model.weights.flat_grad, before)
