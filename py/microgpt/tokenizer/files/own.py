"""Our own description of a tokenizer, as checkpoints, links and `tokenizer.json` keep it."""

import base64
import zlib

from ...errors import UserError
from ..bpe import BPETokenizer, vocabulary
from ..chars import CharTokenizer
from ..special import BOS
from .common import json_bytes, read_specials

KEYS = {"type", "chars", "pattern", "specials", "bos", "merges", "tokens", "order"}


def to_dict(tokenizer):
    """The tokenizer as JSON can hold it: its merges if they say it all, else all its tokens."""
    if isinstance(tokenizer, CharTokenizer):
        more = list(tokenizer.specials)[1:]  # files of before know `bos` alone
        return {"type": "chars", "chars": tokenizer.chars} | ({"specials": more} if more else {})
    description = {
        "type": "bpe",
        "pattern": tokenizer.pattern,
        "specials": tokenizer.specials,
        "bos": tokenizer.bos_text,
    }
    ids, ranks = tokenizer.ids, tokenizer.ranks
    merges = tokenizer.merges if ranks is ids else None
    if merges is not None and _as_learned(merges, ids):
        return {**description, "merges": [id for pair in merges for id in pair]}
    tokens = [b""] * (max(ids.values()) + 1)
    for token, id in ids.items():
        tokens[id] = token
    description["tokens"] = " ".join(base64.b64encode(token).decode() for token in tokens)
    if ranks is not ids:
        description["order"] = [ids[token] for token in sorted(ranks, key=ranks.get)]
    return description


def _as_learned(merges, ids):
    """Are the ids those of a trainer: the bytes, then each merge as it came?"""
    in_order = all(max(pair) < 256 + i for i, pair in enumerate(merges))
    return in_order and ids == {token: i for i, token in enumerate(vocabulary(merges))}


def from_dict(description, name="this file"):
    """The tokenizer that `to_dict` described."""
    kind = description.get("type") if isinstance(description, dict) else None
    if kind is None:
        raise UserError(f"The tokenizer in {name} is damaged; save or download the file again.")
    if not isinstance(kind, str) or kind not in READERS:
        raise UserError(
            f"This version knows no tokenizer of type {kind!r}, only {', '.join(READERS)};"
            " use the version that wrote the file, or a newer one."
        )
    try:
        return READERS[kind](description)
    except UserError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else "makes no sense"
        raise UserError(
            f"The tokenizer in {name} is damaged: its description {what};"
            " save or download the file again."
        ) from None


def checksum(description):
    """Of a tokenizer's own file; inside a checkpoint or a link it is part of theirs."""
    return f"{zlib.crc32(json_bytes(description)):08x}"


def checked(found, name):
    """The description in a file, if it is the one that was saved; older files have no checksum."""
    description = {key: value for key, value in found.items() if key != "crc32"}
    known = set(description) <= KEYS
    if not known or found.get("crc32", checksum(description)) != checksum(description):
        raise UserError(
            f"The tokenizer in {name} is not the one that was saved, or a newer microgpt's; save or"
            " download the file again."
        )
    return description


def _chars_from(description):
    chars = description["chars"]
    if not isinstance(chars, str) or not chars or chars != "".join(sorted(set(chars))):
        raise ValueError
    specials = [BOS, *description.get("specials", ())]
    if not all(isinstance(text, str) and text for text in specials):
        raise ValueError
    if len(set(specials)) < len(specials):
        raise ValueError
    return CharTokenizer(chars, specials)


def _bpe_from(description):
    pattern, bos = description["pattern"], description["bos"]
    if not isinstance(pattern, str) or not isinstance(bos, str):
        raise ValueError
    specials = read_specials(description["specials"], "the tokenizer's description")
    if "merges" in description:
        flat = description["merges"]
        merges = list(zip(flat[::2], flat[1::2], strict=True))
        for i, pair in enumerate(merges):
            if not all(type(id) is int and 0 <= id < 256 + i for id in pair):
                raise UserError(
                    f"The tokenizer is damaged: merge {i} joins {pair[0]!r} and {pair[1]!r},"
                    " which are not both tokens by then; save or download the file again."
                )
        tokens = vocabulary(merges)
        ids = {token: id for id, token in enumerate(tokens)}
        if len(ids) < len(tokens):
            raise ValueError
        tokenizer = BPETokenizer(ids, pattern, specials, bos=bos)
        tokenizer._merges = merges
        return tokenizer
    tokens = [base64.b64decode(part, validate=True) for part in description["tokens"].split(" ")]
    ids = {token: id for id, token in enumerate(tokens) if token}
    ranks = None
    if "order" in description:
        ranks = {tokens[id]: rank for rank, id in enumerate(description["order"])}
        if b"" in ranks:
            raise ValueError
    return BPETokenizer(ids, pattern, specials, ranks=ranks, bos=bos)


READERS = {"chars": _chars_from, "bpe": _bpe_from}
