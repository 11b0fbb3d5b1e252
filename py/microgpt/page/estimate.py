"""How long a step takes: a few steps are tried on a model that is thrown away."""

import itertools
import time
from dataclasses import replace

import numpy as np

from ..data.text import Corpus
from ..gpt.parameters import count_parameters
from ..recorder.record import Machine
from ..training.loop import take_step
from ..training.run import Run

SECONDS = 0.08  # how long we may try: the reader waits
FEWEST, MOST_SECONDS = 5, 0.4  # so many steps at least, unless they take longer than that
MOST_WORK = 1e9  # arithmetic beyond which even one step is too long to try
DOCUMENTS = 64
DIFFERENT = 4  # batches that take turns
MANY = 10**9  # steps: the schedule does not end while we try


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
    run = _Rehearsal(tokenizer, documents, model_config, config, Machine(kernel))
    # What is measured was done once before: the first step of a shape is its recording.
    turns, end = 0, time.perf_counter() + SECONDS
    while turns < DIFFERENT and (not turns or time.perf_counter() < end):
        take_step(run)
        turns += 1
    run.repeat()
    times, end = [], time.perf_counter() + SECONDS
    while len(times) < FEWEST or time.perf_counter() < end:
        began = time.perf_counter()
        take_step(run)
        times.append(time.perf_counter() - began)
        if sum(times) > MOST_SECONDS:
            break
    # Of each batch the fast quarter: early steps are slower, and so are those in which the machine
    # did something else, as a browser that has just opened the page does.
    each = [sorted(times[i::turns]) for i in range(min(turns, len(times)))]
    return sum(turn[len(turn) // 4] for turn in each) / len(each)


class _Rehearsal(Run):
    """A run on a few documents, with weights drawn the fast way."""

    def __init__(self, tokenizer, documents, model_config, config, machine):
        # Evenly from the whole text, so that their lengths are typical; of long ones a part.
        most = 50 * model_config.block_size + 50
        chosen = documents[:: max(1, len(documents) // DOCUMENTS)][:DOCUMENTS]
        corpus = Corpus("a part", [document[:most] for document in chosen], "the data")
        config = replace(config, val_fraction=0, steps=MANY)
        super().__init__(corpus, tokenizer, model_config, config, machine)
        weights = self.model.weights
        # As wide as usual, and well mixed; numpy.random would first have to be fetched.
        weights.flat[:] = 0.07 * (0.618034 * np.arange(weights.count) % 1 - 0.5)
        self._known, self._turns = [], None

    def next_batches(self):
        if self._turns:
            return next(self._turns)
        self._known.append(list(super().next_batches()))
        return self._known[-1]

    def repeat(self):
        """From here on the batches that were seen take turns."""
        self._turns = itertools.cycle(self._known)
