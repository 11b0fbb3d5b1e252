"""One question to several models, side by side: before and after, with the tool and without."""

import random

from ...data.conversations.messages import Message
from ...data.conversations.rendering import fit_prompt
from ...dialogue import NOT_TAUGHT
from ...errors import UserError
from ...inference.chat import Answer, speak
from ...inference.engine import Engine
from ...inference.generate import generate
from ...inference.sampling import Sampling
from ...tokenizer.special import TEXT, has_chat_tokens

MOST_TOKENS = 96  # of an answer
GREEDY = Sampling(greedy=True)


class Side:
    """A model that is asked: as a chat model or, if it is a base, by a text it goes on with."""

    def __init__(self, model, tokenizer, chats, tool, machine):
        self.model, self.tokenizer, self.chats, self.tool = model, tokenizer, chats, tool
        self.engine = Engine(model, 1, machine)

    def answer(self, question):
        """A generator of (kind, text), a token each."""
        if not self.chats:
            return self._continuation(question)
        if not has_chat_tokens(self.tokenizer):
            raise UserError(NOT_TAUGHT.format("This model", "FILE"))
        room = self.model.config.block_size * 3 // 4
        ids, _ = fit_prompt([Message("user", ((TEXT, question),))], self.tokenizer, room)
        tools = None if self.tool else {}
        answer = Answer(ids, self.tokenizer, random.Random(0), GREEDY, MOST_TOKENS, tools)
        return ((said.kind, said.text) for _, said in speak(self.engine, [answer]))

    def _continuation(self, question):
        """It has read talk as lines of text: the line after the question is what it would say."""
        prompt = question.replace("\n", " ") + "\n"
        rng = random.Random(0)
        tokens = generate(self.model, self.tokenizer, rng, prompt, GREEDY, MOST_TOKENS, self.engine)
        for token in tokens:
            text, end, _ = token.text.partition("\n")
            yield TEXT, text
            if end:
                return


def comparing(sides, question):
    """A generator that answers side by side: it yields (side, kind, text), a token each."""
    answers = {i: side.answer(question) for i, side in enumerate(sides)}
    while answers:
        for i, answer in list(answers.items()):
            said = next(answer, None)
            if said is None:
                del answers[i]
            else:
                yield i, *said
