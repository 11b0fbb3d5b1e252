"""Ctrl-C at any moment: what there is is kept, the exit code is 130, nothing is half-written."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.terminal.signals import PATIENCE
from program import NAMES, ROOT, call, environment, interrupt, start
from thorough import some

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals as Unix does")
FOREVER = ["--data", "names.txt", "--steps", 10**6, "--json", "--quiet", "--schedule", "constant"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stopped(folder, *flags, number=signal.SIGINT, times=1):
    with open(folder / "log", "w") as log:
        process = start(*FOREVER, *flags, cwd=folder, stdout=log)
        return interrupt(process, lambda: (folder / "log").stat().st_size > 0, number, times)


NUMBERS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


@pytest.mark.parametrize(
    ("number", "times"),
    some(zip(NUMBERS, (3, 1, 3)), itertools.product(NUMBERS, (1, 3))),
)
def test_a_stopped_run_is_kept_and_goes_on_exactly(number, times, folder, capsys):
    answer = stopped(folder, "--out", "m", number=number, times=times)
    assert answer.code == 128 + number
    kept = checkpoints.load("m")
    step = kept.meta["progress"]["step"]
    assert answer.err == (f"Stopped at step {step:,}; kept in m. Go on with: train --resume m\n")
    assert sorted(p.name for p in folder.iterdir()) == ["log", "m", "names.txt"]
    last = step + 7
    call(capsys, "--resume", "m", "--steps", last)
    call(capsys, *FOREVER[:2], *FOREVER[5:], "--steps", last, "--out", "whole")
    resumed, whole = checkpoints.load("m"), checkpoints.load("whole")
    for name in whole.tensors:
        assert np.array_equal(resumed.tensors[name], whole.tensors[name]), name
    assert resumed.meta["random"] == whole.meta["random"]
    assert resumed.meta["batches"] == whole.meta["batches"]


def test_without_a_name_a_free_one_is_found(folder):
    answer = stopped(folder)
    assert answer.code == 130
    (path,) = folder.glob("microgpt-step-*.safetensors")
    assert f"kept in {path.name}." in answer.err
    checkpoints.load(path)


def test_while_it_saves(folder):
    """Saving all the time, so that the signal comes in the middle of it."""
    answer = stopped(folder, "--out", "m", "--save-every", 1, times=2)
    assert answer.code == 130
    checkpoints.load("m")
    assert sorted(p.name for p in folder.iterdir()) == ["log", "m", "names.txt"]


def test_while_it_writes_samples(folder, capsys):
    call(capsys, "--data", "names.txt", "--steps", 3, "--out", "m")
    with open("log", "w") as log:
        process = start("sample", "m", "-n", 10**8, "--stream", cwd=folder, stdout=log)
        answer = interrupt(process, lambda: (folder / "log").stat().st_size > 0)
    assert (answer.code, answer.err) == (130, "microgpt: Interrupted.\n")


@pytest.mark.parametrize(
    ("number", "module"),
    some(zip(NUMBERS, ("cli", "numpy", "cli")), itertools.product(NUMBERS, ("cli", "numpy"))),
)
def test_while_the_program_is_read(module, number, folder):
    """In the middle of an import, where an exception could turn into anything."""
    code = f"import sys; sys.argv = ['m', '--steps', '1']; slow_one = {module!r};" + READING
    process = start_python(code, folder)
    process.stdout.readline()
    answer = interrupt(process, lambda: True, number)
    assert (answer.code, answer.err) == (128 + number, "")


READING = """
import builtins, time
import microgpt.__main__ as program
load = builtins.__import__
def slow(name, *more):
    if name == slow_one:
        print(flush=True)
        time.sleep(20)
    return load(name, *more)
builtins.__import__ = slow
program.entry()
"""


OPTIMIZERS = "adam", "muon"


def start_python(code, folder):
    env = environment(PYTHONPATH=str(ROOT / "py"))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=env, **pipes)


@pytest.mark.parametrize(
    ("optimizer", "recorded"),  # the loss, a gradient, the move; other gradients
    some([*(("adam", i) for i in range(4)), ("muon", 2)], itertools.product(OPTIMIZERS, range(5))),
)
def test_while_a_step_is_recorded(optimizer, recorded, folder, capsys, monkeypatch):
    """Of a large model that takes long: it is not waited for, and all that was there is kept."""
    from microgpt.recorder import record

    plan, count = record.Plan, iter(range(100))

    def stopped(*arguments, **settings):
        if next(count) == recorded:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("it went on")
        return plan(*arguments, **settings)

    flags = "--data", "names.txt", "--steps", 9, "--optimizer", optimizer, "--samples", 0
    monkeypatch.setattr(record, "Plan", stopped)
    assert call(capsys, *flags, "--out", "m").code == 128 + signal.SIGTERM
    monkeypatch.setattr(record, "Plan", plan)
    call(capsys, "--resume", "m")
    call(capsys, *flags, "--out", "whole")
    assert Path("m").read_bytes() == Path("whole").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_second_one_ends_it_at_once(number, folder, capsys, monkeypatch):
    from microgpt.training.optim import Optimizer

    def slow(*arguments):
        signal.raise_signal(number)
        time.sleep(2 * PATIENCE)
        signal.raise_signal(number)
        raise AssertionError("it went on")

    monkeypatch.setattr(Optimizer, "update", slow)
    answer = call(capsys, "--data", "names.txt", "--steps", 9, "--out", "m", "--quiet")
    assert (answer.code, answer.err) == (128 + number, "microgpt: Interrupted.\n")
    assert os.listdir() == ["names.txt"]


def test_in_the_middle_of_a_step_nothing_is_torn(folder, capsys, monkeypatch):
    """The signal comes while the optimizer moves the weights: the step is finished first."""
    from microgpt.training.optim import Optimizer

    update = Optimizer.update

    def interrupted(self, grad, lr, *more):
        self.mean += 0  # as if half of the work was done
        if self.steps == 4:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        update(self, grad, lr, *more)

    monkeypatch.setattr(Optimizer, "update", interrupted)
    assert call(capsys, "--data", "names.txt", "--steps", 9, "--out", "m").code == 130
    kept = checkpoints.load("m")
    assert kept.meta["progress"]["step"] == 5 == len(kept.losses)
    monkeypatch.setattr(Optimizer, "update", update)
    call(capsys, "--resume", "m")
    call(capsys, "--data", "names.txt", "--steps", 9, "--out", "whole")
    assert Path("m").read_bytes() == Path("whole").read_bytes()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
