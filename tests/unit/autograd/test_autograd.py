"""The machinery of backward(): deep graphs, freed graphs, shared tensors, recording or not."""

import gc
import threading
import weakref

import numpy as np
import pytest
from memory import alive, no_collector
from microgpt.autograd import Parameter, Tensor, layers, no_grad
from microgpt.autograd.checks import gradcheck
from microgpt.autograd.operations import OPERATIONS, inputs
from microgpt.autograd.tensor import grad_enabled, unbroadcast

X = np.random.default_rng(0).normal(size=(4, 6))


# ---- depth and memory


def chain(length):
    x = y = Tensor([1.0, 2.0])
    for _ in range(length):
        y = y + x
    return x, y


def test_deep_graphs_need_no_recursion():
    def work():
        x, y = chain(100_000)
        y.backward([1, 10])
        results.append(x.grad.tolist())
        del x, y  # freeing must not recurse either
        results.append("freed")

    results = []
    # Half of the usual stack: recursion in C would be seen, too. With less, Python 3.13 falls over
    # by itself, for it lets what it frees nest ten thousand deep.
    before = threading.stack_size(4 * 1024 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert results == [[100_001, 1_000_010], "freed"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_graphs_are_freed_without_the_collector(name):
    with no_collector():
        leaves = [Tensor(a) for a in inputs(name)]
        # Through two operations, so that tensors in the middle count as well.
        out = OPERATIONS[name][0](*(leaf * 2 for leaf in leaves)) * 1.0
        assert alive(Tensor) > len(leaves) + 2
        out.backward(np.ones(out.shape))
        arrays = [weakref.ref(leaf.data) for leaf in leaves]
        del leaves, out
        assert alive(Tensor) == 0
        assert [array() for array in arrays] == [None] * len(arrays)


def test_an_operation_that_keeps_itself_is_seen():
    def closes_over_its_own_output(x):
        y = Tensor(x.data, (x,), lambda g: (g * y.data,))
        return y

    with no_collector():
        closes_over_its_own_output(Tensor(X))
        assert alive(Tensor) == 2
        gc.collect()
        assert alive(Tensor) == 0


# ---- tensors that come more than once


def views(x):
    """The same numbers reached in four ways, overlapping."""
    flat = x.reshape(24)
    return flat[3:9] * x[1] + x.T[2:4, 1:].reshape(6) + flat[[0, 0, 5, 5, 5, 23]]


def diamond(x):
    a = x * 2
    b = a + x
    return (a * b + b + b) * a


def doubled(x):
    """The same parent on both sides."""
    y = x + x
    return y * y - y / y + (y - y) + y[:, :4] @ y[:, :4].T @ y


def many(x):
    y = x
    for _ in range(50):
        y = y + x * 0.1
    return y * x


def heads(x):
    a, _, c = layers.split_heads(x, 2, [1, 1, 1])
    return (a + c + a).reshape(4, 2) @ x[:2]


@pytest.mark.parametrize("f", [views, diamond, doubled, many, heads])
def test_shared_tensors(f):
    assert gradcheck(f, X) <= 1e-6


def test_heads_all_used_and_used_twice():
    x = Tensor(X)
    a, b = layers.split_heads(x, 2, [1, 2])
    (a.sum() + b.sum() * 10 + a.sum() * 100).backward()
    assert x.grad.tolist() == [[101, 101, 10, 10, 10, 10]] * 4


def test_a_changed_gradient_changes_no_other():
    a, b, c = Tensor(X), Tensor(X), Tensor(X[0])
    g = np.ones_like(X)
    (a + b + c).backward(g)
    a.grad[:] = 99
    assert (b.grad == 1).all() and (c.grad == 4).all() and (g == 1).all()
    first = b.grad
    (b * 2).sum().backward()
    assert (b.grad == 3).all() and (first == 1).all()


def test_backward_twice_adds_up():
    x = Tensor(X)
    y = (x * x).sum()
    y.backward()
    assert np.allclose(x.grad, 2 * X)
    y.backward()  # the same graph
    assert np.allclose(x.grad, 4 * X)
    (x * 3).sum().backward()  # another one
    assert np.allclose(x.grad, 4 * X + 3)


def test_only_leaves_keep_a_gradient():
    x = Tensor(X)
    y = x * 2
    y.sum().backward()
    assert y.grad is None and (x.grad == 2).all()


def test_a_leaf_can_be_the_end():
    x = Tensor(3.0)
    x.backward()
    x.backward()
    assert x.grad == 2


def test_backward_wants_a_gradient_that_fits():
    x = Tensor(X.astype(np.float32))
    with pytest.raises(ValueError, match=r"\(4, 6\)"):
        (x * 2).backward()
    for wrong in (1.0, np.ones(6), np.ones((6, 4))):
        with pytest.raises(ValueError, match=r"not \(4, 6\)"):
            x.backward(wrong)
    x.backward(np.ones((4, 6)).tolist())
    assert x.grad.dtype == np.float32


# ---- arrays and numbers beside tensors


@pytest.mark.parametrize("left", [2, 0.5, np.float64(2), np.full(6, 2.0), np.full((3, 4, 6), 2.0)])
def test_numbers_and_arrays_on_the_left(left):
    x = Tensor(X)
    for y, expected in [
        (left + x, left + X),
        (left - x, left - X),
        (left * x, left * X),
        (left / x, left / X),
    ]:
        assert type(y) is Tensor and np.allclose(y.data, expected, rtol=1e-15)
        y.sum().backward()
    assert x.grad.shape == X.shape


@pytest.mark.parametrize("number", [2, 0.5, True, np.float64(0.5), np.sqrt(2)])
def test_numbers_do_not_widen(number):
    for x in (Tensor(X.astype(np.float32)), Tensor(np.float32(3))):
        for y in (x + number, number - x, number * x, x / number, number / x):
            assert y.dtype == np.float32
            y.sum().backward()
            assert x.grad.dtype == np.float32


def test_whole_numbers_are_not_cut():
    assert (Tensor([1, 2, 3]) * 0.5).data.tolist() == [0.5, 1.0, 1.5]
    assert Tensor([1, 2, 3]).mean().item() == 2
    assert (1.5 - Tensor(1)).item() == 0.5


def test_matmul_wants_matrices():
    with pytest.raises(ValueError, match="matrices"):
        Tensor(X) @ Tensor(X[0])


def test_unbroadcast():
    g = np.ones((2, 3, 4))
    assert unbroadcast(g, (2, 3, 4)) is g
    for shape in [(), (1,), (4,), (3, 1), (1, 4), (2, 1, 4), (1, 1, 1)]:
        back = unbroadcast(g, shape)
        assert back.shape == shape and back.sum() == 24
    assert unbroadcast(np.ones((0, 3)), (1, 3)).tolist() == [[0, 0, 0]]


def test_like_an_array():
    x = Tensor(X)
    assert (x.shape, x.ndim, x.dtype, len(x)) == ((4, 6), 2, np.float64, 4)
    assert repr(Tensor([1.5, 2])) == "Tensor([1.5, 2. ])"
    assert [row.shape for row in x] == [(6,)] * 4


# ---- no_grad


def test_no_grad_records_nothing():
    x = Tensor(X)
    for name, (f, _, *_) in OPERATIONS.items():
        with no_grad():
            y = f(*(Tensor(a) for a in inputs(name)))
        assert y.parents == () and y.vjp is None
    with no_grad():
        y = x * 2
    (y * x).sum().backward()
    assert np.array_equal(x.grad, 2 * X)  # y is a constant


def test_no_grad_nests_and_ends():
    with no_grad():
        with no_grad():
            pass
        assert not grad_enabled()
        with pytest.raises(ZeroDivisionError), no_grad():
            raise ZeroDivisionError
        assert not grad_enabled()
    assert grad_enabled()
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert grad_enabled()
    assert no_grad()(grad_enabled)() is False  # as a decorator


def test_each_thread_has_its_own_switch():
    """One thread samples while another trains, and neither ends the other's."""
    x, inside, done, found = Tensor(X), threading.Event(), threading.Event(), []

    def sampling():
        with no_grad():
            inside.set()
            done.wait(30)
            found.append(grad_enabled())
        found.append(grad_enabled())

    thread = threading.Thread(target=sampling)
    thread.start()
    assert inside.wait(30) and grad_enabled()
    (x * x).sum().backward()
    with no_grad():
        done.set()
        thread.join(30)
        assert not grad_enabled()
    assert found == [False, True] and np.array_equal(x.grad, 2 * X)


def test_backward_inside_no_grad():
    x = Tensor(X)
    y = (x * x).sum()
    with no_grad():
        y.backward()
    assert np.array_equal(x.grad, 2 * X)


# ---- Parameter


def test_a_parameter_writes_its_gradient_into_its_array():
    flat, flat_grad = np.arange(6.0), np.full(6, 7.0)  # 7 is stale
    a = Parameter(flat[:3], flat_grad[:3])
    b = Parameter(flat[3:], flat_grad[3:])
    (a * b + a).sum().backward()
    assert flat_grad.tolist() == [4, 5, 6, 0, 1, 2]
    assert a.grad is a.grad_array and np.shares_memory(b.grad, flat_grad)
    (a * 10).sum().backward()  # more is added
    assert flat_grad.tolist() == [14, 15, 16, 0, 1, 2]
    a.grad = None
    a.sum().backward()  # and after a reset written over
    assert flat_grad.tolist() == [1, 1, 1, 0, 1, 2]
    flat[0] = 5  # the value is a view as well
    assert a.data[0] == 5
