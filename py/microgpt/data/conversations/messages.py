"""Conversations in files: JSON lines in our own, OpenAI's or ShareGPT's words, read one by one.

    {"messages": [{"role": "user", "content": "What is 3 + 4?"},
                  {"role": "assistant", "content": [{"type": "python", "text": "3+4"},
                                                    {"type": "python_output", "text": "7"},
                                                    {"type": "text", "text": "That makes 7."}]}]}

A line may also be the list of messages alone. OpenAI's `tool_calls` and the messages of role
`tool` become such parts; ShareGPT has `conversations`, `from` and `value`.
"""

import hashlib
import json
from array import array
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import UserError
from ...tokenizer.special import CALL, RESULT, TEXT
from ..encoding import looks_like

ROLES = {
    **{"system": "system", "developer": "system"},
    **{"user": "user", "human": "user"},
    **{"assistant": "assistant", "gpt": "assistant", "model": "assistant", "chatgpt": "assistant"},
    "tool": "tool",
}
LONGEST_LINE = 1 << 24  # bytes
AFTER_SYSTEM = "\n\n"  # between its message and the first of the user, and between two of these


@dataclass(frozen=True)
class Message:
    """What one side says: parts are (kind, text), of which a user's is one text."""

    role: str  # "system", "user" or "assistant"
    parts: tuple
    learned: bool = True  # shall a model learn to say this?

    @property
    def text(self):
        """What a reader sees of it: neither calls nor results."""
        return "".join(text for kind, text in self.parts if kind == TEXT)


class Wrong(ValueError):
    """What is wrong with a conversation, as the end of a sentence."""


# ---- from JSON


def read_messages(found, joined=False):
    """The messages of a conversation as JSON has them: system first, if at all, then in turn.

    With `joined` what the user says in several messages, one after the other, is one with an empty
    line between them. A chat page sends such ones after an answer that did not come.

    >>> [m.role for m in read_messages([{"from": "human", "value": "Hi"}])]
    ['user']
    """
    if isinstance(found, dict):
        names = [name for name in ("messages", "conversations") if name in found]
        if not names:
            raise Wrong("has no key messages (or conversations)")
        found = found[names[0]]
    if not isinstance(found, list) or not found:
        raise Wrong("has no list of messages")
    messages, calls = [], {}
    for number, each in enumerate(found, 1):
        try:
            _add(messages, calls, each, joined)
        except Wrong as error:
            raise Wrong(f"has a message, number {number}, that {error}") from None
    if calls:
        raise Wrong("has a tool call without its result")
    return messages


def characters_of(messages):
    """The characters that a tokenizer has to know for them."""
    found = set().union(*(text for message in messages for _, text in message.parts))
    return found | set(AFTER_SYSTEM) if messages[0].role == "system" else found


def to_json(messages):
    """A conversation as a line of a file has it; the opposite of `read_messages`.

    >>> to_json(read_messages([{"from": "human", "value": "Hi"}]))
    {'messages': [{'role': 'user', 'content': 'Hi'}]}
    """
    written = []
    for message in messages:
        content = [{"type": kind, "text": text} for kind, text in message.parts]
        if all(kind == TEXT for kind, _ in message.parts):
            content = message.text
        written.append({"role": message.role, "content": content})
    return {"messages": written}


def _add(messages, calls, each, joined):
    """Read one message and put it where it belongs; `calls` are tool calls without a result."""
    if not isinstance(each, dict):
        raise Wrong("is no object with role and content")
    given = each.get("role", each.get("from"))
    if not isinstance(given, str) or given not in ROLES:
        raise Wrong(f"has the role {_short(given)}, none of system, user, assistant, tool")
    role, before = ROLES[given], messages[-1].role if messages else None
    content = each.get("content", each.get("value"))
    if role == "tool":
        _add_result(messages, calls, each, _plain(content))
        return
    if calls:
        raise Wrong("comes before the result of a tool call")
    parts = _parts(content, role, optional=bool(each.get("tool_calls")))
    for call in each.get("tool_calls") or ():
        identity, expression = _call(call)
        calls[identity] = len(parts)
        parts.append((CALL, expression))
    if calls and role != "assistant":
        raise Wrong(f"is a tool call by the {role}")
    learned = each.get("weight", 1)
    if learned not in (0, 1):
        raise Wrong(f"has the weight {_short(learned)}, neither 0 nor 1")
    message = Message(role, tuple(parts), bool(learned))
    if role == "assistant" and before == "assistant" and messages[-1].parts[-1][0] == RESULT:
        messages[-1] = replace(messages[-1], parts=messages[-1].parts + message.parts)
        calls.update({key: at + len(messages[-1].parts) - len(parts) for key, at in calls.items()})
        return
    if joined and role == before == "user":
        text = messages[-1].text + AFTER_SYSTEM + message.text
        messages[-1] = replace(messages[-1], parts=((TEXT, text),))
        return
    due = {None: ("system", "user"), "user": ("assistant",)}.get(before, ("user",))
    if role not in due:
        raise Wrong(f"is of the {role}, where the {' or '.join(due)} is due")
    messages.append(message)


def _add_result(messages, calls, each, text):
    """Put the result of a tool behind its call."""
    if not calls:
        raise Wrong("is the result of a tool that was not called")
    identity = each.get("tool_call_id", next(iter(calls)))
    if identity not in calls:
        raise Wrong(f"is the result of {_short(identity)}, which was not called")
    at, parts = calls.pop(identity) + 1, messages[-1].parts
    messages[-1] = replace(messages[-1], parts=(*parts[:at], (RESULT, text), *parts[at:]))
    for key, place in calls.items():
        calls[key] = place + (place >= at)


def _parts(content, role, optional):
    """The parts of a content: a text, or a list of objects with type and text."""
    if content is None and optional:
        return []
    if isinstance(content, str):
        return [(TEXT, content)] if content or not optional else []
    if role != "assistant":
        return [(TEXT, _plain(content))]
    if not isinstance(content, list) or not content:
        raise Wrong("has no content")
    parts = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in (TEXT, CALL, RESULT) or not isinstance(part.get("text"), str):
            raise Wrong(f"has a part that is no {TEXT}, {CALL} or {RESULT} with its text")
        if kind == RESULT and (not parts or parts[-1][0] != CALL):
            raise Wrong("has a result that no call stands before")
        parts.append((kind, part["text"]))
    return parts


def _plain(content):
    """A content that is text only, in one or several parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        raise Wrong("has no content")
    for part in content:
        if not isinstance(part, dict) or part.get("type") != TEXT:
            raise Wrong("has content that is no text")
        if not isinstance(part.get("text"), str):
            raise Wrong("has a part without text")
    return "".join(part["text"] for part in content)


def _call(call):
    """(its id, the expression) of a tool call in OpenAI's words.

    The expression is the one argument that the function is called with.
    """
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if not isinstance(arguments, str):
        raise Wrong("has a tool call without function and arguments")
    try:
        values = json.loads(arguments)
    except ValueError:
        values = arguments
    if isinstance(values, dict):
        if len(values) != 1:
            raise Wrong("has a tool call that does not have one argument")
        (values,) = values.values()
    return call.get("id"), values if isinstance(values, str) else str(values)


def _short(value):
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


# ---- from files


class ConversationFile:
    """The conversations of a file. What is kept in memory is where each line begins.

    All lines are checked once, in the beginning: a wrong one is named before anything is trained.
    """

    def __init__(self, path, on_bytes=None):
        self.path, self._starts, self.characters = Path(path), array("q"), set()
        digest, number, start = hashlib.sha256(), 0, 0
        try:
            with open(path, "rb") as file:
                while line := file.readline(LONGEST_LINE):
                    number += 1
                    if number == 1 and (kind := looks_like(line)):
                        raise UserError(f"{path} has no conversations but looks like {kind}.")
                    if line.strip():
                        messages = self._read(line, f"line {number:,}")
                        self.characters |= characters_of(messages)
                        self._starts.append(start)
                    digest.update(line)
                    start += len(line)
                    if on_bytes:
                        on_bytes(len(line))
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None
        if not self._starts:
            raise UserError(f"{path} has no conversations in it; choose a file that has some.")
        self.digest = digest.hexdigest()

    def __len__(self):
        return len(self._starts)

    def __getitem__(self, i):
        try:
            with open(self.path, "rb") as file:
                file.seek(self._starts[i])
                return self._read(file.readline(LONGEST_LINE), f"at byte {self._starts[i]:,}")
        except OSError as error:
            raise UserError(f"{self.path} cannot be read ({error.strerror}); check it.") from None

    def _read(self, line, where):
        try:
            return read_line(line)
        except Wrong as error:
            raise UserError(
                f"{self.path}, {where}: the conversation {error}; mend the line."
            ) from None


def read_line(line):
    """The messages in a line of a file."""
    if len(line) >= LONGEST_LINE:
        raise Wrong(f"is longer than {LONGEST_LINE:,} bytes")
    messages = read_messages(_json(line))
    if not any(message.role == "assistant" for message in messages):
        raise Wrong("has nothing that the assistant says")
    return messages


def _json(line):
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Wrong(f"is not valid UTF-8 (byte {error.start:,} of the line)") from None
    except json.JSONDecodeError as error:
        raise Wrong(f"is not JSON ({error.msg}, character {error.colno:,})") from None
    except RecursionError:
        raise Wrong("is nested too deeply") from None
