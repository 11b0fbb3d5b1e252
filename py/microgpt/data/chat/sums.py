"""Sums for the calculator: numbers, ways to ask, and the expression that answers.

Every answer has one form, whatever was asked: the expression, the tool's result, one sentence.
Answers that begin alike and go on differently are what a small model confuses.
"""

import re
from itertools import pairwise

from ...inference.tools import calculator
from .dice import is_held_out
from .phrasing import DOING_FRAMES, VALUE_FRAMES, capital, careless, wording

BY_ZERO = "Nothing can be divided by zero."
DIGITS = {1: 22, 2: 30, 3: 22, 4: 13, 5: 10, 6: 3}  # how many, and how often

# Something that has a value; what stands first in the expression is {a}.
VALUES = {
    "+": (
        *("{a} + {b}", "{a}+{b}", "{a} plus {b}", "{a} added to {b}", "the sum of {a} and {b}"),
        *("{a} more than {b}", "{a} increased by {b}", "the total of {a} and {b}"),
        *("{a} and {b} together", "{a} and {b} added up", "{a} with {b} added", "{a} and {b} more"),
    ),
    "-": (
        *("{a} - {b}", "{a}-{b}", "{a} minus {b}", "{a} take away {b}", "{b} taken from {a}"),
        *("{b} less than {a}", "{a} less {b}", "{a} reduced by {b}", "{b} subtracted from {a}"),
        *("the difference between {a} and {b}", "{a} decreased by {b}", "{a} without {b}"),
        *("the difference of {a} and {b}", "{b} fewer than {a}", "{a} with {b} taken away"),
    ),
    "*": (
        *("{a} * {b}", "{a}*{b}", "{a} x {b}", "{a}x{b}", "{a} times {b}", "{a} X {b}"),
        *("{a} multiplied by {b}", "the product of {a} and {b}", "{a} multiplied with {b}"),
        *("{a} lots of {b}", "{a} groups of {b}"),
    ),
    "/": (
        *("{a} / {b}", "{a}/{b}", "{a} divided by {b}", "{a} over {b}", "{a} shared by {b}"),
        *("the quotient of {a} and {b}", "{a} split by {b}", "{a} divided into {b} parts"),
        *("{a} : {b}", "{a} shared between {b}"),
    ),
}

# Something to do.
DOINGS = {
    "+": (
        *("add {a} and {b}", "add {a} to {b}", "put {a} and {b} together", "sum {a} and {b}"),
        *("sum up {a} and {b}", "add up {a} and {b}", "count {a} and {b} together"),
        *("add {a} with {b}", "take {a} and add {b}", "start with {a} and add {b}"),
    ),
    "-": (
        *("take {b} from {a}", "subtract {b} from {a}", "take {b} away from {a}"),
        *("deduct {b} from {a}", "take {a} and subtract {b}", "start with {a} and take away {b}"),
        *("remove {b} from {a}", "take {b} off {a}"),
    ),
    "*": (
        *("multiply {a} by {b}", "multiply {a} with {b}", "multiply {a} and {b}"),
        *("take {a} times {b}", "take {a} and multiply by {b}", "times {a} by {b}"),
    ),
    "/": (
        *("divide {a} by {b}", "share {a} between {b}", "split {a} into {b} parts"),
        *("take {a} and divide by {b}", "split {a} by {b}", "cut {a} into {b} parts"),
    ),
}

# Two steps: what is said, and the expression.
VALUES_TWO = (
    *((f"{{a}} {p} {{b}} {q} {{c}}", f"{{a}}{p}{{b}}{q}{{c}}") for p in "+-*" for q in "+-*"),
    *((f"({{a}} {p} {{b}}) {q} {{c}}", f"({{a}}{p}{{b}}){q}{{c}}") for p in "+-" for q in "*/"),
    *((f"{{a}} {p} ({{b}} {q} {{c}})", f"{{a}}{p}({{b}}{q}{{c}})") for p in "*-" for q in "+-"),
    ("{a} plus {b} plus {c}", "{a}+{b}+{c}"),
    ("{a} plus {b} minus {c}", "{a}+{b}-{c}"),
    ("{a} minus {b} plus {c}", "{a}-{b}+{c}"),
    ("{a} minus {b} minus {c}", "{a}-{b}-{c}"),
    ("{a} times {b} plus {c}", "{a}*{b}+{c}"),
    ("{a} times {b} minus {c}", "{a}*{b}-{c}"),
    ("{a}+{b}+{c}", "{a}+{b}+{c}"),
    ("the sum of {a}, {b} and {c}", "{a}+{b}+{c}"),
)
DOINGS_TWO = (
    ("add {a} and {b} and take away {c}", "{a}+{b}-{c}"),
    ("add {a} and {b}, then subtract {c}", "{a}+{b}-{c}"),
    ("add {a}, {b} and {c}", "{a}+{b}+{c}"),
    ("add {a} and {b}, then multiply by {c}", "({a}+{b})*{c}"),
    ("add {a} and {b}, then divide by {c}", "({a}+{b})/{c}"),
    ("take {b} from {a}, then add {c}", "{a}-{b}+{c}"),
    ("take {b} from {a}, then multiply by {c}", "({a}-{b})*{c}"),
    ("subtract {b} from {a}, then divide by {c}", "({a}-{b})/{c}"),
    ("multiply {a} by {b} and add {c}", "{a}*{b}+{c}"),
    ("multiply {a} by {b}, then subtract {c}", "{a}*{b}-{c}"),
    ("divide {a} by {b}, then add {c}", "{a}/{b}+{c}"),
    ("take {a}, add {b} and multiply by {c}", "({a}+{b})*{c}"),
)
# With one number of the reader's.
VALUES_ONE = (
    *(("twice {a}", "{a}*2"), ("half of {a}", "{a}/2"), ("a third of {a}", "{a}/3")),
    *(("double {a}", "{a}*2"), ("{a} doubled", "{a}*2"), ("a quarter of {a}", "{a}/4")),
    *(("three times {a}", "{a}*3"), ("a tenth of {a}", "{a}/10"), ("{a} halved", "{a}/2")),
    *(("a fifth of {a}", "{a}/5"), ("ten times {a}", "{a}*10"), ("four times {a}", "{a}*4")),
)
PERCENTS = ("{a}% of {b}", "{a} percent of {b}", "{a} per cent of {b}", "{a} % of {b}")


def answer(expression):
    """A sum as the parts of an answer."""
    result = calculator(expression)
    call = {"type": "python", "text": expression}
    if result is None:
        return [call, {"type": "text", "text": BY_ZERO}]
    said = {"type": "text", "text": f"That makes {result}."}
    return [call, {"type": "python_output", "text": result}, said]


# ---- numbers


def digits(dice, count):
    """A number of so many digits; some have few different ones, which are hard to copy."""
    few = dice.one_of("123456789") + dice.one_of("0123456789")
    repeated = dice.chance(0.06)
    first = few[0] if repeated else dice.one_of("123456789")
    return first + "".join(dice.one_of(few if repeated else "0123456789") for _ in range(count - 1))


ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number, joint="-"):
    """A number below a hundred as it is said; None for any other.

    >>> in_words("7"), in_words("40"), in_words("42"), in_words("142")
    ('seven', 'forty', 'forty-two', None)
    """
    if not number.isdigit() or len(number) > 2:
        return None
    tens, ones = divmod(int(number), 10)
    if tens < 2:
        return ONES[int(number)]
    return TENS[tens - 2] + (joint + ONES[ones] if ones else "")


def said(dice, given):
    """{letter: number} with numbers that are said in words, if one is small enough and it happens:
    then all that are, or some.
    """
    if not dice.chance(0.12):
        return given
    every, joint = dice.chance(0.5), dice.one_of("- ")
    return {
        letter: (in_words(number, joint) if every or dice.chance(0.5) else None) or number
        for letter, number in given.items()
    }


def whole_number(dice, most=6):
    return digits(dice, min(most, dice.weighted(DIGITS)))


def any_number(dice):
    """A number as somebody types it: also negative, with decimals, with commas."""
    text, kind = whole_number(dice), dice.random()
    if kind < 0.08:
        text = f"{text[:4]}.{digits(dice, dice.between(1, 2))}"
    elif kind < 0.3 and len(text) > 3:
        text = f"{int(text):,}"
    elif kind < 0.33:
        text = "0"
    return f"-{text}" if dice.chance(0.07) and text != "0" else text


def divisible(dice):
    """Two numbers, the first a multiple of the second."""
    b, quotient = digits(dice, dice.between(1, 3)), whole_number(dice, 4)
    return str(int(b) * int(quotient)), b


def pair_is_held_out(a, b):
    """Are two numbers held out as neighbours? In any order, and however they are written."""
    plain = sorted(text.lstrip("-").replace(",", "") for text in (a, b))
    return is_held_out("pair", *plain)


def numbers(dice, make):
    """The numbers that `make()` gives: all neighbours on the conversation's side."""
    while True:
        made = make()
        if {pair_is_held_out(a, b) for a, b in pairwise(made)} == {dice.held_out}:
            return made


def numbers_for(dice, expression):
    """{letter: number}: numbers that suit an expression told as a story, where all are whole and
    nothing is taken from less than there is.
    """
    letters = [letter for letter in "abc" if f"{{{letter}}}" in expression]

    def make():
        if expression == "{a}*{a}":
            return (dice.draw(lambda: whole_number(dice, 3), lambda a: ("number", a)),)
        if len(letters) == 1:
            return (whole_number(dice, 5),)
        if expression == "{a}/{b}":
            return divisible(dice)
        if "/100*" in expression:
            return digits(dice, dice.between(1, 2)), whole_number(dice, 5)
        if "*" in expression:
            return (digits(dice, dice.between(1, 3)), *(whole_number(dice, 3) for _ in letters[1:]))
        made = [whole_number(dice, 5) for _ in letters]
        ordered = "-" in expression or "/" in expression
        return sorted(made, key=int, reverse=True) if ordered else made

    while True:
        given = dict(zip(letters, make()))
        filled = expression.format(**given)
        pairs = pairwise(re.findall(r"\d+", filled.replace("/100*", "*")))
        if not all(a == b or pair_is_held_out(a, b) == dice.held_out for a, b in pairs):
            continue
        if not calculator(filled).startswith("-"):
            return given


# ---- questions


def frame_and_core(dice, frames, cores):
    """An opening and a core whose combination is on the conversation's side."""

    def content(both):
        frame, core = both
        return "phrasing", wording(frame.format(core if isinstance(core, str) else core[0]))

    return dice.draw(lambda: (dice.one_of(frames), dice.one_of(cores)), content)


def ask(dice, values, doings, doing=0.3):
    """(the question's pattern, the core that was chosen)"""
    if dice.chance(doing):
        frame, core = frame_and_core(dice, DOING_FRAMES, doings)
    else:
        frame, core = frame_and_core(dice, VALUE_FRAMES, values)
    text = core[0] if isinstance(core, tuple) else core
    return capital(frame.format(text)), core


def one_step(dice):
    operation = dice.weighted({"+": 30, "-": 28, "*": 24, "/": 18})

    def make():
        if operation == "/":
            return divisible(dice) if dice.chance(0.6) else (any_number(dice), whole_number(dice))
        return any_number(dice), any_number(dice)

    a, b = numbers(dice, make)
    text, core = ask(dice, VALUES[operation], DOINGS[operation])
    numbers_said = {"a": a, "b": b}
    if any(map(str.isalpha, core.format(a="", b=""))):  # a sign stands between numbers in digits
        numbers_said = said(dice, numbers_said)
    return [(careless(dice, text.format(**numbers_said)), answer(f"{a}{operation}{b}"))]


def two_steps(dice):
    text, (_, expression) = ask(dice, VALUES_TWO, DOINGS_TWO)

    def make():
        most = 4 if "*" in expression else 6
        return tuple(whole_number(dice, most) for _ in range(3))

    a, b, c = numbers(dice, make)
    return [(careless(dice, text.format(a=a, b=b, c=c)), answer(expression.format(a=a, b=b, c=c)))]


def with_one_number(dice):
    text, (_, expression) = ask(dice, VALUES_ONE, (), doing=0)
    a = dice.draw(lambda: whole_number(dice, 5), lambda a: ("number", a))
    return [(careless(dice, text.format(**said(dice, {"a": a}))), answer(expression.format(a=a)))]


def percent(dice):
    frame, core = frame_and_core(dice, VALUE_FRAMES, PERCENTS)
    a, b = numbers(dice, lambda: (digits(dice, dice.between(1, 2)), whole_number(dice, 5)))
    text = capital(frame.format(core)).format(a=a, b=b)
    return [(careless(dice, text), answer(f"{a}/100*{b}"))]


def by_zero(dice):
    text, _ = ask(dice, VALUES["/"], DOINGS["/"])
    a = dice.draw(lambda: any_number(dice), lambda a: ("number", a))
    return [(careless(dice, text.format(a=a, b="0")), answer(f"{a}/0"))]
