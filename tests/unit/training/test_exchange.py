"""A step in separate calls: the gradient of a piece, the agreement on it, and the move."""

import math
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.training.config import TrainConfig
from microgpt.training.loop import (
    Accumulating,
    Diverged,
    Evaluation,
    Exchange,
    Step,
    take_step,
    train,
)
from microgpt.training.run import Run

NAMES = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\ngina\nhugo\n" * 6, "names")


def started(family="microgpt", **changes):
    settings = {"steps": 6, "batch_size": 4, "eval_every": 3, **changes}
    return Run.start(NAMES, FAMILIES[family], TrainConfig(**settings))


class Half(Run):
    """One of two workers: both draw all batches, each computes its own rows of them."""

    own = slice(None)

    def next_batches(self):
        return [
            batch._replace(
                **{n: getattr(batch, n)[self.own] for n in ("ids", "targets", "weights")}
            )
            for batch in super().next_batches()
        ]


def halves(family, **changes):
    workers = []
    for own in (slice(0, 2), slice(2, None)):
        whole = started(family, **changes)
        workers.append(Half(NAMES, whole.tokenizer, whole.model.config, whole.config))
        workers[-1].model.weights.flat[...] = whole.model.weights.flat
        workers[-1].rng.setstate(whole.rng.getstate())
        workers[-1].own = own
    return workers


def drive(events):
    """The next events of all workers, once for each: they agree on the sums of an exchange."""
    while found := [next(each, None) for each in events]:
        if isinstance(found[0], Exchange):
            total = sum(exchange.buffer for exchange in found)
            loss = sum(exchange.loss for exchange in found)
            for exchange in found:
                exchange.buffer[...], exchange.loss = total, loss
                exchange.stop = any(each.stop for each in found)
        yield found
        if found[0] is None:
            return


@pytest.mark.parametrize(("family", "changes"), [
    ("microgpt", {}),
    ("llama", {"accumulate": 2}),
    ("nanochat", {"optimizer": "muon", "clip": 0.5}),
])  # fmt: skip
def test_two_halves_by_hand_are_the_whole(family, changes):
    changes = {"steps": 2, **changes}
    whole, workers = started(family, **changes), halves(family, **changes)
    expected = [event for event in train(whole) if isinstance(event, Step | Evaluation)]
    ours = []
    for events in drive([train(worker) for worker in workers]):
        if isinstance(events[0], Step | Evaluation):
            assert events[0] == events[1]  # all make the same move
            ours.append(events[0])
    assert [(type(event), event.step) for event in ours] == [
        (type(event), event.step) for event in expected
    ]
    assert [event.loss for event in ours] == pytest.approx([event.loss for event in expected])
    one, other = (worker.model.weights.flat for worker in workers)
    assert np.array_equal(one, other)
    assert np.abs(one - whole.model.weights.flat).max() <= 1e-6


def test_the_exchange_is_the_models_own_gradient_and_always_the_same_object():
    run = started()
    seen = [event for event in train(run) if isinstance(event, Exchange)]
    assert len(seen) == 6 and len(set(map(id, seen))) == 1
    assert seen[0].buffer is run.model.weights.flat_grad


def test_who_stops_stops_all_after_the_same_step():
    workers = halves("microgpt")
    for events in drive([train(worker) for worker in workers]):
        if isinstance(events[0], Exchange) and workers[0].step == 2:
            for exchange in events:
                exchange.stop = True  # as if one of them had wanted to
    assert [worker.step for worker in workers] == [3, 3]
    left = [event for event in train(workers[0]) if isinstance(event, Step)]
    assert len(left) == 3  # and it can go on


@pytest.mark.parametrize("at", [0, 3, 5])
def test_a_run_kept_between_a_gradient_and_its_move_is_the_same_run(at):
    config = replace(FAMILIES["classic"], dropout=0.2)
    whole, run = (Run.start(NAMES, config, TrainConfig(steps=6, batch_size=4)) for _ in range(2))
    list(train(whole))
    events = train(run)
    while not (isinstance(next(events), Exchange) and run.step == at):
        pass
    kept = to_bytes(run.checkpoint())
    again = Run.restore(from_bytes(kept), NAMES)
    list(train(again))
    assert to_bytes(again.checkpoint()) == to_bytes(whole.checkpoint())
    list(train(run))  # the first generator was left where it stood
    assert to_bytes(run.checkpoint()) == to_bytes(whole.checkpoint())


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_what_is_agreed_on_must_be_numbers(broken):
    run = started()
    before = run.model.weights.flat.copy()
    with pytest.raises(Diverged, match=broken):
        for event in train(run):
            if isinstance(event, Exchange) and broken == "loss":
                event.loss = math.inf
            elif isinstance(event, Exchange):
                event.buffer[0] = np.nan
    assert run.step == 0 and np.array_equal(run.model.weights.flat, before)


# ---- the optimizer's own count of steps


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_an_optimizer_that_has_worked_before_counts_on(optimizer):
    run, fresh = (started("nanochat", optimizer=optimizer) for _ in range(2))
    run.optimizer.steps = 200
    take_step(run), take_step(fresh)
    assert (run.step, run.optimizer.steps) == (1, 201)
    assert not np.array_equal(run.model.weights.flat, fresh.model.weights.flat)
    kept = run.checkpoint()
    assert kept.meta["progress"]["optimizer_steps"] == 201
    again = Run.restore(from_bytes(to_bytes(kept)), NAMES)
    assert again.optimizer.steps == 201
    take_step(run), take_step(again)
    assert np.array_equal(run.model.weights.flat, again.model.weights.flat)


def test_a_step_of_many_batches_can_be_stopped_inside_and_is_made_again():
    """Nothing of it is kept in memory, and what was begun leaves no trace."""
    whole, stopped = (started(accumulate=5, batch_size=2) for _ in range(2))
    list(train(whole))
    for events in (train(stopped), train(stopped)):
        for event in events:
            if isinstance(event, Accumulating) and (event.step, event.batches) == (2, 3):
                break  # in the middle of the third step, twice
    again = Run.restore(from_bytes(to_bytes(stopped.checkpoint())), NAMES)
    assert again.step == 2
    for run in (stopped, again):
        list(train(run))
        assert run.losses == whole.losses and run.tokens == whole.tokens
        assert np.array_equal(run.model.weights.flat, whole.model.weights.flat)
