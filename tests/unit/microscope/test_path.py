"""The way of a weight over a run: what is kept of it, and what is said to be known."""

import numpy as np
from family import FAMILIES, new_model
from microgpt.microscope import path
from microgpt.microscope.path import WeightPaths


class Walk:
    """A run whose weights are the number of its step."""

    def __init__(self, monkeypatch, most, start=0):
        monkeypatch.setattr(path, "MOST", most)
        self.weights = new_model(FAMILIES["microgpt"], np.float32).weights
        self.step = start
        self.weights.flat[...] = start
        self.paths = WeightPaths(self.weights, start)

    def go(self, steps):
        for _ in range(steps):
            self.step += 1
            self.weights.flat[...] = self.step
            self.paths.note(self.step)

    def known(self, place=0):
        known, since = self.paths.of(place)
        assert [step for step, _ in known] == [value for _, value in known]
        return [step for step, _ in known], since


def test_as_many_steps_are_kept_as_there_is_room_for(monkeypatch):
    walk = Walk(monkeypatch, 4)
    walk.go(3)
    assert walk.known() == ([0, 1, 2, 3], 0)
    walk.go(1)
    assert walk.known() == ([0, 2, 4], 4)
    walk.go(15)
    assert walk.known() == ([0, 8, 16], 16)


def test_a_watched_weight_is_known_at_every_step_from_then_on(monkeypatch):
    walk = Walk(monkeypatch, 4)
    walk.go(10)
    walk.paths.watch(7, walk.step)
    walk.go(3)
    assert walk.known(7) == ([0, 4, 8, 10, 11, 12, 13], 10)
    walk.paths.watch(7, walk.step)
    assert walk.known(7) == ([0, 4, 8, 10, 11, 12, 13], 10), "it was watched already"
    assert walk.known(8)[0] == [0, 4, 8, 12]


def test_a_run_that_goes_on_is_known_from_there(monkeypatch):
    walk = Walk(monkeypatch, 4, start=101)
    walk.go(9)
    assert walk.known() == ([101, 104, 108], 108)


def test_only_so_many_are_watched(monkeypatch):
    walk = Walk(monkeypatch, 4)
    for place in range(path.WATCHED + 1):
        walk.paths.watch(place, walk.step)
    walk.go(9)
    assert walk.known(0)[0] == [0, 4, 8]
    assert walk.known(1)[0] == [*range(10)]


def test_large_models_keep_few(monkeypatch):
    monkeypatch.setattr(path, "BYTES", 10)
    walk = Walk(monkeypatch, 256)
    walk.go(9)
    assert walk.known()[0] == [0, 8]
