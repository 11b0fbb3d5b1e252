"""Four processes on one study, one of them killed; and a sweep beside a fine grid."""

import json
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from microgpt.data.builtin import load_names
from microgpt.presets import MICROGPT
from microgpt.terminal.commands.sweep import jobs
from microgpt.terminal.commands.sweep.journal import COMPLETE, RUNNING, Journal
from microgpt.terminal.commands.sweep.space import Range
from microgpt.training.config import TrainConfig
from microgpt.training.loop import train
from microgpt.training.run import Run

COUNT = 10
ROOT = Path(__file__).resolve().parents[2]
PROCESSES, TRIALS = 4, 12
SEARCHED, POINTS, NEAR = 25, 200, 1.01
LR = Range(1e-4, 1.0, True, float)
FEW = 300  # names: a trial is soon done


def prove(count, seed, trials=TRIALS):
    """Rounds of four processes; after the usual number of rounds the grid, which takes minutes."""
    chance, again = random.Random(f"sweep {seed}"), 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "few.txt").write_text("\n".join(load_names(offline=True).documents[:FEW]))
        for number in range(count):
            again += one_killed(Path(folder, f"study {number}"), chance, trials)
            yield number + 1
        told = (
            f"sweep: {count:,} studies of {trials} trials by {PROCESSES} processes, one of them"
            f" killed: none lost, none doubled, {again} begun again"
        )
        if count < COUNT:
            return told
        best, fine = search_and_grid(Path(folder, "search"))
    assert best <= NEAR * fine, f"{SEARCHED} trials found {best}, a grid of {POINTS} has {fine}"
    return (
        f"{told}; {SEARCHED} trials over the learning rate found {best:.4f}, the best of"
        f" {POINTS} on a grid is {fine:.4f}: {best / fine - 1:+.2%}"
    )


def start(study, *words):
    command = [sys.executable, "-m", "py.microgpt", "sweep", "--study", str(study), *words]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def one_killed(study, chance, trials):
    """One round; how many trials had to be begun again."""
    words = ["--data", str(study.with_name("few.txt")), "--steps", "60", "--json"]
    words += ["--lr", "1e-3:1e-1:log", "--trials", str(trials)]
    workers = [start(study, *words) for _ in range(PROCESSES)]
    victim = chance.choice(workers)
    while victim.poll() is None and not (study.exists() and f":{victim.pid}:" in study.read_text()):
        time.sleep(0.02)
    time.sleep(chance.random() * 0.5)
    victim.send_signal(signal.SIGKILL)
    answers = [worker.communicate(timeout=600)[0] for worker in workers]
    codes = [worker.returncode for worker in workers if worker is not victim]
    assert codes == [0] * len(codes), codes
    journal = Journal.open(study, jobs.owner())
    first = [trial for trial in journal.trials if trial.again is None]
    assert len(first) == trials, f"{len(first)} trials, not {trials}"
    assert len({str(trial.settings) for trial in first}) == trials, "two trials are the same"
    assert all(trial.state != RUNNING for trial in journal.trials)
    lost = [trial.number for trial in journal.trials if trial.how == "killed"]
    later = [trial.again for trial in journal.trials if trial.again is not None]
    assert lost == later, f"killed were {lost}, and begun again {later}"
    bests = {
        json.loads(answer.splitlines()[-1])["loss"]
        for worker, answer in zip(workers, answers)
        if worker is not victim
    }
    assert bests == {min(t.loss for t in journal.trials if t.state == COMPLETE)}, bests
    return len(lost)


def search_and_grid(study):
    """(the best loss of a search, and that of a fine grid); the search's is given once more."""
    flags = ["--lr", "1e-4:1:log", "--steps", "150", "--trials", str(SEARCHED), "--jobs", "2"]
    with start(study, "--offline", *flags, "--json") as process:
        best = json.loads(process.communicate()[0].splitlines()[-1])
    words = shlex.split(best["command"])[1:]
    command = [sys.executable, "-m", "py.microgpt", *words, "--json"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    looks = [json.loads(line) for line in told.splitlines() if '"eval"' in line]
    assert looks[-1]["loss"] == best["loss"], f"{looks[-1]} is not {best}"
    corpus = load_names(offline=True)
    losses = []
    for lr in LR.points(POINTS):
        config = TrainConfig(steps=150, lr=lr, eval_every=0)
        run = Run.start(corpus, MICROGPT, config)
        for _ in train(run):
            pass
        losses.append(run.evaluations[-1].loss)
    return best["loss"], min(losses)
