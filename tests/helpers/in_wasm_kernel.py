"""Checks of the kernel, call by call, beside numpy; in_wasm.py runs them inside Pyodide."""

import itertools
import os
import random

import numpy as np
from microgpt import kernels
from microgpt.kernels import encode
from microgpt.recorder import kinds

RNG = np.random.default_rng(0)
NEAR = {np.dtype("f4"): 1e-5, np.dtype("f8"): 1e-13}
TYPES = "f4", "f8"
MORE = 3 if os.environ.get("MICROGPT_THOROUGH") else 1


def numbers(shape, kind, way="plain"):
    """Random numbers of a shape, lying in memory in some way."""
    shape = tuple(shape)
    if way == "strided":
        wide = RNG.normal(size=(*shape[:-1], 3 * shape[-1] + 2)).astype(kind)
        return wide[..., 1 : 1 + 3 * shape[-1] : 3]
    if way == "turned":
        return RNG.normal(size=shape[::-1]).astype(kind).T
    if way == "backwards":
        return RNG.normal(size=shape).astype(kind)[..., ::-1]
    if way == "part":  # rows with something between them
        return RNG.normal(size=(*shape[:-1], shape[-1] + 3)).astype(kind)[..., 2:-1]
    plain = RNG.normal(size=shape).astype(kind)
    if way == "misaligned":
        raw = np.zeros(plain.nbytes + 1, np.uint8)
        askew = raw[1:].view(kind).reshape(shape)
        askew[...] = plain
        return askew
    return plain


WAYS = "plain", "strided", "turned", "backwards", "part", "misaligned"


KERNEL = kernels.load()


def run(kind, function, ins, out):
    steps = KERNEL.encode(kind, function, ins, out)
    assert steps is not None, (
        kind.name,
        function,
        [getattr(x, "shape", x) for x in ins],
        out.shape,
    )
    around = surroundings(out)
    if steps:
        KERNEL.runner([step.pack() for step in steps], (ins, out))()
    assert surroundings(out) == around, "it writes where it should not"


def surroundings(view):
    """The memory a view is a part of, but for the view itself."""
    root = view
    while isinstance(root.base, np.ndarray):
        root = root.base
    kept = view.copy()
    view[...] = 0
    around = root.tobytes()
    view[...] = kept
    return around


def same(found, expected, what, near=1.0):
    limit = NEAR.get(expected.dtype, 0) * near * np.maximum(1, np.abs(expected))
    with np.errstate(all="ignore"):
        right = (np.abs(found - expected) <= limit) if expected.dtype.kind == "f" else False
    right |= (found == expected) | ((found != found) & (expected != expected))
    assert found.shape == expected.shape and right.all(), what


def product(a, b, out, what):
    expected = np.matmul(a.astype("f8"), b.astype("f8")).astype(out.dtype)
    run(kinds.MATMUL, np.matmul, (a, b), out)
    same(out, expected, what, near=max(1, a.shape[-1] ** 0.5))


# ---- the checks


def check_products_of_ragged_shapes():
    sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 33]
    for kind, (rows, depth, columns) in itertools.product(
        TYPES, [random.Random(i).choices(sizes, k=3) for i in range(40 * MORE)]
    ):
        for turn_a, turn_b in itertools.product((False, True), repeat=2):
            a = numbers((rows, depth), kind, "turned" if turn_a else "plain")
            b = numbers((depth, columns), kind, "turned" if turn_b else "plain")
            what = kind, rows, depth, columns, turn_a, turn_b
            product(a, b, numbers((rows, columns), kind), what)


def check_products_beyond_the_blocks():
    for kind in TYPES:
        for rows, depth, columns in [(70, 300, 270), (257, 513, 9), (5, 700, 515), (1, 600, 259)]:
            for way_a, way_b in itertools.product(("plain", "turned"), repeat=2):
                a, b = numbers((rows, depth), kind, way_a), numbers((depth, columns), kind, way_b)
                product(a, b, numbers((rows, columns), kind), (kind, rows, depth, columns))


def check_products_of_views():
    for kind, ways in itertools.product(TYPES, itertools.product(WAYS, WAYS, WAYS)):
        for rows, depth, columns in [(21, 18, 10)]:
            a, b = numbers((rows, depth), kind, ways[0]), numbers((depth, columns), kind, ways[1])
            product(a, b, numbers((rows, columns), kind, ways[2]), (kind, ways))


def check_products_in_batches():
    for kind in TYPES:
        shapes = [
            ((3, 4, 5, 6), (3, 4, 6, 7)),
            ((3, 4, 5, 6), (6, 7)),
            ((2, 5, 6), (2, 6, 1)),
            ((3, 1, 5, 6), (4, 6, 7)),
            ((0, 5, 6), (0, 6, 7)),
            ((6,), (6,)),
            ((6,), (6, 7)),
            ((5, 6), (6,)),
            ((3, 5, 6), (6,)),
            ((6,), (3, 6, 7)),
        ]
        for left, right in shapes:
            a, b = numbers(left, kind), numbers(right, kind)
            product(a, b, np.empty(np.matmul(a, b).shape, kind), (kind, left, right))
        # heads, as attention has them: parts of the columns, turned
        x = numbers((2 * 9, 3 * 8), kind)
        q, k, v = (x[:, i * 8 : i * 8 + 8].reshape(2, 9, 2, 4).swapaxes(1, 2) for i in range(3))
        product(k, q.swapaxes(-1, -2), np.empty((2, 2, 9, 9), kind), "scores")
        home = numbers((2 * 9, 3 * 8), kind)
        part = home[:, 8:16].reshape(2, 9, 2, 4).swapaxes(1, 2)
        product(numbers((2, 2, 9, 9), kind), v, part, "into heads")


UNARY = np.exp, np.log, np.sqrt, np.tanh, np.absolute, np.negative
BINARY = (
    *(np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum),
    *(np.greater, np.greater_equal, np.less),
)


def functions(kind):
    taken = [f for f in UNARY if not (f is np.tanh and kind == "f8")]
    return [(f, 1) for f in taken] + [(f, 2) for f in BINARY]


def compute(function, ins, out, what):
    with np.errstate(all="ignore"):
        expected = function(*ins)
    run(kinds.ELEMENTWISE, function, ins, out)
    same(out, expected, (function.__name__, what))


def check_elementwise_of_every_length():
    for kind in TYPES:
        for n in [*range(11), 15, 16, 17, 255, 256, 257, 1001]:
            for function, count in functions(kind):
                ins = [numbers((n,), kind) for _ in range(count)]
                out = np.empty(n, function(*ins[:0], *[x[:0] for x in ins]).dtype)
                compute(function, ins, out, (kind, n))


def check_elementwise_of_views():
    """Each function on some of the ways in which its arrays may lie; on all of them, some."""
    chance = random.Random(0)
    for kind, shape in itertools.product(TYPES, [(5, 7), (3, 4, 6), (2, 300)]):
        for function, count in functions(kind):
            ways = [*itertools.product(WAYS, WAYS[: 1 + 5 * (count > 1)], WAYS)]
            for way, other, target in chance.sample(ways, 12 * MORE):
                ins = [numbers(shape, kind, way), numbers(shape, kind, other)][:count]
                if function in BINARY[-3:]:
                    out = numbers(shape, "f4", target) > 9
                else:
                    out = numbers(shape, kind, target)
                compute(function, ins, out, (kind, shape, way, other, target))


def check_elementwise_with_repeats_and_in_place():
    for kind, function in itertools.product(TYPES, BINARY[:6]):
        for left, right in [
            ((5, 7), (7,)),
            ((5, 7), (5, 1)),
            ((5, 1), (1, 7)),
            ((5, 7), ()),
            ((), (5, 7)),
            ((), ()),
            ((2, 3, 5, 1, 4), (3, 5, 6, 1)),
            ((4, 300), (4, 1)),
        ]:
            a, b = numbers(left, kind), numbers(right, kind)
            compute(function, (a, b), np.empty(function(a, b).shape, kind), (kind, left, right))
        for way in WAYS:
            a, b = numbers((5, 300), kind, way), numbers((5, 300), kind)
            expected = function(a, b)
            run(kinds.ELEMENTWISE, function, (a, b), a)
            same(a, expected, ("in place", way))


def check_special_numbers():
    odd = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 88.7, 89.0, -86.5, -104.0, 1e30, 0.3]
    odd += [710.0, -709.0, 1e-40, 5e-324, 2.0**-126, 1.0, -1.0]
    for kind in TYPES:
        with np.errstate(over="ignore", under="ignore"):
            x = np.array(odd, kind)
        for function, count in functions(kind):
            if count == 1:
                compute(function, (x,), np.empty_like(x), kind)
            else:
                a, b = np.repeat(x, x.size), np.tile(x, x.size)
                result = np.empty(a.size, function(a[:0], b[:0]).dtype)
                compute(function, (a, b), result, kind)
        wide = np.linspace(-80, 80, 100_001).astype(kind)
        same(np.ones(1), np.ones(1), "")
        for function, values in [(np.exp, wide), (np.log, np.abs(wide) + 1e-6), (np.tanh, wide)]:
            if (function, 1) in functions(kind):
                out = np.empty_like(values)
                run(kinds.ELEMENTWISE, function, (values,), out)
                wanted = function(values)
                wrong = np.abs(out - wanted) / np.maximum(np.abs(wanted), 1e-37)
                assert wrong[np.abs(values) > 1e-3].max() < NEAR[values.dtype], (function, kind)


def check_masks_copies_and_sums_of_indices():
    for kind, way, target in itertools.product(TYPES, WAYS, WAYS):
        for shape in [(5, 7), (2, 300)]:
            x, mask = numbers(shape, kind, way), numbers(shape, "f4", way) > 0
            out = numbers(shape, kind, target)
            compute(np.multiply, (x, mask), out, (kind, way, target))
            expected = np.where(mask, x, out)
            run(kinds.SELECT, None, (x, mask), out)
            same(out, expected, ("select", kind, way, target))
            run(kinds.COPY, np.copyto, (x[:1],), out)
            same(out, np.broadcast_to(x[:1], shape).copy(), ("copy", kind, way, target))
            run(kinds.FILL, None, (0.5,), out)
            assert (out == 0.5).all()
    compute(np.add, (np.arange(9), np.arange(9)[::-1]), np.empty(9, np.intp), "indices")


def check_reductions():
    shapes = [(1,), (7,), (300,), (5, 7), (5, 1), (3, 5, 7), (2, 3, 4, 5), (2, 1000), (0, 3)]
    for kind, shape, way in itertools.product(TYPES, shapes, WAYS[:5]):
        axes = [None, *range(len(shape)), tuple(range(len(shape))), (0, len(shape) - 1)]
        for axis, keep, function in itertools.product(axes, (True, False), (np.add, np.maximum)):
            if isinstance(axis, tuple) and len(set(axis)) < len(axis):
                continue
            x = numbers(shape, kind, way)
            if function is np.maximum and not x.size:
                continue
            expected = function.reduce(x, axis=axis, keepdims=keep)
            out = np.empty(np.shape(expected), kind)
            run(kinds.REDUCE, function, (x, axis, keep), out)
            same(out, np.asarray(expected), (function, kind, shape, way, axis, keep), near=10)
    x = numbers((4, 9), "f4")
    x[1, 3] = np.nan
    for axis in (0, 1):
        out = np.empty(x.shape[1 - axis], "f4")
        run(kinds.REDUCE, np.maximum, (x, axis, False), out)
        same(out, x.max(axis), "not a number stays")


def check_rows_by_number():
    for kind in (*TYPES, "?"):
        table = numbers((11, 6), "f4").astype(kind)
        ids = np.array([[0, 10, 3], [3, 99, -5]])
        out = np.empty((2, 3, 6), kind)
        run(kinds.TAKE, np.take, (table, ids, 0), out)
        assert (out == table.take(ids, 0, mode="clip")).all()
        few = np.empty((2, 3), kind)
        run(kinds.TAKE, np.take, (table, ids, None), few)
        assert (few == table.take(ids, mode="clip")).all()
    for kind, values in itertools.product(TYPES, (np.array([7.5]), np.arange(3.0))):
        flat = numbers((9,), kind)
        expected = flat.copy()
        expected.put([4, 0, 99], values, "clip")
        run(kinds.PUT, np.put, (np.array([4, 0, 99]), values.astype(kind)), flat)
        assert (flat == expected).all()


def check_what_is_left_to_numpy():
    x = numbers((8, 8), "f4")
    half = x.astype("f2")
    axes = [x.reshape(2, 2, 2, 2, 2, 2).transpose(order) for order in ((0, 2, 4, 1, 3, 5),) * 2]
    for kind, function, ins, out in [
        (kinds.ELEMENTWISE, np.add, (x[1:], x[1:]), x[:-1]),
        (kinds.ELEMENTWISE, np.add, (x.T, x), x),
        (kinds.ELEMENTWISE, np.add, (half, half), half),
        (kinds.ELEMENTWISE, np.add, (x, x.astype("f8")), x.astype("f8")),
        (kinds.ELEMENTWISE, np.sin, (x,), x),
        (kinds.ELEMENTWISE, np.tanh, (x.astype("f8"),), x.astype("f8")),
        (kinds.ELEMENTWISE, np.add, axes, np.empty((2,) * 6, "f4")),
        (kinds.MATMUL, np.matmul, (x, x), x),
        (kinds.MATMUL, np.matmul, (x[:4], x), x[4:]),
        (kinds.MATMUL, np.matmul, (half, half), half),
        (kinds.REDUCE, np.multiply, (x, 0, False), x[0].copy()),
        (kinds.REDUCE, np.add, (x, 0, False), x[0]),
        (kinds.COPY, np.copyto, (half,), x),
        (kinds.TAKE, np.take, (x, np.arange(3), 0), x[:3]),
        (kinds.AS_ONE_CALL, check_reductions, (x,), x),
    ]:
        assert kind.encode(encode, function, ins, out) is None, (kind.name, function)
