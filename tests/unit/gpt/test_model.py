"""The GPT: what a position may see, batches, padding, gradients of the whole, and the config."""

import math
import random

import numpy as np
import pytest
from memory import alive, no_collector
from microgpt.autograd import Tensor
from microgpt.autograd.checks import relative_error, slopes
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.gpt.parameters import parameter_shapes
from microgpt.presets import PRESETS

SMALL = GPTConfig(vocab_size=7, block_size=6, n_layer=2, n_head=2, n_embd=8, init_std=0.3)


def new_model(config=SMALL, dtype=np.float64, seed=1):
    model = GPT(config, dtype)
    model.init_weights(random.Random(seed))
    return model


def new_batch(rows=3, time=5, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    ids, targets = rng.integers(0, 7, (2, rows, time))
    return ids, targets, rng.uniform(0.1, 1, (rows, time)).astype(dtype)


def loss_and_gradient(model, *batch):
    model.zero_grad()
    loss = model.loss(*batch)
    model.backward(loss)
    return loss.item(), model.weights.flat_grad.copy()


# ---- forward


def test_a_position_sees_no_later_token():
    model = new_model()
    ids = new_batch()[0]
    before = model.logits(ids).data.reshape(3, 5, 7)
    for t in range(5):
        changed = ids.copy()
        changed[1, t] = (changed[1, t] + 1) % 7
        after = model.logits(changed).data.reshape(3, 5, 7)
        assert np.array_equal(after[1, :t], before[1, :t])  # earlier ones do not notice
        assert np.array_equal(after[[0, 2]], before[[0, 2]])  # nor do other rows
        differs = (after[1, t:] != before[1, t:]).any(-1)
        assert differs.all()  # it and all later ones do


def test_a_shorter_text_has_the_same_logits():
    model = new_model()
    ids = new_batch(1, 6)[0]
    whole = model.logits(ids).data
    for time in range(1, 7):
        assert np.abs(model.logits(ids[:, :time]).data - whole[:time]).max() <= 1e-12


def test_a_batch_is_its_rows():
    model = new_model()
    ids, targets, weights = new_batch(4)
    singles = [
        loss_and_gradient(model, ids[i : i + 1], targets[i : i + 1], weights[i : i + 1])
        for i in range(4)
    ]
    loss, gradient = loss_and_gradient(model, ids, targets, weights)
    assert loss == pytest.approx(sum(one for one, _ in singles), abs=1e-12)
    assert np.abs(gradient - sum(one for _, one in singles)).max() <= 1e-12
    logits = np.concatenate([model.logits(ids[i : i + 1]).data for i in range(4)])
    assert np.abs(model.logits(ids).data - logits).max() <= 1e-12


def test_padding_changes_nothing():
    model = new_model()
    ids, targets, weights = new_batch(2, 4)
    loss, gradient = loss_and_gradient(model, ids, targets, weights)
    for filler in range(7):
        more = [np.pad(a, ((0, 1), (0, 2)), constant_values=filler) for a in (ids, targets)]
        padded = loss_and_gradient(model, *more, np.pad(weights, ((0, 1), (0, 2))))
        assert padded[0] == pytest.approx(loss, abs=1e-12)
        assert np.abs(padded[1] - gradient).max() <= 1e-12


def test_nothing_that_counts_is_no_loss():
    model = new_model()
    ids, targets, _ = new_batch()
    loss, gradient = loss_and_gradient(model, ids, targets, np.zeros(ids.shape))
    assert loss == 0 and not gradient.any()


def test_a_new_model_guesses():
    config = PRESETS["microgpt"].model
    ids, targets = np.random.default_rng(0).integers(0, 27, (2, 64, 16))
    loss = new_model(config).loss(ids, targets, np.full(ids.shape, 1 / ids.size)).item()
    assert loss == pytest.approx(math.log(27), abs=0.1)


def test_more_tokens_than_the_block_are_refused():
    for block_size in (1, 4):
        model = new_model(GPTConfig(vocab_size=7, block_size=block_size))
        model.logits(np.zeros((2, block_size), int))
        with pytest.raises(ValueError, match=f"{block_size + 1} tokens .* block of {block_size}"):
            model.logits(np.zeros((2, block_size + 1), int))


# ---- backward


@pytest.mark.parametrize(
    "config",
    # Weights large enough that no gradient drowns in the rounding of the differences.
    [SMALL, GPTConfig(5, 3, n_head=1, n_embd=4, mlp_hidden=4, init_std=0.5, norm_eps=0.1)],
)
def test_every_gradient_of_the_model(config):
    model = new_model(config)
    rng = np.random.default_rng(3)
    ids, targets = rng.integers(0, config.vocab_size, (2, 2, config.block_size))
    weights = rng.uniform(0, 1, ids.shape)
    _, gradient = loss_and_gradient(model, ids, targets, weights)
    expected = slopes(lambda: model.loss(ids, targets, weights).item(), model.weights.flat)
    views = model.weights.named(gradient), model.weights.named(expected)
    for name in model.weights.shapes:
        assert relative_error(views[0][name], views[1][name]) <= 1e-6, name


def test_gradients_add_up_until_zero_grad():
    model = new_model()
    batch = new_batch()
    _, once = loss_and_gradient(model, *batch)
    model.backward(model.loss(*batch))
    assert np.allclose(model.weights.flat_grad, 2 * once, rtol=1e-14)
    assert np.array_equal(loss_and_gradient(model, *batch)[1], once)  # nothing stale is left


def test_unused_parameters_get_zeros():
    model = new_model()
    loss_and_gradient(model, *new_batch())
    wte, wpe = (model.leaves[name] for name in ("wte", "wpe"))
    assert wpe.grad[:5].any()
    model.zero_grad()
    model.backward((wte * 2.0).sum())  # a loss that knows of nothing else
    grads = model.weights.named(model.weights.flat_grad)
    assert (grads["wte"] == 2).all()
    assert not any(g.any() for name, g in grads.items() if name != "wte")
    model.backward((wpe * 3.0).sum())  # before zero_grad: it is added
    grads = model.weights.named(model.weights.flat_grad)
    assert (grads["wte"] == 2).all() and (grads["wpe"] == 3).all()


def test_unseen_rows_get_zeros():
    model = new_model()
    ids = np.array([[1, 2, 1]])
    loss_and_gradient(model, np.array([[0, 3, 4, 5, 6]]), np.zeros((1, 5), int), np.ones((1, 5)))
    loss_and_gradient(model, ids, ids, np.ones((1, 3)))
    grads = model.weights.named(model.weights.flat_grad)
    wte, wpe = grads["wte"], grads["wpe"]
    assert wte[[1, 2]].all() and not wte[[0, 3, 4, 5, 6]].any()
    assert wpe[:3].all() and not wpe[3:].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays(dtype):
    model = new_model(dtype=dtype)
    batch = new_batch(dtype=dtype)
    assert model.logits(batch[0]).dtype == dtype
    loss = model.loss(*batch)
    model.backward(loss)
    assert {loss.dtype, model.dtype, model.weights.flat_grad.dtype} == {np.dtype(dtype)}


def test_graphs_are_freed_without_the_collector():
    model, batch = new_model(), new_batch()
    with no_collector():
        loss_and_gradient(model, *batch)
        assert alive(Tensor) == 0
        loss = model.loss(*batch)
        assert alive(Tensor) > 20
        del loss
        assert alive(Tensor) == 0


# ---- weights and configuration


def test_the_reference_has_4192_parameters():
    model = new_model(PRESETS["microgpt"].model)
    assert model.weights.count == 4192
    rng = random.Random(1)
    assert model.weights.flat.tolist() == [rng.gauss(0, 0.08) for _ in range(4192)]
    names = "wte wpe lm_head layer0.wq layer0.wk layer0.wv layer0.wo layer0.fc1 layer0.fc2"
    assert list(parameter_shapes(model.config)) == names.split()
    assert model.weights.shapes["layer0.fc1"] == (64, 16)


def test_weights_are_views_of_one_array():
    model = new_model()
    named = model.weights.named()
    assert sum(w.size for w in named.values()) == model.weights.count
    for i, (name, weight) in enumerate(named.items()):
        assert weight.shape == model.weights.shapes[name]
        weight[...] = i
    leaves = model.leaves  # what the model computes with: neighbours joined
    assert leaves["layer1.qkv"].data[:, 0].tolist() == [9] * 8 + [10] * 8 + [11] * 8
    assert leaves["layer1.fc2"].data.mean() == 14 and leaves["lm_head"].data.mean() == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_embd": 10, "n_head": 4}, "divide evenly"),
        ({"n_layer": 0}, "n_layer must be a whole number .*at least 1 .*, not 0"),
        ({"block_size": -1}, "block_size"),
        ({"vocab_size": 0}, "vocab_size"),
        ({"n_head": 2.0}, "n_head must be a whole number"),
        ({"n_head": True}, "n_head must be a whole number"),
        ({"init_std": -0.1}, "init_std must be a number .*at least 0"),
        ({"init_std": float("nan")}, "init_std"),
        ({"norm_eps": 0}, "norm_eps must be a number .*above 0"),
    ],
)
def test_configuration_mistakes(change, sentence):
    with pytest.raises(UserError, match=sentence):
        GPTConfig(**change)


def test_configuration_to_and_from_a_dict():
    assert GPTConfig.from_dict(SMALL.to_dict()) == SMALL
    assert SMALL.head_size == 4
    with pytest.raises(UserError, match="no setting named wings"):
        GPTConfig.from_dict({"wings": 2})
