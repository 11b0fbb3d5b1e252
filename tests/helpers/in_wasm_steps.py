"""Checks of whole steps and of the page's session with the kernel; in_wasm.py runs them."""

import itertools
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
from microgpt import kernels
from microgpt.data.batches import make_batches
from microgpt.gpt.model import GPT
from microgpt.kernels import kernel as loading
from microgpt.page import Session
from microgpt.presets import PRESETS
from microgpt.recorder.record import Machine, Recorded
from microgpt.training.optim import Optimizer, groups_of
from microgpt.training.step import GradientStep, LossStep

RNG = np.random.default_rng(0)
KERNEL = kernels.load()


def steps_of(name, model, training, kernel, rows, steps):
    """Losses and weights of some steps: recorded, for the kernel, or as numpy takes them."""
    machine = Machine(KERNEL if kernel else None)
    config = replace(PRESETS[name].model, vocab_size=27, **model)
    training = replace(PRESETS[name].training, **training)
    gpt = GPT(config, np.dtype(training.dtype))
    gpt.init_weights(random.Random(1))
    batches = make_batches(rows, training.batch_size, config.block_size, gpt.dtype)
    gradient = GradientStep(gpt, machine)
    groups = groups_of(training, config, gpt.weights.shapes)
    optimizer, losses = Optimizer(gpt.weights, groups, machine), []
    for batch in itertools.islice(batches, steps):
        if kernel:
            losses.append(float(gradient(batch)))
        else:
            gpt.zero_grad()
            loss = gpt.loss(*batch[:3])
            gpt.backward(loss)
            losses.append(loss.item())
        optimizer.update(gpt.weights.flat_grad, training.lr)
    assert not gradient.write.refusals
    return np.array(losses), gpt.weights.flat.copy(), gradient


def check_training_agrees():
    names = [list(RNG.integers(0, 26, n)) for n in RNG.integers(3, 14, 60)]
    text = [list(RNG.integers(0, 26, 4000))]
    wide = {"n_layer": 1, "n_embd": 96, "n_head": 4, "block_size": 64}
    for name, model, training, rows, steps in [
        ("microgpt", {}, {}, names, 3),
        ("classic", {"n_layer": 1, "activation": "gelu-tanh"}, {"dtype": "float64"}, names, 2),
        ("llama", {"n_layer": 1, "mlp_hidden": 172}, {"batch_size": 2}, text, 2),
        ("nanochat", {"block_size": 16}, {"batch_size": 1}, text, 2),
        ("classic", wide, {"batch_size": 8}, text, 2),  # large enough for tiles
    ]:
        ours, numpys = (steps_of(name, model, training, k, rows, steps) for k in (True, False))
        near = 1e-9 if ours[1].dtype == np.float64 else 2e-4
        assert np.abs(ours[0] - numpys[0]).max() < near, (name, ours[0] - numpys[0])
        # Adam divides small gradients by their own size: single weights may go other ways.
        assert np.abs(ours[1] - numpys[1]).mean() < near, (name, training)
        lines = next(iter(ours[2].write.plans.values())).calls
        assert len(lines) > 50


def check_a_whole_step_is_one_call():
    gradient = steps_of("microgpt", {}, {}, True, [[0, 1, 2, 3, 4]], 1)[2]
    assert [len(code) for code in programs(gradient.write)] == [1]
    gradient = steps_of("classic", {}, {}, True, [list(range(20)) * 50], 1)[2]
    assert [len(code) for code in programs(gradient.write)] == [1]


class Counting:
    """The kernel, and of each of its calls how many steps it makes."""

    encode = KERNEL.encode

    def __init__(self):
        self.calls = []

    def runner(self, steps, arrays):
        self.calls.append(len(steps))
        return KERNEL.runner(steps, arrays)


def programs(recorded):
    """For each plan, its calls of the kernel; every other line is numpy's."""
    kept = []
    for plan in recorded.plans.values():
        machine = Machine(Counting())
        machine.reserve(plan.size)
        plan.bind(machine)
        kept.append(machine.kernel.calls)
    return kept


def check_numpy_in_between():
    def step(state, x):
        y = np.sin(x @ state)
        state += np.sin(y).T @ y * 0.1
        return (y * y).sum()

    def after(kernel):
        state = np.linspace(0, 1, 36).reshape(6, 6)
        recorded = Recorded(step, {"state": state}, Machine(kernel))
        results = [float(recorded(np.full((6, 6), 0.1 * i))) for i in range(4)]
        return *results, *state.reshape(-1)

    assert np.abs(np.subtract(after(KERNEL), after(None))).max() < 1e-12


def check_evaluation_agrees():
    config = replace(PRESETS["classic"].model, vocab_size=27)
    gpt = GPT(config, np.float32)
    gpt.init_weights(random.Random(1))
    batch = next(make_batches([list(RNG.integers(0, 26, 2000))], 4, 64, gpt.dtype))
    assert abs(float(LossStep(gpt)(batch)) - gpt.loss(*batch[:3]).item()) < 1e-5


def check_the_session_uses_it():
    session = Session()
    assert session.kernel is not None and asked(session, "versions")["kernel"]


def asked(session, name, **request):
    return json.loads(session.call(name, json.dumps(request))[0])


def check_the_benchmark_compares():
    session = Session()
    asked(session, "start_benchmark", works=["reference", "product"])
    answer = {"done": False}
    while not answer["done"]:
        answer = asked(session, "go_on_measuring", milliseconds=100)
    speeds = {(r["work"], r["way"]): r["gflops"] for r in answer["results"]}
    assert answer["kernel"] and len(speeds) == 5
    # Loose, as tests of time must be: it is 30 times numpy's on a product, and 3 on the step.
    assert speeds["product", "kernel"] > 3 * speeds["product", "numpy"], speeds
    assert speeds["reference", "kernel"] > speeds["reference", "trace"], speeds


def check_it_is_done_without():
    usual = loading.FILE
    Path("damaged.wasm").write_bytes(b"\0asm\1\0\0\0 and then nothing of use")
    for file in (Path("nowhere.wasm"), Path("damaged.wasm")):
        loading.FILE = file
        try:
            assert kernels.load() is None
            assert asked(Session(), "versions")["kernel"] is False
        finally:
            loading.FILE = usual
    assert kernels.load()
