"""Workers of a tab that share a step: the same run as one alone, whoever is lost on the way."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES
from microgpt.checkpoint import to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.microscope.one_step import make, source_of_run
from microgpt.page.helper import Helper
from microgpt.page.run import Follower
from microgpt.training.config import TrainConfig
from microgpt.training.loop import train
from microgpt.training.run import Run
from microgpt.training.shared import SharedRun
from thorough import some

NAMES = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\ngina\nhugo\nida\n" * 6, "names")
MUON = {"dtype": "float32", "optimizer": "muon", "lr": 0.02}
CASES = [
    ("microgpt", {"seed": 2**64 - 1, "dropout": 0.2}),
    ("nanochat", {"accumulate": 2, "steps": 5, **MUON}),
    ("llama", {"clip": 0.01, **MUON}),
    ("classic", {"accumulate": 2, "dropout": 0.2, "optimizer": "adamw", "clip": 0.01}),
]


def settings(family, dropout=0.0, **changes):
    known = {"steps": 4, "batch_size": 8, "shards": 4, "eval_every": 2} | changes
    return replace(FAMILIES[family], dropout=dropout, n_layer=1), TrainConfig(**known)


class Tab:
    """A run and the workers that help with it; what they say crosses as it does in a tab."""

    def __init__(self, family, count, **changes):
        self.run = SharedRun.start(NAMES, *settings(family, **changes))
        self.follower = Follower(self.run)
        self.waiting = []  # answers that have not come yet
        self.said = []  # all that was said to others: (kind, step)
        self.share(count)

    def share(self, count):
        self.helpers = {worker: Helper(None) for worker in range(1, count)}
        self.waiting = []
        self.run.others.share(count)

    def go_on(self, on_message=lambda facts: None):
        """One piece of work; `on_message` may do something before a message is heard."""
        facts, arrays = self.follower.advance(0.01, self.run.config.steps)
        helpers = self.helpers
        for i, share in enumerate(json.loads(json.dumps(facts["shares"]))):
            self.said.append((share["kind"], self.run.step))
            on_message(share)
            if self.helpers is not helpers:
                return facts["state"]  # they are others now, or gone
            answer = helpers[share.pop("to")].hear(bytes(arrays[f"share{i}"]), **share)
            if answer:
                self.waiting.append((json.loads(json.dumps(answer[0])), bytes(answer[1])))
        for told, data in self.waiting[::-1]:  # the last is the first to arrive
            self.run.others.receive(data, **told)
        self.waiting = []
        return facts["state"]

    def to_the_end(self, on_message=lambda facts: None):
        for _ in range(20_000):
            if self.go_on(on_message) == "done":
                return self.run
        raise AssertionError("the run does not end")


def begun(family, **changes):
    """Two workers that have made a step: what is recorded first is, and samples are written."""
    tab = Tab(family, 2, **changes)
    while tab.run.step < 1:
        tab.go_on()
    return tab


def alone(family, **changes):
    run = Run.start(NAMES, *settings(family, **changes))
    list(train(run))
    return run


def same(one, other):
    return to_bytes(one.checkpoint()) == to_bytes(other.checkpoint())


@pytest.mark.parametrize(("family", "changes"), CASES)
def test_one_and_two_and_four_workers_are_a_run_alone(family, changes):
    expected = alone(family, **changes)
    for count in some((4,) if family == "nanochat" else (2,), (1, 2, 4)):
        tab = Tab(family, count, **changes)
        assert same(tab.to_the_end(), expected)
        exchange, kinds = tab.run.others.exchange, [kind for kind, _ in tab.said]
        if count == 1 or family == "classic":  # where dropout goes on drawing, one works alone
            assert exchange is None and not tab.said
            continue
        assert len(exchange["seconds"]) == count and exchange["exchanged"] >= 0
        gradients = 2 * tab.run.model.flat.nbytes * changes.get("accumulate", 1)
        turned = tab.run.optimizer.turned_bytes
        assert exchange["bytes"] == gradients + turned and (turned > 0) == ("optimizer" in changes)
        # They make the moves themselves, but for the one with the last names, which are too few.
        times = 2 if family == "nanochat" else 1
        assert kinds.count("join") == times * (count - 1)
        for helper in tab.helpers.values():
            assert np.array_equal(helper._model.flat, expected.model.weights.flat)


@pytest.mark.parametrize(
    ("family", "kind"),
    [("microgpt", "heard"), ("llama", "join"), ("llama", "shards"), ("llama", "move")],
)
def test_a_worker_may_die_at_any_message_and_is_replaced(family, kind):
    changes = MUON if family == "llama" else {}
    expected, tab, dead = alone(family, **changes), Tab(family, 2, **changes), []

    def die(share):
        number = 1 if kind == "join" else 2 + len(dead)  # of a later exchange, each time
        if share["kind"] == kind and len(dead) < 2 and tab.run.step >= number - 1:
            dead.append(share)
            tab.share(1)

    while tab.run.step < tab.run.config.steps:
        step = tab.run.step
        tab.go_on(die)
        if tab.run.step > step and not tab.helpers:
            tab.share(2)
    assert dead and same(tab.to_the_end(), expected)
    joined = [step for said, step in tab.said if said == "join"]
    assert len(joined) == 1 + len(dead)


def test_an_answer_to_another_question_is_dropped():
    tab = Tab("microgpt", 2)
    others = tab.run.others
    while not others.idle:
        tab.follower.advance(0.01, 4)
    gradient, number = tab.run.model.flat.tobytes(), others.number
    others.receive(gradient, 1, number - 1, 0.1, losses=[0.0, 0.0])
    assert others.idle
    others.receive(gradient, 1, number, 0.1, losses=[None, 0.0])
    assert not others.idle and np.isnan(tab.run.gradient.gathered())


@pytest.mark.parametrize(("family", "changes"), [("llama", MUON), ("microgpt", {"dropout": 0.2})])
def test_a_look_at_a_step_leaves_one_that_is_half_made_as_it_was(family, changes):
    """As where the run is paused between two shards, or two matrices."""
    expected, tab = alone(family, **changes), begun(family, **changes)
    for pieces in (1, 2, 3, 4, 5, 6):
        for _ in range(pieces):
            tab.go_on()
        seen, step = make(source_of_run(tab.run)), tab.run.step
        if not tab.run.model.config.dropout:  # which is drawn in another way for a look
            assert seen.step.loss == pytest.approx(expected.losses[step], rel=1e-5)
    assert same(tab.to_the_end(), expected)


def test_a_rest_in_the_middle_of_a_step_is_no_time_of_the_step(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    follower = begun("microgpt").follower
    before = follower.seconds
    for rest, fresh in ((0.0, False), (100.0, True), (1.0, False)):
        now[0] += rest
        while follower.advance(1, 4, fresh=fresh).facts["state"] == "going":
            fresh = False
        # (a clock that stands still: a call ends where it has to wait for others)
    follower.run.others.share(1)
    assert follower.advance(1, 2).facts["step"] == 2
    assert follower.seconds - before == 1


def test_a_run_that_is_made_longer_half_way_goes_on_as_if_it_always_had_been():
    expected, tab = alone("llama", **MUON), begun("llama", **MUON)
    for pieces in (2, 3, 4, 5, 6, 7, 8):
        for _ in range(pieces):
            tab.go_on()
        tab.follower._restart()
    assert tab.run.step < 4 and same(tab.to_the_end(), expected)
