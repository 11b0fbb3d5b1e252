"""How large a model, and how long each stage: from the time there is, by a short measurement."""

import random
import time
from dataclasses import replace
from statistics import median

from ....evaluation.talk import ABILITIES
from ....gpt.parameters import count_parameters
from ....inference.engine import Engine, Row
from ....presets import CHAT, CHAT_TRAINING, CHAT_TUNING
from ....training.loop import evaluate, take_step
from ....training.run import Run

# (layers, width, heads), the smallest first; each is taken if there is time for enough steps.
SIZES = ((2, 64, 4), (2, 96, 6), (2, 128, 4), (3, 192, 6), (4, 256, 8))
ENOUGH = 2000  # steps of fine-tuning for a model that answers well
BASE_SHARE = 0.16  # of the time for training: the base
EVALUATION_SHARE = 0.1  # of all time
MOST_TRIES, BASE_TRIES = 200, 8  # questions of each kind; a base, which never ends, is asked fewer
KINDS = len(ABILITIES) + 3  # of questions: sums are asked without the tool once more
BABBLE = 5  # a base writes to the end of what it may: so many times as long as an answer
SAVING = 1.02  # what keeping a run costs
LEAST = 20  # steps, however little time there is


def make_plan(minutes, spent, corpus, conversations, tokenizer, seed, asks, threads=1):
    """{"model", "base", "tuning": settings, "tries", "seconds": by stage} for so many minutes.

    `spent` seconds of them are gone. `asks`: will the made-up questions be asked at the end?
    """
    began, left = time.perf_counter(), 60 * minutes - spent
    measured = None
    for layers, width, heads in SIZES:
        model = replace(CHAT, n_layer=layers, n_embd=width, n_head=heads)
        if measured and _steps(left, measured, _growth(model, measured, tokenizer)) < ENOUGH:
            break
        found = Measured(model, corpus, conversations, tokenizer, seed, threads)
        if measured and _steps(left, found) < ENOUGH:
            break
        measured = found
    left -= time.perf_counter() - began
    return settle(measured, left, seed, asks)


def _growth(model, measured, tokenizer):
    """About how many times as long a step of a larger model takes."""
    sizes = [replace(m, vocab_size=tokenizer.vocab_size) for m in (model, measured.model)]
    return count_parameters(sizes[0]) / count_parameters(sizes[1])


def _steps(left, measured, growth=1.0):
    training = left * (1 - EVALUATION_SHARE)
    return training * (1 - BASE_SHARE) / (measured.tuning_step * growth)


def fixed_plan(recipe, corpus, conversations, tokenizer, threads=1):
    """The plan of a recipe, whose sizes and steps are given; measured is how long it will take."""
    seed = recipe.base.seed
    trainings = recipe.base, recipe.tuning
    measured = Measured(recipe.model, corpus, conversations, tokenizer, seed, threads, *trainings)
    return _as_plan(measured, *trainings, MOST_TRIES)


def settle(measured, left, seed, asks):
    """The plan for a model whose speed is known, and so many seconds."""
    answers = measured.answer
    tries = int(left * EVALUATION_SHARE / answers - BASE_TRIES * KINDS * BABBLE) // KINDS
    tries = max(5, min(MOST_TRIES, tries)) if asks else 0
    training = max(1.0, left - _asking(measured, tries))
    base = (training * BASE_SHARE - measured.base_start) / measured.base_step
    tuning = (training * (1 - BASE_SHARE) - measured.tuning_start) / measured.tuning_step
    return _as_plan(
        measured,
        _of_steps(CHAT_TRAINING, max(LEAST, int(base / SAVING)), seed),
        _of_steps(CHAT_TUNING, max(LEAST, int(tuning / SAVING)), seed),
        tries,
    )


def _of_steps(training, steps, seed):
    return replace(training, steps=steps, eval_every=steps, seed=seed)


def _asking(measured, tries):
    """Seconds for the questions to the base and to the chat model, or for transcripts alone."""
    return ((tries * KINDS + BASE_TRIES * KINDS * BABBLE) if tries else 20) * measured.answer


def _as_plan(measured, base, tuning, tries):
    return {
        "model": measured.model.to_dict(),
        "base": base.to_dict(),
        "tuning": tuning.to_dict(),
        "tries": tries,
        "seconds": {
            "pre-train": measured.base_start + base.steps * measured.base_step * SAVING,
            "fine-tune": measured.tuning_start + tuning.steps * measured.tuning_step * SAVING,
            "evaluate": _asking(measured, tries),
        },
    }


class Measured:
    """What a model of one size needs here: seconds for a step, for an answer, and to begin."""

    def __init__(
        self,
        model,
        corpus,
        conversations,
        tokenizer,
        seed,
        threads=1,
        training=CHAT_TRAINING,
        tuning=CHAT_TUNING,
    ):
        self.model = model
        base = Run.start(corpus, model, replace(training, seed=seed), tokenizer)
        self.base_start, self.base_step = _training(base, threads)
        tuned = Run.start(conversations, model, replace(tuning, seed=seed), tokenizer)
        self.tuning_start, self.tuning_step = _training(tuned, threads)
        self.answer = _answering(base.model)


def _training(run, threads):
    """(seconds for looks at held-out data and for recording, seconds for each step)"""
    run.use_threads(threads)
    began = time.perf_counter()
    for _ in evaluate(run):
        pass
    looking = time.perf_counter() - began
    times = []
    while len(times) < 8:
        undecided = run.threads.undecided
        began = time.perf_counter()
        take_step(run)
        if not undecided:
            times.append(time.perf_counter() - began)
    step = median(times)
    return 2 * looking + sum(times) - len(times) * step, step


def _answering(model, questions=32, prompt=60, answer=24):
    """Seconds for an answer, of many that are written side by side."""
    engine, began = Engine(model, questions), time.perf_counter()
    for i in range(questions):
        ids = [(i * 7 + at) % model.config.vocab_size for at in range(prompt)]
        engine.join(Row(ids, random.Random(0), max_tokens=answer))
    while engine.rows:
        engine.step()
    return (time.perf_counter() - began) / questions
