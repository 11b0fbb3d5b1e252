"""What a recording must get right, and what it must refuse."""

import gc
import weakref

import numpy as np
import pytest
from microgpt.recorder import kinds, tiling
from microgpt.recorder.record import Machine, Recorded, Unrecordable, UnrecordedWarning


def same(function, *shapes, state=0, seed=0, exact=True, dtype=np.float64):
    """Eager and replayed, call after call: equal results and equal state."""
    rng = np.random.default_rng(seed)
    kept = [rng.normal(size=s).astype(dtype) for s in shapes[:state]]
    copies = {f"s{i}": k.copy() for i, k in enumerate(kept)}
    recorded = Recorded(function, copies, fast_row_sums=not exact)
    for _ in range(3):
        inputs = [rng.normal(size=s).astype(dtype) for s in shapes[state:]]
        want, got = function(*kept, *inputs), recorded(*inputs)
        for a, b in zip([want, *kept], [got, *copies.values()]):
            assert np.asarray(a).dtype == np.asarray(b).dtype
            if exact:
                assert np.array_equal(a, b)
            else:
                np.testing.assert_allclose(a, b, rtol=1e-12 if dtype == np.float64 else 1e-5)
    assert not recorded.refusals
    (plan,) = recorded.plans.values()
    return plan


# ---- copies


def test_copies_disappear():
    def function(a, b):
        return np.concatenate([(a @ b).T, a + b, (a * b).T.reshape(4, 4)], axis=1) * 2

    assert not [call for call in same(function, (4, 4), (4, 4)).calls if call.kind is kinds.COPY]


def test_a_copy_that_others_would_notice_stays():
    def written_after(w, a):
        t = a + 1
        w[1:] = t
        w *= 2
        return t * w[1:]

    def read_before(w, a):
        t = a + 1
        old = w[1:] * 2
        w[1:] = t
        return old

    def changed_after(w, a):
        t = a + 1
        w[1:] = t
        t *= 3
        return t - w[:1]

    def shifted(w, a):
        w[1:] = w[:-1] * 1.0
        return a + w[1:]

    for function in (written_after, read_before, changed_after, shifted):
        same(function, (5, 3), (4, 3), state=1)


def test_rows_columns_and_masks():
    def function(a):
        e = np.exp(a - a.max(-1, keepdims=True))
        p = e / e.sum(-1, keepdims=True)
        return p * np.where(a > 0, a, 0.5) + (a**2).sum(-1, keepdims=True) / 5

    for dtype in (np.float64, np.float32):
        same(function, (6, 5), dtype=dtype)
        same(function, (6, 5), dtype=dtype, exact=False)


def test_a_column_that_stays_one():
    def used_as_it_is(a):
        total = a.sum(-1, keepdims=True)
        return np.concatenate([a / total, total], 1)

    def two_widths(a, b):
        total = (a * a).sum(-1, keepdims=True)
        return (a / total).sum() + (b / total).sum()

    def is_the_result(a):
        return (a * a).sum(-1, keepdims=True)

    same(used_as_it_is, (6, 5), exact=False)
    same(two_widths, (6, 5), (6, 3), exact=False)
    same(is_the_result, (6, 5), exact=False)


def test_aliasing_through_views_of_the_state():
    def function(w, a):
        left, right = w[:, :2], w[:, 2:]
        left += right * a
        right -= left.T @ left
        w[:1] = w[1:]
        return w.sum()

    same(function, (2, 4), (2, 2), state=1)


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed):
    script = np.random.default_rng(seed).integers(0, 1 << 30, (14, 4))

    def function(w, a, b):
        pool = [a, b, w, a + b]
        for op, i, j, k in script:
            x, y = pool[i % len(pool)], pool[j % len(pool)]
            match op % 14:
                case 0:
                    z = x + y.T
                case 1:
                    z = x * 0.5
                case 2:
                    z = (x @ y) * 0.1
                case 3:
                    z = x.T
                case 4:
                    z = np.tanh(x - y)
                case 5:
                    z = x.T.reshape(2, 8).reshape(4, 4)
                case 6:
                    z = np.concatenate([x[:1], y[1:2], x[:, 2].reshape(1, 4), y[3:]])
                case 7:
                    z = np.concatenate([x[:2], y[2:]]) / (1 + int(k) % 3)
                case 8:
                    z = x / (1 + np.abs(y).sum(-1, keepdims=True))
                case 9:
                    z = np.zeros_like(x)
                    z[:3] = y[1:] * 0.5
                case 10:
                    z = x - y.max(0)
                    z *= 0.5
                case 11:
                    w[int(k) % 4] = np.tanh(x[1] + y[2])
                    z = w * 1.0
                case 12:
                    z = np.where(x > y, x, y * 0.5).swapaxes(0, 1)
                case 13:
                    left, right = np.split(x, [int(k) % 3 + 1], 1)
                    z = np.concatenate([right, left], 1)
            pool.append(z)
        w *= 0.5
        w += np.tanh(pool[-1])
        return pool[-1] + pool[-2]

    shapes = (4, 4), (4, 4), (4, 4)
    same(function, *shapes, state=1, seed=seed)
    same(function, *shapes, state=1, seed=seed, exact=False)


@pytest.mark.parametrize("seed", range(20))
def test_random_programs_in_tiles(seed, monkeypatch):
    monkeypatch.setattr(tiling, "LARGE", 16)
    monkeypatch.setattr(tiling, "TILE", 64)
    test_random_programs(seed)


def test_indices():
    rng = np.random.default_rng(0)
    ids, table = rng.integers(0, 7, (2, 5)), rng.normal(size=(7, 3))
    targets, rows = rng.integers(0, 3, 10), np.arange(10)

    def function(table, ids, targets):
        x = table[ids.reshape(-1)]
        picked = x[rows, targets]
        y = x * 2
        y[rows, targets] -= 1
        table[ids[0, :1]] = x[:1] * 3
        return (np.eye(7, like=ids)[ids.reshape(-1)].T @ y).sum() + picked.sum()

    mine, other = table.copy(), table.copy()
    recorded = Recorded(function, {"table": mine})
    for shift in range(3):
        got = recorded((ids + shift) % 7, targets)
        assert got == function(other, (ids + shift) % 7, targets)
        assert np.array_equal(mine, other)
    assert not recorded.refusals


# ---- shapes, state, memory


def test_several_shapes_in_turn_share_one_memory():
    machine = Machine()
    recorded = Recorded(lambda w, x: np.tanh(x @ w).sum(), {"w": np.eye(3)}, machine)
    sizes = (2, 50, 7, 50, 2, 20_000, 7)  # the last but one is more than a machine begins with
    for n in sizes:
        x = np.random.default_rng(n).normal(size=(n, 3))
        assert recorded(x) == np.tanh(x @ np.eye(3)).sum()
    assert len(recorded.plans) == len(set(sizes))
    assert machine.memory.size == max(plan.size for plan in recorded.plans.values())


def test_dtypes_are_told_apart():
    recorded = Recorded(lambda x: x * 2, {})
    assert recorded(np.ones(3, np.float32)).dtype == np.float32
    assert recorded(np.ones(3)).dtype == np.float64


def test_a_result_is_not_overwritten_by_the_next():
    recorded = Recorded(lambda x: x * 2, {})
    first = recorded(np.ones(3))
    recorded(np.zeros(3))
    assert first.tolist() == [2, 2, 2]


def test_recording_changes_nothing():
    w = np.ones(4)

    def function(w, x):
        w += x
        return w.sum()

    recorded = Recorded(function, {"w": w})
    recorded.plan(np.ones(4))
    recorded.verify((np.ones(4),), (np.zeros(4),))
    assert w.tolist() == [1, 1, 1, 1]
    assert recorded(np.ones(4)) == 8 and w.tolist() == [2, 2, 2, 2]


def test_what_is_dropped_is_freed():
    array = np.ones(1000)
    recorded = Recorded(lambda w, x: (w * x).sum(), {"w": array})
    recorded(np.ones(1000))
    gone = weakref.ref(array)
    gc.disable()
    try:
        del array, recorded
        assert gone() is None
    finally:
        gc.enable()


# ---- refusals

outside = np.ones(3)
REFUSED = {
    "a branch on a value": lambda a: a if a.sum() > 0 else -a,
    "a value as a Python number": lambda a: a * float(a.sum()),
    "an index that is not an array of integers": lambda a: a[a > 0].sum(),
    "the values are wanted as a plain array": lambda a: np.ones(3).dot(a),
    "np.sort is not among": lambda a: np.sort(a),
    "np.add writes into an array that is no argument": lambda a: np.add(a, a, out=outside),
    "np.frexp has several results": lambda a: np.frexp(a)[0],
    "np.maximum.accumulate with": lambda a: np.maximum.accumulate(a),
    "arrays have no recordable cumsum": lambda a: a.cumsum(),
    "np.logaddexp2.at with": lambda a: np.logaddexp2.at(a, [0], 1),
    "a value as an index": lambda a: [1, 2, 3][a.astype(int)],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_with_the_line_and_run_as_it_is(reason):
    function = REFUSED[reason]
    recorded = Recorded(function, {})
    with pytest.raises(
        Unrecordable, match=f"This cannot be recorded: {reason}.* test_trace.py, li"
    ):
        recorded.record(np.array([1.0, 2.0, 3.0]))
    x = np.array([1.0, 2.0, 3.0])
    with pytest.warns(UnrecordedWarning, match=reason):
        try:
            expected = function(x.copy())
        except Exception as error:
            with pytest.raises(type(error)):
                recorded(x)
        else:
            assert np.array_equal(recorded(x), expected)
    (said,) = recorded.refusals.values()
    assert reason in said and recorded.machine.refusals == [said]


def test_the_users_mistakes_are_numpys_to_tell():
    recorded = Recorded(lambda a, b: a + b, {})
    with pytest.raises(ValueError, match="broadcast"):
        recorded(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="do not fit for a product"):
        Recorded(lambda a: a @ a, {})(np.ones((2, 3)))


def test_what_would_go_wrong_silently_is_found_by_recording_twice():
    hidden = [0.1]

    def scaled(a):
        hidden[0] += 0.1
        return a * hidden[0]

    def noisy(a):
        return a * np.random.default_rng().random(3)

    def growing(a):
        hidden.append(0)
        return sum([a + 1] * len(hidden))

    for function in (scaled, noisy, growing):
        with pytest.raises(Unrecordable, match="Two recordings"):
            Recorded(function, {}).verify((np.ones(3),), (np.zeros(3),))
    assert Recorded(lambda a: a * 2, {}).verify((np.ones(3),), (np.zeros(3),)) == 1


@pytest.mark.parametrize("width", [2, 4, 5, 70])
def test_row_sums_of_every_width_are_products(width):
    """With ones: for short rows twenty times as fast as numpy's own sums."""
    x = np.random.default_rng(0).normal(size=(30, width))
    step = Recorded(lambda x: np.sqrt((x * x).sum(-1, keepdims=True)), {})
    listing = step.show(x)
    assert "np.add.reduce" not in listing and "np.matmul" in listing
    assert np.abs(step(x) - np.sqrt((x * x).sum(-1, keepdims=True))).max() <= 1e-13
