"""Threads: the numbers are the same on 1, 2 and 4, and an interrupt is heard at any moment."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
from helpers.family import FAMILIES
from microgpt import checkpoint as checkpoints
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.data.tokens import TokenCorpus
from microgpt.tokenizer import CharTokenizer
from microgpt.training.config import TrainConfig
from microgpt.training.loop import train
from microgpt.training.run import Run

from proof.resume import same

COUNT = 100
STEPS = 200
LETTERS = CharTokenizer("abcdefghij")
CORPORA = {  # ragged names, stretches of a text, ids
    "names": corpus_from_bytes(
        b"abba\ndad\nface\nbeige\nidea\nhead\nbadge\nfig\ncabbage\n" * 7, "a"
    ),
    "text": corpus_from_bytes(b"a bad dad had a hidden jade badge in a big cabbage bed. " * 9, "b"),
    "tokens": TokenCorpus("ids", np.random.default_rng(0).integers(0, 11, 900), "a test"),
}
SETTINGS = [
    {},
    {"dropout": 0.2, "clip": 0.5},
    {"optimizer": "muon", "lr": 0.01, "dtype": "float32"},
    {"accumulate": 3, "batch_size": 5, "optimizer": "adamw", "weight_decay": 0.1},
]
FLAGS = [
    *("--data", "names.txt", "--offline", "--steps", "100000", "--samples", "0"),
    *("--n-embd", "64", "--batch-size", "64", "--shards", "4", "--eval-every", "50"),
]
PATIENCE = 3  # seconds from a signal to the end


def prove(count, seed):
    random, compared = Random(f"cores {seed}"), 0
    for family in FAMILIES:
        for number, settings in enumerate(SETTINGS):
            data = list(CORPORA)[(number + compared) % 3]
            one = started(family, data, settings)
            one.use_threads(1)
            list(train(one))
            for threads in (2, 4):
                what = f"{family}, {data}, {settings}, {threads} threads"
                same(in_turns(random, started(family, data, settings), threads), one, what)
            compared += 1
        yield 0
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "names.txt").write_text("anna\nbert\ncarla\ndan\neve\nfrank\n" * 40)
        for number in range(count):
            if number and number % 10 == 0:
                yield number
            slowest = max(slowest, interrupted(random, folder, random.choice(["2", "4", "auto"])))
    return (
        f"cores: {compared} kinds of runs of {STEPS} steps were the same on 1, 2 and 4 threads, bit"
        f" for bit; {count} interrupts, the slowest heard after {slowest:.1f} s, each file loads"
    )


def started(family, data, settings):
    known = {"steps": STEPS, "batch_size": 7, "shards": 4, "eval_every": 50} | settings
    model = replace(FAMILIES[family], dropout=known.pop("dropout", 0.0), n_layer=2)
    letters = LETTERS if data == "tokens" else None
    return Run.start(CORPORA[data], model, TrainConfig(**known), letters)


def in_turns(random, run, threads):
    """The run to its end on so many threads, but for some steps in its middle on one."""
    corpus = run.corpus
    for end, count in sorted((random.randrange(1, STEPS), n) for n in (threads, 1)):
        run.use_threads(count)
        for _ in train(run):
            if run.step >= end:
                break
        run = Run.restore(from_bytes(to_bytes(run.checkpoint())), corpus)
    run.use_threads(threads)
    list(train(run))
    return run


def interrupted(random, folder, threads):
    """Begin a run, stop it at some moment, and see what is left; how long that took."""
    root = Path(checkpoints.__file__).parents[2]
    command = [sys.executable, "-m", "py.microgpt", "train", *FLAGS, "--threads", threads]
    path = Path(folder, "run")
    path.unlink(missing_ok=True)
    env = {**os.environ, "PYTHONPATH": str(root)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--out", "run"], cwd=folder, env=env, **pipes) as process:
        process.stderr.readline()  # it has begun
        time.sleep(random.random() * 2)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        try:
            _, said = process.communicate(timeout=10 * PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"{threads} threads hang after an interrupt") from None
        took = time.monotonic() - began
    said = said.decode()
    assert process.returncode == 130, f"{threads} threads: {process.returncode} {said}"
    assert took < PATIENCE, f"{threads} threads took {took:.1f} s to hear an interrupt"
    if "kept in" in said:
        kept = checkpoints.load(path)
        assert kept.meta["training"]["shards"] == 4, said
    return took
