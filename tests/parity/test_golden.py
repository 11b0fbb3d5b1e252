"""The reference run: seed 42, a thousand names, and the numbers it must give."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from memory import no_collector
from microgpt.data.stream import corpus_from_file
from microgpt.inference.generate import write
from microgpt.inference.sampling import Sampling
from microgpt.lessons import scalar
from microgpt.presets import PRESETS
from microgpt.training.config import TrainConfig
from microgpt.training.loop import Step, train
from microgpt.training.run import Run

ROOT = Path(__file__).resolve().parents[2]
LOSSES = {
    **{1: 3.3660, 2: 3.4243, 3: 3.1778, 4: 3.0664, 5: 3.2209},
    **{100: 3.3669, 500: 2.0645, 1000: 2.6497},
}
SAMPLES = [
    *("kamon", "ann", "karai", "jaire", "vialan", "karia", "yeran"),
    *("anna", "areli", "kaina", "konna", "keylen", "liole", "alerin"),
    *("earan", "lenne", "kana", "lara", "alela", "anton"),
]


def start(path, **settings):
    return Run.start(corpus_from_file(path), PRESETS["microgpt"].model, TrainConfig(**settings))


def losses_of(run, count=None):
    losses = []
    for event in train(run):
        if isinstance(event, Step):
            losses.append(event.loss)
        if len(losses) == count:
            break
    return losses


@pytest.fixture(scope="module")
def reference(names_file):
    run = start(names_file)
    return run, losses_of(run)


def check_losses(losses):
    assert len(losses) == 1000
    assert {step: round(losses[step - 1], 4) for step in LOSSES} == LOSSES
    assert np.mean(losses[-100:]) == pytest.approx(2.276, abs=5e-4)
    assert np.mean(losses[-50:]) == pytest.approx(2.323, abs=5e-4)


def test_losses(reference):
    check_losses(reference[1])


def test_samples(reference):
    run, _ = reference
    state = run.rng.getstate()
    texts = [write(run.model, run.tokenizer, run.rng, sampling=Sampling()) for _ in range(20)]
    run.rng.setstate(state)
    assert texts == SAMPLES
    assert sum(text in set(run.corpus.documents) for text in texts) == 11


@pytest.mark.slow
@pytest.mark.parametrize("data", ["the full names file", "the names every clone has"])
def test_the_first_ten_steps_of_both_models(data, request):
    if data == "the full names file":
        path = request.getfixturevalue("names_file")
    else:
        path = ROOT / "fallback_data" / "names.txt"
    steps = 10
    ours = losses_of(start(path), steps)
    documents = path.read_text(encoding="utf-8").split()
    with no_collector():  # it would look through fifty thousand values again and again
        theirs = [loss for loss, _, _ in scalar.train(documents, steps=steps, total_steps=1000)]
    assert len(ours) == len(theirs) == len(set(ours)) == steps
    assert np.abs(np.subtract(ours, theirs)).max() <= 1e-12


def test_float32_follows(reference, names_file):
    """Single precision has seven digits; in twenty steps the runs part by no more than 1e-4."""
    losses = losses_of(start(names_file, dtype="float32"), 20)
    assert 0 < np.abs(np.subtract(losses, reference[1][:20])).max() <= 1e-4


def test_command_line(names_file):
    """`python -m py.microgpt`, without a word more than how to print."""
    done = subprocess.run(
        [sys.executable, "-m", "py.microgpt", "--json", "--quiet"],
        cwd=ROOT,
        env={**os.environ, "MICROGPT_NAMES": str(names_file)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [r for r in records if r["type"] == "step"]
    assert [r["step"] for r in steps] == list(range(1, 1001))
    check_losses([r["loss"] for r in steps])
    assert [r["lr"] for r in steps] == pytest.approx([0.01 * (1 - i / 1000) for i in range(1000)])
    samples = [r for r in records if r["type"] == "sample"]
    assert [r["text"] for r in samples] == SAMPLES
    assert sum(r["new"] for r in samples) == 9
    assert records[-1]["type"] == "done"
    assert records[-1]["loss"] == steps[-1]["loss"]
