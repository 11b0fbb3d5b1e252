"""Adam against its published formulas; tests/parity compares it with PyTorch's as well."""

import math

import numpy as np
import pytest
from microgpt.gpt.parameters import Parameters
from microgpt.training.config import TrainConfig
from microgpt.training.optim import (
    Adam,
    Group,
    Optimizer,
    adam_groups,
    clip_gradient,
    nanochat_groups,
)


def adam(size, dtype, *settings, **more):
    group = Group("all", 1.0, *settings, **more)
    return Adam(np.zeros(size, dtype), np.zeros(size, dtype), group)


def update(optimizer, weights, gradient, lr, step):
    factors = np.array(Adam.factors(optimizer.group, lr, step), weights.dtype)
    optimizer.update(weights, gradient, *factors)


def by_the_book(weights, gradients, lr, betas, eps, decay, decoupled):
    """One weight after another, straight from the papers."""
    weights = weights.copy()
    for i in range(weights.size):
        w, m, v = float(weights[i]), 0.0, 0.0
        for step, gradient in enumerate(gradients, 1):
            g = float(gradient[i])
            if decoupled:
                w -= lr * decay * w
            else:
                g += decay * w
            m = betas[0] * m + (1 - betas[0]) * g
            v = betas[1] * v + (1 - betas[1]) * g * g
            m_hat, v_hat = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
            w -= lr * m_hat / (math.sqrt(v_hat) + eps)
        weights[i] = w
    return weights


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("betas", [(0.85, 0.99), (0.9, 0.999), (0.0, 0.0)])
@pytest.mark.parametrize("eps", [1e-8, 0.3])
def test_adam(decoupled, decay, betas, eps):
    rng = np.random.default_rng(0)
    weights, gradients = rng.normal(size=5), rng.normal(size=(20, 5))
    gradients[:, 1] = 0  # never a gradient
    gradients[:, 2] *= 1e-7  # one as small as eps
    expected = by_the_book(weights, gradients, 0.01, betas, eps, decay, decoupled)
    optimizer = adam(5, np.float64, betas, eps, decay, decoupled)
    kept = gradients.copy()
    for step, gradient in enumerate(gradients, 1):
        update(optimizer, weights, gradient, 0.01, step)
    assert np.abs(weights - expected).max() <= 1e-12
    assert np.array_equal(gradients, kept)  # the gradient is not used up


def test_the_first_step_is_as_long_as_the_learning_rate():
    weights = np.zeros(3)
    update(adam(3, np.float64), weights, np.array([5.0, -0.001, 0.0]), 0.01, 1)
    assert weights == pytest.approx([-0.01, 0.01, 0], rel=1e-4)


@pytest.mark.parametrize("rule", ["adam", "adamw", "muon"])
def test_it_goes_on_from_its_state(rule):
    rng = np.random.default_rng(0)
    shapes = {"layer0.wq": (3, 4), "gain": (4,)}
    gradients = rng.normal(size=(10, 16))
    once, again = (Parameters(shapes, np.float64) for _ in range(2))
    once.flat[:] = again.flat[:] = 1.0
    config = TrainConfig(optimizer=rule, weight_decay=0.1)
    muon = rule == "muon"
    groups = nanochat_groups(config, shapes, 4, 64) if muon else adam_groups(config, shapes)
    whole, first, second = (Optimizer(weights, groups) for weights in (once, again, again))
    for step, gradient in enumerate(gradients, 1):
        whole.update(gradient, 0.1)
        (first if step <= 5 else second).update(gradient, 0.1)
        if step == 5:
            for name, array in second.state().items():
                array[...] = first.state()[name]
            second.steps = first.steps
    assert np.array_equal(once.flat, again.flat) and not np.array_equal(once.flat, np.ones(16))
    assert ("second.layer0.wq" in first.state()) == muon


@pytest.mark.parametrize("decoupled", [False, True])
def test_float32_stays(decoupled):
    weights = np.ones(4, np.float32)
    optimizer = adam(4, np.float32, weight_decay=0.1, decoupled=decoupled)
    update(optimizer, weights, np.ones(4, np.float32), 0.01, 1)
    assert {weights.dtype, optimizer.mean.dtype, optimizer.square.dtype} == {np.dtype("f4")}
    assert weights == pytest.approx(0.99, abs=2e-3)


def test_clipping():
    gradient = np.array([3.0, 4.0])
    clip_gradient(gradient, 6.0, 5.0)
    assert gradient.tolist() == [3, 4]  # short enough
    clip_gradient(gradient, 2.5, 5.0)
    assert gradient == pytest.approx([1.5, 2.0])
    zeros = np.zeros(2)
    clip_gradient(zeros, 1.0, 0.0)
    assert not zeros.any()
