"""The samples that are shown while a model trains, and at the end."""

import random

from .generate import generate

PREVIEW_SEED = 1  # the same random numbers each time: what changes between them is the model
TIMES = 5  # so often they are shown on the way
TEXT_LENGTH = 200  # tokens of a sample of a running text, which a model hardly ever ends


def is_preview_due(step, steps):
    """Whether samples are shown after this step."""
    return step % max(1, steps // TIMES) == 0


def preview_samples(engine, run, sampling=None):
    """Endless samples of a model in training, from a generator of their own.

    So looking at a run does not change it. Each sample is an iterator of its tokens.
    """
    return _samples(engine, run, random.Random(PREVIEW_SEED), sampling)


def final_samples(engine, run, sampling=None):
    """Endless samples of a trained model, from a copy of its run's own generator.

    These are the samples of the reference, and the run can still be saved or go on afterwards.
    """
    rng = random.Random()
    rng.setstate(run.rng.getstate())
    return _samples(engine, run, rng, sampling)


def _samples(engine, run, rng, sampling):
    """One after the other: each begins where the random numbers of the one before end."""
    length = run.model.config.block_size if run.kind_of_rows == "documents" else TEXT_LENGTH
    while True:
        yield generate(run.model, run.tokenizer, rng, "", sampling, length, engine)


def text_of(tokens):
    """What the tokens of a sample say."""
    return "".join(token.text for token in tokens)
