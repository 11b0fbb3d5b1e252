"""What is measured: the reference run, batches of it, and sampling, against scalar and PyTorch."""

import contextlib
import platform
import random
import statistics
import subprocess
import sys
import time

import numpy as np

from ..data.builtin import load_names
from ..inference.engine import Engine
from ..inference.generate import generate
from ..lessons import scalar
from ..presets import MICROGPT
from ..recorder.record import Machine
from ..training.config import TrainConfig
from ..training.loop import take_step
from ..training.run import Run
from .clock import take_turns
from .plain_c import PlainC, has_compiler
from .rivals import installed
from .sizes import MEDIUM, READING, SIDE_BY_SIDE, medium, reading, side_by_side
from .threads import threads

BATCHES = (1, 8, 32, 128, 512)


def measure(quick, say):
    """All figures, as one dictionary."""
    machine = Machine()  # what all of it runs on, in turn
    corpus = load_names(say=say)
    torch_eager = _torch(say)
    results = {
        "machine": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pytorch": torch_eager.version if torch_eager else None,
            "processor": platform.machine(),
        },
        "data": {"source": corpus.source, "documents": len(corpus.documents)},
    }
    say("the reference run, a document a step")
    results["reference"] = _reference(corpus, torch_eager, machine, rounds=3 if quick else 9)
    say("the reference run as a whole process")
    results["process"] = _process(torch_eager, rounds=1 if quick else 3)
    say("batches")
    results["batches"] = [
        _batches(corpus, size, torch_eager, machine, rounds=3 if quick else 9) for size in BATCHES
    ]
    say("larger models")
    results["medium"] = [medium(corpus, s, torch_eager, machine, 3 if quick else 9) for s in MEDIUM]
    say("threads")
    rivals, rounds = installed(say), 3 if quick else 9
    results["threads"] = [threads(corpus, s, machine, rounds, rivals) for s in MEDIUM]
    say("reading")
    results["reading"] = [reading(n, torch_eager, machine, 3 if quick else 9) for n in READING]
    say("sampling")
    results["sampling"] = _sampling(corpus, torch_eager, machine, rounds=3 if quick else 9)
    say("texts side by side")
    results["side by side"] = [side_by_side(n, machine, 3 if quick else 9) for n in SIDE_BY_SIDE]
    results["refusals"] = machine.refusals
    return results


def _torch(say):
    try:
        from . import torch_eager
    except ImportError:
        say("PyTorch is not installed, so it is not compared with")
        return None
    return torch_eager


def _endless(corpus, batch_size, dtype, machine):
    """A run of the reference model that never ends."""
    config = TrainConfig(steps=10**9, batch_size=batch_size, dtype=dtype, eval_every=0)
    return Run.start(corpus, MICROGPT, config, machine=machine)


def _reference(corpus, torch_eager, machine, rounds):
    resources = contextlib.ExitStack()
    run = _endless(corpus, 1, "float64", machine)
    lessons = scalar.train(corpus.documents, 10**9)
    documents = list(corpus.documents)
    random.Random(42).shuffle(documents)
    lengths = iter(min(16, len(d) + 1) for d in documents)

    def scalar_tokens():
        next(lessons)
        return next(lengths)

    def numpy_tokens():
        return sum(take_step(run).tokens for _ in range(500))

    contenders = {"scalar": scalar_tokens, "numpy": numpy_tokens}
    if has_compiler():
        plain = resources.enter_context(PlainC(Run.start(corpus, MICROGPT, TrainConfig())))
        contenders["plain C"] = lambda: (plain.run()[0], plain.tokens)
    if torch_eager:
        rival = torch_eager.Trainer(run, fused=False)
        fused = torch_eager.Trainer(run, fused=True)
        contenders["pytorch"] = lambda: rival.train(50)
        contenders["pytorch fused Adam"] = lambda: fused.train(50)
    for work in list(contenders.values())[1:]:
        work()  # the first round of anything is slow
    with resources:
        seconds = take_turns(contenders, rounds)
    tokens = statistics.fmean(min(16, len(d) + 1) for d in documents[:1000])
    return {
        "tokens_per_step": tokens,
        "microseconds_per_step": {name: s * tokens * 1e6 for name, s in seconds.items()},
        "numpy_is_faster_than": {
            name: s / seconds["numpy"] for name, s in seconds.items() if name != "numpy"
        },
    }


def _process(torch_eager, rounds):
    """From the shell's prompt to the end of a thousand steps, imports and reading included."""
    package = __package__.rpartition(".")[0]
    flags = ["--steps", "1000", "--eval-every", "0", "--val-fraction", "0", "--samples", "0"]
    commands = {"numpy": [sys.executable, "-m", package, "train", "--quiet", *flags]}
    if torch_eager:
        commands["pytorch"] = [sys.executable, "-m", f"{package}.bench.torch_eager"]

    def start(command):
        def work():
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return 1

        return work

    work = {name: start(command) for name, command in commands.items()}
    seconds = take_turns(work, rounds, clock=time.perf_counter)
    ratio = {"pytorch": seconds["pytorch"] / seconds["numpy"]} if torch_eager else {}
    return {"seconds": seconds, "numpy_is_faster_than": ratio}


def _batches(corpus, size, torch_eager, machine, rounds):
    run = _endless(corpus, size, "float32", machine)
    steps = max(4, 1024 // size)
    for _ in range(max(60, 2000 // size)):  # until every shape has been recorded
        take_step(run)

    def numpy_tokens():
        return sum(take_step(run).tokens for _ in range(steps))

    contenders = {"numpy": numpy_tokens}
    if torch_eager:
        rival = torch_eager.Trainer(run, fused=False)
        contenders["pytorch"] = lambda: rival.train(max(2, 256 // size))
    for work in contenders.values():
        work()
    seconds = take_turns(contenders, rounds)
    return {
        "batch_size": size,
        "tokens_per_second": {name: 1 / s for name, s in seconds.items()},
        "numpy_is_faster_than": {
            name: s / seconds["numpy"] for name, s in seconds.items() if name != "numpy"
        },
    }


def _sampling(corpus, torch_eager, machine, rounds):
    run = _endless(corpus, 1, "float64", machine)
    rng, engine = random.Random(1), Engine(run.model, machine=machine)

    def numpy_tokens():
        return sum(
            1
            for _ in range(20)
            for _ in generate(run.model, run.tokenizer, rng, max_tokens=16, engine=engine)
        )

    contenders = {"numpy": numpy_tokens}
    if torch_eager:
        rival = torch_eager.Trainer(run, fused=False)
        contenders["pytorch"] = lambda: rival.sample(10)
    for work in contenders.values():
        work()
    seconds = take_turns(contenders, rounds)
    return {
        "tokens_per_second": {name: 1 / s for name, s in seconds.items()},
        "numpy_is_faster_than": {
            name: s / seconds["numpy"] for name, s in seconds.items() if name != "numpy"
        },
    }
