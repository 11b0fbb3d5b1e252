"""What a chat model can do: held-out questions of every kind, answered and scored.

Where a question is the second or third turn, the turns before it are those of the data.
"""

import random
import re
from collections import defaultdict
from typing import NamedTuple

from ..data import chat
from ..data.chat.foreign import UNKNOWN
from ..data.chat.scoring import digits_of, score
from ..data.conversations.messages import CALL, read_messages
from ..data.conversations.rendering import render_prompt
from ..inference.chat import Answer, speak
from ..inference.engine import Engine
from ..inference.sampling import Sampling
from .score import Score

TRIES = 200  # questions of each kind
SLOTS = 32
MOST_TOKENS = 96  # of an answer
SEED = 7
# The kinds of data/chat by what they ask of a model.
ABILITIES = {
    "sums": ("one_step", "two_steps", "with_one_number", "percent"),
    "word problems": ("word_problem",),
    "sums in people's words": ("asked_freely",),
    "division by zero": ("by_zero",),
    "counting letters": ("letter_count",),
    "spelling": ("spelling",),
    "letters in people's words": ("letters_freely",),
    "echo": ("echo",),
    "reading": ("two_sentences",),
    "facts": ("fact",),
    "itself": ("about",),
    "foreign": ("unknown",),
}
KINDS = {kind.__name__: kind for kind in chat.KINDS}
OPERATIONS = {"+": "adding", "-": "subtracting", "*": "multiplying", "/": "dividing"}


class Asked(NamedTuple):
    """A question: the messages up to it, the right answer, and what it is an example of."""

    ability: str
    messages: list
    expected: object  # a text, or a list of parts
    turn: int

    @property
    def expression(self):
        if isinstance(self.expected, str):
            return None
        return next((part["text"] for part in self.expected if part["type"] == CALL), None)

    @property
    def is_sum(self):
        return self.ability in ("sums", "word problems", "sums in people's words")


class Answered(NamedTuple):
    """A question, what was said, and what of it is right (`data.chat.scoring`)."""

    asked: Asked
    parts: list
    result: bool  # the number, or the whole text where there is no number to be right about
    whole: bool
    refused: bool

    @property
    def text(self):
        """What a reader sees of the answer."""
        return "".join(text for kind, text in self.parts if kind == "text")


def questions(tries=TRIES, seed=SEED, abilities=ABILITIES):
    """Held-out questions: `tries` of each ability, spread evenly over its kinds."""
    for ability in abilities:
        kinds, made, number = ABILITIES[ability], 0, 0
        while made < tries:
            kind = KINDS[kinds[number % len(kinds)]]
            turns = chat.turns_of(kind, number // len(kinds), seed, held_out=True)
            number += 1
            for turn, (_, expected) in enumerate(turns[: tries - made]):
                said = chat.messages(turns[: turn + 1])[:-1]
                yield Asked(ability, read_messages({"messages": said}), expected, turn)
                made += 1


def answer_all(model, tokenizer, asked, machine=None, tools=None):
    """A generator of each `Answered` as it comes; `tools` = {} leaves the model alone."""
    asked = list(asked)
    for i, parts in speak_all(model, tokenizer, [a.messages for a in asked], machine, tools):
        yield judge(asked[i], parts)


def exact_talk(model, tokenizer, asked, engine, tools=None):
    """As `exact_match`, of conversations: a generator of how many are answered; its value is the
    Score. Between two values at most one token of every answer is written.
    """
    answers = {Answer(*_wish(each, tokenizer, tools)): each for each in asked}
    score = Score(0, 0)
    for answer, _ in speak(engine, list(answers)):
        if answer.ended:
            score += Score(int(judge(answers[answer], answer.parts).result), 1)
        yield score.tries
    return score


def _wish(asked, tokenizer, tools):
    ids = render_prompt(asked.messages, tokenizer)
    return ids, tokenizer, random.Random(0), Sampling(greedy=True), MOST_TOKENS, tools


def speak_all(model, tokenizer, conversations, machine=None, tools=None):
    """A generator of (number of the conversation, the parts of what the model says), as they come.

    It always says the likeliest.
    """
    engine, waiting = Engine(model, SLOTS, machine), {}
    greedy = Sampling(greedy=True)
    for i, messages in enumerate(conversations):
        ids = render_prompt(messages, tokenizer)
        answer = Answer(ids, tokenizer, random.Random(0), greedy, MOST_TOKENS, tools)
        waiting[answer] = i
    for answer, _ in speak(engine, list(waiting)):
        if answer.ended:
            yield waiting[answer], answer.parts


def judge(asked, parts):
    written = [{"type": kind, "text": text} for kind, text in parts]
    expected = asked.expected
    if isinstance(expected, str):
        expected = [{"type": "text", "text": expected}]
    marks = score(expected, written)
    answered = Answered(asked, parts, marks.result, marks.whole, False)
    return answered._replace(refused=answered.text.strip() == UNKNOWN)


def table(answered):
    """{row: (Score of results, Score of whole answers)}, by ability and, of sums, by digits,
    operation and turn; and how often what is known was refused.
    """
    rows = defaultdict(lambda: [Score(0, 0), Score(0, 0)])
    for each in answered:
        for name in _rows(each.asked):
            for i, right in enumerate((each.result, each.whole)):
                rows[name][i] += Score(int(right), 1)
        if each.asked.ability != "foreign":
            rows["known, but refused"][0] += Score(int(each.refused), 1)
    order = {name: i for i, name in enumerate([*ABILITIES, *OPERATIONS.values()])}
    return {
        name: tuple(rows[name])
        for name in sorted(rows, key=lambda name: (order.get(name, len(order)), name))
    }


def _rows(asked):
    yield asked.ability
    if asked.turn:
        yield "second and third turns"
    if asked.is_sum and (expression := asked.expression):
        yield f"numbers of {digits_of(expression)} digits"
        for sign in set(re.findall(r"[-+*/]", expression)):
            yield OPERATIONS[sign]
