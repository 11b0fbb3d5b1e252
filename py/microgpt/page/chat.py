"""Talking to a model in the page: one is opened, and answers, one token a call."""

from dataclasses import asdict

from .. import checkpoint as checkpoints
from ..data.conversations.messages import Message
from ..dialogue import NOT_TAUGHT, Dialogue, was_taught_to_chat
from ..errors import UserError
from ..recorder.record import Machine
from .json_api import page_request
from .writing import read_sampling

NO_MODEL = "There is nobody to talk to yet: the model has not come."


class Chat:
    """What the page asks of the model that is talked to; it is another than the one of the run."""

    def __init__(self, kernel):
        self._kernel = kernel
        self._dialogue = self._answer = None

    def _needed(self):
        if not self._dialogue:
            raise UserError(NO_MODEL)
        return self._dialogue

    @page_request
    def chat_open(self, data, name):
        """A chat model's file becomes the one that is talked to; what is to be said of it."""
        found = checkpoints.from_bytes(bytes(data), name)
        if not was_taught_to_chat(found.meta):
            raise UserError(NOT_TAUGHT.format(name, name))
        model, tokenizer = found.model(), found.tokenizer()
        self.chat_stop()
        self._dialogue = Dialogue(model, tokenizer, machine=Machine(self._kernel))
        return {
            "name": name,
            "parameters": model.weights.count,
            "context": model.config.block_size,
            "vocabSize": tokenizer.vocab_size,
            "steps": found.meta["progress"]["step"],
            "data": found.meta["data"]["name"],
            "weights": found.weights_checksum(),
            "sampling": asdict(self._dialogue.sampling),
            "maxTokens": self._dialogue.max_tokens,
        }

    @page_request
    def chat_ask(self, messages, sampling=None, max_tokens=256, system="", seed=None):
        """Begin the answer to a conversation, whose last message is the user's.

        Then `chat_token` until there is no more. With a seed chance begins anew.
        """
        dialogue = self._needed()
        self.chat_stop()
        dialogue.sampling, _ = read_sampling(sampling)
        dialogue.max_tokens, dialogue.system = max_tokens, system
        if seed is not None:
            dialogue.seed(seed)
        *before, last = map(_message, messages)
        dialogue.messages = before
        self._answer = dialogue.ask(last.text, sure=True)
        return {"said": next(self._answer)._asdict()}  # so that what is lacking shows at once

    @page_request
    def chat_token(self):
        """{said} or, at the end, {answered}."""
        said = next(self._answer, None)
        return {"answered": self._answered()} if said is None else {"said": said._asdict()}

    @page_request
    def chat_stop(self):
        """What was said until now is the answer."""
        if not self._answer:
            return {}
        self._answer.close()
        return {"answered": self._answered()}

    def _answered(self):
        dialogue, self._answer = self._dialogue, None
        return {"reason": dialogue.ended or "stopped", "leftOut": dialogue.left_out}


def _message(given):
    """A message as the page has it: {role, parts: [{type, text}]}."""
    return Message(given["role"], tuple((part["type"], part["text"]) for part in given["parts"]))
