"""Tools a model can call while it writes: it writes an expression, and is given the result.

A tool of your own is a function from the expression to the text of its result, or to None where
the expression is not one for it:

    @tool("reverse", 'reverse("abc")')
    def reverse(expression):
        found = re.fullmatch(r'reverse\\("(\\w+)"\\)', expression)
        return found and found[1][::-1]

Expressions come from a model, which may have them from anybody: nothing here evaluates Python.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_LENGTH = 256  # characters of an expression, and of a result
MAX_DIGITS = 15  # of a number: up to there Python's whole numbers and its floats agree
MAX_OPERATIONS = 32
MAX_DEPTH = 16  # brackets within brackets
MAX_DECIMALS = 10  # what is smaller still is 0


@dataclass(frozen=True)
class Tool:
    """What a model can call, with an expression as an example."""

    name: str
    example: str
    run: Callable[[str], str | None]


TOOLS: dict[str, Tool] = {}  # by name, in the order in which they are asked


def tool(name, example):
    """Make a function a tool: `run_tools` asks it from then on."""

    def add(function):
        TOOLS[name] = Tool(name, example, function)
        return function

    return add


def run_tools(expression, tools=None):
    """The result of an expression, as text, or None: it is none that a tool can do.

    >>> run_tools("1,200 / 8"), run_tools("'banana'.count('a')"), run_tools("print(1)")
    ('150', '3', None)
    """
    if len(expression) > MAX_LENGTH:
        return None
    for each in (TOOLS if tools is None else tools).values():
        result = each.run(expression.strip(" "))
        if result is not None:
            return result[:MAX_LENGTH]
    return None


@tool("calculator", "(12 + 30) / 4")
def calculator(expression):
    """+ - * / // and brackets over numbers, to four decimals.

    >>> [calculator(e) for e in ("7 / 2", "-6 / 3", "0.1 + 0.2", "10 / 3", "1 / 0", "2 ** 3")]
    ['3.5', '-2', '0.3', '3.3333', None, None]
    """
    try:
        return number_text(evaluate(parse(expression)))
    except (SyntaxError, ArithmeticError):
        return None


_QUOTED = r"""("[^"\\\r\n]*"|'[^'\\\r\n]*')"""
_COUNT = re.compile(rf" *{_QUOTED}\.count\( *{_QUOTED} *\) *")


@tool("count", '"strawberry".count("r")')
def count(expression):
    """How often one text stands in another.

    >>> count("'banana'.count('an')"), count('"banana".count(a)')
    ('2', None)
    """
    found = _COUNT.fullmatch(expression)
    return found and str(found[1][1:-1].count(found[2][1:-1]))


# ---- arithmetic: text -> tree -> number

# re.ASCII: \d also means the digits of other scripts.
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+"
_TOKEN = re.compile(rf" *({_NUMBER}|//|[-+*/()])", re.ASCII)


def parse(text):
    """The tree of an expression: a number, or (operation, tree) or (operation, tree, tree).

    >>> parse("2 + 3 * -4")
    ('+', 2, ('*', 3, ('-', 4)))
    """
    return _Parser(text).whole()


class _Parser:
    """One method a rule of the grammar; what no rule names is a SyntaxError."""

    def __init__(self, text):
        self.tokens, self.at, self.operations, self.depth = [], 0, 0, 0
        text, end = text.rstrip(" "), 0
        while end < len(text):
            found = _TOKEN.match(text, end)
            if not found:
                raise SyntaxError(f"{text[end]!r} is no part of arithmetic")
            self.tokens.append(found[1])
            end = found.end()

    def whole(self):
        tree = self.sum()
        if self.at < len(self.tokens):
            raise SyntaxError(f"{self.tokens[self.at]!r} comes too early")
        return tree

    def sum(self):
        return self.chain(self.product, ("+", "-"))

    def product(self):
        return self.chain(self.signed, ("*", "/", "//"))

    def chain(self, part, operations):
        """a + b - c is (a + b) - c."""
        tree = part()
        while self.next in operations:
            tree = (self.operation(), tree, part())
        return tree

    def signed(self):
        signs = []
        while self.next in ("+", "-"):
            signs.append(self.operation())
        tree = self.single()
        for sign in reversed(signs):
            tree = (sign, tree)
        return tree

    def single(self):
        token = self.take()
        if token == "(":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise SyntaxError("too many brackets")
            tree = self.sum()
            if self.take() != ")":
                raise SyntaxError("a bracket is not closed")
            self.depth -= 1
            return tree
        return _number(token)

    @property
    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self):
        token = self.next
        self.at += 1
        return token

    def operation(self):
        self.operations += 1
        if self.operations > MAX_OPERATIONS:
            raise SyntaxError("too many operations")
        return self.take()


def _number(token):
    if not token or token[0] not in "0123456789.":
        raise SyntaxError(f"{token!r} is no number")
    digits = token.replace(",", "")
    if len(digits.replace(".", "")) > MAX_DIGITS:
        raise SyntaxError("a number has too many digits")
    return float(digits) if "." in digits else int(digits)


def evaluate(tree):
    """The number a tree stands for.

    Whole numbers stay whole where they can: a division that leaves no rest does not turn them
    into floats.
    """
    if not isinstance(tree, tuple):
        return tree
    operation, *parts = tree
    a, *rest = map(evaluate, parts)
    if not rest:
        return -a if operation == "-" else a
    (b,) = rest
    if operation == "+":
        value = a + b
    elif operation == "-":
        value = a - b
    elif operation == "*":
        value = a * b
    elif operation == "//" or isinstance(a, int) and isinstance(b, int) and b and a % b == 0:
        value = a // b
    else:
        value = a / b
    if not abs(value) < 10**MAX_DIGITS:
        raise OverflowError("the number is too large")
    return value


def number_text(value):
    """A number with at most four decimals, of small ones the first four digits; never an exponent.

    >>> [number_text(n) for n in (2, 2.0, 1 / 3, 1 / 3000, 1e-12, -0.0)]
    ['2', '2', '0.3333', '0.0003333', '0', '0']
    """
    decimals = 4
    while decimals < MAX_DECIMALS and abs(value) < 10 ** (3 - decimals):
        decimals += 1
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
