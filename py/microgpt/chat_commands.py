"""The commands with a slash, of a talk in the terminal and of one in the page.

What changes the dialogue is done here; the rest, as saving or showing, is for the door to do.
"""

import contextlib
from dataclasses import fields, replace

from .errors import UserError, guess
from .inference.sampling import Sampling
from .settings import problem

SETTINGS = {"temperature": "temperature", "topk": "top_k", "topp": "top_p", "minp": "min_p"}
HELP = {  # as it is typed: what it does
    "/temperature X, /topk N, /topp X, /minp X": "how tokens are chosen; without a number: what"
    " it is",
    "/tokens N": "the longest answer; 0: as far as the model can see",
    "/system TEXT": "what stands before it all; without a text: nothing",
    "/seed N": "with the same N the same questions get the same answers",
    "/retry": "another answer to the last message",
    "/sure": "show how sure the model is of each token, or no longer",
    "/copied": "show what of an answer stands word for word in its data, or no longer",
    "/clear": "forget what was said",
    "/save FILE, /load FILE": "the conversation as a line of JSON",
    "/help, /quit": "",
}
NAMES = [typed.split()[0][1:] for line in HELP for typed in line.split(", ")]


def read_command(line):
    """(name, the rest) of a line that begins with a slash.

    >>> read_command("/temperature  0.5 ")
    ('temperature', '0.5')
    """
    name, _, rest = line.strip()[1:].partition(" ")
    if name not in NAMES:
        raise UserError(f"There is no command /{name}{guess(name, NAMES) or '; see /help.'}")
    return name, rest.strip()


def do_command(dialogue, name, rest):
    """Do what changes the dialogue; what is to be said of it, or None if it is the door's."""
    if name in SETTINGS:
        return _set(dialogue, SETTINGS[name], name, rest)
    does = {"tokens": _tokens, "system": _system, "seed": _seed}
    return does[name](dialogue, rest) if name in does else None


def _set(dialogue, field, name, rest):
    if rest:
        (f,) = (f for f in fields(Sampling) if f.name == field)
        value = _number(f.type, rest)
        if wrong := problem(f, value, f"/{name}"):
            raise UserError(wrong)
        dialogue.sampling = replace(dialogue.sampling, **{field: value})
    return f"{name} is {getattr(dialogue.sampling, field):g}"


def _tokens(dialogue, rest):
    if rest:
        if not isinstance(value := _number(int, rest), int) or value < 0:
            raise UserError(f"/tokens must be a whole number of at least 0, not {rest!r}.")
        dialogue.max_tokens = value
    return f"tokens is {dialogue.max_tokens}"


def _system(dialogue, rest):
    dialogue.system = rest
    return "The system's text is " + (f"“{rest}”." if rest else "empty.")


def _seed(dialogue, rest):
    if not isinstance(value := _number(int, rest), int):
        raise UserError(f"/seed must be a whole number, not {rest!r}.")
    dialogue.seed(value)
    return ""


def _number(kind, text):
    with contextlib.suppress(ValueError):
        return kind(text)
    return text
