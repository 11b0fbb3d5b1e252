"""Several ranks: the numbers of one process, through kills, restarts and interrupts."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

import program
from microgpt import checkpoint as checkpoints
from microgpt.terminal.machines.launch import find_launcher

COUNT = 100  # interrupts, and half as many kills
STEPS = 200
FLAGS = [
    *("train", "--data", "names.txt", "--offline", "--samples", "0", "--batch-size", "8"),
    *("--n-embd", "24", "--shards", "4", "--eval-every", "40", "--threads", "1"),
]
KINDS = [[], ["--sync-every", "25", "--sync-after", "30", "--replicas", "4"]]
PATIENCE = 3  # seconds from a signal to the end
SECONDS = 60  # of a job with which something is wrong, with its start, however busy the machine is
OTHER = "cp -r {0}/py . && sed -i '{1}' py/microgpt/{2} && export PYTHONPATH=$PWD && cd .."
WRONG = {  # {what one worker of three does: (who, the script it begins with, what is said)}
    "raises": (
        1,
        OTHER,
        ("s/ check(batch, .*/ 1 \\/ 0/", "training/machines/ranks.py"),
        "mistake (Zero",
    ),
    "is of another version": (
        2,
        OTHER,
        ('s/^__version__ = .*/__version__ = "0"/', "__init__.py"),
        "has another version",
    ),
    "has other data": (1, "tr a b < ../names.txt > names.txt", (), "has another data"),
    "has no data": (2, "true", (), "There is no data set and no file"),
}
LIMIT = 300  # of a job, however busy the machine is


def prove(count, seed):
    random = Random(f"machines {seed}")
    compared = same_numbers(STEPS if count >= COUNT else 4)
    yield 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "names.txt").write_text("\n".join(program.NAMES))
        for what in WRONG:
            goes_wrong(folder, what)
        whole = [alone(folder, kind) for kind in KINDS]
        kills = count // 2
        for number in range(kills):
            kind = number % len(KINDS)
            killed(random, folder, KINDS[kind], whole[kind])
            if (number + 1) % 5 == 0:
                yield number + 1
        slowest = 0.0
        for number in range(count):
            slowest = max(slowest, interrupted(random, folder, KINDS[number % len(KINDS)]))
            if (number + 1) % 10 == 0:
                yield number + 1
    return (
        f"machines: {compared}; a worker that {', '.join(WRONG)}: one sentence each;"
        f" {kills} times a worker or the whole job was killed, and the file"
        f" was that of a run that nothing happened to; {count} interrupts, the slowest heard after"
        f" {slowest:.1f} s, each file loads"
    )


def seconds_until_end(process):
    """As a clock has them that stands still while all are held, as when a computer sleeps."""
    took, last = 0.0, time.monotonic()
    while process.poll() is None and took < 10 * PATIENCE:
        time.sleep(0.01)
        now = time.monotonic()
        took, last = took + min(now - last, 0.5), now
    if process.poll() is None:
        process.kill()
        process.wait()
    return took


def same_numbers(steps):
    job = Path(program.ROOT, "tests", "helpers", "mpi_job.py")
    command = [find_launcher(), "-n", "4", sys.executable, str(job), str(steps)]
    env = program.environment(OPENBLAS_NUM_THREADS="1")
    found = subprocess.run(command, env=env, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    return f"runs of {steps} steps, every family and setting, were the same on 1, 2, 3, 4 ranks"


def goes_wrong(folder, what):
    """A job of three, one of which has something wrong with it: one sentence, and an end."""
    who, script, words, said = WRONG[what]
    place = Path(folder, what)
    place.mkdir()
    script = (
        f"if [ $PMI_RANK = {who} ]; then cd '{place}'; {script.format(program.ROOT, *words)}; fi"
    )
    mine = ["sh", "-c", f'{script}; exec "$0" "$@"', *program.PROGRAM, *FLAGS, "--steps", "20"]
    command = [find_launcher(), "-n", "3", *mine, "--save-every", "10", "--out", "wrong", "--quiet"]
    options = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
    found = subprocess.run(
        command, cwd=folder, env=program.environment(), timeout=SECONDS, **options
    )
    told = {line for line in found.stderr.splitlines() if line.startswith("microgpt: ")}
    about = f"{what}: {found.returncode} {found.stdout} {found.stderr}"
    assert found.returncode == 1 and len(told) == 1 and said in told.pop(), about
    assert ("Traceback" in found.stderr) == (what == "raises"), about


def alone(folder, kind):
    found = program.run(*FLAGS, "--steps", "120", *kind, "--out", "whole", cwd=folder)
    assert found.code == 0, found
    return Path(folder, "whole").read_bytes()


def begun(folder, kind, workers, *more):
    Path(folder, "run").unlink(missing_ok=True)
    arguments = [*FLAGS, *kind, "--out", "run", "--save-every", "10", "--workers", workers, *more]
    return program.start(*arguments, cwd=folder)


def killed(random, folder, kind, whole):
    workers = random.choice([2, 3, 4])
    with begun(folder, kind, workers, "--steps", "120", "--restarts", "3") as process:
        time.sleep(random.random() * 4)
        what = random.choice(["rank", "rank", "job"])
        mpiexec = children(process.pid)
        proxies = mpiexec and children(mpiexec[0])
        ranks = proxies and children(proxies[0])
        if ranks:  # else it has just begun, or ended
            kill(random.choice(ranks) if what == "rank" else mpiexec[0])
        printed, said = process.communicate(timeout=LIMIT)
    about = f"{workers} workers, {kind}, {what} killed: {process.returncode} {printed} {said}"
    assert process.returncode == 0 and "Traceback" not in said, about
    assert Path(folder, "run").read_bytes() == whole, about


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def children(pid):
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def interrupted(random, folder, kind):
    """Begin a job, stop it at some moment, and see what is left; how long that took."""
    workers, number = random.choice([2, 4]), random.choice([signal.SIGINT, signal.SIGTERM])
    with begun(folder, kind, workers, "--steps", "1000000") as process:
        said = process.stderr.readline()  # it has begun
        lines = []  # are read on: a full pipe would hold the one that prints
        reader = threading.Thread(target=lines.extend, args=[process.stderr])
        reader.start()
        time.sleep(random.random() * 2)
        process.send_signal(number)
        took = seconds_until_end(process)
        reader.join()
    said = "".join([said, *lines])
    about = f"{workers} workers, {kind}, {number.name}: {process.returncode} {said}"
    assert process.returncode == 128 + number and "Traceback" not in said, about
    assert took < PATIENCE, f"{took:.1f} s: {about}"
    path = Path(folder, "run")
    if "kept in" in said or path.exists():
        assert checkpoints.load(path).meta["progress"]["step"] >= 0, about
    return took
