"""A dialogue with a model: what was said, and how an answer comes about.

When the model's block is full the oldest turns are left out, whole, and `left_out` says how many.
"""

import random

import numpy as np

from .autograd import no_grad
from .data.conversations.messages import Message
from .data.conversations.rendering import fit_prompt
from .errors import UserError
from .inference.chat import Answer, shown, speak
from .inference.engine import Engine
from .inference.sampling import Sampling
from .tokenizer.special import TEXT, has_chat_tokens

ROOM = 4  # at least one part in so many of the block is kept free for an answer
NOT_TAUGHT = (
    "{} only goes on with a text; nobody has taught it to answer. Make it one to talk to: finetune"
    " chat {}."
)


def was_taught_to_chat(meta):
    """By a checkpoint's record: was it, or a run it came from, trained on conversations?"""
    data = [meta["data"].get("split")]
    parent = meta.get("parent")
    while isinstance(parent, dict):
        data.append(parent.get("split"))
        parent = parent.get("parent")
    return "conversations" in data


def example_answers(rows, tokenizer, engine, sampling, count):
    """(question, answer) of some of these conversations; one line each."""
    for i in range(min(count, len(rows))):
        asked = [m for m in rows.source[int(rows.order[i])][:2] if m.role != "assistant"]
        try:
            ids, _ = fit_prompt(asked, tokenizer, engine.model.config.block_size - 1)
        except UserError:  # too long a question
            continue
        answer = Answer(ids, tokenizer, random.Random(i), sampling)
        for _ in speak(engine, [answer]):
            pass
        yield one_line(asked[-1].text), one_line(shown(answer.parts))


def one_line(text):
    return " ".join(text.split())


class Talk:
    """What was said so far (`messages`, the system's not among them), whoever answers.

    `ask` and `retry` yield what an answer says, token by token (`inference.chat.Said`); who stops
    asking stops the answer, and what was said until then stays. `_answer` is where it comes from,
    and puts it at the end of the messages.
    """

    def __init__(self, system=""):
        self.system, self.messages, self.left_out = system, [], 0
        self.ended = None  # how the last answer did: "stop", "length", "full", or None: stopped

    def clear(self):
        self.messages, self.left_out, self.ended = [], 0, None

    @property
    def conversation(self):
        """All messages, the system's first."""
        system = [Message("system", ((TEXT, self.system),))] if self.system else []
        return [*system, *self.messages]

    def restore(self, conversation):
        """Go on with another conversation, which ends with an answer."""
        if conversation[-1].role != "assistant":
            raise UserError("This conversation does not end with an answer; choose another.")
        self.clear()
        first = conversation[0].role == "system"
        self.system = conversation[0].text if first else ""
        self.messages = list(conversation[first:])

    def ask(self, text, sure=False, opening=()):
        """The user says something; yields the answer, which begins with the tokens `opening`."""
        self.messages.append(Message("user", ((TEXT, text),)))
        yield from self._answer(sure, opening)

    def retry(self, sure=False):
        """Another answer in place of the last; `seed` has moved on, so it may be another."""
        if not self.messages:
            raise UserError("Nothing was said yet; ask something first.")
        self.messages.pop()
        yield from self._answer(sure)


class Dialogue(Talk):
    """A talk with a model that is here, and the settings of its answers."""

    def __init__(
        self, model, tokenizer, sampling=None, max_tokens=256, seed=None, system="", machine=None
    ):
        if not has_chat_tokens(tokenizer):
            raise UserError(NOT_TAUGHT.format("This model", "FILE"))
        super().__init__(system)
        self.model, self.tokenizer, self.engine = model, tokenizer, Engine(model, 1, machine)
        self.sampling, self.max_tokens = sampling or Sampling(), max_tokens
        self.seed(seed)

    @property
    def sees(self):
        """How far back the model sees, in words."""
        return f"{self.model.config.block_size} tokens back"

    def seed(self, seed):
        """From here on chance is the same each time."""
        self.rng = random.Random(seed)

    def likeliest(self, written, count):
        """[(id, chance)]: what an answer to the last message may go on with after these tokens."""
        ids = [*self._prompt(len(written)), *written]
        with no_grad():
            (scores,) = self.model.last_logits(np.array([ids], np.intp)).astype(np.float64)
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        return [(int(id), float(chances[id])) for id in chances.argsort()[: -count - 1 : -1]]

    def _answer(self, sure, opening=()):
        try:
            ids = self._prompt(0)
        except UserError:
            self.messages.pop()
            raise
        most = self.max_tokens or None
        answer = Answer(ids, self.tokenizer, self.rng, self.sampling, most, opening=opening)
        self.ended = None
        try:
            while True:
                for _, said in speak(self.engine, [answer], sure):
                    yield said
                if answer.ended != "full" or not self._shortened(answer):
                    break
            self.ended = answer.ended
        finally:
            parts = tuple(answer.parts) or ((TEXT, ""),)
            self.messages.append(Message("assistant", parts))

    def _prompt(self, written):
        """The conversation's ids, with room for what is written already and some more."""
        block = self.model.config.block_size
        wanted = min(self.max_tokens or block, block // ROOM)
        room = block - written - wanted
        ids, self.left_out = fit_prompt(self.conversation, self.tokenizer, room)
        return ids

    def _shortened(self, answer):
        """Leave out more of the oldest turns in the middle of an answer, if there are any."""
        before, written = self.left_out, len(answer.row.ids) - answer.prompt_length
        try:
            ids = self._prompt(written)
        except UserError:
            self.left_out = before
            return False
        answer.go_on(ids)
        return True
