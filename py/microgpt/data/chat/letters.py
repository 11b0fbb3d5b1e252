"""Spelling, counting letters with the tool, and saying what was said: all of it is copying.

A word is copied as the very tokens in which it was asked. Behind a blank a word is other tokens
than behind a quotation mark, so a word asked without quotation marks keeps its blank.
"""

from ...inference.tools import count
from .phrasing import careless, wording
from .sums import digits
from .words import WORDS, blend, made_up_word

OPENERS = ("", "Please ", "Now ", "Can you ", "Could you ", "I want you to ", "Would you ", "Just ")
SAY = ("say", "repeat", "write", "echo", "copy", "say after me:", "repeat after me:", "type")
SAY += ("repeat the text", "write down", "print", "say exactly:", "answer with")
SPELL = ("spell", "spell out", "spell the word", "give me the letters of", "tell me how to spell")
SPELL += (
    "list the letters of",
    "say the letters of",
    "write the letters of",
    "name the letters of",
)
COUNTS = (  # {l} is the letter and {w} the word
    *("How many {l} are in {w}?", "How often is {l} in {w}?", "How many {l} are there in {w}?"),
    *("Count the {l} in {w}.", "How many times is {l} in {w}?", "How many {l} does {w} have?"),
    *("How often does {l} stand in {w}?", "Can you count the {l} in {w}?", "Number of {l} in {w}?"),
    *("How many of the letter {l} are in {w}?", "Tell me how many {l} are in {w}."),
    *("How often do you see {l} in {w}?", "Count how many {l} there are in {w}."),
    *("What is the number of {l} in {w}?", "How many times does {l} come in {w}?"),
    *("Please count the {l} in {w}.", "Find out how many {l} are in {w}."),
)


def any_word(dice):
    kind = dice.random()
    if kind < 0.35:
        return made_up_word(dice)
    return blend(dice) if kind < 0.65 else dice.pick(WORDS)


def request(dice, verbs, text):
    """`text` in quotation marks, asked for with one of the verbs."""
    opener, verb = dice.draw(
        lambda: (dice.one_of(OPENERS), dice.one_of(verbs)),
        lambda both: ("request", wording("".join(both))),
    )
    end = "?" if opener.endswith(" you ") and "want" not in opener else "."
    asked = f'{opener}{verb} "{text}"{end}'
    return careless(dice, asked[0].upper() + asked[1:])


def word_for(dice):
    """A word for its letters: many, so that every token is met in one."""
    return blend(dice) if dice.chance(0.3) else any_word(dice)


def spelled(word):
    return "-".join(word)


def spelling(dice):
    word = word_for(dice)
    return [(request(dice, SPELL, word), spelled(word))]


def letter_of(dice, word):
    return dice.one_of(word) if dice.chance(0.8) else dice.one_of("abcdefghijklmnoprstuvwyz")


def letter_count(dice):
    word = word_for(dice)
    letter = letter_of(dice, word)
    core, quoted = dice.draw(
        lambda: (dice.one_of(COUNTS), dice.chance(0.6)),
        lambda both: ("count", wording(both[0]), both[1]),
    )
    if quoted:
        text, copied = core.format(l=f'"{letter}"', w=f'"{word}"'), word
    else:
        text, copied = core.format(l=letter, w=word), f" {word}"
    return [(careless(dice, text, typos=quoted), count_answer(copied, letter))]


def count_answer(word, letter):
    """The letters of a word counted, as the parts of an answer."""
    expression = f'"{word}".count("{letter}")'
    result = count(expression)
    return [
        {"type": "python", "text": expression},
        {"type": "python_output", "text": result},
        {"type": "text", "text": f"I count {result}."},
    ]


def something_to_say(dice):
    kind = dice.random()
    if kind < 0.3:
        return made_up_word(dice)
    if kind < 0.5:
        return " ".join(any_word(dice) for _ in range(dice.between(2, 3)))
    if kind < 0.75:
        pick = any_word if dice.chance(0.3) else lambda dice: dice.pick(WORDS)
        return " ".join(pick(dice) for _ in range(dice.between(1, 4)))
    return dice.draw(lambda: digits(dice, dice.between(3, 9)), lambda number: ("number", number))


def echo(dice):
    text = something_to_say(dice)
    return [(request(dice, SAY, text), text)]
