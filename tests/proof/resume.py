"""Runs that are stopped at any moment, saved, opened and gone on with: bit for bit the same."""

from random import Random

import numpy as np
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.training.loop import train
from microgpt.training.run import Run

from proof.made import CORPUS, small_run

COUNT = 200
SETTINGS = [
    {},
    {"accumulate": 3},
    {"optimizer": "adamw", "weight_decay": 0.1, "clip": 0.5, "warmup": 2},
    {"optimizer": "muon", "lr": 0.02, "dtype": "float32"},
    {"batch_size": 1, "dtype": "float32", "schedule": "cosine"},
]


def prove(count, seed):
    random, whole, stops = Random(f"resume {seed}"), {}, 0
    for number in range(count):
        if number and number % 20 == 0:
            yield number
        which = number % len(SETTINGS)
        if which not in whole:
            run = small_run(**SETTINGS[which])
            list(train(run))
            whole[which] = run
        run = small_run(**SETTINGS[which])
        while run.step < run.config.steps:
            for at, _ in enumerate(train(run)):
                if random.random() < 0.1 and at:
                    break
            run = Run.restore(from_bytes(to_bytes(run.checkpoint())), CORPUS)
            stops += 1
        list(train(run))
        same(run, whole[which], f"number {number}, seed {seed}, {SETTINGS[which]}")
    return f"resume: {count:,} runs stopped {stops:,} times, each ended as if it never had been"


def same(run, whole, what):
    assert run.losses == whole.losses and run.tokens == whole.tokens, what
    assert run.evaluations == whole.evaluations, what
    assert np.array_equal(run.model.weights.flat, whole.model.weights.flat), what
    for name, array in whole.optimizer.state().items():
        assert np.array_equal(run.optimizer.state()[name], array), f"{what}: {name}"
    assert run.rng.getstate() == whole.rng.getstate(), what
