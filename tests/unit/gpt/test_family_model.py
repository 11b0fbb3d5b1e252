"""Whole models of every family and of mixed switches: gradients, the cache, noise, memory."""

import gc
import tracemalloc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from family import (
    COMBINATIONS,
    EVERY,
    FAMILIES,
    FEW,
    MANY,
    SWITCHES,
    configuration,
    gradient_error,
    legal_pairs,
    loss_and_gradient,
    new_batch,
    new_model,
    noise,
    pairs,
)
from microgpt.autograd import no_grad
from microgpt.gpt.cache import Cache
from microgpt.gpt.config import GPTConfig
from thorough import some


def logits(model, ids, cache=None):
    with no_grad():
        return model.logits(ids, cache).data.reshape(*ids.shape, -1)


def read(model, ids, pieces, cache=None):
    """The logits of ids, read into a cache piece by piece."""
    cache = cache or Cache(model.config, len(ids), model.dtype)
    parts, start = [], 0
    for piece in pieces:
        parts.append(logits(model, ids[:, start : start + piece], cache))
        start += piece
    return np.concatenate(parts, 1), cache


# ---- gradients


def test_the_mixtures_hold_every_legal_pair():
    held = set().union(*map(pairs, COMBINATIONS))
    assert len(COMBINATIONS) >= 20 and set(legal_pairs()) <= held
    many = [configuration(name).to_dict() for name in MANY[len(FAMILIES) :]]
    for switch, values in SWITCHES.items():
        assert {switches[switch] for switches in many} >= set(values), switch
    held = set().union(*map(pairs, COMBINATIONS[: len(many)]))
    assert len(held & set(legal_pairs())) > 0.8 * len(set(legal_pairs()))


@pytest.mark.parametrize("name", EVERY)
def test_gradient(name):
    config = configuration(name)
    assert gradient_error(new_model(config), new_batch(config)) <= 1e-6


@pytest.mark.parametrize("name", FEW)
def test_float32_stays(name):
    config = configuration(name)
    single, double = new_model(config, np.float32), new_model(config)
    single.weights.flat[...] = double.weights.flat
    loss, gradient = loss_and_gradient(single, new_batch(config, dtype=np.float32))
    exact_loss, exact = loss_and_gradient(double, new_batch(config))
    assert gradient.dtype == np.float32 and single.logits(new_batch(config)[0]).dtype == np.float32
    assert loss == pytest.approx(exact_loss, abs=1e-5)
    assert np.abs(gradient - exact).max() <= 1e-5 * max(1, np.abs(exact).max())


# ---- what the head reads


@pytest.mark.parametrize("name", FAMILIES)
def test_scores_are_the_head_of_the_hidden_states(name):
    config = replace(FAMILIES[name], softcap=0.0)
    model = new_model(config)
    ids = new_batch(config, 2)[0]
    with no_grad():
        hidden = model.hidden(ids).data
    assert hidden.shape == (16, config.n_embd)
    head = model.weights.named()["wte" if config.tied_head else "lm_head"]
    assert np.abs(hidden @ head.T - logits(model, ids).reshape(16, -1)).max() <= 1e-12


# ---- the cache


@pytest.mark.parametrize("name", MANY)
def test_cached_is_uncached(name):
    config = replace(configuration(name), block_size=12)
    model = new_model(config)
    ids = new_batch(config, 3)[0]
    whole = logits(model, ids)
    assert (
        any(config.window_of(i) is not None for i in range(config.n_layer))
        or "S" not in (config.window[: config.n_layer - 1])
    )
    for pieces in ([1] * 12, [12], [5] + [1] * 7, [1, 4, 3, 1, 3], [11, 1]):
        assert np.abs(read(model, ids, pieces)[0] - whole).max() <= 1e-12
    for end in range(1, 12):  # nothing later was seen
        assert np.abs(logits(model, ids[:, :end]) - whole[:, :end]).max() <= 1e-12


@pytest.mark.parametrize("name", FAMILIES)
def test_windows_hide_what_is_old(name):
    """Of one layer before the last, with a window of two, the first token reaches no further."""
    config = replace(FAMILIES[name], window="S", window_tile=1, n_layer=1, smear=False)
    assert config.window_of(0) is None  # the last layer sees all
    model = new_model(replace(config, n_layer=2))
    model.weights.named()["layer1.wo"][...] = 0  # only the first layer looks around
    ids = new_batch(config, 1)[0]
    changed = ids.copy()
    changed[0, 0] = (ids[0, 0] + 1) % config.vocab_size
    differs = (logits(model, ids) != logits(model, changed)).any(-1)[0]
    assert differs.tolist() == [True] * 3 + [False] * 5


@pytest.mark.parametrize(("block", "tile", "expected"), [
    (2048, 128, 512), (512, 128, 128), (64, 128, 128), (513, 128, 256), (8, 1, 2), (9, 1, 3),
])  # fmt: skip
def test_a_short_window(block, tile, expected):
    config = GPTConfig(n_layer=9, block_size=block, window="SSSL", window_tile=tile)
    windows = [config.window_of(i) for i in range(9)]
    assert windows == [*[expected] * 3, None] * 2 + [None]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_full_block_is_refused(name):
    model = new_model(FAMILIES[name])
    ids = np.zeros((2, 9), int)
    with pytest.raises(ValueError, match="9 tokens do not fit in a block of 8"):
        model.logits(ids)
    _, cache = read(model, ids[:, :8], [8])
    with pytest.raises(ValueError, match="9 tokens do not fit in a block of 8"):
        read(model, ids[:, :1], [1], cache)
    assert cache.length == 8


# ---- noise


@pytest.mark.parametrize("name", FAMILIES)
def test_dropout(name):
    config = replace(FAMILIES[name], dropout=0.2)
    model, plain = new_model(config), new_model(FAMILIES[name])
    batch = new_batch(config)
    one, gradient = loss_and_gradient(model, batch, 1)
    assert loss_and_gradient(model, batch, 1)[0] == one  # the same under a seed
    assert loss_and_gradient(model, batch, 2)[0] != one
    assert model.loss(*batch).item() == plain.loss(*batch).item()  # off without noise
    losses = [model.loss(*batch, noise(seed)).item() for seed in range(50)]
    assert np.std(losses) > 1e-3


# ---- memory


@pytest.mark.parametrize("name", some([*FAMILIES, 0, 3], [*FAMILIES, 0, 3, 8, 14, 20]))
@pytest.mark.parametrize("dropout", [0.0, 0.25])
def test_computing_twice_gives_the_same(name, dropout):
    config = replace(configuration(name), dropout=dropout)
    model, batch = new_model(config), new_batch(config)
    loss, gradient = loss_and_gradient(model, batch)
    model = new_model(config, recompute=True)
    again = loss_and_gradient(model, batch)
    assert again[0] == loss and np.abs(again[1] - gradient).max() <= 1e-14
    model.backward(model.loss(*batch, noise()))  # and what is added up
    assert np.abs(model.weights.flat_grad - 2 * gradient).max() <= 1e-13


@pytest.mark.parametrize("name", FAMILIES)
def test_computing_twice_saves_memory(name):
    config = replace(FAMILIES[name], n_layer=6, block_size=64, n_embd=32)
    batch = new_batch(config, 8, dtype=np.float32)
    peaks = []
    for again in (False, True):
        model = new_model(config, np.float32, recompute=again)
        loss_and_gradient(model, batch)
        tracemalloc.start()
        loss_and_gradient(model, batch)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 0.4 * peaks[0]


@pytest.mark.parametrize("name", FAMILIES)
def test_graphs_and_models_are_freed(name):
    model, batch = new_model(FAMILIES[name]), new_batch(FAMILIES[name])
    gc.collect()
    gc.disable()
    try:
        loss = model.loss(*batch)
        inner = weakref.ref(loss.parents[0].data)
        model.backward(loss)
        del loss
        assert inner() is None
        gone = weakref.ref(model)
        del model
        assert gone() is None
    finally:
        gc.enable()
