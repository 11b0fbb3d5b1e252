"""Machines that are gone, or that nothing can be started on: a sentence, and an end in seconds."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("mpi4py", reason="MPI is not here: pip install '.[mpi]'")

import program
from microgpt.terminal.machines.launch import Job, find_launcher
from microgpt.terminal.machines.start import JOINED, LOST_ONE, WATCH
from microgpt.training.machines.mpi import LOST

LIMIT = 90  # seconds of any job here, however busy the machine is


def test_a_launcher_that_waits_for_a_machine_that_is_gone_is_ended(tmp_path, monkeypatch):
    """As ssh does that started a worker there."""
    monkeypatch.setattr("microgpt.terminal.machines.launch.PATIENCE", 0.2)
    lost = tmp_path / "lost"
    job = Job(["sh", "-c", "sleep 60 & sleep 60"], {**os.environ, LOST_ONE: str(lost)})
    lost.touch()
    began = time.monotonic()
    assert job.wait() == LOST
    assert time.monotonic() - began < 30


def test_who_watches_ends_with_the_watched_though_nobody_hears_why():
    reading, writing = os.pipe()
    os.close(reading)  # the launcher that would have shown it is gone
    given = ["0", "60", "0", "", "late", "it was lost"]
    command = [sys.executable, "-ISc", WATCH, *given]
    with open(writing, "wb") as stderr:
        watch = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=stderr)
    try:
        watch.communicate(JOINED, timeout=LIMIT)
    finally:
        watch.kill()
        watch.wait()


SSH = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
[ "$1" = nowhere ] && exit 255
shift
exec sh -c "exec $*"
"""  # which goes nowhere
GONE = """
import os, pathlib, signal, sys, time
from microgpt.terminal.machines.worker import Worker
from microgpt.training.machines import mpi, pulse
mpi.PATIENCE, pulse.BEAT = 1.0, 0.1
worker = Worker.join()
worker.ranks.meet("begin")
if worker.ranks.rank == 0:  # saves for long
    time.sleep(1.8)
worker.ranks.meet("saved")
if worker.ranks.rank == int(sys.argv[1]):  # seen from elsewhere, its machine is gone
    pids = os.getppid(), os.getpid()
    pathlib.Path("pids").write_text(" ".join(map(str, pids)))
    [os.kill(pid, signal.SIGSTOP) for pid in pids]
try:
    worker.ranks.meet("step")
except mpi.WorkerFailed as failure:
    worker.fail(failure, 1)
"""


LATE = """
import os, pathlib, signal
from microgpt.terminal.machines.start import limited
from microgpt.training.machines.mpi import join
if os.environ["PMI_RANK"] == "1":  # its machine goes before it has joined
    pids = os.getppid(), os.getpid()
    pathlib.Path("pids").write_text(" ".join(map(str, pids)))
    [os.kill(pid, signal.SIGSTOP) for pid in pids]
join(lambda: limited(1.0))
"""


def gone(folder, *program_and_words, **env):
    """What a job on two machines says of which one is gone, and the exit code of mpiexec.

    That one writes the numbers of its processes down before they stop.
    """
    (folder / "ssh").write_text(SSH)
    (folder / "ssh").chmod(0o755)
    how = ["-launcher", "ssh", "-launcher-exec", folder / "ssh", "-hosts", "127.0.0.1,127.0.0.2"]
    env = program.environment(PYTHONPATH=str(program.ROOT / "py"), **env)
    with open(folder / "said", "w") as said:  # no pipe: the machine that is gone holds it, too
        job = [find_launcher(), *how, "-n", "2", sys.executable, "-c", *program_and_words]
        process = subprocess.Popen(job, cwd=folder, env=env, stdout=said, stderr=said)
        try:
            code = process.wait(timeout=LIMIT)
        finally:
            process.kill()
            process.wait()
            for pid in (folder / "pids").read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
    return code, (folder / "said").read_text()


@pytest.mark.skipif(not Path("/proc").exists(), reason="it finds its launcher by /proc")
@pytest.mark.parametrize(("rank", "who"), [(0, "The first worker"), (1, "A worker")])
def test_a_bare_mpiexec_does_not_wait_for_a_machine_that_is_gone(tmp_path, rank, who):
    code, said = gone(tmp_path, GONE, str(rank))
    sentence = rf"microgpt: {who} has not answered for \d+ seconds; its machine may be gone.\n"
    assert code == -signal.SIGKILL and re.fullmatch(sentence, said), said


@pytest.mark.skipif(not Path("/proc").exists(), reason="it finds its launcher by /proc")
def test_nor_for_one_that_is_gone_before_all_have_started(tmp_path):
    code, said = gone(tmp_path, LATE)
    assert code == -signal.SIGKILL and said.startswith("microgpt: Not all workers have st"), said


def test_machines_that_start_nothing_are_named_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "ssh").write_text(SSH)
    (tmp_path / "ssh").chmod(0o755)
    flags = ["train", "--workers", "2", "--shards", "2", "--hosts", "127.0.0.1,nowhere"]
    ssh = {"HYDRA_LAUNCHER": "ssh", "HYDRA_LAUNCHER_EXEC": str(tmp_path / "ssh")}
    for name, value in ssh.items():
        monkeypatch.setenv(name, value)
    found = program.run(*flags, cwd=tmp_path)
    assert found.code == 1 and found.out == "", found
    assert re.fullmatch(r"microgpt: Nothing can be started on nowhere: .+\n", found.err), found
