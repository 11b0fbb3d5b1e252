"""Workers of a tab that share a step: the same run as one alone, whoever is lost on the way."""

import json
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES
from microgpt.checkpoint import to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.page.run import Follower
from microgpt.training.config import TrainConfig
from microgpt.training.loop import train
from microgpt.training.run import Run
from microgpt.training.shared import ShardWorker, SharedRun
from thorough import some

NAMES = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\ngina\nhugo\nida\n" * 6, "names")
CASES = [
    ("microgpt", {"seed": 2**64 - 1, "dropout": 0.2}),
    ("nanochat", {"accumulate": 2, "dtype": "float32", "optimizer": "muon", "lr": 0.02}),
]


def settings(family, dropout=0.0, **changes):
    known = {"steps": 4, "batch_size": 8, "shards": 4, "eval_every": 2} | changes
    return replace(FAMILIES[family], dropout=dropout, n_layer=1), TrainConfig(**known)


def shared(family, count, on_share=lambda run, share: False, **changes):
    """A run of the page to its end; `on_share` says of a share whether its worker is lost."""
    run = SharedRun.start(NAMES, *settings(family, **changes))
    follower, workers = Follower(run), {}
    run.gradient.count = count
    for worker in range(1, count):
        model = json.loads(json.dumps(run.model.config.to_dict()))
        workers[worker] = ShardWorker(None, model, run.config.dtype, False, run.shards)
    for _ in range(10_000):
        facts, arrays = follower.advance(1, run.config.steps)
        for share in json.loads(json.dumps(facts["shares"])):
            if on_share(run, share):
                run.gradient.lose(share["worker"])
                continue
            data = arrays[f"share{share['worker']}"]
            told, gradient = workers[share["worker"]].compute(data, **share)
            run.gradient.receive(**json.loads(json.dumps(told)), gradient=gradient)
        if facts["state"] == "done":
            return run
    raise AssertionError("the run does not end")


@pytest.mark.parametrize(("family", "changes"), CASES)
def test_two_and_four_workers_are_one(family, changes):
    alone = Run.start(NAMES, *settings(family, **changes))
    list(train(alone))
    for count in some((4,) if family == "nanochat" else (2,), (2, 4)):
        run = shared(family, count, **changes)
        assert to_bytes(run.checkpoint()) == to_bytes(alone.checkpoint())
        exchange = run.gradient.exchange
        assert len(exchange["seconds"]) == count and exchange["exchanged"] >= 0
        assert exchange["bytes"] == 2 * run.model.flat.nbytes


def test_where_a_worker_is_lost_its_shards_are_worked_out_here():
    alone = Run.start(NAMES, *settings("microgpt"))
    list(train(alone))
    lost = []

    def lose(run, share):
        if run.step == 2 and not lost:
            lost.append(share)
        return share in lost

    run = shared("microgpt", 2, lose)
    assert lost and run.gradient.count == 1 and run.losses == alone.losses
    assert np.array_equal(run.model.weights.flat, alone.model.weights.flat)


def test_an_answer_to_another_question_is_dropped():
    run = SharedRun.start(NAMES, *settings("microgpt"))
    run.gradient.count = 2
    events = train(run)
    while not run.gradient.idle:
        next(events)
    number = run.gradient._number
    run.gradient.receive(1, number - 1, [0.0, 0.0], 0.1, np.zeros_like(run.model.weights.flat))
    assert run.gradient.idle
    run.gradient.receive(1, number, [None, 0.0], 0.1, np.zeros_like(run.model.weights.flat))
    assert not run.gradient.idle and np.isnan(run.gradient.gathered())
