"""Every operation: its gradient against differences, its dtype, and whose memory it leaves."""

import numpy as np
import pytest
from microgpt.autograd import Tensor, attention, layers, ops
from microgpt.autograd.attention import attend
from microgpt.autograd.checks import check_operations, gradcheck, relative_error
from microgpt.autograd.operations import ARITHMETIC, OPERATIONS, causal, inputs


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradient(name):
    assert gradcheck(OPERATIONS[name][0], *inputs(name)) <= 1e-6


@pytest.mark.parametrize("name", ARITHMETIC)
def test_value(name):
    """What is written with operators and methods alone, numpy's own arrays take, too."""
    arrays = inputs(name)
    y, expected = OPERATIONS[name][0](*map(Tensor, arrays)), OPERATIONS[name][0](*arrays)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-14)


def test_a_wrong_gradient_is_seen():
    def doubled(x):
        return Tensor(x.data * 2, (x,), lambda g: (g * 2.00001,))

    assert gradcheck(doubled, np.ones(3)) > 1e-6


def test_the_checks_of_all_operations_at_once():
    """As whoever shows them asks for them."""
    checks = check_operations()
    name, error = next(checks)
    assert name == "add" and error == gradcheck(lambda a, b: a + b, *inputs("add"))


def test_errors_are_relative_to_the_largest_number():
    a = np.array([1.0, 100.0])
    assert relative_error(a, a + [1, 0]) == pytest.approx(0.01)
    assert relative_error(np.zeros(3), np.zeros(3)) == relative_error(a[:0], a[:0]) == 0
    with pytest.raises(ValueError, match="cannot be compared"):
        relative_error(a, a[:1])


def test_no_operation_is_missing_from_the_table():
    """Whoever adds one adds its line as well."""
    # These have no gradient.
    helpers = {"softmax", "one_hot", "as_one_call", "attention_weights", "attend_each"}
    tested = {name.replace(",", "").split()[0] for name in OPERATIONS}
    own = [
        name
        for module in (ops, layers, attention)
        for name, f in vars(module).items()
        if getattr(f, "__module__", "") == module.__name__ and not name.startswith("_")
    ]
    own = [name for name in own if name not in helpers]
    assert len(own) > 22
    assert [n for n in own if n not in tested] == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPERATIONS)
def test_dtype_stays(name, dtype):
    leaves = [Tensor(a) for a in inputs(name, dtype)]
    out = OPERATIONS[name][0](*leaves)
    assert out.dtype == dtype
    out.backward(np.ones(out.shape, dtype))
    assert [leaf.grad.dtype for leaf in leaves] == [dtype] * len(leaves)
    assert [leaf.grad.shape for leaf in leaves] == [leaf.shape for leaf in leaves]


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_share_no_memory(name):
    leaves = [Tensor(a) for a in inputs(name)]
    before = [leaf.data.copy() for leaf in leaves]
    out = OPERATIONS[name][0](*leaves)
    result = out.data.copy()
    g = np.random.default_rng(0).normal(size=out.shape)
    kept = g.copy()
    out.backward(g)
    arrays = [leaf.grad for leaf in leaves] + [leaf.data for leaf in leaves] + [g]
    for i, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[:i])
    assert np.array_equal(g, kept) and np.array_equal(out.data, result)
    assert all(map(np.array_equal, (leaf.data for leaf in leaves), before))


# ---- values a gradient check does not see


def test_softmax_of_huge_scores():
    p = ops.softmax(np.array([[1000.0, 1000.0, -np.inf], [-1e300, 0.0, -5.0]]))
    assert p[0].tolist() == [0.5, 0.5, 0.0]
    assert p[1].sum() == pytest.approx(1) and p[1, 0] == 0


def test_sigmoid_of_huge_numbers():
    x = Tensor([-1e5, -1.0, 0.0, 1e5])
    y = ops.sigmoid(x)
    assert y.data == pytest.approx([0, 1 / (1 + np.e), 0.5, 1], abs=1e-15)
    y.sum().backward()
    assert np.isfinite(x.grad).all()


def test_relu_is_flat_at_zero():
    x = Tensor([-1.0, 0.0, 2.0])
    ops.relu(x).sum().backward()
    assert x.grad.tolist() == [0, 0, 1]


def test_rms_norm_makes_the_root_mean_square_one():
    x = np.random.default_rng(0).normal(size=(3, 8)) * 100
    assert np.sqrt((layers.rms_norm(Tensor(x)).data ** 2).mean(-1)) == pytest.approx(1, abs=1e-6)
    zeros = Tensor(np.zeros((2, 8)))
    y = layers.rms_norm(zeros)
    y.sum().backward()
    assert not y.data.any() and np.isfinite(zeros.grad).all()


def test_cross_entropy_by_hand():
    scores = np.log([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]])
    for shift in (0, 1000):  # only differences of scores count
        loss = layers.cross_entropy(Tensor(scores + shift), np.array([0, 2]), np.array([1.0, 10.0]))
        assert loss.item() == pytest.approx(np.log(2) + 10 * np.log(8))
    impossible = Tensor(np.array([[0.0, 2000.0]]))
    loss = layers.cross_entropy(impossible, np.array([0]), np.ones(1))
    loss.backward()
    assert loss.item() == 2000 and impossible.grad.tolist() == [[-1, 1]]


def test_cross_entropy_of_positions_that_do_not_count():
    x = Tensor(np.random.default_rng(0).normal(size=(3, 4)))
    loss = layers.cross_entropy(x, np.array([0, 1, 2]), np.zeros(3))
    loss.backward()
    assert loss.item() == 0 and not x.grad.any()


def test_attention_sees_only_what_the_mask_allows():
    rng = np.random.default_rng(0)
    q, k, v = (rng.normal(size=(1, 4, 2, 3)) for _ in range(3))
    y = attend(Tensor(q), Tensor(k), Tensor(v), causal(4, 4)).data
    assert y[0] == pytest.approx(v[0, 0].reshape(-1))  # the first sees but itself
    k[:, 3], v[:, 3] = 99, -99
    assert np.array_equal(attend(Tensor(q), Tensor(k), Tensor(v), causal(4, 4)).data[:3], y[:3])


def test_unused_parts_get_no_gradient():
    x = Tensor(np.ones((4, 6)))
    layers.split_heads(x, 2, [1, 1, 1])[1].sum().backward()
    assert x.grad.tolist() == [[0, 0, 1, 1, 0, 0]] * 4
