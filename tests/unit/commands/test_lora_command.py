"""LoRA in the terminal: adapters in a file of their own, with the right base or none."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.errors import UserError
from microgpt.quantization import quantized
from program import call
from talker import LINES, base

FEW = ["--steps", 4, "--batch-size", 2, "--samples", 1, "--schedule", "constant", "--quiet"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoints.save(base(), "base")
    Path("talks.jsonl").write_text("".join(LINES * 2))
    return tmp_path


def tune(capsys, *flags, start="base", rank=2):
    words = ("finetune", "chat", start, "--data", "talks.jsonl", "--lora-rank", rank, *FEW, *flags)
    answer = call(capsys, *words)
    assert answer.code == 0, answer
    return answer


def answers(capsys, path):
    return call(capsys, "chat", path, "--prompt", "hi", "--max-tokens", 8, "--seed", 1).out


def test_adapters_work_wherever_a_checkpoint_does(folder, capsys):
    tune(capsys, "--out", "ad", "--link", "link")
    sizes = [Path(name).stat().st_size for name in ("ad", "base")]
    assert sizes[0] < 0.5 * sizes[1]
    stored = set(checkpoints._open("ad").tensors)
    assert not any(name.endswith((".wq", ".fc1")) for name in stored) and "rows.wte" in stored
    said = answers(capsys, "ad")
    assert said and said == answers(capsys, "base+ad")
    assert call(capsys, "sample", "ad", "-n", 1, "--max-tokens", 3).code == 0
    assert "adapters    rank 2, alpha 16" in call(capsys, "info", "ad").out
    assert call(capsys, "finetune", "merge", "ad", "--out", "whole").code == 0
    assert answers(capsys, "whole") == said
    assert checkpoints.load("whole").base is None
    for name in ("wte", "layer0.wq"):
        both = [np.asarray(checkpoints.load(path).tensors[name]) for path in ("ad", "whole")]
        assert np.array_equal(*both)
    tune(capsys, "--out", "straight", "--merge")
    assert answers(capsys, "straight") == said
    assert call(capsys, "chat", "link", "--prompt", "hi", "--max-tokens", 3).code == 0


def test_adapters_on_adapters(folder, capsys):
    tune(capsys, "--out", "one")
    tune(capsys, "--out", "two", start="one")
    assert checkpoints.load("two").base.base is not None
    assert answers(capsys, "two")


def test_resuming_is_never_having_stopped(folder, capsys):
    tune(capsys, "--out", "whole")
    tune(capsys, "--out", "part", "--steps", 2)
    rest = call(capsys, "finetune", "chat", "--resume", "part", "--steps", 4, "--samples", 0)
    assert rest.code == 0, rest
    whole, part = checkpoints.load("whole"), checkpoints.load("part")
    assert {name for name in whole.tensors if "lora" in name}
    for name in whole.tensors:
        assert np.array_equal(whole.tensors[name], part.tensors[name]), name


def test_the_base_is_looked_for_beside_it_and_where_it_was(folder, capsys):
    tune(capsys, "--out", "far/ad")
    assert answers(capsys, "far/ad")  # where it was
    Path("base").rename("far/base")
    said = answers(capsys, "far/ad")  # beside it
    Path("far/base").rename("moved")
    gone = call(capsys, "chat", "far/ad", "--prompt", "hi")
    assert gone.sentence() == (
        "far/ad holds the adapters of another model, base, which is not beside it; put it there,"
        " or name both: BASE+far/ad."
    )
    assert answers(capsys, "moved+far/ad") == said


def test_no_file_is_its_own_base(folder, capsys):
    """Two models of one name get mixed up."""
    tune(capsys, "--out", "ad")
    shutil.copy("ad", "base")
    for name in ("ad", "base", "ad+ad", "base+ad"):
        assert "holds the adapters of another model" in call(capsys, "sample", name).sentence()


def test_a_base_in_eight_bits_and_one_that_is_shipped(folder, capsys, monkeypatch):
    checkpoints.save(quantized(base(), "int8"), "small")
    tune(capsys, "--out", "ad", start="small")
    said = answers(capsys, "ad")
    monkeypatch.setattr("microgpt.checkpoint.fallback_path", lambda name: "small")
    tune(capsys, "--out", "far/on", start="story-chat")
    assert answers(capsys, "far/on") == said == answers(capsys, "story-chat+far/on")


def test_another_base_is_refused(folder, capsys):
    tune(capsys, "--out", "ad")
    tune(capsys, "--out", "other", "--merge")
    shutil.copy("base", "kept")
    shutil.copy("other", "base")
    for name in ("ad", "other+ad"):
        words = call(capsys, "sample", name).sentence()
        assert words.startswith("ad holds adapters for another base: its weights have the mark")
    assert call(capsys, "sample", "kept+ad", "-n", 1, "--max-tokens", 2).code == 0


def test_what_is_merged_is_no_run_to_go_on_with(folder, capsys):
    tune(capsys, "--out", "whole", "--merge")
    words = call(capsys, "finetune", "chat", "--resume", "whole", "--steps", 9).sentence()
    assert words.startswith("This file is a model alone, quantized or merged")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("chat base --lora-alpha 3", "--lora-alpha is for adapters; add --lora-rank N."),
        ("chat base --merge --out x", "--merge is for adapters; add --lora-rank N."),
        ("chat base --lora-rank 2 --merge", "--merge needs --out FILE, to know where."),
        ("chat base --lora-rank 0", "--lora-rank must be a whole number of at least 1"),
        ("chat base --lora-rank 2 --carry-optimizer", "Adapters begin with a fresh optimizer;"),
        ("chat --resume base --lora-rank 2", "A resumed run keeps its adapters; leave out"),
        ("merge base --out x", "base is a whole model; only adapters can be merged."),
        ("merge base --out base", "--out base is the file that"),
    ],
)
def test_wrong_flags(words, sentence, folder, capsys):
    answer = call(capsys, "finetune", *words.split())
    assert answer.sentence().startswith(sentence) and answer.code == 2


def test_a_whole_model_is_no_adapter(folder, capsys):
    assert "holds a whole model, no adapters" in call(capsys, "sample", "base+base").sentence()


def test_a_record_that_does_not_fit_is_refused(folder, capsys):
    tune(capsys, "--out", "ad")
    found = checkpoints._open("ad")
    tensors = {name: np.asarray(stored) for name, stored in found.tensors.items()}

    def refused(tuning):
        record = {**found.meta, "tuning": tuning}
        Path("bad").write_bytes(checkpoints.to_bytes(checkpoints.Checkpoint(tensors, record)))
        try:
            checkpoints.load("bad")
        except UserError:
            return True

    known = found.meta["tuning"]
    changes = ({"rank": 3}, {"rank": "x"}, {"alpha": -1}, {"classes": 4}, {"more": 1})
    assert not refused(known) and refused(None)
    assert all([refused({**known, **change}) for change in changes])


def test_adapters_in_bytes_are_no_model(folder, capsys):
    """As the page is given a file."""
    tune(capsys, "--out", "ad")
    with pytest.raises(
        UserError, match="adapters of another model; in a terminal `finetune merge`"
    ):
        checkpoints.from_bytes(Path("ad").read_bytes(), "ad")


def test_json_says_what_is_trained(folder, capsys):
    tune(capsys, "--out", "ad")
    found = json.loads(call(capsys, "info", "ad", "--json").out)
    assert found["tuning"]["rank"] == 2 and found["parent"]["file"] == "base"
