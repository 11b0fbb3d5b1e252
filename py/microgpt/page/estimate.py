"""How long a step takes: a few steps are tried on a model that is thrown away."""

import itertools
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from ..data.batches import make_batches
from ..gpt.model import GPT
from ..recorder.record import Machine
from ..training.loop import take_step
from ..training.optim import Optimizer, groups_of
from ..training.step import Gradient
from .settings import count_parameters

SECONDS = 0.08  # how long we may try: the reader waits
FEWEST, MOST_SECONDS = 5, 0.4  # so many steps at least, unless they take longer than that
MOST_WORK = 1e9  # arithmetic beyond which even one step is too long to try
DOCUMENTS = 64
DIFFERENT = 4  # batches that take turns


def seconds_per_step(tokenizer, documents, model_config, config, kernel=None):
    """Measured here and now, or None where even one step would keep the reader waiting."""
    # Of a large batch only a part is tried: the time grows with it.
    work = 6 * count_parameters(model_config) * model_config.block_size
    whole = config.batch_size * config.accumulate
    part = min(whole, int(MOST_WORK / work))
    if part < 1:
        return None
    if part < whole:
        config = replace(config, batch_size=part, accumulate=1)
        return whole / part * _measured(tokenizer, documents, model_config, config, kernel)
    return _measured(tokenizer, documents, model_config, config, kernel)


def _measured(tokenizer, documents, model_config, config, kernel):
    run = _rehearsal(tokenizer, documents, model_config, config, Machine(kernel))
    # What is measured was done once before: the first step of a shape is its recording.
    known, end = [], time.perf_counter() + SECONDS
    while not known or (len(known) < DIFFERENT and time.perf_counter() < end):
        known.append([next(run.batches) for _ in range(config.accumulate)])
        run.next_batches = lambda: known[-1]
        take_step(run)
    turns = itertools.cycle(known)
    run.next_batches = lambda: next(turns)
    times, end = [], time.perf_counter() + SECONDS
    while len(times) < FEWEST or time.perf_counter() < end:
        began = time.perf_counter()
        take_step(run)
        times.append(time.perf_counter() - began)
        if sum(times) > MOST_SECONDS:
            break
    # Early steps are slower; what the middle one of the later half took is typical.
    later = sorted(times[len(times) // 2 :])  # np.median would load all of numpy.ma
    return later[len(later) // 2]


def _rehearsal(tokenizer, documents, model_config, config, machine):
    """What `take_step` needs of a run, on a few documents, with weights drawn the fast way."""
    model = GPT(model_config, np.dtype(config.dtype), config.recompute)
    weights, noise = model.weights, np.random.default_rng(0) if model_config.dropout else None
    weights.flat[:] = np.random.default_rng(0).normal(0, 0.02, weights.count)
    # Evenly from the whole text, so that their lengths are typical; long ones need no full look.
    most = 50 * model_config.block_size + 50
    chosen = documents[:: max(1, len(documents) // DOCUMENTS)][:DOCUMENTS]
    rows = tokenizer.encode_rows([document[:most] for document in chosen])
    batches = make_batches(rows, config.batch_size, model_config.block_size, model.dtype)
    return SimpleNamespace(
        config=config,
        model=model,
        gradient=Gradient(model, machine),
        optimizer=Optimizer(weights, groups_of(config, model_config, weights.shapes), machine),
        noise=lambda: noise,
        batches=batches,
        step=0,
        tokens=0,
        losses=[],
    )
