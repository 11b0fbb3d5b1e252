"""Exact match: the questions that a model answers right, to the last character."""

import random

from ..inference.engine import Engine, Row
from ..inference.sampling import Sampling
from .score import Score

SLOTS = 32  # questions that are answered side by side
ASKED = 200  # questions on the way of a run; at its end all are asked
GREEDY = Sampling(greedy=True)


def exact_match(model, tokenizer, questions, engine=None):
    """Ask each question (a prompt and its answer), always taking the likeliest token.

    A generator of how many are answered so far, so that it can be stopped; its value is the Score.
    Whoever asks often gives an idle engine of this model, as `engine_for` makes it.
    """
    engine = engine or engine_for(model)
    waiting = {}
    for prompt, answer in questions:
        ids = [tokenizer.bos, *tokenizer.encode(prompt)]
        right = [*tokenizer.encode(answer), tokenizer.bos]
        row = Row(ids, random.Random(0), GREEDY, (tokenizer.bos,), len(right), slides=False)
        waiting[engine.join(row)] = len(ids), right
    score = Score(0, 0)
    while waiting:
        for row, *_ in engine.step():
            if row.ended:
                start, right = waiting.pop(row)
                score += Score(int(row.ids[start:] == right), 1)
        yield score.tries
    return score


def engine_for(model, machine=None):
    return Engine(model, SLOTS, machine)


def result_of(generator):
    """The value of a generator that is run to its end."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value
