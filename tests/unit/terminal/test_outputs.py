"""What a command writes: never over an input, another output, or a file of another kind."""

import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.terminal.follow import free_name
from program import NAMES, call, run

unix = pytest.mark.skipif(sys.platform == "win32", reason="links and limits of Unix")
FLAGS = ["--steps", 2, "--samples", 0, "--data", "names.txt"]
TEXT = "\n".join(NAMES)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text(TEXT)
    return tmp_path


def contents():
    return {p.name: p.read_bytes() for p in Path().iterdir() if p.is_file()}


def refused(capsys, *words, code=None):
    """The sentence of a refusal that changes nothing."""
    before = contents()
    answer = call(capsys, *words)
    assert contents() == before
    assert code in (None, answer.code)
    return answer.sentence()


@unix
@pytest.mark.parametrize("name", ["names.txt", "./names.txt", "link", "hard", "sub/../names.txt"])
@pytest.mark.parametrize("flag", ["--out", "--report", "--record", "--profile"])
def test_a_text_is_never_written_over(name, flag, folder, capsys):
    os.mkdir("sub")
    os.symlink("names.txt", "link")
    os.link("names.txt", "hard")
    sentence = refused(capsys, *FLAGS, flag, name, code=2)
    assert f"{flag} {name} is the file that --data reads" in sentence
    refused(capsys, *FLAGS, flag, name, "--force", code=2)  # not even then
    assert Path("names.txt").read_text() == TEXT


def test_two_outputs_are_two_files(folder, capsys):
    sentence = refused(capsys, *FLAGS, "--out", "x", "--report", "./x", code=2)
    assert "--report and --out name the same file" in sentence
    os.symlink("y", "z")
    assert "the same file" in refused(capsys, *FLAGS, "--record", "y", "--profile", "z")


def test_other_inputs_are_not_written_over_either(folder, capsys):
    assert call(capsys, *FLAGS, "--out", "m").code == 0
    assert call(capsys, "tokenize", "train", "--data", "names.txt", "--vocab", 260).code == 0
    Path("c.json").write_text("{}")
    for words, other in [
        (["--resume", "m", "--report", "m"], "--resume"),
        (["--resume", "m", "--out", "n", "--record", "m"], "--resume"),
        ([*FLAGS, "--config", "c.json", "--write-config", "c.json"], "--config"),
        ([*FLAGS, "--tokenizer", "tokenizer.json", "--out", "tokenizer.json"], "--tokenizer"),
        (["attention", "m", "--prompt", "a", "--html", "m"], "FILE"),
        (["embeddings", "m", "--html", "m"], "FILE"),
        (["tokenize", "train", "--data", "names.txt", "--out", "names.txt"], "--data"),
        (
            ["tokenize", "encode", "--tokenizer", "m", "--data", "names.txt", "--out", "m"],
            "--tokenizer",
        ),
    ]:
        assert f"is the file that {other} reads" in refused(capsys, *words, code=2)
    assert call(capsys, "--resume", "m", "--out", "m", "--steps", 3).code == 0  # this may be


KINDS = {
    "--out": ("m", "a model"),
    "--report": ("r", "a page"),
    "--record": ("j", "the record of a run"),
    "--profile": ("p", "a profile"),
    "--write-config": ("c.toml", "a file of settings"),
}


def test_a_file_of_another_kind_stays_unless_forced(folder, capsys):
    flags = [word for flag, (name, _) in KINDS.items() for word in (flag, name)]
    assert call(capsys, *FLAGS, *flags).code == 0
    assert call(capsys, *FLAGS, *flags).code == 0  # each is of the kind it was
    good = contents()
    for flag, (name, kind) in KINDS.items():
        for other, data in {**good, "text": b"my only copy of this text\n"}.items():
            if other == name:
                continue
            Path(name).write_bytes(data)
            sentence = refused(capsys, *FLAGS, flag, name, code=1)
            assert f"{flag} {name} is there already and is not {kind};" in sentence
    assert call(capsys, *FLAGS, *flags, "--force").code == 0
    for name, _ in KINDS.values():
        assert Path(name).read_bytes() != data
        Path(name).write_bytes(b"")  # as mktemp makes it
    assert call(capsys, *FLAGS, *flags).code == 0
    assert all(Path(name).read_bytes() for name, _ in KINDS.values())


def test_tokenizers_and_token_files_have_a_kind(folder, capsys):
    learn = ["tokenize", "train", "--data", "names.txt", "--vocab", 260, "--quiet"]
    encode = ["tokenize", "encode", "--tokenizer", "t.json", "--data", "names.txt", "--quiet"]
    for format in ("microgpt", "tiktoken", "gonanochat", "huggingface"):
        for _ in range(2):
            assert call(capsys, *learn, "--out", "t.json", "--format", format).code == 0
    for _ in range(2):
        assert call(capsys, *learn, "--out", "pair", "--format", "gpt2").code == 0
        assert call(capsys, *learn, "--out", "t.json").code == 0
        assert call(capsys, *encode, "--out", "t.tk").code == 0
        assert call(capsys, *encode, "--out", "t.bin", "--raw").code == 0
    Path("note.txt").write_text("a note")
    Path("w.bin").write_bytes(b"PK\x03\x04 the weights of some other program")
    Path("pair/vocab.bpe").write_text("a note")
    for words in (
        [*learn, "--out", "note.txt"],
        [*learn, "--out", "t.tk"],
        [*learn, "--out", "pair", "--format", "gpt2"],
        [*encode, "--out", "note.txt"],
        [*encode, "--out", "w.bin", "--raw"],
    ):
        assert "is there already and is not a" in refused(capsys, *words, code=1)
        assert call(capsys, *words, "--force").code == 0
        Path("note.txt").write_text("a note")


def test_a_name_of_built_in_data_is_a_name_for_a_file_too(folder, capsys, monkeypatch):
    monkeypatch.setenv("MICROGPT_NAMES", "names.txt")
    for _ in range(2):
        assert call(capsys, "--steps", 1, "--data", "names", "--out", "names").code == 0


@unix
def test_a_place_that_cannot_be_written_is_known_before_the_run(folder):
    os.mkdir("full")
    small = lambda: __import__("resource").setrlimit(1, (1000, 1000))  # noqa: E731
    for words in (["--out", "m"], ["--report", "r"]):
        answer = run(*FLAGS, *words, cwd=folder, preexec_fn=small)
        assert "cannot be written there (File too large)" in answer.sentence()
        assert "documents" not in answer.err  # nothing was begun
    assert sorted(os.listdir()) == ["full", "names.txt"]


@unix
def test_what_is_resumed_is_tried_as_well(folder, capsys):
    assert call(capsys, *FLAGS, "--out", "m").code == 0
    small = lambda: __import__("resource").setrlimit(1, (1000, 1000))  # noqa: E731
    answer = run("--resume", "m", "--steps", 4, cwd=folder, preexec_fn=small)
    assert "--resume m cannot be written there" in answer.sentence()


def test_a_run_whose_last_save_fails_is_kept_elsewhere(folder, capsys, monkeypatch):
    save = checkpoints.save

    def out_of_room(checkpoint, path):
        if str(path) == "m":
            os.mkdir("m")  # something has taken its place
        return save(checkpoint, path)

    monkeypatch.setattr(checkpoints, "save", out_of_room)
    answer = call(capsys, *FLAGS[:2], *FLAGS[4:], "--samples", 2, "--out", "m")
    assert answer.code == 1 and len(answer.out.splitlines()) == 2
    kept = "The run is kept in microgpt-step-2.safetensors instead."
    assert re.search(f"^microgpt: m is a folder .* {kept}$", answer.err, re.M)
    assert checkpoints.load("microgpt-step-2.safetensors").meta["progress"]["step"] == 2


def test_a_free_name_is_nobodys(tmp_path):
    names = []
    for _ in range(3):
        path = free_name(tmp_path, "microgpt-step-9")
        path.touch()
        names.append(path.name)
    assert names == [f"microgpt-step-9{n}.safetensors" for n in ("", "-2", "-3")]


def test_a_record_holds_what_the_page_shows_before_python_is_there(folder, capsys):
    call(capsys, *FLAGS, "--record", "story.json")
    story = json.loads(Path("story.json").read_text())
    assert len(story["losses"]) == 2 and story["write"]["probabilities"]
    inside = story["inside"]
    size = len(inside["tokens"])
    weights = np.reshape(inside["weights"], (inside["layers"], inside["heads"], size, size))
    np.testing.assert_allclose(weights.sum(-1), 1, atol=0.01)
    assert len(inside["points"]) == 2 * len(inside["vocabulary"])
    assert sorted(inside["order"]) == list(range(len(inside["vocabulary"])))
