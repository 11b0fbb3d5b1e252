"""`sweep`: what is tried, what a study keeps, who goes on with it, and what is shown."""

import os
import shlex
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from microgpt.errors import UsageError
from microgpt.terminal.commands.sweep import jobs
from microgpt.terminal.commands.sweep.base import Base
from microgpt.terminal.commands.sweep.journal import Journal
from microgpt.terminal.commands.sweep.space import Choices, Range, grid, parse, words_of
from program import call, interrupt, start
from studies import LR, SPACE, TINY, begun, tried

# ---- the whole


@pytest.mark.parametrize("way", ["--random", "--grid"])
def test_the_best_is_a_command_that_gives_its_loss_again(folder, capsys, way):
    if way == "--random":
        flags = ["--lr", "1e-3:1e-1:log", "--trials", 2, "--jobs", 2]
    else:
        flags = ["--bias", "off,on"]
    answer = call(
        capsys, "sweep", "--study", "s", *TINY, way, *flags, "--json", "--report", "r.html"
    )
    assert answer.code == 0, answer
    *trials, best = answer.records
    assert [sorted(t["settings"]) for t in trials] == [sorted(trials[0]["settings"])] * 2
    assert best["loss"] == min(t["loss"] for t in trials)
    words = shlex.split(best["command"])
    again = call(capsys, *words[1:], "--json", "--offline")
    assert [r["loss"] for r in again.records if r["type"] == "eval"][-1] == best["loss"]
    page = Path("r.html").read_text()
    assert best["command"] in page and repr(best["loss"]) in page and page.count("<polyline") == 2
    # All are done: with the same file nothing is tried once more, whatever is typed of it.
    size = os.path.getsize("s")
    assert call(capsys, "sweep", "--study", "s", "--json").records == [best]
    assert os.path.getsize("s") == size


def test_ctrl_c_ends_all_and_the_same_command_goes_on(folder, capsys):
    long = [*TINY[:-1], 100_000, "--lr", "0.01,0.02", "--eval-every", 20, "--grid"]
    process = start("sweep", "--study", "s", *long, cwd=folder)
    answer = interrupt(
        process, lambda: Path("s").exists() and b'"op_code": 7' in Path("s").read_bytes()
    )
    assert answer.code == 130 and "the same command goes on" in answer.err, answer
    assert "Traceback" not in answer.err
    assert sorted(os.listdir()) == ["names.txt", "s"]  # the trials left nothing behind
    assert not running_in(folder)
    study = Journal.open("s", jobs.owner())
    assert {trial.how for trial in study.trials} == {"interrupted"}
    base = SimpleNamespace(refusal=lambda settings: None)
    pool = jobs.Pool(study, {"lr": Choices((0.01, 0.02))}, base, 1, None, lambda text: None)
    with study.lock():
        once_more = [pool._claim(), pool._claim(), pool._claim()]
    assert [trial and trial.again for trial in once_more] == [0, None, None]  # and one is new
    assert [trial.settings["lr"] for trial in study.trials] == [0.01, 0.01, 0.02]


def running_in(folder):
    """The processes that work in a folder, where the system tells."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if place.readlink() == folder and place.parent.name != str(os.getpid()):
                found.append((place.parent / "cmdline").read_text())
    return found


def test_a_trial_that_cannot_be_trained_says_why(folder, capsys):
    Path("names.txt").write_text("a\n")
    answer = call(capsys, "sweep", "--study", "t", *TINY, "--lr", "0.1,0.2,0.3")
    assert "the last one says: It has no held-out data" in answer.sentence()


@pytest.mark.parametrize("way", [["--grid"], ["--random", "--trials", 2]])
def test_combinations_that_cannot_be_built_are_left_out(folder, capsys, way, monkeypatch):
    built, looked = Base._built, []
    monkeypatch.setattr(Base, "_built", lambda s, of: looked.append(str(of)) or built(s, of))
    flags = [*TINY[:2], "--block-size", 8, "--steps", 2, "--n-embd", "8:12", "--n-head", "2,6"]
    way = way if way != ["--grid"] else [*way, "--trials", 10]
    answer = call(capsys, "sweep", "--study", "s", *flags, *way)
    trials = Journal.open("s", jobs.owner()).trials
    assert answer.code == 0 and {trial.how for trial in trials} == {"done"}, answer
    found = [(trial.settings["n_embd"], trial.settings["n_head"]) for trial in trials]
    if "--grid" in way:
        assert sorted(found) == [(8, 2), (10, 2), (12, 2), (12, 6)]
        assert looked.count(looked[-1]) <= 3  # by those who begin and follow it, not for each trial
        assert "6 of 10 combinations cannot be built and are left out: " in answer.err
    assert all(width % (2 * heads) == 0 or width % heads == 0 for width, heads in found)


# ---- what is tried


def test_ranges_and_lists():
    assert parse("lr", "1e-4:1e-1:log") == LR
    assert parse("n_layer", "1:4") == Range(1, 4, False, int)
    assert parse("optimizer", "adam,muon") == Choices(("adam", "muon"))
    assert parse("bias", "on,off") == Choices((True, False)) and parse("bias", "off") is False
    assert parse("lr", "0.5") == 0.5
    assert words_of({"bias": False, "lr": 0.5, "n_layer": 2}) == (
        ["--no-bias", "--lr", "0.5", "--n-layer", "2"]
    )
    ends = [{"lr": lr, "n_layer": n} for lr in (1e-4, 0.0031623, 1e-1) for n in (1, 2)]
    assert grid(SPACE, 7) == ends and len(grid(SPACE, 9)) == 8
    assert Range(1, 3, False, int).points(9) == [1, 2, 3]
    assert {LR.at(0), LR.at(1)} == {1e-4, 1e-1}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("lr", "0.1:0.1", "is empty"),
        ("lr", "2:1", "is empty"),
        ("lr", "0:1:log", "begins above 0"),
        ("lr", "-1:1:log", "begins above 0"),
        ("lr", "1:2:lin", "LOW:HIGH:log"),
        ("lr", "1:x", "must be a number"),
        ("steps", "1.5:2", "whole number"),
        ("n_layer", "1,2,1", "names 1 twice"),
        ("n_layer", "1,", "whole number"),
        ("optimizer", "adam:muon", "give a list"),
        ("bias", "on,maybe", "on, off"),
    ],
)
def test_wrong_ranges(name, text, sentence):
    with pytest.raises(UsageError, match=sentence):
        parse(name, text)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ([], "Nothing is to be tried"),
        (["--lrr", "1:2"], "did you mean --lr?"),
        (["--lr", "1:2", "--grid", "--trials", 1], "at least 2 points"),
        (["--lr", "1:2", "--grid", "--random"], "exclude"),
        (["--lr", "1:2", "--val-fraction", 0], "--val-fraction must be above 0"),
        (["--lr", "1:2", "--preset", "lama"], "llama"),
        (["--lr", "1:2", "--data", "none.txt"], "none.txt"),
        (["--lr", "1:2", "--sync-after", 5], "add --sync-every H"),
        (["--lr", "1:2", "--data", "s"], "--data reads"),
        (["--lr", "1:2", "--tokenizer", "nofile"], "nofile"),
        (["--val-fraction", "0.1,0"], "--val-fraction must be above 0"),
        (["--n-embd", "9,10,11", "--n-head", 4], "n_embd"),
        (["--n-embd", "16:20,24"], "whole number"),
        (["--n-embd", "17:19", "--n-head", 4], "n_embd"),
        (["--lr", "1:2", "--vocab", 300], "--vocab is for a tokenizer that is learned"),
    ],
)
def test_refusals_leave_no_file(folder, capsys, flags, sentence):
    assert sentence in call(capsys, "sweep", "--study", "s", *flags).sentence()
    assert not Path("s").exists()


@pytest.mark.parametrize("text", ["hello", "{}\n", '{"op_code": 0}\nx\n', '{"op_code":0}\n'])
def test_a_file_that_is_no_study_stays_as_it_is(folder, capsys, text):
    Path("s").write_text(text)
    said = call(capsys, "sweep", "--study", "s", "--lr", "1:2", "--data", "names.txt").sentence()
    assert "choose another file" in said
    assert Path("s").read_text() == text


def test_a_study_of_other_settings(folder, capsys):
    begun("s", "random", words=["--data", "names.txt"], digest="")
    for flags, sentence in (
        (["--lr", "1e-4:1e-2:log"], "other settings (--lr 1e-4:1e-1:log --n-layer 1,2"),
        (["--grid"], "begun with the method random"),
        ([], "The data here are not those"),
    ):
        assert sentence in call(capsys, "sweep", "--study", "s", *flags).sentence()
    study = Journal.open("s", "x")
    for _ in range(3):
        tried(study, 2.0)
    assert "3 trials" in call(capsys, "sweep", "--study", "s", "--trials", 2).sentence()
