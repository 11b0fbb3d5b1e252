"""Checkpoints and links of earlier versions open, and their runs go on to the same numbers."""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt import link
from microgpt.autograd import no_grad
from microgpt.data.text import Corpus
from microgpt.training.loop import Evaluation, Step, train
from microgpt.training.run import Run

FOLDER = Path(__file__).resolve().parents[2] / "data" / "made_before"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
FAMILIES = sorted(EXPECTED["runs"])


def machine():
    """A checksum of some arithmetic: where it differs, sums differ in their last bits."""
    rng, crc = np.random.default_rng(0), 0
    for dtype in (np.float32, np.float64):
        for rows, inner, columns in ((1, 8, 24), (7, 16, 48), (32, 24, 27), (64, 262, 8)):
            a = rng.normal(size=(rows, inner)).astype(dtype)
            b = rng.normal(size=(columns, inner)).astype(dtype)
            y = np.tanh(np.exp(-np.abs(a @ b.T)))
            crc = zlib.crc32(np.ascontiguousarray(y @ y.sum(0)), crc)
            crc = zlib.crc32(np.ascontiguousarray(b.T @ y.T), crc)
    return f"{crc:08x}"


def agree(ours, kept, dtype):
    """To the last bit where the arithmetic is the same, else to what the precision gives."""
    kept = [float.fromhex(number) for number in kept]
    if machine() == EXPECTED["machine"]:
        assert ours == kept
    else:
        assert ours == pytest.approx(kept, rel=1e-9 if dtype == np.float64 else 1e-4)


def loss(model, tokenizer):
    ids = [tokenizer.bos, *tokenizer.encode(EXPECTED["text"])][: model.config.block_size + 1]
    ids = np.array([ids])
    weights = np.full((1, ids.size - 1), 1 / (ids.size - 1), model.dtype)
    with no_grad():
        return float(model.loss(ids[:, :-1], ids[:, 1:], weights).item())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_checkpoint_opens(family):
    kept = checkpoints.load(FOLDER / f"{family}.safetensors")
    model = kept.model()
    agree([loss(model, kept.tokenizer())], [EXPECTED["runs"][family]["loss"]], model.dtype)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_link_opens(family):
    model, tokenizer, note = link.unpack((FOLDER / f"{family}.link.txt").read_text())
    assert note == {"step": 6}
    agree([loss(model, tokenizer)], [EXPECTED["runs"][family]["link_loss"]], np.float32)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_goes_on_as_it_did(family):
    documents = (FOLDER / "names.txt").read_text().split()
    corpus = Corpus("names.txt", documents, "your file names.txt")
    run = Run.restore(checkpoints.load(FOLDER / f"{family}.safetensors"), corpus)
    assert (run.step, run.config.steps) == (6, 10)
    events, expected = list(train(run)), EXPECTED["runs"][family]
    steps = [event for event in events if isinstance(event, Step)]
    held_out = [event.loss for event in events if isinstance(event, Evaluation)]
    for ours, kept in (
        ([step.loss for step in steps], expected["losses"]),
        ([step.grad_norm for step in steps], expected["norms"]),
        (held_out, expected["held_out"]),
    ):
        agree(ours, kept, run.model.dtype)
    if machine() == EXPECTED["machine"]:
        assert f"{zlib.crc32(run.model.weights.flat):08x}" == expected["weights"]
