"""Talking to a model in the page: one is opened, and answers, one token a call."""

import random
from dataclasses import asdict

from ... import checkpoint as checkpoints
from ...chat_commands import HELP, do_command, read_command
from ...data.conversations.messages import Message, Wrong, read_line
from ...data.conversations.rendering import render_prompt
from ...data.copied import CopyIndex
from ...dialogue import NOT_TAUGHT, Dialogue, was_taught_to_chat
from ...errors import UserError
from ...inference.chat import Answer, speak
from ...inference.sampling import Sampling
from ...recorder.record import Machine
from ...tokenizer.special import TEXT
from ..json_api import page_request
from ..writing import read_sampling

NO_MODEL = "There is nobody to talk to yet: the model has not come."
WARMING = 4  # tokens
MOST_LIKELY = 8  # tokens that might have come in place of another


class Chat:
    """What the page asks of the model that is talked to; it is another than the one of the run."""

    def __init__(self, kernel):
        self._kernel = kernel
        self._dialogue = self._answer = self._copies = self._warming = None

    def needed(self):
        """The dialogue, or a sentence that there is none."""
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
        self._copies = CopyIndex.kept_in(found)
        self._dialogue = Dialogue(model, tokenizer, machine=Machine(self._kernel))
        return {
            "name": name,
            "bytes": len(data),
            "parameters": model.weights.count,
            "context": model.config.block_size,
            "vocabSize": tokenizer.vocab_size,
            "steps": found.meta["progress"]["step"],
            "data": found.meta["data"]["name"],
            "weights": found.weights_checksum(),
            "copies": self._copies.bytes if self._copies else 0,
            "commands": list(HELP.items()),
            **self._settings(),
        }

    @page_request
    def chat_warm(self):
        """Write a token that nobody sees: the first ones take long, as what they need is recorded.

        {done}: whether that was the last. A question ends it.
        """
        if self._warming is None:
            self.chat_stop()
            dialogue = self.needed()
            ids = render_prompt([Message("user", ((TEXT, "Hi"),))], dialogue.tokenizer)
            rng, greedy = random.Random(0), Sampling(greedy=True)
            answer = Answer(ids, dialogue.tokenizer, rng, greedy, WARMING)
            self._warming = speak(dialogue.engine, [answer])
        return {"done": next(self._warming, None) is None}

    def _settings(self):
        dialogue = self._dialogue
        sampling = asdict(dialogue.sampling)
        return {
            "sampling": sampling,
            "maxTokens": dialogue.max_tokens,
            "system": dialogue.system,
        }

    def _set(self, messages, sampling, max_tokens, system):
        """Be where the page is in the talk; the last message, which is the user's."""
        dialogue = self.needed()
        self.chat_stop()
        dialogue.sampling, _ = read_sampling(sampling)
        dialogue.max_tokens, dialogue.system = max_tokens, system
        *before, last = map(_message, messages)
        dialogue.messages = before
        return last

    @page_request
    def chat_ask(self, messages, sampling=None, max_tokens=256, system="", seed=None, opening=()):
        """Begin the answer to a conversation, whose last message is the user's: the first token.

        Then `chat_token` until there is no more. With a seed chance begins anew; `opening` are
        tokens that the answer begins with.
        """
        last = self._set(messages, sampling, max_tokens, system)
        if seed is not None:
            self._dialogue.seed(seed)
        self._answer = self._dialogue.ask(last.text, True, opening)
        return self.chat_token()  # at once: what is lacking shows now

    @page_request
    def chat_token(self):
        """{said} or, at the end, {answered}."""
        said = next(self._answer, None)
        return {"answered": self._answered()} if said is None else {"said": said._asdict()}

    @page_request
    def chat_stop(self):
        """What was said until now is the answer."""
        if self._warming:
            self._warming.close()
            self._warming = None
        if not self._answer:
            return {}
        self._answer.close()
        return {"answered": self._answered()}

    def _answered(self):
        dialogue, self._answer = self._dialogue, None
        text = dialogue.messages[-1].text
        return {
            "reason": dialogue.ended or "stopped",
            "leftOut": dialogue.left_out,
            "copied": self._copies and copied_in(self._copies, text),
        }

    @page_request
    def chat_likeliest(self, messages, written, sampling=None, max_tokens=256, system=""):
        """What might have come after some tokens of an answer, the likeliest first."""
        last = self._set(messages, sampling, max_tokens, system)
        dialogue = self._dialogue
        dialogue.messages.append(last)
        names = {id: text for text, id in dialogue.tokenizer.specials.items()}
        return {
            "tokens": [
                {
                    "id": id,
                    "text": "" if id in names else dialogue.tokenizer.decode([id]),
                    "name": names.get(id),
                    "p": p,
                }
                for id, p in dialogue.likeliest(written, MOST_LIKELY)
            ]
        }

    @page_request
    def chat_command(self, line, sampling=None, max_tokens=256, system=""):
        """Do a command with a slash; `said` is None where it is the page's to do."""
        dialogue = self.needed()
        name, rest = read_command(line)
        dialogue.sampling, _ = read_sampling(sampling)
        dialogue.max_tokens, dialogue.system = max_tokens, system
        said = do_command(dialogue, name, rest)
        return {"name": name, "rest": rest, "said": said, **self._settings()}

    @page_request
    def chat_read(self, data, name):
        """The last conversation of a file of JSON lines, checked."""
        lines = [line for line in bytes(data).splitlines() if line.strip()]
        if not lines:
            raise UserError(f"{name} has no conversation in it; choose another file.")
        try:
            messages = read_line(lines[-1])
        except Wrong as error:
            raise UserError(f"{name}: the last conversation {error}; mend the line.") from None
        system = messages[0].text if messages[0].role == "system" else ""
        return {
            "system": system,
            "messages": [_as_json(m) for m in messages if m.role != "system"],
        }


def _message(given):
    """A message as the page has it: {role, parts: [{type, text}]}."""
    return Message(given["role"], tuple((part["type"], part["text"]) for part in given["parts"]))


def _as_json(message):
    parts = [{"type": kind, "text": text} for kind, text in message.parts]
    return {"role": message.role, "parts": parts}


def copied_in(index, text):
    """[start, end] of what stands in the data, as JavaScript counts letters."""
    return [
        [len(text[:at].encode("utf-16-le")) // 2 for at in stretch]
        for stretch in index.stretches(text)
    ]
