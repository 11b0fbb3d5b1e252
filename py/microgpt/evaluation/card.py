"""The card of a model: every measurement that applies to it, in rows one can compare."""

import random
from typing import NamedTuple

from ..data.builtin import load_stories
from ..data.chat.base import TALKS
from ..data.conversations.messages import Message, characters_of
from ..data.questions import Question, mentions
from ..errors import UserError
from ..inference.chat import shown
from ..inference.engine import Engine
from ..inference.generate import generate_rows
from ..tokenizer.special import TEXT, has_chat_tokens
from . import talk
from .exact_match import engine_for, exact_match
from .held_out import held_out_loss
from .score import Score
from .sorting import sort_all
from .stories import NAME as STORIES
from .stories import held_out_stories, story_loss

MOST_TOKENS = 200_000  # of held-out text that are looked at
WRITTEN, LENGTH = 20, 200  # texts, and tokens of each, of which it is seen what is copied
NOT_ALONE = ("known, but refused", "second and third turns")  # say nothing about a tool
MOST_ROWS = 12  # labels of which each has a row


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


def measure(
    model,
    tokenizer,
    corpus=None,
    training=None,
    tries=talk.TRIES,
    machine=None,
    own=(),
    copies=None,
):
    """Measure a model: a generator of `Doing` and, as they come, of `Row` and `Wrong`.

    `corpus` is the data whose held-out part is looked at; `training` (seed, val_fraction) says how
    it was split, and without it all of it counts as held out. `own` are questions of the reader's:
    with some, a chat model is asked these alone. `copies` is the CopyIndex of what it was taught.
    """
    if corpus is not None:
        if training or not corpus.questions:  # of a task, the other text is what it learned from
            yield from surprise(model, tokenizer, corpus, training, machine)
        if corpus.questions:
            yield from _questions(model, tokenizer, corpus.questions, machine)
    if own:
        yield from _own(model, tokenizer, own, machine)
    elif has_chat_tokens(tokenizer):
        yield from _talk(model, tokenizer, tries, machine, copies)
    elif copies:
        yield from _written(model, tokenizer, machine, copies)


def measure_sorting(model, tokenizer, labels, tests):
    """Measure a model that sorts texts, by {part: texts with labels}."""
    for part, pairs in tests.items():
        sorting = sort_all(model, tokenizer, labels, pairs)
        table = yield from _followed(part, sorting, len(pairs))
        yield Row(f"sorted right, {part}", table.score.share, table.score.text, table.score)
        for label in labels if len(labels) <= MOST_ROWS else ():
            if (score := table.of(label)).tries:
                yield Row(f"{part}: {label}", score.share, score.text, score)


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


def surprise(model, tokenizer, corpus, training, machine=None):
    """The loss on held-out text, and bits a byte; the arguments are those of `measure`."""
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


def _talk(model, tokenizer, tries, machine, copies):
    asked = list(talk.questions(tries))
    if not _can_read(tokenizer, asked):
        return
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
    for name, (results, _) in talk.table(alone).items():
        if name not in (*NOT_ALONE, "sums"):
            yield Row(f"{name}, without the tool", results.share, results.text, results)
    yield from _stories(model, tokenizer, tries, machine)
    if copies:
        yield _copied(copies, [each.text for each in answered], "answers")


def _stories(model, tokenizer, tries, machine):
    """How well it still goes on with a text: with so many stories that its base did not read."""
    stories = load_stories().documents
    found = yield from _followed("stories", held_out_stories(stories), 2 * len(stories) + TALKS)
    looking = story_loss(model, tokenizer, found[:tries], machine)
    seen = yield from _followed("stories", looking, len(found[:tries]))
    text = f"{seen.bits_per_byte:.2f} bits a byte, of {len(found[:tries])}"
    yield Row(STORIES, seen.bits_per_byte, text)


def _can_read(tokenizer, asked):
    """Does a tokenizer of characters know those of the questions? It may be of other talk."""
    known = getattr(tokenizer, "chars", None)
    return known is None or all(characters_of(each.messages) <= set(known) for each in asked)


def _written(model, tokenizer, machine, copies):
    """How much of what a model writes it has copied."""
    engine, texts = Engine(model, WRITTEN, machine), [""] * WRITTEN
    rngs = [random.Random(f"copied {i}") for i in range(WRITTEN)]
    for row, token in generate_rows(model, tokenizer, rngs, "", None, LENGTH, engine):
        texts[row] += token.text
        yield Doing("what it writes", len(texts[row]) and min(1.0, row / WRITTEN))
    yield _copied(copies, texts, "texts")


def _copied(copies, texts, what):
    copied, words = copies.share(texts)
    score = Score(copied, words)
    size = f"index of {copies.bytes:,} bytes"
    text = f"{100 * score.share:.1f} % of {words:,} words in {len(texts):,} {what} ({size})"
    return Row("word for word in its data", score.share, text)


def _followed(name, generator, whole):
    """Yield Doing while a measurement goes on; returns its result."""
    while True:
        try:
            done = next(generator)
        except StopIteration as end:
            return end.value
        yield Doing(name, min(1.0, done / max(1, whole)))
