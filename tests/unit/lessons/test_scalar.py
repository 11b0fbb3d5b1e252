"""The scalar autograd: every slope against differences; and the examples of the whole package."""

import doctest
import importlib
import math
import pkgutil
import random
from pathlib import Path

import microgpt
import pytest
from memory import alive, no_collector
from microgpt.lessons.scalar import (
    ScalarGPT,
    Value,
    linear,
    rms_norm,
    sample,
    softmax,
    train,
)

OPERATIONS = {
    "add": lambda a, b: a + b,
    "add numbers": lambda a, b: 2 + a + 0.5,
    "sub": lambda a, b: a - b - 0.5,
    "mul": lambda a, b: a * b,
    "mul numbers": lambda a, b: 2 * a * 0.5,
    "div": lambda a, b: a / b + a / 4,
    "neg": lambda a, b: -a,
    "square": lambda a, b: a**2,
    "root": lambda a, b: a**-0.5,
    "exp": lambda a, b: a.exp(),
    "log": lambda a, b: a.log(),
    "relu": lambda a, b: a.relu() + (-b).relu(),
    "shared": lambda a, b: (a + b) * (a + b) * a + a,
    "softmax": lambda a, b: softmax([a, b, a * b])[1],
    "rms_norm": lambda a, b: rms_norm([a, b])[0],
    "linear": lambda a, b: linear([a, b], [[a, b], [b, a]])[1],
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_slopes(name):
    f, step = OPERATIONS[name], 1e-5
    for at in [(0.7, 1.9), (1.3, 0.4)]:
        inputs = [Value(x) for x in at]
        f(*inputs).backward()
        for i, value in enumerate(inputs):
            near = [[x + sign * step * (i == j) for j, x in enumerate(at)] for sign in (1, -1)]
            above, below = (f(*map(Value, x)).data for x in near)
            assert value.grad == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-9)


def test_relu_is_flat_at_zero():
    for x, slope in [(-1.0, 0), (0.0, 0), (2.0, 1)]:
        value = Value(x)
        value.relu().backward()
        assert value.grad == slope


def test_deep_graphs_and_freeing():
    with no_collector():
        x = y = Value(1.0)
        for _ in range(20_000):
            y = y + x
        y.backward()
        assert (y.data, x.grad, alive(Value)) == (20_001, 20_001, 20_001)
        del x, y
        assert alive(Value) == 0


def test_softmax_of_huge_scores():
    assert [p.data for p in softmax([Value(1000.0), Value(1000.0), Value(-1e6)])] == [0.5, 0.5, 0]


def test_the_model_has_4192_parameters():
    model = ScalarGPT(random.Random(0), 27)
    assert len(model.parameters()) == 4192
    tokens = [26, 0, 1, 26]
    assert model.loss(tokens).data == pytest.approx(math.log(27), abs=0.3)


def test_a_long_document_is_cut_at_the_block():
    model = ScalarGPT(random.Random(0), 3, block_size=4, n_head=2, n_embd=4)
    assert model.loss([2, 0, 1, 0, 1]).data == model.loss([2, 0, 1, 0, 1, 1, 1, 2]).data


def test_training_learns_and_sampling_ends():
    *_, (loss, model, rng) = train(["ab"] * 5, steps=8)
    assert loss < 0.5 < math.log(3)
    texts = {sample(model, rng, ["a", "b"]) for _ in range(5)}
    assert "ab" in texts and max(map(len, texts)) <= 16


# ---- the examples in the docstrings


def modules():
    """Those that have any, which is seen from their text."""
    root = Path(microgpt.__file__).parent
    found = [path for path in root.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8")]
    return sorted(".".join(("microgpt", *p.relative_to(root).with_suffix("").parts)) for p in found)


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0 < results.attempted


def test_there_are_examples_and_every_module_can_be_imported():
    assert len(modules()) >= 5
    for module in pkgutil.walk_packages(microgpt.__path__, "microgpt."):
        # The last two need PyTorch and JAX.
        if not module.name.endswith(("__main__", "torch_eager", "jax_jit")):
            importlib.import_module(module.name)
