"""How good an answer is: the call, the result in it, and the whole of it are counted apart.

A result that is right can stand in a broken sentence, and a small one is easily guessed; so the
expression and the sentence are looked at, too.
"""

import re
from typing import NamedTuple

# Ways to ask that no template has, with the expression that is meant.
UNSEEN = (
    ("i got 89 marbles and found 137 more, total?", "89+137"),
    ("what number do i get when 64 is joined with 9", "64+9"),
    ("by how much is 812 larger than 45?", "812-45"),
    ("from 950 i spend 76, what remains?", "950-76"),
    ("how many is 17 rows of 24 chairs", "17*24"),
    ("36 people pay 15 each, what do they pay together", "36*15"),
    ("how often does 8 go into 96?", "96/8"),
    ("if 144 is cut in 12 equal pieces how big is one", "144/12"),
    ("sum of 5021 & 377 pls", "5021+377"),
    ("my result for 73 plus 58 should be?", "73+58"),
    ("is it true that you know 640 minus 219? tell me", "640-219"),
    ("quick: 27 times 31", "27*31"),
    ("ten thousand is too easy, so 4096 divided by 16?", "4096/16"),
    ("you have 500 and lose 123. what now", "500-123"),
    ("give the value of 88 added to 404", "88+404"),
    ("one box weighs 19, what do 7 of them weigh", "19*7"),
)


class Score(NamedTuple):
    """What is right about an answer."""

    call: bool  # the same tools were called with the same expressions, or none
    result: bool  # the tool's result stands in the text, as a whole number
    whole: bool  # every part of it is as it should be


def score(expected, written):
    """The Score of an answer that was written; both are texts or lists of parts.

    >>> from .sums import answer
    >>> score(answer("3+4"), answer("3+4"))
    Score(call=True, result=True, whole=True)
    >>> score(answer("3+4"), "That makes 7.")
    Score(call=False, result=True, whole=False)
    """
    calls, results, text = _taken_apart(expected)
    own_calls, _, own_text = _taken_apart(written)
    if results:
        numbers = re.findall(r"-?\d+(?:\.\d+)?(?![\w.]*\w)", own_text)
        result = all(found in numbers for found in results)
    else:
        result = own_text == text
    return Score(calls == own_calls, result, _parts(expected) == _parts(written))


def digits_of(expression):
    """How many digits the longest number of an expression has: what a report is split by.

    >>> digits_of("12,345*7")
    5
    """
    numbers = re.findall(r"\d[\d,]*", expression)
    return max((len(number.replace(",", "")) for number in numbers), default=0)


def _parts(content):
    if isinstance(content, str):
        return [("text", content)]
    return [(part["type"], part["text"]) for part in content]


def _taken_apart(content):
    """(the expressions, the results, the text) of a content."""
    found = {"python": [], "python_output": [], "text": []}
    for kind, text in _parts(content):
        found[kind].append(text)
    return found["python"], found["python_output"], "".join(found["text"])
