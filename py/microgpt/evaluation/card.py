"""The card of a model: every measurement that applies to it, in rows one can compare."""

import random
from typing import NamedTuple

from ..data.conversations.messages import Message
from ..data.questions import Question, mentions
from ..errors import UserError
from ..inference.chat import shown
from ..tokenizer.special import TEXT, has_chat_tokens
from . import talk
from .exact_match import engine_for, exact_match
from .held_out import held_out_loss
from .score import Score

MOST_TOKENS = 200_000  # of held-out text that are looked at


class Row(NamedTuple):
    """One measurement: a number with its words, or a Score."""

    name: str
    value: float
    text: str  # the value as it is shown
    score: Score | None = None


class Doing(NamedTuple):
    """What is being measured, and how far that is (0 to 1)."""

    name: str
    done: float


class Wrong(NamedTuple):
    """A question of the reader's own, and what was said that does not have the answer in it."""

    question: Question
    said: str


def measure(model, tokenizer, corpus=None, training=None, tries=talk.TRIES, machine=None, own=()):
    """Measure a model: a generator of `Doing` and, as they come, of `Row` and `Wrong`.

    `corpus` is the data whose held-out part is looked at; `training` (seed, val_fraction) says how
    it was split, and without it all of it counts as held out. `own` are questions of the reader's:
    with some, a chat model is asked these alone.
    """
    if corpus is not None:
        yield from _surprise(model, tokenizer, corpus, training, machine)
        if corpus.questions:
            yield from _questions(model, tokenizer, corpus.questions, machine)
    if own:
        yield from _own(model, tokenizer, own, machine)
    elif has_chat_tokens(tokenizer):
        yield from _talk(model, tokenizer, tries, machine)


def _own(model, tokenizer, questions, machine):
    right = []
    asked = [[Message("user", ((TEXT, question.text),))] for question in questions]
    for i, parts in talk.speak_all(model, tokenizer, asked, machine):
        said = "".join(text for kind, text in parts if kind == TEXT)
        right.append(mentions(said, questions[i].answer))
        if not right[-1]:
            yield Wrong(questions[i], shown(parts))
        yield Doing("your questions", len(right) / len(questions))
    score = Score(sum(right), len(right))
    yield Row("your questions", score.share, score.text, score)


def _surprise(model, tokenizer, corpus, training, machine):
    seed, fraction = (training.seed, training.val_fraction) if training else (0, 0)
    rows, held_out = corpus.rows(tokenizer, random.Random(seed), fraction)
    looking = held_out_loss(model, tokenizer, held_out if training else rows, machine, MOST_TOKENS)
    seen = yield from _followed("held-out text", looking, MOST_TOKENS)
    if not seen.tokens:
        raise UserError("There is nothing to measure on: no text is held out; give some by --data.")
    yield Row("held-out loss", seen.loss, f"{seen.loss:.4f} nats a token, of {seen.tokens:,}")
    yield Row("bits a byte", seen.bits_per_byte, f"{seen.bits_per_byte:.4f}")


def _questions(model, tokenizer, questions, machine):
    asking = exact_match(model, tokenizer, questions, engine_for(model, machine))
    score = yield from _followed("questions", asking, len(questions))
    yield Row("answered right", score.share, score.text, score)


def _talk(model, tokenizer, tries, machine):
    asked = list(talk.questions(tries))
    answered = []
    for each in talk.answer_all(model, tokenizer, asked, machine):
        answered.append(each)
        yield Doing("conversations", len(answered) / len(asked))
    for name, (results, whole) in talk.table(answered).items():
        yield Row(name, results.share, results.text, results)
        if whole.tries and whole != results:
            yield Row(f"{name}, to the last word", whole.share, whole.text, whole)
    sums = [each for each in asked if each.is_sum]
    alone = []
    for each in talk.answer_all(model, tokenizer, sums, machine, tools={}):
        alone.append(each)
        yield Doing("sums without the tool", len(alone) / len(sums))
    right = Score(sum(each.result for each in alone), len(alone))
    yield Row("sums without the tool", right.share, right.text, right)


def _followed(name, generator, whole):
    """Yield Doing while a measurement goes on; returns its result."""
    while True:
        try:
            done = next(generator)
        except StopIteration as end:
            return end.value
        yield Doing(name, min(1.0, done / max(1, whole)))
