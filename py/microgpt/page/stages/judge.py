"""What the model that is talked to can do, counted in the page: a table that fills row by row."""

import time

from ...data.text import decode, split_text
from ...evaluation.stories import held_out_stories, story_loss
from ...evaluation.talk import exact_talk, questions
from ...inference.engine import Engine
from ..json_api import page_request

TRIES = 24  # questions of each kind
SLOTS = 8  # answers side by side: a step of all of them is short enough for Stop
SEED = 7
STORIES = "Stories it has not read"
# (what it says in the table, the ability, whether the model has its tools)
ROWS = (
    ("Sums", "sums", True),
    ("Sums", "sums", False),
    ("Word problems", "word problems", True),
    ("Counting letters", "counting letters", True),
    ("Spelling", "spelling", True),
    ("Reading two sentences", "reading", True),
    ("Facts of its stories", "facts", True),
    ("What it is itself", "itself", True),
    ("Saying that it does not know", "foreign", True),
)


class Judge:
    """The page asks it to begin, and then to go on for a few milliseconds at a time."""

    def __init__(self, chat):
        self._chat = chat
        self._work = None

    @page_request
    def judge_begin(self, stories):
        """`stories` are those that come with the page, as bytes."""
        dialogue = self._chat.needed()
        lines = split_text(decode(bytes(stories), "the stories"))
        self._work = judged(dialogue.model, dialogue.tokenizer, lines, dialogue.engine.machine)
        return {}

    @page_request
    def judge_go_on(self, milliseconds):
        """{row, next, done}: how the row stands, and whether it is whole."""
        end = time.perf_counter() + milliseconds / 1000
        row = None
        for row, whole in self._work:
            if whole or time.perf_counter() > end:
                return {"row": row, "next": whole, "done": False}
        self._work = None
        return {"row": row, "next": False, "done": True}  # every row was told when it was whole


def judged(model, tokenizer, stories, machine=None, tries=TRIES):
    """(row, whether it is whole), again and again; a row is a table of right and tries.

    That of the stories has bits a byte in place of right answers.
    """
    engine = Engine(model, SLOTS, machine)
    for name, ability, tools in ROWS:
        asked = list(questions(tries, SEED, (ability,)))
        row = _row(name, tools, len(asked))
        yield row, False
        work = exact_talk(model, tokenizer, asked, engine, None if tools else {})
        score = yield from _followed(work, row)
        yield {**row, "right": score.right, "tries": score.tries}, True
    row = _row(STORIES, True, tries)
    yield row, False
    chosen = (yield from _followed(held_out_stories(stories), row, False))[:tries]
    row = {**row, "of": len(chosen)}
    seen = yield from _followed(story_loss(model, tokenizer, chosen, machine), row)
    yield {**row, "tries": len(chosen), "bits": seen.bits_per_byte}, True


def _row(name, tools, of):
    return {"name": name, "tools": tools, "right": 0, "tries": 0, "of": of, "bits": None}


def _followed(work, row, counts=True):
    """Yield the row while the work goes on, with how much is done; returns the work's result."""
    while True:
        try:
            tries = next(work)
        except StopIteration as end:
            return end.value
        yield {**row, "tries": tries} if counts else row, False
