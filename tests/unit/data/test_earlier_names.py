"""A run on the 1,800 names of earlier versions goes on, in the terminal and in the page.

The checkpoint was made by the last version that came with them:

    python -m py.microgpt --offline --n-embd 4 --n-head 2 --block-size 12 --steps 20 --lr 0.02 \\
        --schedule constant --batch-size 4 --dtype float32 --eval-every 10 \\
        --out tests/data/names-1800.safetensors
"""

import shutil
from pathlib import Path

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.data.builtin import EARLIER_NAMES, shipped
from microgpt.files import fallback_path
from page_caller import Caller
from program import call

KEPT = Path(__file__).resolve().parents[2] / "data" / "names-1800.safetensors"
# What that version went on to: the losses of steps 28 to 30, and the held-out one.
LOSSES = [2.851733922958374, 2.97398042678833, 2.813485860824585]
HELD_OUT = 2.8297701062340486


def test_the_earlier_names_are_kept_as_they_were():
    known = checkpoints.load(KEPT).meta["data"]
    assert known["documents"] == 1800
    assert shipped("names", file=EARLIER_NAMES).digest == known["digest"]
    assert shipped("names").digest != known["digest"]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_terminal_goes_on(elsewhere, capsys, monkeypatch, tmp_path):
    """Whether or not there is another names file that a new run would take."""
    monkeypatch.delenv("MICROGPT_NAMES", raising=False)
    if elsewhere:
        (tmp_path / "mine.txt").write_text("zoe\n")
        monkeypatch.setenv("MICROGPT_NAMES", str(tmp_path / "mine.txt"))
    path = shutil.copy(KEPT, tmp_path / "kept.safetensors")
    answer = call(capsys, "--resume", path, "--steps", 30, "--offline", "--samples", 0)
    assert answer.code == 0 and "1,800 documents from the names that come" in answer.err
    check(checkpoints.load(path))


def test_the_page_goes_on():
    ask = Caller(None)

    def take(kind, file):
        return ask("open_data", fallback_path(file).read_bytes(), kind=kind)

    wanted = checkpoints.load(KEPT).meta["data"]["digest"]
    assert take("names", "names.txt")["digest"] != wanted
    about = ask("open", KEPT.read_bytes(), name="kept.safetensors", origin="file")
    assert not about["canTrain"] and about["data"]["digest"] == wanted
    found = take("names-1800", EARLIER_NAMES)
    assert (found["kind"], found["name"], found["digest"]) == ("names-1800", "names", wanted)
    assert ask("open", KEPT.read_bytes(), name="kept.safetensors", origin="file")["canTrain"]
    ask.train(30)
    check(checkpoints.from_bytes(ask("save")["bytes"]))
    assert f"--data fallback_data/{EARLIER_NAMES}" in ask("command", settings={})["text"]


def check(checkpoint):
    assert checkpoint.meta["progress"]["step"] == 30
    assert checkpoint.losses[-3:] == pytest.approx(LOSSES, abs=1e-4)
    assert checkpoint.meta["progress"]["evaluations"][-1][1] == pytest.approx(HELD_OUT, abs=1e-4)
