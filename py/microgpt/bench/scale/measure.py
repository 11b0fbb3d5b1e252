"""What the model of many machines is told: measured on this one."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ...data.builtin import load_names, load_stories
from ...gpt.parameters import count_parameters
from ...presets import PRESETS
from ...recorder.record import Machine
from ...training.loop import take_step
from ...training.run import Run
from ...training.shards import add_pairwise
from ...training.threads import Threads
from ..sizes import flops_per_token

SIZES = (4 << 10, 64 << 10, 512 << 10, 4 << 20, 32 << 20)  # bytes that are exchanged
STEPS, SECONDS = 60, 4.0  # of each preset: so many, or so long
TOO_LARGE = 10_000_000  # parameters from which on a step is reckoned, not measured


def shards(say):
    """{preset: {"mean", "spread", "bytes", "tokens", "parameters", "measured"}} of one machine."""
    found, pace = {}, 0.0
    for name, each in sorted(PRESETS.items(), key=lambda item: count_parameters(item[1].model)):
        config, training = each.model, each.training
        parameters = count_parameters(config)
        tokens = training.batch_size * training.accumulate * config.block_size
        work = flops_per_token(config, parameters) * tokens
        measured = parameters < TOO_LARGE
        if measured:
            say(f"a step of {name}")
            mean, spread = _step_times(each)
            pace = mean / work
        else:  # at the pace of the largest one that was measured
            mean, spread = pace * work, 0.0
        found[name] = {
            "mean": mean,
            "spread": spread,
            "bytes": parameters * np.dtype(training.dtype).itemsize,
            "tokens": tokens,
            "parameters": parameters,
            "measured": measured,
        }
    typical = statistics.median(f["spread"] / f["mean"] for f in found.values() if f["measured"])
    for each in found.values():
        if not each["measured"]:
            each["spread"] = typical * each["mean"]
    return found


def _step_times(each):
    """(mean, standard deviation) of the seconds of a step: documents differ in length, too."""
    corpus = load_names(offline=True) if each.model.block_size < 32 else load_stories()
    training = replace(each.training, steps=10**9, eval_every=0, val_fraction=0)
    run = Run.start(corpus, each.model, training)
    run.use_threads(1)
    return mean_and_spread(times_of(lambda: take_step(run)))


def times_of(work, most=STEPS, seconds=SECONDS, first=8):
    """The seconds of each call; the first ones, which record, are left out."""
    times, end = [], time.perf_counter() + seconds
    for number in range(most + first):
        began = time.perf_counter()
        work()
        if number >= first:
            times.append(time.perf_counter() - began)
        if time.perf_counter() > end and len(times) > 5:
            break
    return times


def mean_and_spread(times):
    """As a mean and a standard deviation; what the system did in between, a hundredth, left out."""
    times = sorted(times)[: max(2, int(len(times) * 0.99))]
    return statistics.fmean(times), statistics.stdev(times)


# ---- exchanges


def threads():
    """{bytes: seconds} until two threads have added up two arrays."""
    found, pair = {}, Threads(Machine())
    pair.use(2)
    for size in SIZES:
        parts = [np.ones(size // 4, np.float32) for _ in range(2)]
        out = np.empty_like(parts[0])

        found[size] = statistics.median(times_of(partial(_add, pair, parts, out), 50))
    return found


def _add(pair, parts, out):
    pair.run(_halves(parts, out))


def _halves(parts, out):
    half = out.size // 2
    halves = slice(half), slice(half, None)
    return [partial(add_pairwise, [part[h] for part in parts], out[h], False) for h in halves]


def launcher():
    """The program that starts processes under MPI, and None where there is none."""
    beside = Path(sys.executable).with_name("mpiexec")
    if not find_spec("mpi4py"):
        return None
    return str(beside) if beside.exists() else shutil.which("mpiexec")


def under_mpi(ranks, what, **given):
    """What so many processes find; see `ranks`."""
    program = f"{__package__}.ranks"
    command = [launcher(), "-n", str(ranks), sys.executable, "-m", "mpi4py", "-m", program]
    root = Path(__file__).resolve().parents[len(__package__.split("."))]
    paths = [str(root), os.environ.get("PYTHONPATH")]
    done = subprocess.run(
        [*command, json.dumps([what, given])],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"{what} on {ranks} processes: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def mpi(ranks, rounds=60):
    """{bytes: seconds} of so many processes on this machine; None without MPI."""
    if not launcher():
        return None
    found = under_mpi(ranks, "exchanges", sizes=SIZES, rounds=rounds)
    return {int(size): seconds for size, seconds in found.items()}
