"""Questions as many people would type them: no frame around a core, every line by itself.

{a}, {b} and {c} are numbers, {t} things, {n} and {m} names; {w} is a word and {l} a letter. What
is held out of a way to ask is the whole line.
"""

import re

from ..dice import Pool
from ..letters import any_word, count_answer, letter_of, spelled, word_for
from ..phrasing import careless, wording
from ..sums import answer, numbers_for, said
from ..words import NAMES, THINGS, several
from .adding import ADDING
from .brackets import BRACKETS
from .dividing import DIVIDING
from .letters import COUNTS, SPELLS
from .more_steps import MORE
from .multiplying import MULTIPLYING
from .one_number import ONE_NUMBER
from .subtracting import SUBTRACTING

ONE_STEP = {"{a}+{b}": ADDING, "{a}-{b}": SUBTRACTING, "{a}*{b}": MULTIPLYING, "{a}/{b}": DIVIDING}
KEYS = ONE_STEP | MORE | BRACKETS | ONE_NUMBER


def lines(text):
    return [line.strip() for line in text.strip().split("\n")]


WAYS = [(key, line) for key, text in KEYS.items() for line in lines(text)]
ONE_STEP_WAYS = [(key, line) for key, line in WAYS if key in ONE_STEP]
COUNTS, SPELLS = (Pool("|".join(lines(text))) for text in (COUNTS, SPELLS))

# What a sum is about does not matter: in half of the questions it is something else.
NOUNS = """eggs coins books cards tickets seats kids people pages rooms birds cows girls boys pupils
guests players bricks sweets pens cakes euros dollars friends legs flowers bottles hens
points"""


def asked_freely(dice):
    """A sum as somebody asks for it."""
    one_step = dice.chance(0.35)
    expression, way = dice.draw(
        lambda: dice.one_of(ONE_STEP_WAYS if one_step else WAYS),
        lambda both: ("phrasing", wording(both[1])),
    )
    for noun in re.findall(r"[a-z]+", way):
        if noun in NOUNS.split() and dice.chance(0.5):
            other = several(dice.pick(THINGS) if dice.chance(0.5) else any_word(dice))
            way = re.sub(rf"\b{noun}\b", other, way)
    given = numbers_for(dice, expression)
    n, m = dice.two_of(NAMES)
    text = way.format(n=n, m=m, t=several(dice.pick(THINGS)), **said(dice, given))
    return [(careless(dice, text), answer(expression.format(**given)))]


def letters_freely(dice):
    """A word to spell, or letters to count, without quotation marks."""
    word = word_for(dice)
    if dice.chance(0.5):
        text = dice.pick(SPELLS).format(w=word)
        return [(careless(dice, text, typos=False), spelled(word))]
    letter = letter_of(dice, word)
    text = dice.pick(COUNTS).format(l=letter, w=word)
    return [(careless(dice, text, typos=False), count_answer(f" {word}", letter))]
