"""`sweep`: what is tried, what a study keeps, who goes on with it, and what is shown."""

import json
import os
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from microgpt.errors import UsageError, UserError
from microgpt.terminal.commands.sweep import choose, jobs
from microgpt.terminal.commands.sweep.journal import COMPLETE, PRUNED, RUNNING, Journal
from microgpt.terminal.commands.sweep.space import Choices, Range, grid, parse, words_of
from program import NAMES, call, interrupt, start

TINY = ["--data", "names.txt", "--n-embd", 8, "--n-head", 2, "--block-size", 8, "--steps", 10]
LR = Range(1e-4, 1e-1, True, float)
SPACE = {"lr": LR, "n_layer": Choices((1, 2))}
FACTS = {"space": {"lr": "1e-4:1e-1:log", "n_layer": "1,2"}, "words": [], "seed": 42, "trials": 4}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    return tmp_path


@pytest.fixture
def journal(folder):
    return begun("study", "random")


def begun(path, method, **facts):
    journal = Journal.open(path, jobs.owner())
    with journal.lock():
        journal.begin({**FACTS, "method": method, **facts})
    return journal


def tried(journal, loss, how="done", **settings):
    with journal.lock():
        trial = journal.claim(SPACE, {"lr": 0.01, "n_layer": 1, **settings})
        for step in (5, 10):
            journal.report(trial, step, loss + (10 - step) * 0.1)
        journal.end(trial, how, loss=loss if how == "done" else None)
    return trial


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
    pool = jobs.Pool(study, {"lr": Choices((0.01, 0.02))}, None, 1, None, lambda text: None)
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
    other = ["--n-embd", "9,10,11", "--n-head", "4", "--grid"]
    answer = call(capsys, "sweep", "--study", "t", "--data", "names.txt", "--steps", 3, *other)
    assert "n_embd" in answer.sentence()


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
        (["--lr", "1:2", "--data", "s"], "--data reads"),
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


# ---- the file, and Optuna


def test_optuna_reads_the_file_as_we_do(folder):
    optuna = pytest.importorskip("optuna")
    journal = begun("study", "optuna")
    tried(journal, 2.0, lr=0.02)
    late = tried(journal, 2.5, "pruned")
    with journal.lock():
        open_one = journal.claim(SPACE, {"lr": 0.003, "n_layer": 2})
        journal.report(late, 7, 1.0)  # it has ended: this does not count
        journal.end(late, "done", loss=1.0)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend("study"))
    study = optuna.load_study(study_name=None, storage=storage)
    states = {COMPLETE: "COMPLETE", PRUNED: "PRUNED", RUNNING: "RUNNING"}
    for ours, theirs in zip(journal.trials, study.trials, strict=True):
        assert theirs.state.name == states[ours.state]
        assert theirs.params == ours.settings and theirs.intermediate_values == ours.curve
        assert (theirs.value if ours.loss else None) == ours.loss
    assert open_one.state == RUNNING and late.curve == {5: 3.0, 10: 2.5}


def test_optuna_asks_where_the_loss_is_low_and_can_be_repeated(folder):
    pytest.importorskip("optuna")
    journal = begun("study", "optuna")
    for i in range(24):
        lr = LR.at((i % 12) / 11)
        tried(journal, abs(lr - 0.01) * 10 + 2 + i % 2, lr=lr, n_layer=1 + i % 2)
    size = os.path.getsize("study")
    asked = [choose.next_settings(journal, SPACE, n) for n in range(24, 34)]
    assert asked == [choose.next_settings(journal, SPACE, n) for n in range(24, 34)]
    assert len({found["lr"] for found in asked}) > 5
    assert sum(found["n_layer"] == 1 for found in asked) >= 7
    assert os.path.getsize("study") == size  # asking writes nothing
    shares, _ = choose.importances(journal, SPACE)
    assert set(shares) == set(SPACE) and sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("method", ["optuna", "random"])
def test_what_is_worse_than_half_of_the_others_is_given_up(folder, method):
    if method == "optuna":
        pytest.importorskip("optuna")
    journal = begun("study", method)

    def hopeless(loss, step=5):
        with journal.lock():
            trial = journal.claim(SPACE, {"lr": 0.01, "n_layer": 1})
            journal.report(trial, step, loss)
            found = choose.is_hopeless(journal, trial, steps=10)
            journal.end(trial, "pruned")
        return found

    assert not hopeless(9.0)  # too few to compare with
    for loss in (1.0, 2.0, 3.0, 4.0, 5.0):
        tried(journal, loss)
    assert hopeless(3.6) and not hopeless(3.4)
    assert not hopeless(9.0, step=1)  # too early


def test_without_optuna_a_search_is_seeded(journal):
    drawn = [choose.next_settings(journal, SPACE, n) for n in range(5)]
    assert drawn == [choose.next_settings(journal, SPACE, n) for n in range(5)]
    assert len({found["lr"] for found in drawn}) == 5
    for i in range(8):
        tried(journal, 2.0 + i % 2, lr=LR.at(i / 8), n_layer=1 + i % 2)
    shares, _ = choose.importances(journal, SPACE)
    assert shares["n_layer"] == pytest.approx(1) and shares["lr"] < 0.1


@pytest.mark.parametrize("method", ["optuna", "random"])
def test_nothing_is_tried_twice(folder, method):
    if method == "optuna":
        pytest.importorskip("optuna")
    journal, space = (
        begun("study", method),
        {"lr": Choices((0.1, 0.2, 0.3)), "n_layer": Choices((1, 2))},
    )
    for count in range(6):
        with journal.lock():
            trial = journal.claim(space, choose.next_settings(journal, space, count))
            journal.end(trial, "done", loss=2.0)
    assert len({str(trial.settings) for trial in journal.trials}) == 6


def test_a_line_that_was_not_written_to_its_end_is_cut_off(journal):
    tried(journal, 2.0)
    whole = Path("study").read_bytes()
    with open("study", "ab") as file:
        file.write(b'{"op_code": 7, "trial')
    other = Journal.open("study", "x")
    assert Path("study").read_bytes() == whole
    assert [t.loss for t in other.trials] == [2.0]
    tried(other, 3.0)
    with journal.lock():
        pass
    assert [t.loss for t in journal.trials] == [2.0, 3.0]


def test_a_damaged_study_is_refused(journal):
    tried(journal, 2.0)
    lines = Path("study").read_text().splitlines(keepends=True)
    Path("study").write_text("".join([*lines[:-1], "{}\n", lines[-1]]))
    with pytest.raises(UserError, match=f"damaged in line {len(lines)}"):
        Journal.open("study", "x")


# ---- who is gone


def test_a_trial_whose_process_is_gone_is_tried_once_more(folder):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    lost = begun("study", "random", trials=1)
    lost.owner = lost.owner.replace(f":{os.getpid()}:", f":{gone.pid}:")
    journal, said = Journal.open("study", jobs.owner()), []
    pool = jobs.Pool(journal, SPACE, None, 1, None, said.append)
    with lost.lock():
        lost.claim(SPACE, {"lr": 0.01, "n_layer": 1})
    with journal.lock():
        pool._bury()
        second = pool._claim()
        assert journal.trials[0].how == "killed" and second.settings == {"lr": 0.01, "n_layer": 1}
        assert (second.again, second.kills) == (0, 1) and "Trial 0 was killed" in said[0]
        assert pool._claim() is None  # one trial was wanted
        journal.end(second, "killed")
        assert pool._claim() is None  # not a third time
    with lost.lock():  # it lives after all: what it says comes too late
        lost.end(lost.trials[0], "done", loss=1.0)
    assert [t.how for t in lost.trials] == ["killed", "killed"]


def test_on_another_machine_a_process_is_gone_without_a_sign_of_life(journal, monkeypatch):
    far = Journal.open("study", "elsewhere:1:ab")
    with far.lock():
        theirs = far.claim(SPACE, {"lr": 0.01, "n_layer": 1})
    pool, now = jobs.Pool(journal, SPACE, None, 1, None, None), [0.0]
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now[0])

    def state_at(seconds):
        now[0] = seconds
        with journal.lock():
            pool._bury()
        return journal.trials[0].how

    assert state_at(0) == state_at(50) == ""
    with far.lock():
        far.beat(theirs)
    assert state_at(100) == state_at(159) == ""
    assert state_at(161) == "killed"


def test_a_child_that_is_killed_is_told_and_retried(folder, capsys, monkeypatch):
    begin, begun_ones = jobs.Child.__init__, []

    def watched(child, *arguments):
        begin(child, *arguments)
        begun_ones.append(child)
        if len(begun_ones) == 1:
            child.process.kill()

    monkeypatch.setattr(jobs.Child, "__init__", watched)
    answer = call(capsys, "sweep", "--study", "s", *TINY, "--lr", "0.01,0.02", "--grid", "--json")
    assert answer.code == 0 and "Trial 0 was killed; it is tried again." in answer.err, answer
    told = [(r["how"], r["settings"]["lr"], r.get("again")) for r in answer.records[:-1]]
    assert told == [("killed", 0.01, None), ("done", 0.01, 0), ("done", 0.02, None)]


def test_the_journal_is_json_lines(journal):
    tried(journal, 2.0)
    codes = [json.loads(line)["op_code"] for line in Path("study").read_text().splitlines()]
    assert codes[0] == 0 and codes[-1] == 6
