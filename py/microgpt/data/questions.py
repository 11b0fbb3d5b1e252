"""Questions with their answers, one a line, as somebody writes them to try a chat model with.

    by how much is 812 larger than 45? | 767
    Tom has a kite and Mia has a ball. Who has the ball? | Mia

A line that begins with # is a remark. The answer is what has to stand in what the model says.
"""

import re
from typing import NamedTuple

from ..errors import UserError
from .text import read_text


class Question(NamedTuple):
    text: str
    answer: str


def read_questions(path):
    """The questions in a file; a line without an answer is refused."""
    found = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        text, bar, answer = line.rpartition("|")
        if not bar or not text.strip() or not answer.strip():
            raise UserError(
                f"{path}, line {number:,}: this is no question with its answer; write"
                " `question | answer`."
            )
        found.append(Question(text.strip(), answer.strip()))
    if not found:
        raise UserError(f"{path} has no questions in it; write `question | answer`, one a line.")
    return found


def mentions(text, answer):
    """Does an answer stand in a text, as whole words and whole numbers?

    >>> mentions("That makes 42.", "42"), mentions("That makes 142.", "42")
    (True, False)
    >>> mentions("That makes -42.", "42"), mentions("That makes 4.2.", "4")
    (False, False)
    >>> mentions("You said that Mia has a ball.", "mia")
    True
    """
    return bool(re.search(rf"(?<![\w.-]){re.escape(answer)}(?![\w-]|\.\d)", text, re.IGNORECASE))
