"""Every operation the family is made of: its gradient against differences, and its values."""

import math

import numpy as np
import pytest
from microgpt.autograd import Tensor, attention, layers, no_grad, normal_cdf, ops
from microgpt.autograd.attention import attend
from microgpt.gpt.positions import causal_mask

IDS = np.array([[2, 0, 2], [1, 2, 4]])  # row 2 comes three times, row 3 never
MANY = np.array([[7, 0, 7], [599, 7, 0]])  # equal ones apart
TURN = np.random.default_rng(4).uniform(0, 6, (3, 1, 2))
COS, SIN = np.cos(TURN), np.sin(TURN)
TARGETS, WEIGHTS = np.array([1, 0, 3, 3]), np.array([0.5, 0.0, 0.25, 2.0])


def mask(start, time, window=None, dtype=np.float64):
    return causal_mask(start, time, window, np.dtype(dtype))


def heads(x):
    a, b, c = layers.split_heads(x, 2, [2, 1, 1])
    return ops.concatenate([a, b * 2.0, a[:, :, :1] * c], 2)


def grouped(start=0, window=None):
    return lambda q, k, v: attend(q, k, v, mask(start, q.shape[1], window, q.dtype))


def turned(x, sign=1):
    return layers.rope(x, COS.astype(x.dtype), sign * SIN.astype(x.dtype))


def surprise(x):
    return layers.cross_entropy(x, TARGETS, WEIGHTS.astype(x.dtype))


def dropped(x):
    return ops.dropout(x, 0.4, np.random.default_rng(1))


def twice(x, w):
    return ops.recompute(lambda a: ops.tanh(layers.linear(a, w)) * a, x)


# name: (a function of tensors, the shapes of its inputs)
OPERATIONS = {
    "exp": (ops.exp, (2, 3)),
    "log": (lambda x: ops.log(x * x), (2, 3)),
    "sqrt": (lambda x: ops.sqrt(x * x), (2, 3)),
    "tanh": (ops.tanh, (2, 3)),
    "sigmoid": (ops.sigmoid, (2, 3)),
    "relu": (ops.relu, (4, 3)),
    "silu": (ops.silu, (4, 3)),
    "gelu": (ops.gelu, (4, 3)),
    "gelu_tanh": (ops.gelu_tanh, (4, 3)),
    "dropout": (dropped, (6, 5)),
    "concatenate": (lambda a, b: ops.concatenate([a, b, a], 1), (2, 3), (2, 1)),
    "recompute": (twice, (4, 3), (3, 3)),
    "linear": (layers.linear, (5, 3), (4, 3)),
    "linear, bias": (layers.linear, (5, 3), (4, 3), (4,)),
    "embedding, few": (lambda w: layers.embedding(w, IDS), (5, 3)),
    "embedding, many": (lambda w: layers.embedding(w, MANY), (600, 2)),
    "add_positions": (lambda x, w: layers.add_positions(x, w, 3), (6, 4), (5, 4)),
    "add_positions, later": (lambda x, w: layers.add_positions(x, w, 3, 2), (6, 4), (6, 4)),
    "previous": (lambda x: layers.previous(x, 3) * x, (6, 4)),
    "previous, before": (lambda x: layers.previous(x, 3, np.ones((2, 4))) * x, (6, 4)),
    "scaled": (lambda x, s: layers.scaled(x, s, 1), (5, 3), (3,)),
    "swiglu": (layers.swiglu, (5, 6)),
    "rms_norm": (layers.rms_norm, (4, 5)),
    "rms_norm, heads": (lambda x: layers.rms_norm(x, 0.5), (2, 3, 2, 4)),
    "rms_norm, gain": (lambda x, g: layers.rms_norm(x, 0.1, g), (4, 5), (5,)),
    "layer_norm": (layers.layer_norm, (4, 5), (5,), (5,)),
    "layer_norm, eps": (lambda x, g, b: layers.layer_norm(x, g, b, 0.3), (4, 5), (5,), (5,)),
    "split_heads": (heads, (6, 8)),
    "rope": (turned, (2, 3, 2, 4)),
    "rope, reverse": (lambda x: turned(x, -1), (2, 3, 2, 4)),
    "attend": (grouped(), *3 * ((2, 3, 2, 4),)),
    "attend, groups": (grouped(), (2, 3, 6, 4), *2 * ((2, 3, 2, 4),)),
    "attend, one key head": (grouped(), (2, 3, 4, 4), *2 * ((2, 3, 1, 4),)),
    "attend, window": (grouped(window=1), (2, 5, 2, 4), *2 * ((2, 5, 1, 4),)),
    "attend, more keys": (grouped(4), (2, 2, 4, 2), *2 * ((2, 6, 2, 2),)),
    "attend, more keys and window": (grouped(4, 2), (2, 2, 4, 2), *2 * ((2, 6, 2, 2),)),
    "cross_entropy": (surprise, (4, 5)),
}


def inputs(name, dtype=np.float64):
    """Numbers of either sign, at least 0.3 from zero, where some slopes jump."""
    rng = np.random.default_rng(list(name.encode()))
    signed = [rng.choice([-1, 1], s) * rng.uniform(0.3, 2, s) for s in OPERATIONS[name][1:]]
    return [a.astype(dtype) for a in signed]


def gradient_error(f, arrays, step=1e-5):
    """The largest relative error of every number's slope of v·f, for a random v."""
    leaves = [Tensor(a) for a in arrays]
    out = f(*leaves)
    v = np.random.default_rng(0).normal(size=out.shape)
    out.backward(v)
    worst = 0.0
    with no_grad():
        for leaf in leaves:
            slopes = np.zeros_like(leaf.data)
            for i in np.ndindex(leaf.shape):
                kept = leaf.data[i]
                sides = []
                for leaf.data[i] in (kept + step, kept - step):
                    sides.append(float((v * f(*leaves).data).sum()))
                leaf.data[i] = kept
                slopes[i] = (sides[0] - sides[1]) / (2 * step)
            size = max(np.abs(slopes).max(), np.abs(leaf.grad).max())
            worst = max(worst, np.abs(slopes - leaf.grad).max() / size)
    return worst


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradient(name):
    assert gradient_error(OPERATIONS[name][0], inputs(name)) <= 1e-6


def test_a_wrong_gradient_is_seen():
    wrong = lambda x: Tensor(x.data * 2, (x,), lambda g: (g * 2.00001,))  # noqa: E731
    assert gradient_error(wrong, [np.ones(3)]) > 1e-6


def test_no_operation_is_missing():
    arrays = {"softmax", "one_hot", "attention_weights"}  # take and give arrays: no gradient
    tested = {name.split(",")[0] for name in OPERATIONS}
    for module in (ops, layers, attention):
        own = {
            n for n, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__
        }
        own = {n for n in own if not n.startswith("_")} - arrays
        assert own and own <= tested


@pytest.mark.parametrize("name", OPERATIONS)
def test_float32_stays_and_nothing_is_shared(name):
    leaves = [Tensor(a) for a in inputs(name, np.float32)]
    out = OPERATIONS[name][0](*leaves)
    kept, g = out.data.copy(), np.ones(out.shape, np.float32)
    out.backward(g)
    arrays = [g, *(leaf.grad for leaf in leaves), *(leaf.data for leaf in leaves)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])
    assert np.array_equal(out.data, kept) and (g == 1).all()


# ---- values


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
    module = attention
    monkeypatch.setattr(module, "BLOCK", 4)
    spans = module._spans(mask(0, 10, 2), 10)
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
