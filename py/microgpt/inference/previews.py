"""The samples that are shown while a model trains, and at the end."""

import random

from .generate import write

PREVIEW_SEED = 1  # the same random numbers each time: what changes between them is the model
TIMES = 5  # so often they are shown on the way


def is_preview_due(step, steps):
    """Whether samples are shown after this step."""
    return step % max(1, steps // TIMES) == 0


def previews(engine, tokenizer, sampling=None):
    """Endless samples of a model in training, from a generator of their own.

    So looking at a run does not change it.
    """
    yield from _samples(engine, tokenizer, random.Random(PREVIEW_SEED), sampling)


def final_samples(engine, tokenizer, rng, sampling=None):
    """Endless samples of a trained model, from a copy of its run's own generator.

    These are the samples of the reference, and the run can still be saved or go on afterwards.
    """
    copy = random.Random()
    copy.setstate(rng.getstate())
    yield from _samples(engine, tokenizer, copy, sampling)


def _samples(engine, tokenizer, rng, sampling):
    while True:
        yield write(engine.model, tokenizer, rng, sampling=sampling, engine=engine)
