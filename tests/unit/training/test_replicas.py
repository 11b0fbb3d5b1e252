"""Models that learn side by side and agree now and then: the outer step, and runs of it."""

from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES
from microgpt.checkpoint import CheckpointError, from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.errors import UserError
from microgpt.recorder.record import Machine
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step, train
from microgpt.training.machines.outer import Outer, OuterConfig, half
from microgpt.training.run import Run
from microgpt.training.shared import SharedRun
from thorough import some

TEXT = corpus_from_bytes(b"the cat sat on the mat and the dog lay by the door. " * 9, "t", "none")


def started(sync_every=4, replicas=3, kind=Run, family="llama", dropout=0.0, machine=None, **more):
    outer = {k: more.pop(k) for k in list(more) if k in OuterConfig.defaults()}
    settings = {"steps": 10, "batch_size": 3, "eval_every": 5, "shards": 1, **more}
    outer = OuterConfig(sync_every=sync_every, replicas=replicas, **outer)
    model = replace(FAMILIES[family], n_layer=1, dropout=dropout)
    return kind.start(TEXT, model, TrainConfig(**settings), machine=machine, outer=outer)


def trained(*args, **options):
    run = started(*args, **options)
    list(train(run))
    return run


def test_one_replica_that_takes_its_whole_move_is_a_plain_run():
    plain = trained(0)
    alone = trained(4, 1, outer_lr=1.0, outer_momentum=0.0)
    assert plain.replicas is None and alone.losses == pytest.approx(plain.losses, abs=1e-12)
    assert alone.model.weights.flat == pytest.approx(plain.model.weights.flat, abs=1e-9)


def test_each_replica_learns_from_batches_of_its_own():
    run, plain = started(100, 3), started(0, batch_size=9, steps=1)
    take_step(plain)
    next(train(run))
    while run.step < 1:
        next(train(run))
    losses = [replica.losses[0] for replica in run.replicas.own]
    assert len(set(losses)) == 3
    assert run.losses == [pytest.approx(np.mean(losses))]
    assert run.tokens == plain.tokens  # at equal tokens


def test_the_mean_move_is_taken_with_nesterov_momentum():
    outer = Outer(np.zeros(2), OuterConfig(outer_lr=0.5, outer_momentum=0.9))
    outer.take(np.array([4.0, -2.0]), 2)
    mean = np.array([2.0, -1.0])  # against the moves, as a gradient is
    assert outer.velocity == pytest.approx(mean)
    assert outer.weights == pytest.approx(-0.5 * 1.9 * mean)


def test_all_have_the_same_weights_where_they_agree_and_others_between():
    run = started()
    for _ in train(run):
        same = all(
            np.array_equal(replica.model.flat, run.model.flat) for replica in run.replicas.own
        )
        assert same == (run.step % 4 == 0 or run.step == 10), run.step


def test_at_first_all_may_share_each_step():
    run = started(sync_after=3, outer_momentum=0.9)
    for _ in train(run):
        own = [replica.model.flat for replica in run.replicas.own]
        same = all(np.array_equal(flat, run.model.flat) for flat in own)
        assert same == (run.step in (0, 1, 2, 3, 4, 8, 10)), run.step
        assert run.replicas.outer.velocity.any() == (run.step > 3)


@pytest.mark.parametrize("how", [{"sync_every": 1}, {"sync_every": 5, "sync_after": 10}])
def test_sharing_each_step_is_training_on_one_batch_of_all(how):
    """Not the mean of what each makes of its own small batch, from which a model learns slower."""
    # Windows one after the other: three of two rows are one of six.
    whole = trained(0, batch_size=6, windows="sequential", clip=0.5)
    apart = trained(replicas=3, batch_size=2, windows="sequential", clip=0.5, **how)
    assert apart.losses == pytest.approx(whole.losses, rel=1e-9)
    assert apart.model.flat == pytest.approx(whole.model.flat, rel=1e-6, abs=1e-9)


def test_a_checkpoint_of_before_has_no_steps_together():
    kept = to_bytes(trained(steps=2).checkpoint())
    checkpoint = from_bytes(kept)
    del checkpoint.meta["outer"]["sync_after"]
    assert Run.restore(checkpoint, TEXT).replicas.config.sync_after == 0


@pytest.mark.parametrize(("family", "changes"), [
    ("llama", {"sync_after": 3}),
    ("llama", {}),
    ("nanochat", {"optimizer": "muon", "dtype": "float32", "exchange": "float16"}),
    ("classic", {"dropout": 0.2, "accumulate": 2, "shards": 2, "clip": 0.5}),
])  # fmt: skip
def test_a_run_goes_on_exactly_from_any_step(family, changes):
    whole = to_bytes(trained(family=family, **changes).checkpoint())
    run = started(family=family, **changes)
    for stop in some((3, 4, 9), (0, 3, 4, 9)):
        for _ in train(run):
            if run.step >= stop:
                break
        run = Run.restore(from_bytes(to_bytes(run.checkpoint())), TEXT)
    list(train(run))
    assert to_bytes(run.checkpoint()) == whole


def test_who_was_ahead_when_it_was_stopped_does_not_learn_twice():
    class Stopped(BaseException):
        pass

    whole, run = trained(), started()
    gradient = run.replicas.own[1].gradient

    def stop(*args, **options):
        raise Stopped

    run.replicas.own[1].gradient = stop
    with pytest.raises(Stopped):
        list(train(run))
    assert [replica.step for replica in run.replicas.own] == [1, 0, 0]
    again = Run.restore(from_bytes(to_bytes(run.checkpoint())), TEXT)
    run.replicas.own[1].gradient = gradient
    for each in (run, again):
        list(train(each))
        assert to_bytes(each.checkpoint()) == to_bytes(whole.checkpoint())


def test_float16_keeps_small_and_large_moves():
    values = np.array([1e-12, -3e-8, 2e-5, 1e-4, 0.0])
    assert half(values)[1:] == pytest.approx(values[1:], rel=1e-3)
    assert np.array_equal(half(np.zeros(3)), np.zeros(3))
    assert np.isnan(half(np.array([1.0, np.nan]))[1])
    full, less = trained(), trained(exchange="float16")
    assert full.losses != less.losses
    assert less.losses == pytest.approx(full.losses, rel=0.02)


def test_what_a_run_cannot_change_and_where_it_cannot_go_on():
    kept = started().checkpoint()
    for name in ("sync_every", "sync_after", "replicas"):
        with pytest.raises(UserError, match=f"goes on with the {name} it began with"):
            Run.restore(kept, TEXT, **{name: 2})
    assert Run.restore(kept, TEXT, outer_lr=0.5).replicas.config.outer_lr == 0.5
    with pytest.raises(UserError, match="goes on in a terminal"):
        SharedRun.restore(kept, TEXT, Machine())
    with pytest.raises(UserError, match="must be"):
        OuterConfig(outer_momentum=1.0)


@pytest.mark.parametrize("damage", [
    {"steps": [0, 0]}, {"steps": [0, 0, 9]}, {"losses": [[], [], ["x"]]}, {"optimizer_steps": 3},
])  # fmt: skip
def test_a_damaged_record_of_replicas_is_refused(damage):
    kept = started().checkpoint()
    kept.meta["outer"].update(damage)
    with pytest.raises(CheckpointError, match="replicas makes no sense"):
        Run.restore(kept, TEXT)


def test_a_run_without_replicas_takes_no_settings_of_theirs():
    kept = from_bytes(to_bytes(started(sync_every=0).checkpoint()))
    with pytest.raises(UserError, match="outer_lr is without effect"):
        Run.restore(kept, TEXT, outer_lr=0.5)


def test_a_run_without_replicas_is_as_it_was():
    run = started(0)
    assert "outer" not in run.checkpoint().meta
    assert not any(name.startswith("outer") for name in run.checkpoint().tensors)
