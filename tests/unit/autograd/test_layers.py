"""The layers and attention: values that a gradient check does not see."""

import math

import numpy as np
import pytest
from microgpt.autograd import Tensor, attention, layers, normal_cdf, ops
from microgpt.autograd.attention import attend
from microgpt.gpt.positions import causal_mask

TURN = np.random.default_rng(4).uniform(0, 6, (3, 1, 2))


def mask(start, time, window=None):
    return causal_mask(start, time, window, np.dtype(np.float64))


def turned(x, sign=1):
    return layers.rope(x, np.cos(TURN), sign * np.sin(TURN))


def test_the_share_below():
    x = np.linspace(-38, 38, 4001)
    exact = np.array([0.5 * math.erfc(-v / 2**0.5) for v in x])
    near = np.maximum(np.abs(exact), 1e-300)
    assert np.abs(normal_cdf.cdf(x) - exact).max() <= 4e-16
    assert (np.abs(normal_cdf.cdf(x) - exact)[np.abs(x) < 5] / near[np.abs(x) < 5]).max() <= 1e-14
    single = normal_cdf.cdf(x.astype(np.float32))
    assert single.dtype == np.float32 and np.abs(single - exact).max() <= 2e-7


def test_rope_turns_by_the_angle():
    x = np.random.default_rng(0).normal(size=(2, 3, 2, 4))
    y = turned(Tensor(x))
    pair = x[..., :2] + 1j * x[..., 2:]
    expected = pair * np.exp(1j * TURN)
    assert np.abs(y.data[..., :2] + 1j * y.data[..., 2:] - expected).max() <= 1e-14
    assert np.abs(turned(y, -1).data - x).max() <= 1e-14


def test_groups_are_neighbours():
    """Query heads 0, 1, 2 share key head 0; 3, 4, 5 share key head 1."""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(2, 5, 6, 4)), *rng.normal(size=(2, 2, 5, 2, 4))
    together = attend(Tensor(q), Tensor(k), Tensor(v), mask(0, 5)).data
    for head in range(6):
        parts = [Tensor(a[:, :, [i]]) for a, i in ((q, head), (k, head // 3), (v, head // 3))]
        alone = attend(*parts, mask(0, 5)).data
        assert np.abs(together[:, head * 4 : head * 4 + 4] - alone).max() <= 1e-14


@pytest.mark.parametrize("start", [0, 3])
@pytest.mark.parametrize("window", [None, 1, 4])
@pytest.mark.parametrize("kv_heads", [4, 2])
def test_blocks_change_nothing(monkeypatch, start, window, kv_heads):
    """Blocks of 3 positions, the last one smaller, against the whole table of scores."""
    rng = np.random.default_rng(0)
    shapes = (2, 11, 4, 6), *2 * ((2, 11 + start, kv_heads, 6),)
    arrays, g = [rng.normal(size=shape) for shape in shapes], rng.normal(size=(22, 24))
    found = []
    for size in (3, 1000):
        monkeypatch.setattr(attention, "BLOCK", size)
        leaves = [Tensor(a) for a in arrays]
        y = attend(*leaves, mask(start, 11, window))
        y.backward(g)
        found.append([y.data, *(leaf.grad for leaf in leaves)])
    assert all(np.abs(a - b).max() <= 1e-14 for a, b in zip(*found))


def test_a_block_looks_only_at_keys_it_may_see(monkeypatch):
    monkeypatch.setattr(attention, "BLOCK", 4)
    spans = attention._spans(mask(0, 10, 2), 10)
    assert [(seen.start, seen.stop) for _, seen in spans] == [(0, 4), (2, 8), (6, 10)]


@pytest.mark.parametrize(
    ("start", "time", "window"), [(0, 6, None), (0, 6, 2), (3, 2, 0), (4, 1, 1)]
)
def test_what_a_position_may_see(start, time, window):
    """With a window of N: itself and the N before it."""
    seen = mask(start, time, window) == 0
    for row, here in enumerate(range(start, start + time)):
        oldest = 0 if window is None else max(0, here - window)
        assert np.flatnonzero(seen[row]).tolist() == list(range(oldest, here + 1))


def test_dropout_keeps_the_mean():
    x = Tensor(np.full((400, 500), 2.0))
    y = ops.dropout(x, 0.3, np.random.default_rng(0)).data
    kept = (y != 0).mean()
    assert abs(kept - 0.7) < 4 * (0.21 / y.size) ** 0.5  # four standard deviations
    assert np.unique(y).tolist() == pytest.approx([0, 2 / 0.7])
    again = ops.dropout(x, 0.3, np.random.default_rng(0)).data
    assert (
        np.array_equal(y, again) and (y != ops.dropout(x, 0.3, np.random.default_rng(1)).data).any()
    )


def test_previous_and_its_beginning():
    x = np.arange(12.0).reshape(6, 2)
    before = np.array([[-1.0, -2.0], [-3.0, -4.0]])
    assert layers.previous(Tensor(x), 3).data[:, 0].tolist() == [0, 0, 2, 0, 6, 8]
    assert layers.previous(Tensor(x), 3, before).data[:, 0].tolist() == [-1, 0, 2, -3, 6, 8]
