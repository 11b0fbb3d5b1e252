"""Talking to a server in OpenAI's wire format: a dialogue whose answers come over the network."""

import http.client
import json
import os
import re
from math import exp
from urllib.parse import urlsplit

from ....data.conversations.messages import Message
from ....dialogue import Talk
from ....errors import UserError
from ....inference.chat import Said
from ....tokenizer.special import TEXT

TOKEN = "MICROGPT_TOKEN"  # the environment's name of what the server wants
WAIT = 120  # seconds without a word
TOO_LONG = "context_length_exceeded"
HOST = r"[\w.:%-]+"  # a name, or an address of either kind
ENDED = {"stop": "stop", "length": "length"}


class Remote:
    """A server: its address, and the token that it may want."""

    def __init__(self, url):
        parts = _parts_of(url)
        if parts is None:
            raise UserError(f"{url} is no address of a server; http://127.0.0.1:8000/v1 is one.")
        self._kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        self._kind, self._place = self._kind[parts.scheme], parts.netloc
        self._path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
        self.url = f"{parts.scheme}://{parts.netloc}{self._path}"

    def models(self):
        """The names of the models that are there."""
        with self._asked("GET", "/models") as answer:
            found = _json(answer.read(), self.url)
        try:
            return [str(each["id"]) for each in found["data"]]
        except (KeyError, TypeError):
            raise UserError(f"{self.url} does not answer as OpenAI's endpoint does.") from None

    def stream(self, fields):
        """Yield the events of a streamed answer."""
        with self._asked("POST", "/chat/completions", {**fields, "stream": True}) as answer:
            for line in answer:
                kind, _, data = line.decode("utf-8", "replace").strip().partition(":")
                if kind != "data" or data.strip() == "[DONE]":
                    continue
                event = _json(data, self.url)
                if "error" in event:
                    raise _refused(event, self.url)
                yield event

    def _asked(self, method, path, fields=None):
        headers = {"Accept": "text/event-stream" if fields else "application/json"}
        if token := os.environ.get(TOKEN):
            headers["Authorization"] = f"Bearer {token}"
        body = None
        if fields:
            body, headers["Content-Type"] = json.dumps(fields).encode(), "application/json"
        connection = self._kind(self._place, timeout=WAIT)
        try:
            connection.request(method, self._path + path, body, headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise UserError(
                f"{self.url} cannot be reached ({getattr(error, 'strerror', None) or error}); is a"
                " server running there?"
            ) from None
        if answer.status != 200:
            with _Answer(connection, answer, self.url) as told:
                raise _refused(_json(told.read(), self.url, answer.status), self.url)
        return _Answer(connection, answer, self.url)


def _parts_of(url):
    """The parts of a server's address, or None. A bare word names none, except localhost."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:  # of a port that is no number
        return None
    if parts.scheme not in ("http", "https") or not re.fullmatch(HOST, parts.hostname or ""):
        return None
    is_word = "://" not in url and port is None and "." not in parts.netloc
    return None if is_word and parts.hostname != "localhost" else parts


class _Answer:
    """An answer that is being read; leaving it ends the connection, and so the writing."""

    def __init__(self, connection, answer, url):
        self._connection, self._answer, self._url = connection, answer, url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._answer.close()
        self._connection.close()

    def read(self):
        return b"".join(self)

    def __iter__(self):
        try:
            yield from self._answer
        except (OSError, http.client.HTTPException) as error:
            why = "it was silent too long" if isinstance(error, TimeoutError) else "it broke off"
            raise UserError(f"{self._url} did not finish its answer ({why}).") from None


class TooLong(UserError):
    """The conversation is longer than the model sees."""


def _refused(found, url):
    """What a server says of a request that it does not do."""
    error = found.get("error") if isinstance(found, dict) else None
    error = error if isinstance(error, dict) else {"message": str(error or "no reason given")}
    kind = TooLong if error.get("code") == TOO_LONG else UserError
    return kind(f"{url} refuses: {error.get('message', 'no reason given')}")


def _json(data, url, status=200):
    try:
        found = json.loads(data)
        if isinstance(found, dict):
            return found
    except ValueError:
        pass
    raise UserError(f"{url} does not answer as OpenAI's endpoint does (status {status}).")


class RemoteDialogue(Talk):
    """A talk with a model elsewhere.

    When it is longer than that model sees, the oldest turns are left out, whole.
    """

    sees = "only so far back"

    def __init__(self, remote, name, sampling, changed, max_tokens, seed, system):
        """`changed` are the names of the settings that somebody chose: the others are not sent."""
        super().__init__(system)
        self._remote, self._name, self._changed = remote, name, set(changed)
        self._given, self.sampling, self.max_tokens = sampling, sampling, max_tokens
        self.seed(seed)

    def seed(self, seed):
        self._seed = seed

    def _answer(self, sure, opening=()):  # an opening cannot be sent
        said, self.ended = [], None
        try:
            for each in self._events(sure):
                said.append(each.text)
                yield each
        finally:
            if said or self.ended:
                self.messages.append(Message("assistant", ((TEXT, "".join(said)),)))
            else:
                self.messages.pop()  # it was not answered

    def _events(self, sure):
        while True:
            try:
                for event in self._remote.stream(self._fields(sure)):
                    yield from self._said(event)
                return
            except TooLong:
                if 2 * self.left_out + 1 >= len(self.messages):
                    raise
                self.left_out += 1

    def _said(self, event):
        for choice in event.get("choices") or ():
            text = (choice.get("delta") or {}).get("content") or ""
            if reason := choice.get("finish_reason"):
                self.ended = ENDED.get(reason, "stop")
            logs = ((choice.get("logprobs") or {}).get("content")) or ()
            for token in logs:
                yield Said(TEXT, str(token["token"]), _chance(token.get("logprob")))
            if text and not logs:
                yield Said(TEXT, str(text), None)

    def _fields(self, sure):
        kept = self.messages[2 * self.left_out :]
        system = [{"role": "system", "content": self.system}] if self.system else []
        messages = [{"role": each.role, "content": each.text} for each in kept]
        fields = {"model": self._name, "messages": [*system, *messages]}
        for name in ("temperature", "top_p", "top_k", "min_p"):
            value = getattr(self.sampling, name)
            if name in self._changed or value != getattr(self._given, name):
                fields[name] = value
        if self.sampling.greedy:
            fields["temperature"] = 0
        if self.max_tokens:
            fields["max_tokens"] = self.max_tokens
        if self._seed is not None:
            fields["seed"] = self._seed
        if sure:
            fields["logprobs"] = True
        return fields


def _chance(value):
    return exp(min(0.0, value)) if isinstance(value, int | float) else None
