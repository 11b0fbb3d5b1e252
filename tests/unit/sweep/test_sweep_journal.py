"""The study of a sweep: its file, Optuna beside it, and trials whose process is gone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from microgpt.errors import UserError
from microgpt.terminal.commands.sweep import choose, jobs
from microgpt.terminal.commands.sweep.journal import COMPLETE, PRUNED, RUNNING, Journal
from microgpt.terminal.commands.sweep.space import Choices
from program import call
from studies import LR, SPACE, TINY, begun, tried

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
