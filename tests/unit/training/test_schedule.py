"""The learning rate, step by step."""

import math

import pytest
from microgpt.training.schedule import SCHEDULES, learning_rate


def rates(steps=10, **settings):
    return [learning_rate(step, lr=0.5, steps=steps, **settings) for step in range(steps)]


def test_linear_is_the_reference():
    assert [learning_rate(s, lr=0.01, steps=1000) for s in range(1000)] == pytest.approx(
        [0.01 * (1 - s / 1000) for s in range(1000)], rel=1e-15
    )


def test_cosine():
    expected = [0.25 * (1 + math.cos(math.pi * s / 10)) for s in range(10)]
    assert rates(schedule="cosine") == pytest.approx(expected)


def test_constant():
    assert rates(schedule="constant", final=0.1) == [0.5] * 10


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_warm_up(schedule):
    found = rates(schedule=schedule, warmup=4)
    assert found[:4] == pytest.approx([0.125, 0.25, 0.375, 0.5])
    assert found[4] == 0.5  # the decay begins at the top
    assert found[4:] == sorted(found[4:], reverse=True)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_final(schedule):
    found = [learning_rate(s, lr=0.5, steps=10, schedule=schedule, final=0.2) for s in range(12)]
    assert found[0] == 0.5
    assert found[5] == pytest.approx(0.3)  # half way, whichever way
    assert found[10:] == pytest.approx([0.1, 0.1])  # at the end and beyond
    assert min(found) == pytest.approx(0.1)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_odd_lengths(schedule):
    """A warm-up as long as the run, or longer, and a run of one step."""
    for steps, warmup in [(1, 0), (1, 1), (3, 3), (3, 10)]:
        found = rates(steps, schedule=schedule, warmup=warmup)
        assert all(0 < rate <= 0.5 for rate in found)
        assert (
            0 <= learning_rate(steps, lr=0.5, steps=steps, warmup=warmup, schedule=schedule) <= 0.5
        )
