"""LoRA and frozen weights: gradients, what moves, the cache, adapters merged, adapters recorded."""

import doctest
import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from family import DEEP, gradient_error, loss_and_gradient, move_away, new_batch, new_model
from microgpt.autograd import no_grad
from microgpt.gpt import lora
from microgpt.gpt.cache import Cache
from microgpt.gpt.lora import TunedGPT, Tuning, tuning_shapes
from microgpt.gpt.model import GPT
from microgpt.gpt.parameters import count_parameters, parameter_shapes
from microgpt.presets import preset
from microgpt.training.memory import trained_parameters, training_bytes
from microgpt.training.step import GradientStep, LossStep
from thorough import some

KINDS = {
    "adapters": Tuning(rank=2, alpha=3.0),
    "adapters, new tokens": Tuning(rank=2, alpha=3.0, known=8),
    "labels, last block": Tuning(classes=4, whole="last"),
    "labels, all": Tuning(classes=4, whole="all"),
    "labels, adapters": Tuning(classes=4, rank=1, alpha=1.0),
}


# Each kind with two families, each family with two or three kinds.
PAIRS = some(
    [pair for i, pair in enumerate(itertools.product(DEEP, KINDS)) if (i + i // len(KINDS)) % 2],
    itertools.product(DEEP, KINDS),
)


def tuned(name, kind, recompute=False):
    """A model of a family with something frozen, everything away from its start."""
    config = DEEP[name]
    model = TunedGPT(config, KINDS[kind], np.float64, recompute)
    model.frozen.flat[...] = new_model(config).weights.flat
    model.init_weights(random.Random(3))
    move_away(model, 4)
    return model


def batch_for(model, **options):
    """A batch whose targets the model's head knows."""
    ids, targets, weights = new_batch(model.config, **options)
    return ids, targets % (model.tuning.classes or model.config.vocab_size), weights


def test_the_example_holds():
    assert doctest.testmod(lora, extraglobs={"__package__": lora.__package__}).failed == 0


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_gradient(name, kind):
    model = tuned(name, kind)
    frozen = model.frozen.flat.copy()
    assert gradient_error(model, batch_for(model)) <= 1e-6
    assert np.array_equal(model.frozen.flat, frozen)


@pytest.mark.parametrize("name", DEEP)
def test_it_begins_as_its_base(name):
    config = DEEP[name]
    base = new_model(config)
    model = TunedGPT(config, Tuning(rank=3), np.float64)
    model.frozen.flat[...] = base.weights.flat
    model.init_weights(random.Random(1))
    ids = new_batch(config)[0]
    assert np.array_equal(model.logits(ids).data, base.logits(ids).data)
    named = model.weights.named()
    assert all(named[n].any() == n.endswith("_A") for n in named)
    matrices = [n for n in parameter_shapes(config) if n.rpartition(".")[2] in lora.ADAPTED]
    assert set(named) == {f"{n}.lora_{side}" for n in matrices for side in "AB"}


@pytest.mark.parametrize("kind", ["adapters", "adapters, new tokens"])
@pytest.mark.parametrize("name", DEEP)
def test_merged_is_the_same_model(name, kind):
    model = tuned(name, kind)
    merged, ids = model.merged(), new_batch(model.config)[0]
    assert type(merged) is GPT
    assert np.abs(merged.logits(ids).data - model.logits(ids).data).max() <= 1e-12


@pytest.mark.parametrize("kind", ["adapters, new tokens", "labels, last block"])
@pytest.mark.parametrize("name", DEEP)
def test_cached_is_uncached(name, kind):
    model = tuned(name, kind)
    ids = new_batch(model.config, 3)[0]
    with no_grad():
        whole = model.logits(ids).data.reshape(*ids.shape, -1)
        cache = Cache(model.config, 3, model.dtype)
        parts = [model.logits(ids[:, i : i + 1], cache).data for i in range(ids.shape[1])]
    assert np.abs(np.stack(parts, 1) - whole).max() <= 1e-12


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_step_is_recorded_and_replayed(name, kind):
    """The replayed step follows the adapters as they move, and so does the loss."""
    model = tuned(name, kind)
    step, loss_of = GradientStep(model), LossStep(model)
    for seed in range(3):
        ids, targets, weights = batch_for(model, seed=seed)
        batch = BatchLike(ids, targets, weights)
        expected = loss_and_gradient(model, (ids, targets, weights), None)
        assert float(step(batch)) == pytest.approx(expected[0], abs=1e-12)
        assert np.abs(model.weights.flat_grad - expected[1]).max() <= 1e-12
        assert float(loss_of(batch)) == pytest.approx(expected[0], abs=1e-12)
        model.weights.flat -= 0.1 * model.weights.flat_grad
    assert not step.write.refusals and not loss_of._recorded.refusals


class BatchLike:
    """Arrays as a step takes them."""

    tokens, below, masked = 1, 0, False

    def __init__(self, *arrays):
        self.ids, self.targets, self.weights = arrays


@pytest.mark.parametrize("name", DEEP)
def test_computing_blocks_twice(name):
    batch = batch_for(tuned(name, "adapters"))
    once = loss_and_gradient(tuned(name, "adapters"), batch)
    twice = loss_and_gradient(tuned(name, "adapters", recompute=True), batch)
    assert once[0] == twice[0] and np.abs(once[1] - twice[1]).max() <= 1e-14


def test_only_the_last_block_is_in_the_way_back():
    """What no trained weight needs is not computed: the list of calls is shorter by it."""
    config = replace(DEEP["classic"], n_layer=6)
    calls = {}
    for kind in ("none", "last", "all"):
        model = TunedGPT(config, Tuning(classes=3, whole=kind), np.float64)
        ids, targets, weights = new_batch(config)
        plan = GradientStep(model).write.plan(ids, targets % 3, weights)
        calls[kind] = len(plan.calls)
    back = {kind: calls[kind] - calls["none"] for kind in calls}
    assert 0 < back["last"] < 0.25 * back["all"]


def test_which_weights_are_trained():
    config = DEEP["classic"]
    last = set(tuning_shapes(config, Tuning(classes=2, whole="last")))
    assert last == {"class_head"} | {
        name for name in parameter_shapes(config) if name.startswith(("layer2.", "norm_final."))
    }
    every = set(tuning_shapes(config, Tuning(classes=2, whole="all")))
    assert every == {"class_head", *parameter_shapes(config)} - {"lm_head"}
    assert set(tuning_shapes(config, Tuning(rank=2))) & set(parameter_shapes(config)) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_estimate_of_memory_counts_what_is_trained(kind):
    model, training = tuned("llama", kind), preset("llama").training
    assert trained_parameters(model.config, KINDS[kind]) == model.weights.count
    whole = training_bytes(model.config, training)
    saved = 4 * 4 * (count_parameters(model.config) - model.weights.count)  # of float32
    assert training_bytes(model.config, training, KINDS[kind]) == whole - saved
