"""How fast the server is: against the engine in this process, and with many clients at a time."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..checkpoint import save
from ..data.text import corpus_from_bytes
from ..inference.engine import Engine, Row
from ..presets import MICROGPT
from ..tokenizer import CharTokenizer
from ..training.config import TrainConfig
from ..training.run import Run
from .serve_client import LETTERS, TOKENS

ROUNDS, SECONDS = 3, 4
SHORT, MIXED = (16, 16), (8, 180)  # tokens of prompts


def bench_serve(args, one_thread):
    def say(text):
        print(text, file=sys.stderr, flush=True)

    results = measure(1 if args.quick else ROUNDS, one_thread, say)
    if args.json:
        print(json.dumps(results, indent=2))
    else:
        print_results(results)
    return 0


def a_run():
    """A run of a 10M-parameter model with any weights, not trained."""
    config = replace(MICROGPT, n_layer=6, n_embd=384, block_size=256, n_head=6)
    settings = TrainConfig(dtype="float32", val_fraction=0)
    # Each token is a letter, and so an event of its own. Of random bytes every fifth begins
    # a character and waits for the next one: such a gap would be that of two tokens.
    letters = "".join(map(chr, range(0x100, 0x100 + LETTERS)))
    corpus = corpus_from_bytes(f"{letters}\n".encode() * 9, "any text")
    run = Run.start(corpus, config, settings, CharTokenizer.from_documents([letters]))
    flat = run.model.weights.flat
    flat[...] = np.random.default_rng(0).normal(0, 0.02, flat.size)
    return run


def measure(rounds, one_thread, say):
    """The server's process does without the variables `one_thread`, which hold this one to that."""
    run = a_run()
    package = __package__.rpartition(".")[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.safetensors")
        save(run.checkpoint(), path)
        command = [sys.executable, "-m", package, "serve", str(path), "--port", "0", "--quiet"]
        # As a user starts it: for many clients it takes all processors, for a single one a thread.
        env = {name: value for name, value in os.environ.items() if name not in one_thread}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as server:
            try:
                line = server.stderr.readline()
                while "/v1" not in line:
                    line = server.stderr.readline()
                port = int(line.partition("/v1")[0].rpartition(":")[2])
                return _measure(run.model, port, rounds, say)
            finally:
                server.terminate()


def _measure(model, port, rounds, say):
    engine = Engine(model.by_columns())  # as the server has it

    def clients(count, lengths=SHORT, seconds=SECONDS):
        numbers = map(str, (port, count, seconds, *lengths))
        command = [sys.executable, "-m", f"{__package__}.serve_client", *numbers]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    for count in (1, 2, 4, 8, 16, 32):  # what is recorded once
        clients(count, (8, 180), 2)
    alone(engine, 1, SHORT)
    found = {}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for name, work in {
            "engine": lambda: alone(engine, SECONDS, SHORT),
            "1": lambda: clients(1),
            "16": lambda: clients(16),
            "32": lambda: clients(32),
            "mixed": lambda: clients(16, MIXED),
        }.items():
            found.setdefault(name, []).append(work())

    def median(name, of):
        return statistics.median(map(of, found[name]))

    rates = {n: median(n, lambda f: f["tokens_per_second"]) for n in ("engine", "1", "16", "32")}
    firsts = {n: median(n, lambda f: statistics.median(f["firsts"])) for n in ("engine", "1")}
    gaps = [gap for each in found["mixed"] for gap in each["gaps"]]
    p99 = float(np.percentile(gaps, 99))
    return {
        "parameters": model.weights.count,
        "tokens_per_second": rates,
        "first_token_seconds": firsts,
        "mixed_gaps": {"median": statistics.median(gaps), "p99": p99, "max": max(gaps)},
        "engine_over_one_client": rates["engine"] / rates["1"],
        "first_token_over_engine": firsts["1"] / firsts["engine"],
        "16_over_1": rates["16"] / rates["1"],
        "32_over_16": rates["32"] / rates["16"],
        "p99_over_median": p99 / statistics.median(gaps),
    }


def alone(engine, seconds, lengths):
    """The same as the clients do, in this process and one after the other."""
    rng, firsts, tokens = random.Random(time.time()), [], 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        ids = [rng.randrange(LETTERS) for _ in range(rng.randint(*lengths))]
        row = engine.join(
            Row(ids, random.Random(rng.random()), stops=(LETTERS,), max_tokens=TOKENS)
        )
        began, first = time.perf_counter(), None
        while not row.ended:
            written = engine.step()
            if first is None and written:
                first = time.perf_counter() - began
            tokens += time.perf_counter() <= until
        firsts.append(first)
    return {"tokens_per_second": tokens / seconds, "firsts": firsts}


LINES = (
    ("one client: the engine's tokens a second over its", "engine_over_one_client"),
    ("one client: its time to the first token over the engine's", "first_token_over_engine"),
    ("16 clients: their tokens a second over one client's", "16_over_1"),
    ("32 clients over 16", "32_over_16"),
    ("16 clients, prompts of 8 to 180 tokens: p99 of gaps over their median", "p99_over_median"),
)


def print_results(results):
    rates = results["tokens_per_second"]
    print(f"A model of {results['parameters'] / 1e6:.1f} million numbers, tokens a second:")
    print("  " + ", ".join(f"{name} {rate:,.0f}" for name, rate in rates.items()))
    for text, name in LINES:
        print(f"{results[name]:6.2f}  {text}")
