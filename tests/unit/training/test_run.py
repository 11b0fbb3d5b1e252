"""Runs: training as a row of records, stopped and resumed as if it had never stopped."""

import itertools
import math
import warnings
from functools import cache
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.data.baselines import first_tokens
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.inference.generate import write
from microgpt.training.config import TrainConfig
from microgpt.training.loop import (
    Diverged,
    Evaluation,
    Step,
    evaluate,
    smoothed,
    take_step,
    train,
)
from microgpt.training.memory import rows_that_fit
from microgpt.training.run import Run
from thorough import EXAMPLES, some

NAMES = corpus_from_bytes(
    b"anna\nbert\ncarla\ndan\neve\nfrank\ngina\nhugo\nida\njon\n" * 6, "names"
)
TEXT = corpus_from_bytes(b"a cat sat on a mat and a rat sat on a hat. " * 40, "text", "none")
SMALL = GPTConfig(n_embd=8, n_head=2, block_size=8)


def started(corpus=NAMES, model=SMALL, **changes):
    return Run.start(corpus, model, TrainConfig(**{"steps": 12, "eval_every": 4, **changes}))


def reloaded(run, **changes):
    return Run.restore(from_bytes(to_bytes(run.checkpoint())), run.corpus, **changes)


def samples(run, count=3):
    return [write(run.model, run.tokenizer, run.rng) for _ in range(count)]


# ---- the records


def test_the_records_of_a_run():
    records = [r for r in train(started(steps=10)) if isinstance(r, Step | Evaluation)]
    kinds = [(type(record), record.step) for record in records]
    steps = [(Step, step) for step in range(1, 11)]
    for step in (0, 4, 8, 10):  # each after its step; the last one always
        steps.insert(steps.index((Step, step)) + 1 if step else 0, (Evaluation, step))
    assert kinds == steps
    assert all(math.isfinite(record.loss) for record in records)
    assert records[1].lr == 0.01 and records[1].tokens > 0


@pytest.mark.parametrize("every", [0, 100])
def test_the_last_look_at_held_out_data_is_never_left_out(every):
    found = [r.step for r in train(started(eval_every=every)) if isinstance(r, Evaluation)]
    assert found == ([12] if not every else [0, 12])


def test_without_held_out_data_there_is_no_evaluation():
    assert not any(isinstance(r, Evaluation) for r in train(started(val_fraction=0)))


def test_no_steps_at_all():
    run = started(steps=0)
    *_, last = train(run)
    assert isinstance(last, Evaluation) and last.step == 0 and run.losses == []


def test_a_run_learns():
    run = started(steps=200, batch_size=4)
    list(train(run))
    assert smoothed(run.losses, 20) < run.losses[0] - 1
    assert run.evaluations[-1].loss < run.uniform_loss
    assert run.tokens > 200 and math.isnan(smoothed([]))


def test_accumulated_batches_are_one_large_batch():
    """Batches of one length hold the same documents either way."""
    corpus = corpus_from_bytes(b"anna\nbert\ncara\ndana\nevan\nfran\n" * 4, "even")
    one = started(corpus, batch_size=6, val_fraction=0)
    two = started(corpus, batch_size=2, accumulate=3, val_fraction=0)
    for _ in range(3):
        a, b = take_step(one), take_step(two)
        assert a.tokens == b.tokens
        assert a.loss == pytest.approx(b.loss, rel=1e-12)
    assert np.allclose(one.model.weights.flat, two.model.weights.flat, rtol=1e-9, atol=1e-12)


def test_the_evaluation_is_the_mean_of_every_held_out_target():
    run = started(val_fraction=0.5)
    total = count = 0
    for row in run.held_out:
        ids, targets = row[None, :-1].astype(int), row[None, 1:].astype(int)
        loss = run.model.loss(ids, targets, np.full(ids.shape, 1 / ids.size))
        total, count = total + float(loss.data) * ids.size, count + ids.size
    *_, result = evaluate(run)
    assert result.loss == pytest.approx(total / count, rel=1e-12)


def test_looking_at_held_out_data_does_not_change_a_run():
    often, never = started(eval_every=1), started(eval_every=0)
    list(train(often)), list(train(never))
    assert np.array_equal(often.model.weights.flat, never.model.weights.flat)
    assert often.rng.getstate() == never.rng.getstate()


# ---- resuming


CASES = {
    "one document": {},
    "32 documents": {"batch_size": 32},
    "float32": {"dtype": "float32", "batch_size": 5},
    "accumulated": {"accumulate": 3, "optimizer": "adamw", "weight_decay": 0.1, "clip": 0.5},
    "warmed up": {"warmup": 5, "schedule": "cosine", "final_lr": 0.1},
    "crops": {"corpus": TEXT, "batch_size": 4},
}


@cache
def never_stopped(case):
    """What is left of a run: its weights, the optimizer's numbers, its file, and its samples."""
    run = started(**CASES[case])
    list(train(run))
    return outcome(run)


def outcome(run):
    state = {name: array.copy() for name, array in run.optimizer.state().items()}
    return run.model.weights.flat.copy(), state, to_bytes(run.checkpoint()), samples(run)


STOPS = [(0,), (1,), (4,), (7, 8), (12,)]


@pytest.mark.parametrize(
    ("case", "stops"),
    # Each case at two moments, each moment in two cases or more.
    some(
        [(case, STOPS[(i + j) % 5]) for i, case in enumerate(CASES) for j in (0, 2)],
        itertools.product(CASES, STOPS),
    ),
)
def test_a_resumed_run_is_the_run_that_never_stopped(case, stops):
    run = started(**CASES[case])
    for stop in stops:
        for record in train(run):
            if run.step >= stop and (isinstance(record, Step) or stop == 0):
                break  # also between a step and the evaluation that is due after it
        run = reloaded(run)
    list(train(run))
    whole, found = never_stopped(case), outcome(run)
    assert np.array_equal(found[0], whole[0])
    assert found[1].keys() == whole[1].keys()
    assert all(np.array_equal(found[1][name], array) for name, array in whole[1].items())
    assert found[2:] == whole[2:]


@given(st.lists(st.integers(1, 4), max_size=4))
@settings(max_examples=EXAMPLES or 5, deadline=None)
def test_any_stops_do_no_harm(pieces):
    whole, run = started(), started()
    list(train(whole))
    for piece in pieces:
        list(islice(train(run), piece))
        run = reloaded(run)
    list(train(run))
    assert to_bytes(run.checkpoint()) == to_bytes(whole.checkpoint())


def test_a_run_can_be_made_longer():
    whole, run = started(steps=20, schedule="constant"), started(schedule="constant")
    list(train(whole)), list(train(run))
    run = reloaded(run, steps=20)
    list(train(run))
    assert np.array_equal(run.model.weights.flat, whole.model.weights.flat)
    assert run.losses == whole.losses


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"dtype": "float32"}, {"batch_size": 2}, {"val_fraction": 0.2}]
)
def test_what_decides_the_data_cannot_be_changed(change):
    name, value = next(iter(change.items()))
    with pytest.raises(UserError, match=rf"^A run goes on with the {name} it began with, .*\.$"):
        reloaded(started(), **change)
    reloaded(started(), **{name: getattr(TrainConfig(), name)})  # saying it again is no change


def test_other_data_is_refused():
    kept = started().checkpoint()
    with pytest.raises(UserError, match=r"^This is not the data .*\.$"):
        Run.restore(kept, TEXT)


# ---- losing the numbers


@pytest.mark.parametrize("changes", [{"weight_decay": 1.0}, {}, {"optimizer": "adamw"}])
def test_a_run_that_loses_its_numbers_stops_with_advice(changes):
    run = started(lr=1e9, dtype="float32", steps=300, schedule="constant", **changes)
    with (
        warnings.catch_warnings(action="error"),
        pytest.raises(Diverged, match=r"^The .* stopped being a number after step \d+; try a"
                      r" lower learning rate \(now 1e\+09\), a warm-up, or clipping .*\.$"),
    ):  # fmt: skip
        list(train(run))
    assert len(run.losses) == run.step and np.isfinite(run.losses).all()


def test_a_held_out_loss_that_is_no_number_stops_the_run():
    run = started()
    run.model.weights.flat[:] = np.nan
    with pytest.raises(Diverged, match="loss on the held-out data"):
        list(evaluate(run))
    assert run.evaluations == []


# ---- what a loss is compared with


def test_counting_pairs_does_not_take_all_of_a_large_text():
    rows = [np.arange(10)] * 5
    assert [len(row) for row in first_tokens(rows, 25)] == [10, 10, 5]
    assert [len(row) for row in first_tokens(rows, 1000)] == [10] * 5
    assert 0 < started().bigram_loss < started().uniform_loss


def test_evaluation_takes_as_many_rows_as_memory_allows():
    assert rows_that_fit(GPTConfig()) == 64
    wide = GPTConfig(block_size=2048, n_embd=768, n_head=12, vocab_size=32768)
    assert rows_that_fit(wide) == 1


def test_a_phrase_of_a_running_text_is_not_new():
    run = started(TEXT)
    assert run.kind_of_rows == "crops"
    assert run.is_new("cat sat") is False
    assert run.is_new("cat flew") is True
    assert started(NAMES).is_new("ann") is True  # names are compared as a whole
