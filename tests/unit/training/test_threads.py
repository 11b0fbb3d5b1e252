"""Shards and threads: the same numbers on any number of threads, to the last bit."""

import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.data.batches import Batch
from microgpt.errors import UserError
from microgpt.presets import PRESETS, REFERENCE
from microgpt.recorder.record import Machine, Recorded
from microgpt.training import threads as threads_module
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step, train
from microgpt.training.run import Run
from microgpt.training.shards import add_pairwise, cut, shards_for
from microgpt.training.step import GradientStep
from microgpt.training.threads import ROUNDS, Threads

NAMES = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\ngina\nhugo\nida\n" * 6, "names")
TEXT = corpus_from_bytes(b"the cat sat on the mat and the dog lay by the door. " * 9, "t", "none")
CASES = [
    ("microgpt", {}),
    ("classic", {"accumulate": 3, "batch_size": 5, "dtype": "float32", "dropout": 0.2}),
    ("llama", {"clip": 0.5, "optimizer": "adamw", "weight_decay": 0.1}),
    ("nanochat", {"optimizer": "muon", "lr": 0.02, "dtype": "float32"}),
]  # `python -m tests.proof cores` has all families with all settings, and more steps


def started(family="llama", threads=1, corpus=NAMES, dropout=0.0, **changes):
    settings = {"steps": 3, "batch_size": 7, "shards": 4, "eval_every": 2, **changes}
    model = replace(FAMILIES[family], dropout=dropout, n_layer=1)
    run = Run.start(corpus, model, TrainConfig(**settings))
    run.use_threads(threads)
    return run


def trained(*args, **changes):
    run = started(*args, **changes)
    list(train(run))
    return run


@pytest.mark.parametrize(("family", "settings"), CASES)
def test_a_run_is_the_same_on_any_number_of_threads(family, settings):
    one, two, four = (
        to_bytes(trained(family, count, **settings).checkpoint()) for count in (1, 2, 4)
    )
    assert one == two == four


def test_shards_are_the_whole_batch_but_for_the_last_digits():
    whole, shared = trained(shards=1, corpus=TEXT), trained(shards=4, corpus=TEXT)
    assert whole.losses == pytest.approx(shared.losses, abs=1e-12)
    assert whole.model.weights.flat == pytest.approx(shared.model.weights.flat, abs=1e-9)


def test_a_checkpoint_of_four_threads_goes_on_with_one_and_back():
    whole, run = trained(steps=3), started(threads=4)
    for count in (1, 4):
        take_step(run)
        run = Run.restore(from_bytes(to_bytes(run.checkpoint())), NAMES)
        run.use_threads(count)
    list(train(run))
    assert run.losses == whole.losses
    assert np.array_equal(run.model.weights.flat, whole.model.weights.flat)


def test_a_run_of_before_there_were_shards_has_one():
    kept = started(shards=1).checkpoint()
    del kept.meta["training"]["shards"]
    again = Run.restore(kept, NAMES)
    assert again.shards == 1 and isinstance(again.gradient, GradientStep)


def test_shards_follow_from_model_and_batch():
    assert shards_for(PRESETS["microgpt"].model, REFERENCE) == 1
    model = replace(FAMILIES["llama"], n_embd=256, block_size=256, n_layer=8)
    sizes = {size: shards_for(model, TrainConfig(batch_size=size)) for size in (1, 2, 3, 4, 64)}
    assert sizes == {1: 1, 2: 2, 3: 2, 4: 4, 64: 4}
    huge = replace(PRESETS["llama-85m"].model, n_layer=60)  # a gradient takes 1.8 gigabytes
    assert shards_for(huge, TrainConfig(batch_size=64, dtype="float32")) == 1
    run = Run.start(NAMES, FAMILIES["llama"], TrainConfig(batch_size=8))
    assert run.shards == 1 == run.checkpoint().meta["training"]["shards"]


def test_more_threads_than_shards_are_refused():
    with pytest.raises(UserError, match="has 4 shards to share, so 5 threads are too many"):
        started(threads=5)
    with pytest.raises(UserError, match="has 1 shard to share"):
        started(threads=2, shards=8, batch_size=1)


def test_without_threadpoolctl_there_is_one_thread(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    threads_module.hold_blas.cache_clear()
    try:
        with pytest.raises(UserError, match="threadpoolctl"):
            started(threads=2)
        run = started(threads="auto")
        assert run.threads.count == 1 and not run.threads.undecided
    finally:
        threads_module.hold_blas.cache_clear()


def test_blas_is_held_to_one_thread():
    from threadpoolctl import threadpool_info, threadpool_limits

    threadpool_limits(2, "blas")
    threads_module.hold_blas.cache_clear()
    started(threads=1)
    found = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
    assert set(found) <= {1}


def test_auto_takes_turns_and_chooses_the_fastest():
    threads, seen = Threads(Machine()), []
    threads.try_out([1, 2, 4])
    while threads.undecided:
        seen.append(count := threads.turn())
        threads.took(count, {1: 1.0, 2: 0.6, 4: 0.59}[count])
    assert seen == [1, 2, 4] * ROUNDS
    assert threads.count == 2 and len(threads.machines) == 2  # 4 are not worth it
    threads.try_out([1, 2])
    while threads.undecided:
        threads.took(threads.turn(), 1.0)
    assert threads.count == 1


def test_while_auto_tries_the_numbers_are_the_same(monkeypatch):
    monkeypatch.setattr("microgpt.training.run.cores", lambda: 4)
    run = started("microgpt", threads="auto", steps=3 * ROUNDS + 2)
    assert run.threads.undecided
    list(train(run))
    assert not run.threads.undecided
    assert run.losses == trained("microgpt", steps=run.step).losses


# ---- what goes wrong


def test_a_mistake_on_another_thread_is_heard_and_the_threads_go_on():
    threads = Threads(Machine())
    threads.use(2)
    with pytest.raises(ZeroDivisionError):
        threads.run([lambda: 1, lambda: 1 // 0])
    assert threads.run([lambda: 1, lambda: 2]) == [1, 2]


def test_an_interrupt_waits_for_the_other_threads():
    threads, done = Threads(Machine()), threading.Event()
    threads.use(2)

    def slowly():
        threading.Event().wait(0.05)
        done.set()

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        threads.run([interrupted, slowly])
    assert done.is_set()  # nothing is written any more


def test_two_runs_in_two_threads_do_not_touch_each_other():
    expected = {family: trained(family).losses for family in ("microgpt", "classic")}
    found = {}

    def work(family):
        found[family] = trained(family, 2).losses

    workers = [threading.Thread(target=work, args=[family]) for family in expected]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == expected


# ---- the parts


def test_a_batch_is_cut_by_rows_and_none_is_empty():
    ids = np.arange(14).reshape(7, 2)
    batch = Batch(ids, ids, np.where(ids < 4, 1.0, 0.0), 4, masked=True)
    pieces = cut(batch, 4)
    assert [len(piece.ids) for piece in pieces] == [1, 2, 2, 2]
    assert [piece.tokens for piece in pieces] == [2, 2, 0, 0]
    assert np.array_equal(np.concatenate([piece.ids for piece in pieces]), ids)
    assert len(cut(batch, 64)) == 7


@pytest.mark.parametrize("count", range(1, 9))
def test_sums_are_a_tree_of_neighbours(count):
    parts = list(np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32))
    names = [str(i) for i in range(count)]
    values = {name: part.copy() for name, part in zip(names, parts)}
    while len(names) > 1:
        pairs = [f"({a}+{b})" for a, b in zip(names[::2], names[1::2])]
        for pair, a, b in zip(pairs, names[::2], names[1::2]):
            values[pair] = values[a] + values[b]
        names = pairs + names[len(pairs) * 2 :]
    out = np.ones(3, np.float32)
    add_pairwise([part.copy() for part in parts], out, False)
    assert np.array_equal(out, values[names[0]])
    add_pairwise(parts, out, True)
    assert np.array_equal(out, values[names[0]] * 2)


def test_what_is_recorded_once_works_on_other_arrays():
    def step(weights, x):
        weights[1:] += x.sum()
        return x.T @ x

    first, second, x = np.zeros(3), np.ones(3), np.arange(6.0).reshape(2, 3)
    recorded = Recorded(step, {"weights": first})
    twin = recorded.on({"weights": second}, Machine())
    call = twin.ready(x)
    assert np.array_equal(call(), x.T @ x) and np.array_equal(recorded(2 * x), 4 * (x.T @ x))
    assert first.tolist() == [0, 30, 30] and second.tolist() == [1, 16, 16]
    assert twin.plans is recorded.plans and len(recorded.plans) == 1
