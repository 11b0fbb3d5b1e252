"""Made-up conversations: a greeting, a sum, a word spelled, a fact about a fox, "I do not know".

A conversation is made from a seed, its number and its side, and from nothing else: any of them can
be made at any time, in any order, in a tab as in a terminal.
"""

import json

from .about import SYSTEMS, about, named
from .cast import fact
from .dice import Dice, is_held_out
from .foreign import unknown
from .letters import echo, letter_count, spelling
from .people import asked_freely, letters_freely
from .reading import two_sentences
from .sums import by_zero, one_step, percent, two_steps, with_one_number
from .word_problems import word_problem

__all__ = ["KINDS", "MIXTURES", "conversation", "is_held_out", "json_lines", "turns_of"]

KINDS = {  # how often each is met
    one_step: 17,
    two_steps: 11,
    word_problem: 27,
    asked_freely: 28,
    with_one_number: 4,
    percent: 3,
    by_zero: 1,
    letter_count: 7,
    spelling: 14,
    letters_freely: 11,
    echo: 8,
    two_sentences: 23,
    fact: 10,
    about: 18,
    unknown: 10,
}
# For a model of some 200,000 numbers and few minutes: sums first, and of what it would hardly learn
# in that time, such as finding in two sentences who did what, only so much that it knows of it.
SMALL = {
    one_step: 44,
    two_steps: 27,
    with_one_number: 24,
    percent: 5,
    by_zero: 2,
    word_problem: 8,
    asked_freely: 7,
    letter_count: 2,
    spelling: 4,
    letters_freely: 2,
    echo: 6,
    two_sentences: 2,
    fact: 6,
    about: 9,
    unknown: 4,
}
MIXTURES = {"chat": KINDS, "small-chat": SMALL}
TURNS = {1: 45, 2: 35, 3: 20}
SAMPLE = 760  # conversations in the file that comes with the package, fallback_data/chat.jsonl


def conversation(number, seed=0, held_out=False, mixture="chat"):
    """{"messages": [...]}: one conversation; a held-out one has nothing of those to train on."""
    kinds = MIXTURES[mixture]
    dice = Dice(f"{seed} {'held out' if held_out else 'train'} {number}", held_out)
    system, turns = None, []
    if dice.chance(0.02):
        system, turns = named(dice)
    elif dice.chance(0.03):
        system = dice.one_of(SYSTEMS)
    count = dice.weighted(TURNS)
    while len(turns) < count:
        turns += dice.weighted(kinds)(dice)
    return {"messages": messages(turns[:3], system)}


def turns_of(kind, number, seed=0, held_out=False):
    """The turns (question, answer) of one kind alone: to look at, and to count what a model can."""
    return kind(Dice(f"{seed} {kind.__name__} {held_out} {number}", held_out))


def messages(turns, system=None):
    """The messages of some turns."""
    made = [{"role": "system", "content": system}] if system else []
    for question, answer in turns:
        made.append({"role": "user", "content": question})
        made.append({"role": "assistant", "content": answer})
    return made


def json_lines(count=SAMPLE, seed=0, held_out=False, mixture="chat"):
    """The first conversations, one line of JSON each."""
    for number in range(count):
        yield json.dumps(conversation(number, seed, held_out, mixture)) + "\n"
