"""An answer while it is written: what of it is text, what a call, and what a tool gave back."""

from collections import deque
from typing import NamedTuple

import numpy as np

from ..tokenizer.special import CALL, RESULT, TEXT, chat_tokens
from .engine import Row
from .tools import run_tools


class Said(NamedTuple):
    """What one token adds to an answer."""

    kind: str  # TEXT, CALL or RESULT
    text: str  # empty for a special token, and within a character
    probability: float | None  # how sure the model was; None for a tool's, or if nobody asked
    id: int = -1  # the token


class Answer:
    """The state machine of one answer: it follows a row, runs its calls and queues their results.

    `ids` is the conversation up to where the assistant speaks. `parts` is what it has said so far,
    as (kind, text). Of a call that no tool can do nothing comes back, and the answer goes on.
    `opening` are tokens it begins with, as if the model had chosen them. With `hands_over` a call
    that a tool could do is left to somebody else: `called` is then its expression, and whoever
    holds the row takes it out of the engine.
    """

    def __init__(
        self, ids, tokenizer, rng, sampling=None, max_tokens=None, tools=None, opening=(),
        hands_over=False,
    ):  # fmt: skip
        self._hands_over, self.called = hands_over, None
        self._tokenizer, self._tokens, self._tools = tokenizer, chat_tokens(tokenizer), tools
        self._rng, self._sampling, self._most = rng, sampling, max_tokens
        self.parts, self._kind, self._is_new = [], TEXT, True  # is the part still to be begun?
        self._call, self._stream = [], tokenizer.stream()
        self._opening, self._is_opening = deque(opening), False
        self._follow(ids, [], ())
        self._lead()

    def _follow(self, ids, written, forced):
        left = None if self._most is None else self._most - len(written)
        stops = self._tokens.assistant_end, self._tokens.bos
        self.prompt_length, prompt = len(ids), [*ids, *written]
        self.row = Row(prompt, self._rng, self._sampling, stops, left, forced, slides=False)

    @property
    def ended(self):
        """None, "stop", "length", or "full": the model's block has no room for more."""
        return self.row.ended

    @property
    def text(self):
        """What a reader sees of it."""
        return "".join(text for kind, text in self.parts if kind == TEXT)

    def go_on(self, ids):
        """After "full": go on behind a shorter conversation, with what is written so far."""
        self._follow(ids, self.row.ids[self.prompt_length :], self.row.forced)

    def is_by_model(self, written):
        """Whether the model wrote it, or may have; else a tool did."""
        return written.probability is not None or self._is_opening

    def hear(self, written, probability=None):
        """Take what was written in the row; returns what it adds."""
        said = self._take(written.id, not self.is_by_model(written), probability)
        self._lead()
        return said._replace(id=written.id)

    def _lead(self):
        """The next token of the opening is due, unless a tool has something to give first."""
        self._is_opening = bool(self._opening) and not self.row.forced and not self.row.ended
        if self._is_opening:
            self.row.forced.append(self._opening.popleft())

    def _take(self, id, forced, probability):
        tokens = self._tokens
        if self.row.ended == "stop":
            return self._close(self._kind, probability)
        if id == tokens.python_start and not forced:
            self._call = []
            return self._close(CALL, probability)
        if id == tokens.python_end and self._kind == CALL:
            self._use_tool()
            return self._close(TEXT, probability)
        if forced and id in (tokens.output_start, tokens.output_end):
            return self._close(RESULT if id == tokens.output_start else TEXT, None)
        if self._kind == CALL:
            self._call.append(id)
        text = self._stream.push(id) + (self._stream.finish() if self.row.ended else "")
        return self._add(text, probability)

    def _add(self, text, probability):
        if text and self._is_new:
            self.parts.append((self._kind, ""))
            self._is_new = False
        if text:
            self.parts[-1] = self._kind, self.parts[-1][1] + text
        return Said(self._kind, text, probability)

    def _close(self, kind, probability):
        """The part ends; what was held back of a broken character belongs to it."""
        said = self._add(self._stream.finish(), probability)
        self._kind, self._is_new = kind, True
        return said

    def _use_tool(self):
        expression = self._tokenizer.decode(self._call)
        result = run_tools(expression, self._tools)
        if result is not None and self._hands_over:
            self.called = expression
        elif result is not None:
            tokens, ids = self._tokens, self._tokenizer.encode_ordinary(result)
            self.row.forced.extend([tokens.output_start, *ids, tokens.output_end])


def speak(engine, answers, sure=False):
    """Write answers side by side; yields (answer, what it said) for every token.

    With `sure` each comes with the chance that the model itself gave it, before temperature and
    cuts; the last token of an answer, which ends it, has none.
    """
    rows = {engine.join(answer.row): answer for answer in answers}
    try:
        while any(not row.ended for row in rows):
            for written in engine.step():
                if answer := rows.get(written.row):
                    asked = sure and answer.is_by_model(written) and not answer.ended
                    own = chance(engine.scores(written.row), written.id) if asked else None
                    yield answer, answer.hear(written, own)
    finally:
        for row in rows:
            engine.leave(row)


def shown(parts):
    """An answer with its calls as what they are: `[3+4 → 7] That makes 7.`"""
    text, kinds = "", [kind for kind, _ in parts]
    for (kind, said), after in zip(parts, [*kinds[1:], None]):
        if kind == CALL:
            text += f"[{said}" + ("" if after == RESULT else " → no result] ")
        else:
            text += f" → {said}] " if kind == RESULT else said
    return text


def chance(scores, id):
    """The softmax of scores, at one place."""
    scores = scores.astype(np.float64)
    return float(np.exp(scores[id] - scores.max()) / np.exp(scores - scores.max()).sum())
