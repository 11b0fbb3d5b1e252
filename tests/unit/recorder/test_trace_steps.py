"""Every step that is recorded: the same numbers as eagerly, for every family and mixture."""

import gc
import random
import tracemalloc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from family import EVERY, FAMILIES, FEW, configuration, loss_and_gradient, new_batch, new_model
from microgpt.autograd import attention, layers
from microgpt.data.batches import Batch, eval_batches
from microgpt.data.text import Corpus
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.inference.decode import Decoder
from microgpt.inference.engine import Engine, Row
from microgpt.presets import PRESETS
from microgpt.recorder import tiling
from microgpt.recorder.plan import Plan
from microgpt.recorder.record import Recorded, UnrecordedWarning
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step, train
from microgpt.training.optim import Optimizer, adam_groups, nanochat_groups
from microgpt.training.run import Run
from microgpt.training.step import GradientStep, LossStep

# Row sums by products with ones: the last digits differ. Measured up to 1e-14 and 6e-6.
WIDENED = {np.float64: 1e-12, np.float32: 5e-5}


def undropped(name):
    return replace(configuration(name), dropout=0.0)


def whole_batch(*args, **settings):
    """A batch of which every place is learned from."""
    arrays = new_batch(*args, **settings)
    return Batch(*arrays, arrays[0].size)


def exactly(gradient):
    """The gradient step without row sums by products, which is eager's to the last bit."""
    for recorded in (gradient.write, gradient.add):
        recorded.fast_row_sums = False
    return gradient


@pytest.mark.parametrize(
    ("name", "dtype"), [*((n, np.float64) for n in EVERY), *((n, np.float32) for n in FEW)]
)
def test_gradients_are_the_eager_ones(name, dtype):
    """For batches of several shapes in turn, uneven weights, and weights changed from outside."""
    config = undropped(name)
    model = new_model(config, dtype, recompute=str(name)[-1] in "13579a")
    exact, widened = exactly(GradientStep(model)), GradientStep(model)
    few = name in FEW
    shapes = [(2, 8), (1, 5), (3, 1), (2, 8), (1, 5)] if few else [(2, 8), (1, 5), (2, 8)]
    for seed, shape in enumerate(shapes):
        model.weights.flat[...] = new_model(config, dtype, seed=seed).weights.flat
        batch = whole_batch(config, *shape, seed=seed, dtype=dtype)
        loss, expected = loss_and_gradient(model, batch[:3])
        assert exact(batch) == loss and np.array_equal(model.weights.flat_grad, expected)
        if few:
            scale = max(1.0, np.abs(expected).max())
            assert widened(batch) == pytest.approx(loss, rel=WIDENED[dtype])
            assert np.abs(model.weights.flat_grad - expected).max() <= WIDENED[dtype] * scale
    assert not exact.write.refusals and not widened.write.refusals


@pytest.mark.parametrize("name", FEW)
def test_tiles_change_nothing(name, monkeypatch):
    """Small arrays, treated as the large ones are: a few rows at a time."""
    monkeypatch.setattr(tiling, "LARGE", 64)
    config = undropped(name)
    for size in (1, 100, 3000):
        monkeypatch.setattr(tiling, "TILE", size)
        model = new_model(config)
        gradient, batch = exactly(GradientStep(model)), whole_batch(config, 3)
        loss, expected = loss_and_gradient(model, batch[:3])
        for _ in range(2):
            assert gradient(batch) == loss
            assert np.array_equal(model.weights.flat_grad, expected)
        ((run, _),) = gradient.write._runs.values()
        assert "b1" in run.__code__.co_varnames or size > 100  # there is a loop


@pytest.mark.parametrize("name", FEW)
def test_nothing_hides_in_the_steps(name):
    """Recorded twice with different arguments, every step is the same list of calls."""
    config = undropped(name)
    model = new_model(config)
    batches = [new_batch(config, seed=seed) for seed in (1, 2)]
    gradient = GradientStep(model)
    assert gradient.write.verify(*batches) > 50
    assert gradient.add.verify(*batches) > 50
    groups = adam_groups(TrainConfig(), model.weights.shapes)
    optimizer = Optimizer(model.weights, groups)
    recorded, _ = optimizer.step_at()
    assert recorded.verify(*[optimizer.step_at(lr, step)[1] for lr, step in ((0.1, 1), (0.2, 9))])
    reading = Decoder(model, 2)
    steps = [
        reading.step_at(ids, n)
        for ids, n in ((batches[0][0][:, :1], [2, 3]), (batches[1][0][:, 1:2], [5, 1]))
    ]
    assert steps[0][0].verify(steps[0][1], steps[1][1]) > 15


@pytest.mark.parametrize("name", FEW)
def test_losses_are_the_eager_ones(name):
    config = undropped(name)
    model = new_model(config)
    model.weights.flat_grad[...] = 7
    losses = LossStep(model)
    for seed, shape in enumerate([(2, 8), (1, 5), (2, 8)]):
        model.weights.flat[...] = new_model(config, seed=seed).weights.flat
        batch = whole_batch(config, *shape, seed=seed)
        assert float(losses(batch)) == pytest.approx(model.loss(*batch[:3]).item(), rel=1e-12)
    assert (model.weights.flat_grad == 7).all() and not losses._recorded.refusals


@pytest.mark.parametrize("name", FAMILIES)
def test_gradients_add_up(name):
    model = new_model(FAMILIES[name])
    gradient = exactly(GradientStep(model))
    batches = [whole_batch(FAMILIES[name], seed=seed) for seed in (1, 2)]
    model.zero_grad()
    for batch in batches:
        model.backward(model.loss(*batch[:3]))
    expected = model.weights.flat_grad.copy()
    for i, batch in enumerate(batches):
        gradient(batch, add=i > 0)
    assert np.array_equal(model.weights.flat_grad, expected)
    assert not gradient.add.refusals


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "muon"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FAMILIES)
def test_updates_are_the_eager_ones(name, dtype, optimizer):
    config = TrainConfig(optimizer=optimizer, weight_decay=0.1)
    one, other = new_model(FAMILIES[name], dtype), new_model(FAMILIES[name], dtype)
    shapes = one.weights.shapes
    groups = (
        nanochat_groups(config, shapes, 24, 64)
        if optimizer == "muon"
        else adam_groups(config, shapes)
    )
    replayed, eager = Optimizer(one.weights, groups), Optimizer(other.weights, groups)
    replayed._recorded.fast_row_sums = False
    for step in range(1, 4):
        grad = np.random.default_rng(step).normal(size=one.weights.count).astype(dtype)
        one.weights.flat_grad[...] = grad
        replayed.update(one.weights.flat_grad, 0.01, 0.9, 0.5)
        eager.update(grad, 0.01, 0.9, 0.5)  # not the model's own array: runs as it is
        assert np.array_equal(one.weights.flat, other.weights.flat)
    assert all(
        np.array_equal(a, b) for a, b in zip(replayed.state().values(), eager.state().values())
    )
    assert len(replayed._recorded.plans) == 1 and not eager._recorded.plans


def test_a_large_vocabulary():
    config = GPTConfig(vocab_size=700, block_size=8, n_embd=16)
    model = new_model(config, np.float64)
    gradient = exactly(GradientStep(model))
    for seed in range(3):
        batch = whole_batch(config, 4, seed=seed)
        _, expected = loss_and_gradient(model, batch[:3])
        gradient(batch)
        assert np.array_equal(model.weights.flat_grad, expected)
    assert not gradient.write.refusals


def test_adding_rows():
    rng = np.random.default_rng(0)
    ids, rows, full = rng.integers(0, 9, 40), rng.normal(size=(40, 3)), np.zeros((9, 3))
    expected = full.copy()
    np.add.at(expected, ids, rows)
    layers.add_rows(ids, rows, full)
    assert np.abs(full - expected).max() < 1e-13


def test_dropout_runs_as_it_is():
    config = replace(FAMILIES["classic"], dropout=0.3)
    model = new_model(config)
    gradient, batch = GradientStep(model), whole_batch(config)
    loss, expected = loss_and_gradient(model, batch[:3], 7)
    assert gradient(batch, noise=np.random.default_rng(7)) == loss
    assert np.array_equal(model.weights.flat_grad, expected)
    assert not gradient.write.plans


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
    assert all(len(steps[size].plans) >= 2 for size in (1, 3))  # spans of 16, 32 and 40


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
    with pytest.warns(UnrecordedWarning, match=r"a branch on a value\. test_trace_steps\.py"):
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
    assert "a branch on a value. test_trace_steps.py" in said and said in str(heard[0].message)


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
