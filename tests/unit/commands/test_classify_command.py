"""`finetune classify` and `classify`: from a base to a model that sorts texts, and wrong turns."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from program import call
from talker import base, talker

LOUD = "text,label\n" + "".join(
    f"{word} {other},{label}\n"
    for label, words in {
        "sum": ["1+2", "3*4", "9+9"],
        "talk": ["hello", "go on", "who is it"],
    }.items()
    for word in words
    for other in ("now", "then", "please", "ok", "again", "a", "b", "c")
)
FEW = ["--batch-size", 8, "--samples", 1, "--lr", 0.02, "--schedule", "constant"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoints.save(base(), "base")
    Path("t.csv").write_text(LOUD)
    return tmp_path


def tune(capsys, *flags, steps=4):
    words = ("finetune", "classify", "base", "--data", "t.csv", "--steps", steps, *FEW, *flags)
    return call(capsys, *words)


@pytest.mark.parametrize(
    "flags", [(), ("--all",), ("--lora-rank", 4), ("--lora-rank", 4, "--merge")]
)
def test_from_a_base_to_a_sorter(flags, folder, capsys):
    flags = ("--lr", 0.01, *flags)
    answer = tune(capsys, "--out", "sorter", "--report", "r.html", *flags, steps=60)
    assert answer.code == 0, answer
    assert re.search(r"Sorts texts like these, held out: (75|100)\.0 % of 4", answer.out)
    assert "of them trained" in answer.err and "bits a label" in answer.err
    assert "bits a label" in Path("r.html").read_text()
    one = call(capsys, "classify", "sorter", "--text", "3*4 now", "--json").records[0]
    assert one["label"] == "sum" and sum(one["chances"].values()) == pytest.approx(1, abs=1e-5)
    table = call(capsys, "classify", "sorter", "t.csv")
    assert "Texts like these: " in table.out and " of 48 (" in table.out
    found = json.loads(call(capsys, "classify", "sorter", "t.csv", "--json").out)
    assert found["right"] == np.trace(found["confusion"]) >= 46
    measured = json.loads(call(capsys, "evaluate", "sorter", "--json").out)["sorter"]
    assert measured["sorted right, held out"]["right"] >= 3
    assert "sorts       into sum, talk" in call(capsys, "info", "sorter").out


def test_lines_of_a_file_and_of_stdin(folder, capsys, monkeypatch):
    tune(capsys, "--out", "sorter", "--quiet", steps=40)
    Path("lines.txt").write_text("1+1 now\n\nhello a\n")
    answer = call(capsys, "classify", "sorter", "lines.txt")
    assert [line.split("\t")[::2] for line in answer.out.splitlines()] == [
        ["sum", "1+1 now"],
        ["talk", "hello a"],
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("1+1 now\n\nHELLO a\n"))
    typed = call(capsys, "classify", "sorter")
    assert [line.partition("\t")[0] for line in typed.out.splitlines()] == ["sum", "talk"]
    assert "reads “hello a”" in typed.err


@pytest.mark.parametrize("flags", [(), ("--lora-rank", 2)])
def test_resuming_is_never_having_stopped(flags, folder, capsys):
    assert tune(capsys, "--out", "whole", *flags).code == 0
    assert tune(capsys, "--out", "part", *flags, steps=2).code == 0
    rest = call(capsys, "finetune", "classify", "--resume", "part", "--steps", 3, "--samples", 0)
    assert rest.code == 0, rest
    assert call(capsys, "train", "--resume", "part", "--steps", 4, "--samples", 0).code == 0
    whole, part = checkpoints.load("whole"), checkpoints.load("part")
    for name in whole.tensors:
        assert np.array_equal(whole.tensors[name], part.tensors[name]), name


def test_json_is_all_there_is(folder, capsys):
    records = tune(capsys, "--json", "--eval-every", 2).records
    kinds = " ".join(record["type"] for record in records)
    assert kinds == "eval exact step step eval exact step step eval exact sample sorted done"
    assert records[-2]["labels"] == ["sum", "talk"] and records[-2]["part"] == "held out"


def test_the_columns_are_found_again(folder, capsys):
    Path("t.csv").write_text(LOUD.replace("text,label", "what,mood"), encoding="windows-1252")
    flags = ("--text-column", "what", "--label-column", "mood", "--out", "sorter")
    assert tune(capsys, *flags).code == 0
    again = ("finetune", "classify", "--resume", "sorter", "--steps", 5, "--samples", 0)
    assert call(capsys, *again).code == 0


def test_a_sorter_does_not_write(folder, capsys):
    tune(capsys, "--out", "sorter")
    for command in (["sample", "sorter"], ["chat", "sorter"]):
        assert "sorts texts and writes none" in call(capsys, *command).sentence()
    assert "was not taught to sort" in call(capsys, "classify", "base", "--text", "x").sentence()


def test_of_a_chat_model(folder, capsys):
    checkpoints.save(talker(), "base")
    assert tune(capsys, "--out", "sorter").code == 0
    assert "sorts texts and writes none" in call(capsys, "chat", "sorter").sentence()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("finetune classify base", 2, "Name the texts with labels: --data FILE.csv"),
        ("finetune classify --data t.csv", 2, "Name the model to begin with, BASE, or"),
        ("finetune classify base --data no.csv", 1, "There is no file no.csv; check the name"),
        ("finetune classify base --data t.csv --all --lora-rank 2", 2, "--all trains the weights"),
        ("finetune classify base --data t.csv --label-column x", 1, "t.csv has no column x;"),
        ("finetune classify base --data bad.csv", 1, "bad.csv, line 2: 1 column where"),
        ("finetune classify base --data win.csv", 1, "win.csv is not in UTF-8 (line 2 has"),
        ("finetune classify base --data big.csv", 1, "The base knows only the characters of its"),
        ("finetune classify --resume base", 2, "base is no run on texts with labels; without"),
        ("classify base t.csv --text x", 2, "--text is one text and FILE many;"),
        ("classify base nothing", 1, "base was not taught to sort texts: finetune classify"),
    ],
)
def test_wrong_turns(words, code, sentence, folder, capsys):
    Path("bad.csv").write_text("text,label\na\n")
    Path("win.csv").write_bytes("text,label\nschön,a\nb,c\n".encode("windows-1252"))
    Path("big.csv").write_text("text,label\nHELLO,a\nb,c\n")
    answer = call(capsys, *words.split())
    assert answer.err.splitlines()[-1].startswith(f"microgpt: {sentence}") and answer.code == code
    assert answer.out == "" and "Traceback" not in answer.err


def test_labels_the_model_does_not_know(folder, capsys):
    tune(capsys, "--out", "sorter")
    Path("other.csv").write_text("text,label\na,mood\nb,sum\n")
    answer = call(capsys, "classify", "sorter", "other.csv")
    assert "labels that the model does not know: mood; it knows sum, talk." in answer.sentence()
