"""What a request asks to have written, one choice at a time."""

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from ..inference.chat import Answer, Said
from ..inference.engine import Row
from ..inference.sampling import Sampling, Shift
from ..inference.stops import StopFinder
from ..tokenizer.special import TEXT, chat_tokens, ends_of

REASONS = {"stop": "stop", "length": "length", "full": "length"}


@dataclass(frozen=True)
class Order:
    """What is to be written: a prompt, and how it is to go on."""

    ids: list
    is_chat: bool
    seed: int
    sampling: Sampling
    max_tokens: int | None = None
    stops: tuple = ()
    tops: int | None = None  # how many of the likeliest are told of each token
    bias: dict = field(default_factory=dict)
    presence: float = 0.0
    frequency: float = 0.0
    tools: dict | None = None  # name -> (tool, argument): their calls are handed over


class Call(NamedTuple):
    """A call that the client is to carry out."""

    name: str
    argument: str
    expression: str


class Piece(NamedTuple):
    """What is new of a choice."""

    index: int
    text: str
    logs: list  # (id, log-probability, [(id, that of it)]) of each token in it
    reason: str | None = None  # why it ended
    call: Call | None = None


class Choice:
    """One text, from its place in the queue to its end."""

    def __init__(self, job, index, order, tokenizer):
        self.job, self.index, self.order = job, index, order
        self._tokenizer, self._finder = tokenizer, StopFinder(order.stops)
        self._pending, self._seen, self._freed = [], 0, 0
        self.tokens, self.recalled, self.since = 0, 0, None

    def begin(self, vocab_size):
        """The row that the engine is to write."""
        order, rng = self.order, random.Random(f"serve {self.order.seed}")
        tools = order.tools and {name: tool for name, (tool, _) in order.tools.items()}
        make = Answer if order.is_chat else Continuation
        settings = (order.ids, self._tokenizer, rng, order.sampling, order.max_tokens, tools)
        self._writer = make(*settings, hands_over=bool(tools))
        self.row = self._writer.row
        if order.bias or order.presence or order.frequency:
            self.row.shift = Shift(vocab_size, order.bias, order.presence, order.frequency)
        self.row.tops = order.tops
        return self.row

    def hear(self, written):
        """Take what was written; the piece that it adds, or None."""
        self.tokens += 1
        self.recalled = self.row.recalled
        said, row = self._writer.hear(written), self.row
        text = said.text if said.kind == TEXT else ""
        if written.logs and said.kind == TEXT and self._tokenizer.bytes_of(written.id):
            self._pending.append((self._seen, (written.id, *written.logs)))
        self._seen += len(text)
        free, found = self._finder.push(text)
        call, reason = self._called(), None
        if found:
            reason = "stop"
        elif call or row.ended:
            reason = "tool_calls" if call else REASONS[row.ended]
            free += self._finder.finish()
        self._freed += len(free)
        if not (free or reason):
            return None
        whole = reason and not found
        logs = [log for start, log in self._pending if whole or start < self._freed]
        self._pending = self._pending[len(logs) :]
        return Piece(self.index, free, logs, reason, call)

    def _called(self):
        if (expression := self._writer.called) is None:
            return None
        expression = expression.strip(" ")
        for name, (tool, argument) in self.order.tools.items():
            if tool.run(expression) is not None:
                return Call(name, argument, expression)


class Continuation:
    """A text that goes on with another, as a base model does; followed like an answer."""

    called = None

    def __init__(self, ids, tokenizer, rng, sampling, max_tokens, tools=None, hands_over=False):
        self._stream = tokenizer.stream()
        self.row = Row(ids, rng, sampling, ends_of(tokenizer), max_tokens, slides=False)

    def hear(self, written):
        text = "" if self.row.ended == "stop" else self._stream.push(written.id)
        return Said(TEXT, text + (self._stream.finish() if self.row.ended else ""), None)


def without_tools(tokenizer):
    """A bias by which a model calls none."""
    return {chat_tokens(tokenizer).python_start: -float("inf")}
