"""The text a chat model begins with: stories, talk as plain text, and lines that are copied.

A tokenizer learned on it has the words of conversations, and a base model trained on it for some
seconds has learned to look back and copy, which is half of what an answer is.
"""

from ..conversations.messages import read_messages
from . import conversation
from .dice import Dice
from .sums import digits
from .words import WORDS, blend, made_up_word

TALKS = 1500


def base_text(stories, talks=None):
    """One running text of these stories, of conversations and of copied lines, well mixed.

    `talks` are the conversations as text; by itself they are made-up ones.
    """
    return mixed(base_parts(stories, talks))


def base_parts(stories, talks=None):
    """Yield the parts of that text: making them all takes a second or two."""
    yield from stories
    yield from map(talk, range(TALKS)) if talks is None else talks
    wanted, number = sum(map(len, stories)) // 3, 0
    while wanted > 0:
        part = "\n".join(copied_line(number + i) for i in range(6))
        number, wanted = number + 6, wanted - len(part)
        yield part


def mixed(parts):
    """The parts in another order, as one text."""
    order = Dice("order").random
    return "\n".join(part for _, part in sorted((order(), part) for part in parts))


def talk(number):
    """A made-up conversation as lines of plain text."""
    return as_text(read_messages(conversation(number)))


def as_text(messages):
    return "\n".join(" ".join(text for _, text in message.parts) for message in messages)


def known_word(dice):
    return dice.pick(WORDS)


def copied_line(number):
    """Some words or a number, and the same again."""
    dice = Dice(f"copy {number}")
    if dice.chance(0.4):
        text = dice.draw(lambda: digits(dice, dice.between(2, 10)), lambda made: ("number", made))
    else:
        text = " ".join(
            dice.one_of((made_up_word, blend, known_word))(dice) for _ in range(dice.between(1, 5))
        )
    return f'"{text}" {text}' if dice.chance(0.5) else f"{text} | {text}"
