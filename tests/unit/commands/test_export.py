"""`export`: smaller files, what that costs, what reads them, and what is refused."""

import json

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.quantization import quantized
from program import NAMES, call
from talker import LINES, base, talker

TINY = ("--n-embd", 8, "--n-head", 2, "--block-size", 8, "--steps", 3, "--samples", 0, "--quiet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def names(folder, monkeypatch, capsys):
    """A model of names, in the folder where its data are."""
    monkeypatch.chdir(folder)
    if not (folder / "names.st").exists():
        (folder / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
        call(capsys, "--data", "names.txt", *TINY, "--out", "names.st")
    return "names.st"


@pytest.mark.parametrize("kind", ["int8", "int4", "float16"])
def test_a_smaller_model_and_what_it_costs(kind, names, capsys):
    answer = call(capsys, "export", names, f"--{kind}", "--out", f"{kind}.st", "--json")
    assert answer.code == 0 and answer.err == f"The model is in {kind}.st.\n"
    found = json.loads(answer.out)
    before, after = found["before"], found["after"]
    assert before["kept as"] == "float64" and kind in after["kept as"]
    assert after["bytes"] < before["bytes"] / 3
    # What is measured is what `evaluate` measures of the two files.
    cards = json.loads(call(capsys, "evaluate", names, f"{kind}.st", "--json").out)
    for name, column in ((names, before), (f"{kind}.st", after)):
        assert cards[name]["bits a byte"]["value"] == pytest.approx(column["bits a byte"], 1e-6)
    assert before["bits a byte"] != after["bits a byte"]
    assert after["bits a byte"] == pytest.approx(before["bits a byte"], 0.01)


def test_a_table_for_people(names, capsys):
    answer = call(capsys, "export", names, "--int8", "--out", "table.st", "--quiet")
    head, kept, size, _, bits = answer.out.splitlines()
    assert head.split() == ["before", "after", "change"]
    assert kept.split() == ["kept", "as", "float64", "int8", "by", "row"] and "-8" in size
    assert bits.startswith("bits a byte") and bits.endswith("%")


def test_groups_are_as_large_as_asked_for(names, capsys):
    call(capsys, "export", names, "--int4", "--group", 3, "--out", "groups.st")
    checkpoint = checkpoints.load("groups.st")
    assert checkpoint.tensors["layer0.fc2"].scales.shape == (8, 11)
    whole = quantized(checkpoints.load(names), "int4", 3)
    for name, array in whole.tensors.items():
        assert np.array_equal(checkpoint.tensors[name], array)


@pytest.mark.parametrize("kind", ["int8", "int4", "float16"])
def test_every_command_reads_it(kind, names, capsys):
    call(capsys, "export", names, f"--{kind}", "--out", "read.st")
    assert call(capsys, "sample", "read.st", "--prompt", "an", "-n", 2, "--seed", 1).code == 0
    shown = call(capsys, "info", "read.st").out
    assert kind[:4] in shown.splitlines()[0] and shown.count(kind[:4]) > 6
    assert json.loads(call(capsys, "info", "read.st", "--json").out)["weights"]
    assert call(capsys, "attention", "read.st", "--prompt", "an").code == 0
    refused = call(capsys, "--resume", "read.st", "--steps", 9)
    assert "no run can go on with it, but in a terminal `finetune` can begin" in refused.sentence()


def test_without_its_data_it_says_what_is_not_known(names, folder, capsys):
    (folder / "names.txt").rename(folder / "gone.txt")
    try:
        answer = call(capsys, "export", names, "--int4", "--out", "alone.st", "--json")
    finally:
        (folder / "gone.txt").rename(folder / "names.txt")
    assert answer.code == 0 and "not known what this costs" in answer.err
    assert set(json.loads(answer.out)["after"]) == {"kept as", "bytes"}


def test_a_chat_model_still_answers(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    checkpoints.save(talker(), "talker.st")
    (folder / "talks.jsonl").write_text("".join(LINES), encoding="utf-8")
    flags = ("--int8", "--out", "small.st", "--data", "talks.jsonl")
    assert "bits a byte" in call(capsys, "export", "talker.st", *flags).out
    answer = call(capsys, "chat", "small.st", "--prompt", "hi", "--greedy", "--json")
    assert json.loads(answer.out.splitlines()[0])["text"] == "hello."


def test_a_model_that_sorts_is_measured_by_what_it_sorts(names, folder, capsys):
    lines = "".join(f"{name},{'ab'[len(name) % 2]}\n" for name in NAMES)
    (folder / "sorted.csv").write_text("text,label\n" + lines, encoding="utf-8")
    flags = ("--data", "sorted.csv", "--steps", 2, "--out", "sorter.st", "--quiet")
    call(capsys, "finetune", "classify", names, *flags)
    answer = call(capsys, "export", "sorter.st", "--int4", "--out", "small.st", "--json")
    assert any(name.startswith("sorted right") for name in json.loads(answer.out)["after"])
    sorted_ = call(capsys, "classify", "small.st", "--text", "anna")
    assert sorted_.code == 0 and sorted_.out


def test_adapters_become_part_of_the_model(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    checkpoints.save(base(), "base.st")
    (folder / "few.jsonl").write_text("".join(LINES), encoding="utf-8")
    flags = ("--lora-rank", 2, "--steps", 2, "--out", "lora.st", "--quiet")
    call(capsys, "finetune", "chat", "base.st", "--data", "few.jsonl", *flags)
    answer = call(capsys, "export", "lora.st", "--float16", "--out", "one.st", "--json")
    found = json.loads(answer.out)
    assert checkpoints.load("one.st").base is None
    assert found["after"]["bits a byte"] == pytest.approx(found["before"]["bits a byte"], 1e-3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["names.st", "--out", "x.st"], "One of the arguments --int8 --int4 --float16 is required"),
        (["names.st", "--int8", "--int4", "--out", "x.st"], "not allowed with"),
        (["names.st", "--int8"], "The word --out is missing"),
        (["names.st", "--int8", "--out", "names.st"], "is the file that the model reads"),
        (["names.st", "--int8", "--out", "names.txt"], "is there already and is not a model"),
        (["names.st", "--int4", "--group", "1", "--out", "x.st"], "--group must be"),
        (["names.txt", "--int8", "--out", "x.st"], "is not a checkpoint"),
        (["none.st", "--int8", "--out", "x.st"], "There is no checkpoint at none.st"),
    ],
)
def test_what_is_wrong_is_said(words, sentence, names, capsys):
    assert sentence in call(capsys, "export", *words).sentence()
