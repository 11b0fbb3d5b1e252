"""The index of what a model may copy: kept with it, read by `chat` and by `evaluate`."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.data import copied
from microgpt.data.copied import CopyIndex
from microgpt.errors import UserError
from microgpt.quantization import quantized
from program import NAMES, call
from talker import LINES, base, talker

FEW = ["--steps", 2, "--batch-size", 2, "--samples", 0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Runs of two words: what this model was taught to say is short."""
    monkeypatch.setattr(copied, "RUN", 2)
    monkeypatch.chdir(tmp_path)
    checkpoints.save(base(), "base")
    Path("talks.jsonl").write_text("".join(LINES))
    return tmp_path


def with_index(checkpoint, *texts):
    index = CopyIndex.of(texts)
    tensors = {**checkpoint.tensors, **index.tensors()}
    meta = {**checkpoint.meta, "copied": [runs for _, runs in index.parts]}
    return replace(checkpoint, tensors=tensors, meta=meta)


def tune(capsys, *flags, start="base"):
    words = ("finetune", "chat", start, "--data", "talks.jsonl", *FEW, *flags)
    answer = call(capsys, *words)
    assert answer.code == 0, answer
    return answer


def test_conversations_leave_an_index_in_the_file(folder, capsys):
    said = tune(capsys, "--out", "m").err
    assert re.search(
        r"An index of the \d+ different runs of \d words .* with the model: 1 kB", said
    )
    index = CopyIndex.kept_in(checkpoints.load("m"))
    assert index.stretches("so it is 3. yes") == [(3, 11)] and not index.stretches("is it so")
    assert "kept with the model" not in tune(capsys, "--out", "n", "--no-copies").err
    assert CopyIndex.kept_in(checkpoints.load("n")) is None
    call(capsys, "finetune", "chat", "--resume", "m", "--steps", 3, "--samples", 0)
    assert CopyIndex.kept_in(checkpoints.load("m")).runs == index.runs


def test_it_goes_with_the_model(folder, capsys):
    """Into a model taught twice both; adapters, merged or not; eight bits."""
    tune(capsys, "--out", "m")
    tune(capsys, "--out", "twice", start="m")
    assert len(CopyIndex.kept_in(checkpoints.load("twice")).parts) == 2
    tune(capsys, "--out", "ad", "--lora-rank", 2)
    call(capsys, "finetune", "merge", "ad", "--out", "whole")
    checkpoints.save(quantized(checkpoints.load("m"), "int8"), "small")
    for name in ("ad", "whole", "small"):
        assert CopyIndex.kept_in(checkpoints.load(name)).stretches("it is 3.") == [(0, 8)]


def test_chat_says_what_it_copied(folder, capsys, monkeypatch):
    checkpoints.save(with_index(talker(), "it is 3."), "m")
    ask = ("chat", "m", "--greedy", "--copied", "--prompt")
    answer = call(capsys, *ask, "sum")
    assert answer.err == "(Word for word in what it was taught: “it is 3.”)\n"
    nothing = call(capsys, *ask, "hi").err
    assert re.match(r"\(No \d words of it stand like this in what it was taught\.\)", nothing)
    assert call(capsys, *ask, "sum", "--json").records[0]["copied"] == [[0, 8]]
    monkeypatch.setattr("sys.stdin", io.StringIO("/copied\nsum\n/copied\nsum\n"))
    assert call(capsys, "chat", "m", "--greedy").err.count("Word for word") == 1


def test_without_an_index_it_is_said(folder, capsys, monkeypatch):
    checkpoints.save(talker(), "m")
    words = "m was saved without an index of its data, so what it copies is not known;"
    assert call(capsys, "chat", "m", "--copied", "--prompt", "hi").sentence().startswith(words)
    monkeypatch.setattr("sys.stdin", io.StringIO("/copied\n"))
    assert "This model was saved without an index" in call(capsys, "chat", "m").err


def test_evaluate_counts_what_is_copied(folder, capsys):
    Path("names.txt").write_text("\n".join(f"{name} is {name}" for name in NAMES))
    tiny = ("--n-embd", 8, "--n-head", 2, "--block-size", 16, *FEW, "--copies", "--out", "n")
    assert "is kept with the model" in call(capsys, "--data", "names.txt", *tiny).err
    found = json.loads(call(capsys, "evaluate", "n", "--json").out)["n"]
    assert 0 <= found["word for word in its data"]["value"] < 0.5


def test_evaluate_counts_what_of_answers_is_copied(folder, capsys):
    tokenizer = ("--tokenizer", "bpe", "--vocab", 257, "--block-size", 256)
    tiny = ("--n-embd", 8, "--n-head", 2, *FEW, *tokenizer, "--out", "bytes")
    call(capsys, "--data", "talks.jsonl", *tiny)
    tune(capsys, "--out", "m", start="bytes")
    shown = call(capsys, "evaluate", "m", "--tries", 1).out
    assert "word for word in its data" in shown and "answers (index of" in shown


def test_made_up_questions_that_it_cannot_read_are_not_asked(folder, capsys):
    checkpoints.save(talker(), "m")
    shown = call(capsys, "evaluate", "m", "--data", "talks.jsonl").out
    assert "held-out loss" in shown and "foreign" not in shown


@pytest.mark.parametrize("counts", ["x", [1, 2], [-1], [1.5], [True]])
def test_a_damaged_index_is_refused(folder, counts):
    found = with_index(talker(), "it is 3.")
    found.meta["copied"] = counts
    with pytest.raises(UserError, match="index of copied text"):
        CopyIndex.kept_in(found)


def test_of_token_ids_there_is_none(folder, capsys):
    Path("names.txt").write_text("\n".join(NAMES))
    words = ("tokenize", "train", "--data", "names.txt", "--vocab", 260, "--out", "t.json")
    assert call(capsys, *words).code == 0
    words = ("tokenize", "encode", "--tokenizer", "t.json", "--data", "names.txt", "--out", "t.tk")
    assert call(capsys, *words).code == 0
    words = ("--data", "t.tk", "--tokenizer", "t.json", *FEW, "--copies", "--out", "n")
    assert "--copies is for text" in call(capsys, *words).sentence()
