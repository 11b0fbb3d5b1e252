"""Every step that is recorded: the same numbers as eagerly, for every family and mixture."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from family import (
    FAMILIES,
    FEW,
    MANY,
    loss_and_gradient,
    new_batch,
    new_model,
    undropped,
    whole_batch,
)
from microgpt.autograd import layers
from microgpt.gpt.config import GPTConfig
from microgpt.inference.decode import Decoder
from microgpt.recorder import tiling
from microgpt.training.config import TrainConfig
from microgpt.training.optim import Optimizer, adam_groups, nanochat_groups
from microgpt.training.step import GradientStep, LossStep
from thorough import some

# Row sums by products with ones: the last digits differ. Measured up to 1e-14 and 6e-6.
WIDENED = {np.float64: 1e-12, np.float32: 5e-5}


def exactly(gradient):
    """The gradient step without row sums by products, which is eager's to the last bit."""
    for recorded in (gradient.write, gradient.add):
        recorded.fast_row_sums = False
    return gradient


@pytest.mark.parametrize(
    ("name", "dtype"), [*((n, np.float64) for n in MANY), *((n, np.float32) for n in FAMILIES)]
)
def test_gradients_are_the_eager_ones(name, dtype):
    """For batches of several shapes in turn, uneven weights, and weights changed from outside."""
    config = undropped(name)
    model = new_model(config, dtype, recompute=str(name)[-1] in "13579a")
    exact, widened = exactly(GradientStep(model)), GradientStep(model)
    few = name in FEW
    # A mixture stays at a shape, each second one at a short one: recording is what takes the time.
    shapes = [(2, 8), (1, 5), (3, 1), (2, 8), (1, 5)] if few else [[(2, 8), (1, 5)][name % 2]] * 2
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
    for size in (1, 100, 3000) if name == "classic" else (1, 100) if name in FAMILIES else (100,):
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


UPDATES = some(
    [(np.float64, "adam"), (np.float32, "adamw"), (np.float32, "muon")],
    itertools.product((np.float64, np.float32), ("adam", "adamw", "muon")),
)


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


@pytest.mark.parametrize(("dtype", "optimizer"), UPDATES)
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
