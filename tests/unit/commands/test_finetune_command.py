"""`finetune chat`: a new user's way from a base to a chat model, and every wrong turn on it."""

import re
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.presets import CHAT_TUNING
from program import call, interrupt, start
from talker import KNOWN, LETTERS, LINES, base, talker

FEW = ["--steps", 4, "--batch-size", 2, "--samples", 2, "--eval-every", 2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a base, and conversations that its letters can spell."""
    monkeypatch.chdir(tmp_path)
    checkpoints.save(base(), "base")
    Path("talks.jsonl").write_text("".join(LINES * 2))
    return tmp_path


def tune(capsys, *flags):
    return call(capsys, "finetune", "chat", "base", "--data", "talks.jsonl", *FEW, *flags)


def test_from_a_base_to_a_chat_model(folder, capsys):
    answer = tune(capsys, "--out", "talker", "--report", "r.html", "--link", "l")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert len(lines) == 2 and all(" → " in each for each in lines)
    assert {each.partition(" →")[0].strip() for each in lines} <= set(KNOWN)
    for words in (
        *("26 conversations from your file talks.jsonl", "2 held out", "of memory"),
        *("parameters, float32", "step 2: held out", "loss ", "The model is in talker."),
    ):
        assert words in answer.err, words
    kept = checkpoints.load("talker")
    assert kept.meta["parent"]["weights"] == base().weights_checksum()
    assert kept.meta["training"]["optimizer"] == CHAT_TUNING.optimizer
    assert "Trained on 26 conversations from\nyour file" in Path("r.html").read_text()
    assert Path("l").read_text().startswith("mgpt")
    assert call(capsys, "chat", "talker", "--prompt", "hi", "--max-tokens", 3).code == 0
    assert call(capsys, "chat", "l", "--prompt", "hi", "--max-tokens", 3).code == 0
    again = call(capsys, "finetune", "chat", "talker", "--data", "talks.jsonl", *FEW)
    assert again.code == 0 and "was taught to chat before; it goes on from there" in again.err


def test_conversations_that_are_too_long_are_told(folder, capsys):
    far = LINES[0].replace('"hi"', f'"{"a" * 99}"')
    long = LINES[0].replace('"hello."', f'"{"a" * 99}"')
    Path("talks.jsonl").write_text("".join([*LINES[:3], long, far]))
    said = tune(capsys, "--val-fraction", 0).err
    assert re.search(r"longer than 64 tokens lost its end \d+ times; of these, \d+ had no", said)


def test_json_is_all_there_is(folder, capsys):
    records = tune(capsys, "--json").records
    kinds = [record["type"] for record in records]
    assert " ".join(kinds) == "eval step step eval step step eval sample sample done"


def test_resuming_is_never_having_stopped(folder, capsys):
    flags = ["--schedule", "constant", "--quiet"]
    tune(capsys, *flags, "--out", "whole")
    tune(capsys, *flags, "--out", "part", "--steps", 2)
    assert call(capsys, "train", "--resume", "part", "--steps", 3, "--samples", 1).code == 0
    rest = call(capsys, "finetune", "chat", "--resume", "part", "--steps", 4, "--samples", 1)
    assert rest.code == 0
    whole, part = checkpoints.load("whole"), checkpoints.load("part")
    assert whole.meta["parent"] == part.meta["parent"]
    for name in whole.tensors:
        assert np.array_equal(whole.tensors[name], part.tensors[name]), name


def test_an_interrupted_run_is_kept_and_goes_on(folder, capsys):
    flags = ["--data", "talks.jsonl", "--batch-size", 2, "--steps", 100_000, "--out", "m"]
    flags += ["--save-every", 5, "--samples", 0]
    process = start("finetune", "chat", "base", *flags, cwd=folder)
    answer = interrupt(process, lambda: Path("m").exists())
    assert answer.code == 130 and "Traceback" not in answer.err
    assert re.search(r"Stopped at step \d+; kept in m\. Go on with: train --resume m", answer.err)
    step = checkpoints.load("m").meta["progress"]["step"]
    assert call(capsys, "train", "--resume", "m", "--steps", step + 1, "--samples", 0).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ("", 2, "Name the model to begin with, BASE, or a run to --resume: one of them."),
        ("base --resume base", 2, "Name the model to begin with, BASE, or"),
        ("nothing", 1, "There is no checkpoint at nothing; `train --out` saves one."),
        ("talks.jsonl", 1, "talks.jsonl is "),
        ("base --data nothing.jsonl", 1, "There is no file nothing.jsonl; check the name"),
        ("base --data base", 1, "base has no conversations but looks like the weights of a model"),
        ("base --data wrong.jsonl", 1, "wrong.jsonl, line 2: the conversation is not JSON"),
        ("base --data .", 1, ". is a folder; name one text file in it."),
        ("base --data talks.jsonl --out base", 2, "--out base is the file that BASE reads;"),
        ("base --out talks.jsonl --data talks.jsonl", 2, "--out talks.jsonl is the file that"),
        ("base --data chat", 1, "The base knows only the characters of its own data;"),
        ("--resume base", 2, "base is no run on conversations; `train --resume` goes on with it"),
        ("base --data talks.jsonl --carry-optimizer", 1, "What adam has gathered is of no use to"),
        ("base --data long.jsonl", 1, "No conversation has an answer within the model's block"),
    ],
)
def test_wrong_turns(arguments, code, sentence, folder, capsys):
    Path("wrong.jsonl").write_text(LINES[0] + "{\n")
    Path("long.jsonl").write_text(LINES[0].replace('"hi"', f'"{"a" * 99}"'))
    before = Path("base").read_bytes()
    answer = call(capsys, "finetune", "chat", *arguments.split(), "--samples", 0)
    assert answer.err.splitlines()[-1].startswith(f"microgpt: {sentence}") and answer.code == code
    assert answer.out == "" and "Traceback" not in answer.err
    assert Path("base").read_bytes() == before


def test_a_run_that_memory_has_no_room_for(folder, capsys, monkeypatch):
    monkeypatch.setattr("microgpt.terminal.memory.available_memory", lambda: 100_000)
    assert tune(capsys).sentence().startswith("This run would take about")


def test_the_action_is_named(folder, capsys):
    assert "action" in call(capsys, "finetune").sentence().lower()
    assert "did you mean chat?" in call(capsys, "finetune", "chatt", "base").sentence()


def test_conversations_outside_a_tokenizer_of_characters(folder, capsys):
    Path("loud.jsonl").write_text(LINES[0].replace("hello", "HELLO"))
    answer = call(capsys, "finetune", "chat", "base", "--data", "loud.jsonl")
    assert "4 of those in your file loud.jsonl are not among them (EHLO)" in answer.sentence()
    assert not set("HELO") & set(LETTERS)


def test_a_fine_tuned_run_is_shown_by_info(folder, capsys):
    checkpoints.save(talker(), "talker")
    answer = call(capsys, "info", "talker")
    assert "begun with  a run on numbers at its step 0" in answer.out
    assert call(capsys, "sample", "talker", "-n", 1, "--max-tokens", 5).code == 0
