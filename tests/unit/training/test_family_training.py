"""Training every family: accumulation, schedules, resuming, and learning one batch by heart."""

import itertools
import math
import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from family import FAMILIES, FEW, configuration, loss_and_gradient, new_batch, new_model
from microgpt.autograd import no_grad
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data.batches import DocumentBatches, scaled
from microgpt.data.text import Corpus
from microgpt.gpt.model import GPT
from microgpt.gpt.parameters import count_parameters
from microgpt.inference.engine import Engine, Row
from microgpt.inference.sampling import Sampling
from microgpt.presets import preset
from microgpt.training.config import TrainConfig
from microgpt.training.loop import evaluate, take_step
from microgpt.training.optim import Optimizer, adam_groups, groups_of, nanochat_groups
from microgpt.training.run import Run
from microgpt.training.schedule import learning_rate, muon_decay, muon_momentum
from thorough import some


def gradient_of(model, batches):
    model.zero_grad()
    total = 0.0
    for batch in batches:
        loss = model.loss(batch.ids, batch.targets, batch.weights)
        model.backward(loss)
        total += loss.item()
    return total, model.weights.flat_grad.copy()


@pytest.mark.parametrize("name", FEW)
def test_accumulated_is_one_larger_batch(name):
    """Padded batches of different sizes; one of the documents is longer than a block."""
    config = configuration(name)
    model, rng = new_model(config), np.random.default_rng(2)
    rows = [rng.integers(0, 11, size).astype(np.int32) for size in (4, 9, 2, 7, 12, 5, 3)]
    small = DocumentBatches(rows, 3, 8, np.float64)
    large = DocumentBatches(rows, 100, 8, np.float64)
    batches = [next(small) for _ in range(3)]
    whole = next(large)
    assert any((batch.weights == 0).any() for batch in batches) and (whole.weights == 0).any()
    assert sum(batch.tokens for batch in batches) == whole.tokens == sum(map(len, rows)) - 7
    loss, gradient = gradient_of(model, [scaled(batch, whole.tokens) for batch in batches])
    expected = gradient_of(model, [whole])
    assert loss == pytest.approx(expected[0], abs=1e-12)
    assert np.abs(gradient - expected[1]).max() <= 1e-12


# ---- schedules, by hand


@pytest.mark.parametrize(("family", "settings", "points"), [
    # microgpt: falls evenly to nothing
    ("linear", {"lr": 0.01, "steps": 1000}, {0: 0.01, 250: 0.0075, 999: 0.00001}),
    # classic: ten steps up, half a cosine down to a tenth
    ("cosine", {"lr": 1.0, "steps": 110, "warmup": 10, "final": 0.1},
     {0: 0.1, 9: 1.0, 10: 1.0, 35: 0.1 + 0.45 * (1 + 2**-0.5), 60: 0.55, 110: 0.1, 500: 0.1}),
    # gonanochat: a quarter of a cosine to a tenth
    ("quarter-cosine", {"lr": 1.0, "steps": 1100, "warmup": 100, "final": 0.1},
     {49: 0.5, 100: 1.0, 600: 0.1 + 0.9 * 2**-0.5, 1100: 0.1}),
    # nanochat: forty steps up, constant, the last 65 % down to 5 %
    ("warmdown", {"lr": 0.02, "steps": 1000, "warmup": 40, "final": 0.05},
     {0: 0.0005, 39: 0.02, 40: 0.02, 350: 0.02, 675: 0.02 * 0.525, 1000: 0.001}),
    ("constant", {"lr": 3.0, "steps": 10, "warmup": 2}, {0: 1.5, 1: 3.0, 2: 3.0, 99: 3.0}),
])  # fmt: skip
def test_schedule(family, settings, points):
    for step, rate in points.items():
        assert learning_rate(step, schedule=family, **settings) == pytest.approx(rate, abs=1e-12)


def test_muon_follows_its_schedule():
    momentum = [muon_momentum(step, 5000) for step in (0, 200, 400, 1750, 3375, 5000)]
    assert momentum == pytest.approx([0.85, 0.91, 0.97, 0.97, 0.935, 0.90])
    decay = [muon_decay(step, 1000) for step in (0, 250, 500, 1000)]
    assert decay == pytest.approx([1, 0.5 + 0.5 * 2**-0.5, 0.5, 0])


@pytest.mark.parametrize("steps", [1, 10, 100, 600, 3000])
def test_momentum_never_jumps(steps):
    line = [muon_momentum(step, steps) for step in range(steps + 1)]
    assert min(line) >= 0.85 and max(line) <= 0.97
    steepest = max(0.12 / 400, 0.07 / max(1, round(0.65 * steps)))
    assert max(map(abs, np.diff(line))) <= steepest + 1e-12


def test_groups_of_nanochat():
    """Which weights follow which rule; parity with PyTorch holds the numbers."""
    config = replace(preset("nanochat").model, bias=True, positions="learned", norm="layer")
    shapes = new_model(replace(config, vocab_size=11)).weights.shapes
    groups = nanochat_groups(TrainConfig(weight_decay=0.1), shapes, 768, 2**19)
    assert groups["wte"].lr == pytest.approx(0.3 / 0.02)
    assert groups["lm_head"].lr == pytest.approx(0.008 / 0.02)
    quarter = nanochat_groups(TrainConfig(), shapes, 4 * 768, 2**17)
    for name, part in {
        **{"lm_head": 0.25, "wte": 0.25, "layer1.value": 0.25},  # by width and by batch
        **{"scales.stream": 0.5, "scales.embedding": 0.5},  # by batch
        **{"smear.gate": 1, "smear.scale": 1, "backout.scale": 1, "layer0.wq": 1},
    }.items():
        assert quarter[name].lr == pytest.approx(part * groups[name].lr), name
    muon = {name.rpartition(".")[2] for name, group in groups.items() if group.muon}
    assert muon == {"wq", "wk", "wv", "wo", "fc1", "fc2", "value_gate"}
    vectors = [name for name, shape in shapes.items() if len(shape) == 1]
    assert not any(groups[n].weight_decay for n in vectors if n != "scales.stream")


def test_bits_per_byte():
    """Nats into bits; bytes of the targets that count, the mark of the end being none."""
    batch = SimpleNamespace(
        ids=None,
        targets=np.array([[0, 1, 2], [2, 1, 0]]),
        weights=np.array([[0.25, 0.25, 0.25], [0.25, 0, 0]]),
        tokens=4,
    )
    run = SimpleNamespace(
        losses_of=lambda batches: [math.log(8)] * len(batches),
        evaluation_batches=lambda: [[batch], [batch]],
        token_bytes=np.array([1, 2, 0]),
        evaluations=[],
        step=7,
    )
    *_, result = evaluate(run)
    assert result.loss == pytest.approx(math.log(8))
    assert result.bits_per_byte == pytest.approx(2 * 4 * 3 / (2 * 3))  # bits over bytes


# ---- a run that is kept and goes on


def corpus():
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghij", k=rng.randint(2, 7))) for _ in range(60)]
    return Corpus("words", words, "a test")


BOTH = [*itertools.product(FAMILIES, ("adamw", "muon"))]


@pytest.mark.parametrize(
    ("name", "optimizer"),
    some([("microgpt", "adamw"), ("classic", "muon"), ("llama", "adamw"), BOTH[-1]], BOTH),
)
def test_a_run_resumes_bit_for_bit(name, optimizer):
    model = replace(FAMILIES[name], dropout=0.3, n_layer=2)
    config = TrainConfig(
        steps=8, batch_size=4, accumulate=2, optimizer=optimizer, weight_decay=0.1, clip=1.0,
        warmup=2, schedule="warmdown", dtype="float32", recompute=name == "llama",
    )  # fmt: skip
    whole, first = (Run.start(corpus(), model, config) for _ in range(2))
    losses = [take_step(whole).loss for _ in range(8)]
    assert [take_step(first).loss for _ in range(5)] == losses[:5]
    second = Run.restore(from_bytes(to_bytes(first.checkpoint())), corpus())
    assert [take_step(second).loss for _ in range(3)] == losses[5:]
    assert np.array_equal(second.model.weights.flat, whole.model.weights.flat)
    for key, array in whole.optimizer.state().items():
        assert np.array_equal(array, second.optimizer.state()[key]), key
    other = Run.start(corpus(), replace(model, dropout=0.0), config)
    assert [take_step(other).loss for _ in range(2)] != losses[:2]


# ---- learning


@pytest.mark.parametrize(
    ("name", "optimizer"),
    some([("microgpt", "muon"), ("classic", "adamw"), ("llama", "muon"), BOTH[-1]], BOTH),
)
def test_one_batch_by_heart(name, optimizer):
    config = replace(FAMILIES[name], n_layer=2)
    model = GPT(config, np.float32)
    model.init_weights(random.Random(0))
    settings = TrainConfig(optimizer=optimizer, beta1=0.9, beta2=0.95, weight_decay=0.0)
    shapes = model.weights.shapes
    if optimizer == "muon":
        groups, lr = nanochat_groups(settings, shapes, config.n_embd, 2**14), 0.02
    else:
        groups, lr = adam_groups(settings, shapes), 0.01
    rule, batch = Optimizer(model.weights, groups), new_batch(config, 2, dtype=np.float32)
    start = loss_and_gradient(model, batch)[0]
    assert start == pytest.approx(math.log(11), abs=0.5)
    for _ in range(300):
        loss, gradient = loss_and_gradient(model, batch)
        if loss < 0.02:
            return
        rule.update(gradient, lr)
    raise AssertionError(f"the loss is still {loss}")


@pytest.mark.slow
def test_the_large_llama():
    """A layer of its width, few tokens, a short block: it begins at a guess, learns, and writes."""
    large = preset("llama-85m")
    assert count_parameters(large.model) == 125_848_320
    config = replace(large.model, vocab_size=512, block_size=16, n_layer=1)
    model = GPT(config, np.float32)
    model.init_weights(random.Random(0))
    batch = new_batch(config, 1, dtype=np.float32)
    groups = groups_of(large.training, config, model.weights.shapes)
    model.zero_grad()
    loss = model.loss(*batch)
    model.backward(loss)
    assert loss.item() == pytest.approx(math.log(512), abs=0.2)
    Optimizer(model.weights, groups).update(model.weights.flat_grad, 3e-4)
    with no_grad():
        assert model.loss(*batch).item() < loss.item() - 1
    engine, ids = Engine(model), batch[0][0, :14].tolist()
    row = engine.join(Row(ids, random.Random(0), Sampling(greedy=True)))
    for _ in range(4):  # past the block
        engine.step()
        assert np.isfinite(engine.scores(row)).all()
    assert len(row.ids) == 18
