"""The lesson on rounding: its numbers, its product, its bytes, and that `export` does the same."""

import numpy as np
import pytest
from microgpt.lessons.quantize import (
    COLUMNS,
    costs,
    main,
    matrices,
    most,
    multiply,
    pack,
    quantize,
    restore,
    unpack,
)
from microgpt.quantization import to_int8

RNG = np.random.default_rng(3)
W, X = RNG.normal(size=(6, 64)), RNG.normal(size=64)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("group", [1, 8, 64])
def test_no_number_is_off_by_more_than_half_a_step(bits, group):
    levels, steps = quantize(W, bits, group)
    wrong = np.abs(levels * steps - W.reshape(levels.shape))
    assert (wrong <= steps / 2 * (1 + 1e-12)).all() and np.abs(levels).max() == most(bits)


def test_zeros_stay_zeros():
    levels, steps = quantize(np.zeros((2, 4)), 4, 2)
    assert not restore(levels, steps, (2, 4)).any() and np.isfinite(steps).all()


@pytest.mark.parametrize("group", [8, 64])
def test_the_product_of_levels_is_that_of_the_numbers(group):
    levels, steps = quantize(W, 4, group)
    assert multiply(levels, steps, X) == pytest.approx(restore(levels, steps, W.shape) @ X)


def test_two_fit_into_a_byte():
    levels, _ = quantize(W, 4, 8)
    packed = pack(levels)
    assert packed.nbytes == W.size // 2
    assert np.array_equal(unpack(packed, levels.shape), levels)


def test_export_rounds_as_the_lesson_does():
    """With steps that a float16 can hold; others differ in the last bit of the step."""
    w = np.array([[127, -3.4, 0.2, 64.9], [63.5, 1, -63.5, 0.3]], np.float32)
    levels, steps = quantize(w, 8, 4)
    found = to_int8(w)
    assert np.array_equal(found.levels, levels[:, 0]) and found.scales.tolist() == [1, 0.5]
    assert np.array_equal(found.numbers(), restore(levels, steps, w.shape))


def test_fewer_that_share_a_step_are_off_by_less(capsys):
    for w in matrices().values():
        rows = list(costs(w, np.ones(COLUMNS)))
        for bits in (8, 4):
            wrong = [row[3] for row in rows if row[0] == bits]
            assert len(wrong) > 1 and wrong == sorted(wrong, reverse=True)
    main()
    assert capsys.readouterr().out.count("32 neighbours") == 3
