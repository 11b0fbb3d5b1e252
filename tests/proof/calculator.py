"""Made-up expressions, most of them wrong: only arithmetic and `.count` are ever evaluated."""

import re
import sys
from contextlib import contextmanager
from decimal import Decimal
from random import Random

from microgpt.inference import tools

COUNT = 1_000_000
# What Python itself is asked to evaluate here: nothing else, so that this is safe, too.
ARITHMETIC = re.compile(r"[0-9.+*/() -]+")
COUNTING = re.compile(r""" *("[^"\\\r\n]*"|'[^'\\\r\n]*')\.count\( *("[^"]*"|'[^']*') *\) *""")
WORDS = ["strawberry", "", "a", "an apple", "it's", "\u00e9t\u00e9", "1,234", "x" * 60]
ODD = [
    *("__import__('os')", "print(1)", "().__class__", "lambda: 0", "1 if 1 else 2", "[1]", "{1}"),
    *("1e9", "0x10", "1_000", "1j", "2**9", "9**9**9", "%", "1 < 2", "~1", "a", "None", "\u0665"),
    *("\0", "\n", "\t", "\\", "'", '"', "f'{1}'", "#", ";", "=", ":=", "@", ",", ".", "..", "¼"),
    *("<|python_end|>", ".count", ".count(", "'a'", ".upper()", "(" * 40, "-" * 40, "9" * 40),
]


def prove(count, seed):
    random, answered, refused = Random(f"calculator {seed}"), 0, 0
    for number in range(count):
        if number and number % 100_000 == 0:
            yield number
        expression = made_up(random)
        with watched() as events:
            result = tools.run_tools(expression)
        assert not events, f"{expression!r} made Python do {events}"
        if result is None:
            refused += 1
            continue
        answered += 1
        check(expression, result)
    return f"calculator: {count:,} expressions, {answered:,} answered as Python does, " + (
        f"{refused:,} refused, nothing else evaluated"
    )


def check(expression, result):
    """An answer is to arithmetic or `.count`, within the limits, and Python's own."""
    if COUNTING.fullmatch(expression):
        if "\0" not in expression:  # which Python's own source must not have
            assert result == str(eval(expression.strip(), {"__builtins__": {}})), expression
        return
    plain = re.sub(r"(?<=\d),(?=\d\d\d)", "", expression)
    assert ARITHMETIC.fullmatch(plain) and "**" not in plain, f"{expression!r} was answered"
    assert re.fullmatch(r"-?\d{1,16}(\.\d{1,10})?", result), f"{expression!r} gave {result!r}"
    assert max(map(len, re.findall(r"\d+", plain))) <= tools.MAX_DIGITS, expression
    assert operations(tools.parse(expression)) <= tools.MAX_OPERATIONS, expression
    if re.search(r"(?<![\d.])0\d+(?![\d.])", plain):
        return  # 007: Python wants no zero in front
    exact = eval(plain.strip(), {"__builtins__": {}})
    away = abs(Decimal(result) - Decimal(exact))
    unit = Decimal("0.0001") if abs(exact) >= 0.1 else abs(Decimal(exact)) / 1000
    unit = max(unit, Decimal("1e-10"))
    assert away <= unit / 2, f"{expression!r} gave {result!r}, Python {exact!r}"
    if float(exact).is_integer():
        assert result == str(int(exact)), f"{expression!r} gave {result!r}, Python {exact!r}"


def operations(tree):
    return 1 + sum(map(operations, tree[1:])) if isinstance(tree, tuple) else 0


# ---- what is asked


def made_up(random):
    kind = random.random()
    if kind < 0.45:
        return arithmetic(random, random.randint(0, 5))
    if kind < 0.6:
        return counting(random)
    if kind < 0.9:
        return damaged(random, arithmetic(random, 3) if kind < 0.8 else counting(random))
    alphabet = "0123456789*+-/.() ,\"'count\\ab\n" if kind < 0.97 else "0123456789*+-/.() "
    return "".join(random.choices(alphabet, k=random.randint(0, 30)))


def arithmetic(random, depth):
    kind = random.random()
    if depth == 0 or kind < 0.2:
        return number(random)
    if kind < 0.3:
        return random.choice("+-") + arithmetic(random, depth - 1)
    if kind < 0.5:
        return f"({arithmetic(random, depth - 1)})"
    gap = random.choice(["", " ", "  "])
    left, right = arithmetic(random, depth - 1), arithmetic(random, depth - 1)
    return f"{left}{gap}{random.choice(['+', '-', '*', '/', '/', '//'])}{gap}{right}"


def number(random):
    digits = random.choice([1, 1, 2, 2, 3, 4, 5, 9, 15, 16, 20])
    whole = random.randrange(10**digits)
    return random.choice(
        [str(whole), str(whole), f"{whole:,}", f"{whole}.{random.randrange(1000)}", f".{whole}"]
        + ["0", "0.0", f"{whole}.", f"00{whole}", f"{whole:,}.5"]
    )


def counting(random):
    quotes = random.choices("\"'", k=2)
    word, part = random.choice(WORDS), random.choice([*WORDS, "r", "t", ","])
    return f"{quotes[0]}{word}{quotes[0]}.count({quotes[1]}{part}{quotes[1]})"


def damaged(random, text):
    """A piece left out, doubled or put in."""
    at, end = sorted(random.choices(range(len(text) + 1), k=2))
    piece = random.choice(["", text[at:end] * 2, random.choice(ODD), random.choice(ODD)])
    return text[:at] + piece + text[end:]


# ---- what Python does meanwhile

_watching = []  # the list of events, while somebody watches


def _on_event(event, _):
    if _watching:
        _watching[-1].append(event)


sys.addaudithook(_on_event)  # compile, exec, import, open, ...: all that could do harm is one


@contextmanager
def watched():
    events = []
    _watching.append(events)
    try:
        yield events
    finally:
        _watching.pop()
