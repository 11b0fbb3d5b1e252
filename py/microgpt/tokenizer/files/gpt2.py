"""GPT-2's pair of files: vocab.bpe lists the merges, encoder.json gives the ids.

Bytes are written as letters in both, so that a text editor can show them.
"""

from ...errors import UserError
from .common import json_bytes, json_object, make, ranks_if_needed, refuse_namesakes, short, utf8


def byte_chars():
    """GPT-2's letters for the 256 bytes: printable ones for themselves, others from U+0100 on.

    >>> chars = byte_chars()
    >>> chars[ord("a")], chars[ord(" ")], chars[ord("\\n")], len(set(chars))
    ('a', 'Ġ', 'Ċ', 256)
    """
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


_CHARS = byte_chars()
_BYTES = {char: byte for byte, char in enumerate(_CHARS)}


def to_chars(token):
    return "".join(_CHARS[byte] for byte in token)


def from_chars(text):
    """The bytes, or None where the text is not of these letters."""
    try:
        return bytes([_BYTES[char] for char in text])
    except KeyError:
        return None


def read_gpt2(merges, encoder, names, pattern=None):
    """`merges` is the text of vocab.bpe, `encoder` the object in encoder.json."""
    ranks = {}
    for number, line in enumerate(merges.split("\n"), 1):
        if line.startswith("#version") or not line.strip():
            continue
        parts = [from_chars(part) for part in line.rstrip("\r").split(" ")]
        where = f"{names[0]}, line {number}"
        if len(parts) != 2 or not all(parts):
            raise UserError(f"{where}: {short(line)} is not two tokens to merge; mend the line.")
        if to_chars(parts[0] + parts[1]) not in encoder:
            raise UserError(f"{where}: the token it makes is not in {names[1]}; are they a pair?")
        ranks.setdefault(parts[0] + parts[1], len(ranks))
    ids, specials = {}, {}
    for key, id in encoder.items():
        token = from_chars(key)
        if type(id) is not int or id < 0:
            raise UserError(f"{names[1]}: the id of {short(key)} is {id!r}, not a whole number.")
        if token is not None and (len(token) == 1 or token in ranks):
            ids[token] = id
        else:
            specials[key] = id
    return make(names[1], ids, pattern or "gpt2", specials, ranks_if_needed(ids, ranks))


def write_gpt2(tokenizer):
    if tokenizer.merges is None:
        raise UserError(
            "Not every token of this tokenizer is the merge of two others, so its merges cannot be"
            " listed; save it as tiktoken or microgpt."
        )
    names = {id: to_chars(token) for token, id in tokenizer.ids.items()}
    refuse_namesakes(tokenizer, names, "gpt2")
    lines = ["#version: 0.2", *(f"{names[a]} {names[b]}" for a, b in tokenizer.merges)]
    encoder = {names[id]: id for id in sorted(names)} | tokenizer.specials
    return {"vocab.bpe": ("\n".join(lines) + "\n").encode(), "encoder.json": json_bytes(encoder)}


def read_pair(name, pattern, partner, merges=None, encoder=None):
    """Find the other file of GPT-2's pair and read both."""
    known = ("encoder.json", "vocab.json") if merges else ("vocab.bpe", "merges.txt")
    found = ((other, partner(other)) for other in known) if partner else ()
    other, data = next((pair for pair in found if pair[1] is not None), (None, None))
    if data is None:
        raise UserError(
            f"{name} is one of a pair of files; put the other ({' or '.join(known)}) beside it."
        )
    if merges:
        return read_gpt2(merges, json_object(utf8(data, other), other), (name, other), pattern)
    return read_gpt2(utf8(data, other), encoder, (other, name), pattern)


def looks_like_merge(line):
    parts = [from_chars(part) for part in line.split(" ")]
    return len(parts) == 2 and all(parts) and not parts[1].isdigit()
