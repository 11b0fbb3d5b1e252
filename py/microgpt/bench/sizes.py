"""Larger models in training, and reading token by token: against PyTorch and the machine itself."""

import random
from dataclasses import replace

import numpy as np

from ..data.text import Corpus
from ..gpt.model import GPT
from ..inference.decode import Decoder
from ..inference.engine import Engine, Row
from ..presets import CHAT, MICROGPT
from ..training.config import TrainConfig
from ..training.loop import take_step
from ..training.run import Run
from .clock import take_turns

MEDIUM = ((2, 64, 64, 32, 4), (4, 128, 128, 16, 4), (4, 384, 256, 8, 6))  # L, C, T, B, heads
READING = {"micro": (1, 16, 16, 4), "10M": (6, 384, 256, 6)}  # L, C, T, heads
SIDE_BY_SIDE = {"chat": 32, "10M": 16}  # texts at a time


def medium(corpus, shape, torch_eager, machine, rounds):
    """Training on random stretches of one text, float32."""
    layers, width, time, batch, heads = shape
    run = endless(corpus, shape, machine)
    config = run.model.config
    work = flops_per_token(config, run.model.weights.count) * batch * time
    steps = max(1, int(1e10 / work))

    def numpy_tokens():
        return sum(take_step(run).tokens for _ in range(steps))

    contenders = {"numpy": numpy_tokens}
    if torch_eager:
        rival = torch_eager.Trainer(run, fused=False)
        contenders["pytorch"] = lambda: rival.train(steps)
    a = np.ones((1024, 1024), np.float32)
    out = np.empty_like(a)
    contenders["sgemm"] = lambda: [a.dot(a, out) for _ in range(3)] and 3 * 2 * 1024**3
    for work_once in contenders.values():
        work_once()
    seconds = take_turns(contenders, rounds)
    peak = 1 / seconds.pop("sgemm")
    return {
        "shape": f"L{layers} C{width} T{time} B{batch}",
        "parameters": run.model.weights.count,
        "tokens_per_second": {name: 1 / s for name, s in seconds.items()},
        "sgemm_gflops": peak / 1e9,
        "share_of_sgemm": flops_per_token(config, run.model.weights.count)
        / seconds["numpy"]
        / peak,
        "numpy_is_faster_than": {
            name: s / seconds["numpy"] for name, s in seconds.items() if name != "numpy"
        },
    }


def endless(corpus, shape, machine, shards=0):
    """A run of this shape that never ends."""
    layers, width, time, batch, heads = shape
    config = replace(
        MICROGPT, n_layer=layers, n_embd=width, block_size=time, n_head=heads, init_std=0.02
    )
    text = Corpus(corpus.name, ["\n".join(corpus.documents)], corpus.source, "none")
    settings = TrainConfig(
        steps=10**9, batch_size=batch, dtype="float32", eval_every=0, lr=1e-3, val_fraction=0
    )
    return Run.start(text, config, replace(settings, shards=shards), machine=machine)


def flops_per_token(config, parameters):
    """Of a step: six for each weight in a product, and attention's products, forward and back."""
    in_products = parameters - (config.vocab_size + config.block_size) * config.n_embd
    return 6 * in_products + 12 * config.n_layer * config.n_embd * config.block_size


def reading(name, torch_eager, machine, rounds):
    """One token after the other through the whole block, with a cache; no drawing."""
    model = _model_to_read(name)
    config, time = model.config, model.config.block_size
    decoder = Decoder(model, 1, machine)
    repeats = max(1, 512 // time)

    def numpy_tokens():
        for _ in range(repeats):
            decoder.lengths = [0]
            for _ in range(time):
                decoder.read([0])
        return repeats * time

    contenders = {"numpy": numpy_tokens}
    if torch_eager:
        rival = torch_eager.TorchGPT(config)
        contenders["pytorch"] = lambda: rival.read_blocks(repeats)
    for work in contenders.values():
        work()
    seconds = take_turns(contenders, rounds)
    return {
        "model": name,
        "parameters": model.weights.count,
        "microseconds_per_token": {n: s * 1e6 for n, s in seconds.items()},
        "numpy_is_faster_than": {
            n: s / seconds["numpy"] for n, s in seconds.items() if n != "numpy"
        },
    }


def side_by_side(name, machine, rounds):
    """Texts of 64 tokens that are written at the same time, against one after the other."""
    model, count = _model_to_read(name).by_columns(), SIDE_BY_SIDE[name]

    def writer(slots):
        engine = Engine(model, slots, machine)

        def write():
            for seed in range(slots):
                engine.join(Row([seed % 27], random.Random(seed), max_tokens=64))
            return sum(len(engine.step()) for _ in iter(lambda: bool(engine.rows), False))

        return write

    contenders = {"one at a time": writer(1), f"{count} side by side": writer(count)}
    for work in contenders.values():
        work()
    seconds = take_turns(contenders, rounds)
    one, many = seconds.values()
    return {
        "model": name,
        "tokens_per_second": {way: 1 / s for way, s in seconds.items()},
        "times": one / many,
    }


def _model_to_read(name):
    """A model with any weights."""
    if name == "chat":
        config = replace(CHAT, vocab_size=521)
    else:
        layers, width, time, heads = READING[name]
        config = replace(MICROGPT, n_layer=layers, n_embd=width, block_size=time, n_head=heads)
    model = GPT(config, np.float32)
    flat = model.weights.flat
    flat[...] = np.random.default_rng(0).normal(0, 0.02, flat.size)
    return model
