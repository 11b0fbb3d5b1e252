"""What the readers of tokenizer files share: the steps that can find a file damaged."""

import json

from ...errors import UserError
from ..bpe import BPETokenizer


def make(name, ids, pattern, specials, ranks=None):
    try:
        return BPETokenizer(ids, pattern, specials, ranks=ranks)
    except UserError as error:
        raise UserError(f"{name}: {error}") from None


def ranks_if_needed(ids, ranks):
    """The ranks, or None where the ids say the same (so that they need not be kept)."""
    in_order = [ids[token] for token in sorted(ranks, key=ranks.get)]
    complete = len(ranks) + 256 == len(ids)
    return None if complete and in_order == sorted(in_order) else ranks


def read_specials(found, where):
    good = isinstance(found, dict) and all(type(i) is int and i >= 0 for i in found.values())
    if not good:
        raise UserError(f"{where}: the special tokens must be a table of names and ids.")
    return found


def table(found, key, name):
    if not isinstance(found.get(key), dict):
        raise UserError(f"{name}: {key} must be a table; download the file again.")
    return found[key]


def json_object(text, name):
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UserError(f"{name}{line}: not JSON ({error}); download the file again.") from None
    if not isinstance(found, dict):
        raise UserError(f"{name} is JSON but no table, and so no tokenizer; choose another file.")
    return found


def utf8(data, name):
    try:
        return bytes(data).decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = bytes(data[: error.start]).count(b"\n") + 1
        raise UserError(
            f"{name}, line {line}: not UTF-8, and so no tokenizer file; choose another file."
        ) from None


def refuse_namesakes(tokenizer, names, format):
    """Where ordinary and special tokens share one table, no two may have the same name."""
    for text in tokenizer.specials.keys() & set(names.values()):
        raise UserError(
            f"The special token {text!r} is spelled like an ordinary one, which {format} files"
            " cannot tell apart; save it as microgpt or gonanochat, or train on text without it."
        )


def json_bytes(value):
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def short(text):
    return repr(text if len(text) <= 40 else text[:39] + "…")
