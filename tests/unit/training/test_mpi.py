"""Several processes of one job: the same numbers, one voice, and an end in seconds."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("mpi4py", reason="MPI is not here: pip install '.[mpi]'")

import program
from microgpt import checkpoint as checkpoints
from microgpt.data.batches import CropBatches
from microgpt.terminal.machines import is_launched
from microgpt.terminal.machines.launch import find_launcher, is_loss, without_noise, without_remarks
from microgpt.terminal.machines.worker import Worker
from microgpt.training.machines.mpi import Ranks, WorkerFailed
from microgpt.training.machines.ranks import own_rows

LIMIT = 90  # seconds of any job here, however busy the machine is
FLAGS = [
    *("train", "--data", "names.txt", "--offline", "--samples", "1", "--batch-size", "8"),
    *("--shards", "2", "--eval-every", "0", "--threads", "1", "--steps"),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "names.txt").write_text("\n".join(program.NAMES))
    return tmp_path


def job(folder, *arguments, script=None, ranks=2):
    """Run the program on some ranks; `script` may change what one of them does."""
    mine = [sys.executable, "-W", "error", "-m", "py.microgpt", *map(str, arguments)]
    if script:
        mine = ["sh", "-c", f'{script}; exec "$0" "$@"', *mine]
    command = [find_launcher(), "-n", str(ranks), *mine]
    options = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
    found = subprocess.run(
        command, cwd=folder, env=program.environment(), timeout=LIMIT, check=False, **options
    )
    return program.Answer(found.returncode, found.stdout, found.stderr)


def test_four_ranks_train_as_one_and_fail_as_one():
    job_file = Path(program.ROOT, "tests", "helpers", "mpi_job.py")
    found = subprocess.run(
        [find_launcher(), "-n", "4", sys.executable, str(job_file)],
        env=program.environment(OPENBLAS_NUM_THREADS="1"),
        **{"capture_output": True, "text": True, "timeout": LIMIT, "stdin": subprocess.DEVNULL},
    )
    assert (found.returncode, found.stdout) == (0, ""), found.stdout + found.stderr


def test_a_job_prints_once_and_its_file_is_that_of_one_process(folder):
    whole = job(folder, *FLAGS, 6, "--out", "two")
    assert whole.code == 0 and whole.out.count("\n") == 1, whole
    assert "on 2 workers" in whole.err and whole.err.count("The model is in two.") == 1
    alone = program.run(*FLAGS, 6, "--out", "one", cwd=folder)
    assert alone.out == whole.out
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()


@pytest.mark.parametrize(("script", "said"), [
    ("[ $PMI_RANK = 1 ] && cd /", "Worker 1: There is no data set and no file called 'names.txt'"),
    ("[ $PMI_RANK = 1 ] && mkdir b && tr a b < names.txt > b/names.txt && cd b",
     "Worker 1 has another data than worker 0; give all the same."),
])  # fmt: skip
def test_what_is_wrong_with_one_worker_is_one_sentence(folder, script, said):
    found = job(folder, *FLAGS, 10**6, script=script)
    assert found.code == 1 and found.out == "", found
    assert found.err.startswith("microgpt: " + said) and found.err.count("microgpt:") == 1, found


NO_MPI = (
    "mkdir no && echo 'raise ImportError(1)' > no/mpi4py.py && export PYTHONPATH=no:$PYTHONPATH"
)
OTHER = (
    "cp -r {0}/py . && sed -i 's/^__version__ = .*/__version__ = \"0\"/' py/microgpt/__init__.py"
)


@pytest.mark.parametrize(("script", "said"), [
    (NO_MPI, "Several workers need mpi4py and an MPI, and they are not here (1): pip"),
    (f"mkdir o && cd o && {OTHER.format(program.ROOT)} && export PYTHONPATH=",
     "Worker 1 has another version of microgpt than worker 0: 0, not"),
])  # fmt: skip
def test_a_worker_without_mpi_or_of_another_version_ends_all(folder, script, said):
    began = time.monotonic()
    found = job(folder, *FLAGS, 10**6, script=f"if [ $PMI_RANK = 1 ]; then {script}; fi")
    assert found.code and found.out.lstrip().startswith("=" * 20 if found.code > 2 else ""), found
    assert found.err.startswith("microgpt: " + said) and found.err.count("microgpt:") == 1, found
    assert time.monotonic() - began < LIMIT / 3


def test_a_full_disk_of_the_first_worker_which_alone_writes_ends_all_in_a_sentence(folder):
    more = ["--out", "run", "--save-every", "40", "--workers", "2"]
    with program.start(*FLAGS, 10**6, *more, cwd=folder) as process:
        wait_for((folder / "run").exists)
        for pid in ranks_of(process.pid):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, 1024))
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 1 and "Traceback" not in said, said
    told = [line for line in said.splitlines() if line.startswith("microgpt:")]
    place = "free some space or choose another place."
    assert told == [f"microgpt: Could not write run (File too large); {place}"]
    assert checkpoints.load(folder / "run").meta["progress"]["step"] % 40 == 0  # as it was before


def test_a_worker_that_never_comes_is_waited_for_a_limited_time():
    code = (
        "import os, time; from microgpt.terminal.machines.start import limited\n"
        "from microgpt.training.machines.mpi import join\n"
        "time.sleep(60) if os.environ['PMI_RANK'] == '1' else join(lambda: limited(0.5))"
    )
    command = [find_launcher(), "-n", "3", sys.executable, "-c", code]
    env = program.environment(PYTHONPATH=str(program.ROOT / "py"))
    found = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert found.returncode
    assert found.stderr.startswith("microgpt: Not all workers have started: MPI has waited")
    assert found.stderr.count("microgpt:") == 1


def test_workers_that_do_not_know_of_each_other_say_so_once(folder):
    """As where srun starts them without MPI."""
    script = "export SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=$PMI_RANK; unset PMI_RANK PMI_FD PMI_SIZE"
    found = job(folder, *FLAGS, 5, script=script)
    assert found.code == 1 and found.err.count("microgpt:") == 1, found
    assert "microgpt: 2 workers were started and do not know of each other" in found.err


def test_an_interrupt_stops_all_at_one_step_and_keeps_the_run(folder):
    arguments = [*FLAGS, 10**6, "--out", "run", "--workers", "2", "--save-every", "5"]
    process = program.start(*arguments, cwd=folder)
    found = program.interrupt(process, (folder / "run").exists)
    assert found.code == 130 and found.out == "", found
    step = int(re.search(r"Stopped at step ([\d,]+); kept in run", found.err)[1].replace(",", ""))
    kept = checkpoints.load(folder / "run")
    assert kept.meta["progress"]["step"] == step >= 5


def test_after_a_lost_worker_a_job_goes_on_and_ends_as_if_nothing_had_been(folder):
    assert program.run(*FLAGS, 300, "--out", "whole", cwd=folder).code == 0
    more = ["--out", "again", "--workers", "2", "--save-every", "10", "--restarts", "1"]
    with program.start(*FLAGS, 300, *more, cwd=folder) as process:
        wait_for((folder / "again").exists)
        os.kill(ranks_of(process.pid)[-1], signal.SIGKILL)
        printed, said = process.communicate(timeout=LIMIT)
    assert "A worker was lost; the job is started again (0 more times at most)." in said
    assert "BAD TERMINATION" not in printed + said and process.returncode == 0, said
    assert (folder / "again").read_bytes() == (folder / "whole").read_bytes()


def test_a_bare_mpiexec_that_loses_a_worker_says_so_in_our_words_too(folder):
    """Its own are about processes and exit strings."""
    command = [find_launcher(), "-n", "2", *program.PROGRAM, *FLAGS, str(10**6), "--out", "run"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    env = program.environment()
    with subprocess.Popen([*command, "--save-every", "5"], cwd=folder, env=env, **pipes) as process:
        wait_for((folder / "run").exists)
        os.kill(workers_of(process.pid)[-1], signal.SIGKILL)
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode and said.count("microgpt: A worker was lost: something ended") == 1


def test_workers_whose_launcher_is_killed_keep_the_run_and_end(folder):
    """Nothing else would ever stop them."""
    arguments = [*FLAGS, 10**6, "--out", "run", "--workers", "2", "--save-every", "5"]
    with program.start(*arguments, cwd=folder) as process:
        wait_for((folder / "run").exists)
        ranks = ranks_of(process.pid)
        os.kill(parent_of(Path(f"/proc/{ranks[0]}/stat")), signal.SIGKILL)
        process.communicate(timeout=LIMIT)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in ranks))
    assert process.returncode and checkpoints.load(folder / "run").meta["progress"]["step"] >= 5


def wait_for(ready):
    end = time.monotonic() + LIMIT
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.005)


def ranks_of(pid):
    """The processes of the ranks that a program has started by a launcher, by their numbers."""
    return workers_of(children_of(pid)[0])


def workers_of(mpiexec):
    return children_of(children_of(mpiexec)[0])


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may just have ended
            if parent_of(stat) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)


def parent_of(stat):
    return int(stat.read_text().rpartition(")")[2].split()[1])


# ---- the parts


@pytest.mark.parametrize(("slurm", "code"), [({}, 75), ({"SLURM_PROCID": "0"}, 76)])
def test_a_worker_that_does_not_answer_is_a_sentence_and_no_traceback(slurm, code):
    """As the launcher sees it: the end of a job that has lost one. Slurm's ends no other worker."""
    lines = (
        "import os, sys; from microgpt.terminal.machines.worker import Worker\n"
        "from microgpt.training.machines.mpi import LOST, WorkerFailed\n"
        "class Ranks:\n"
        "    rank = 0\n"
        "    def abort(code): print('as MPI says', file=sys.stderr) or os._exit(code + 1)\n"
        "try: raise WorkerFailed('A worker has not answered for 20 seconds.', LOST)\n"
        "except WorkerFailed as failure: Worker(Ranks).fail(failure, 1)"
    )
    env = program.environment(PYTHONPATH=str(program.ROOT / "py"), **slurm)
    found = subprocess.run([sys.executable, "-c", lines], env=env, capture_output=True, text=True)
    assert found.returncode == code
    assert found.stderr == "microgpt: A worker has not answered for 20 seconds.\n"


def test_a_mistake_of_the_program_ends_all_with_a_sentence_after_what_is_known_of_it(capsys):
    def meet(what, text, code):
        raise WorkerFailed(f"Worker 0: {text}", code)

    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as error:
        assert Worker(SimpleNamespace(rank=0, meet=meet)).crash(error) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback") and said.count("microgpt: ") == 1
    assert "made a mistake (ZeroDivisionError: division by zero); please" in said


def test_each_rank_reads_its_own_rows_alone():
    tokens = np.arange(1, 101)
    batches = [CropBatches(tokens, 7, 4, np.float32, 1) for _ in range(3)]

    class Two:
        count = 2

    for rank in range(2):
        Two.rank = rank
        batches[rank].rows = own_rows(7, 4, Two)
    halves, whole = [next(each) for each in batches[:2]], next(batches[2])
    assert np.array_equal(halves[0].ids[:3], whole.ids[:3]) and not halves[0].ids[3:].any()
    assert np.array_equal(halves[1].ids[3:], whole.ids[3:]) and not halves[1].ids[:3].any()
    assert np.array_equal(halves[0].targets + halves[1].targets, whole.targets)


class Never(Ranks):
    """What begins does not end."""

    rank, pulse = 0, None

    def __init__(self):
        pass

    def Test(self):
        return False


def test_waiting_ends_and_what_all_were_held_for_does_not_count(monkeypatch):
    times = iter([0.0, 0.5, 1000.0, 1000.5, 1001.4, 1002.5])
    clock = SimpleNamespace(monotonic=lambda: next(times), sleep=lambda _: None)
    monkeypatch.setattr("microgpt.training.machines.mpi.time", clock)
    with pytest.raises(WorkerFailed, match="not answered for 4 seconds; its machine may be gone"):
        Never()._wait(3.0, Never)


def test_what_the_launcher_says_of_itself_is_left_out():
    lines = [b"one\n", b"\n", b"two\n", b"[mpiexec@a] Sending Ctrl-C\n", b"\n", b"=" * 83 + b"\n"]
    lines += [b"=   BAD TERMINATION\n", b"Please see the FAQ page for suggestions\n", b"three\n"]
    assert b"".join(without_remarks(lines)) == b"one\n\ntwo\nthree\n"
    assert b"".join(without_remarks([b"one\n", b"\n"])) == b"one\n\n"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_what_it_says_of_itself_on_stderr_is_left_out_and_a_bar_passes_at_once(size):
    said = b"50 %\r60 %\r\n[mpiexec@a] bad\n[part\n\n[proxy:0@a] worse\n[p\nlast [proxy\n[prox"
    pieces = [said[start : start + size] for start in range(0, len(said), size)]
    assert b"".join(without_noise(pieces)) == b"50 %\r60 %\r\n[part\n\n[p\nlast [proxy\n[prox"
    assert next(without_noise(iter([b"50 %\r"]))) == b"50 %\r"


def test_which_ends_are_losses():
    assert all(is_loss(code) for code in (9, 137, 11, 139, -9, 75, 255))
    assert not any(is_loss(code) for code in (0, 1, 2, 130, 143, 129))


def test_who_is_launched_is_known_from_the_environment(monkeypatch):
    for name in ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    assert not is_launched()
    monkeypatch.setenv("SLURM_PROCID", "0")
    assert not is_launched()  # a shell in an allocation
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "4")
    assert is_launched()


@pytest.mark.parametrize(("flags", "said"), [
    (["--hosts", "a,b"], "are for --workers N"),
    (["--restarts", "1", "--workers", "2"], "add --out FILE"),
    (["--sync-after", "5"], "add --sync-every H"),
    (["--sync-every", "0", "--outer-lr", "0.5"], "--outer-lr is for workers that agree"),
    (["--workers", "2", "--shards", "1"], "pip install '.[mpi]'"),
])  # fmt: skip
def test_mistakes_before_anything_is_started(capsys, monkeypatch, flags, said):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert said in program.call(capsys, "train", *flags).sentence()
