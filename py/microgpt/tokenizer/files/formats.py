"""Tokenizer files: bytes in, tokenizer out, and back. Four kinds of others', and our own.

- microgpt: a JSON object, the same that a checkpoint keeps, in `own`.
- tiktoken: a line `base64 rank` for each token. Neither pattern nor special tokens.
- gpt2: the pair vocab.bpe (the merges) and encoder.json (the ids), in `gpt2`. No pattern.
- gonanochat: a JSON object with `mergeable_ranks` in hexadecimal.
- huggingface: tokenizer.json, in `huggingface`.

Whatever is wrong with a file is said in one sentence that names the line or the key.
"""

import base64
import binascii

from ...errors import UserError
from ..bpe import BPETokenizer
from ..patterns import PATTERNS
from .common import json_bytes, json_object, make, read_specials, short, table, utf8
from .gpt2 import looks_like_merge, read_pair, write_gpt2
from .own import checked, checksum, from_dict, to_dict

FORMATS = ("microgpt", "tiktoken", "gpt2", "gonanochat", "huggingface")

# Rank files say nothing of pattern and special tokens; the published ones are known by their size.
_GPT2_END = {"<|endoftext|>": 50256}
_CL100K_SPECIALS = {
    "<|endoftext|>": 100257,
    "<|fim_prefix|>": 100258,
    "<|fim_middle|>": 100259,
    "<|fim_suffix|>": 100260,
    "<|endofprompt|>": 100276,
}
_LLAMA3_SPECIALS = {
    "<|begin_of_text|>": 128000,
    "<|end_of_text|>": 128001,
    "<|start_header_id|>": 128006,
    "<|end_header_id|>": 128007,
    "<|eot_id|>": 128009,
}
PUBLISHED = {
    50256: ("gpt2", _GPT2_END),
    100256: ("cl100k", _CL100K_SPECIALS),
    128000: ("llama3", _LLAMA3_SPECIALS),
    199998: ("o200k", {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}),
}


def read(data, name, pattern=None, partner=None):
    """The tokenizer in a file's bytes. `pattern` is used where the file names none.

    `partner(name)` gives the bytes of a file beside this one, or None: GPT-2's come in pairs.
    """
    text = utf8(data, name)
    start = text.lstrip()[:1]
    if start == "{":
        return _read_json(text, name, pattern, partner)
    first = text.split("\n", 1)[0].strip()
    if first.startswith("#version") or looks_like_merge(first):
        return read_pair(name, pattern, partner, merges=text)
    return read_tiktoken(text, name, pattern)


def write(tokenizer, format):
    """{suffix of the file's name: its bytes}; one file, except for gpt2, which has two."""
    if format == "microgpt":
        description = to_dict(tokenizer)
        return {"": json_bytes({**description, "crc32": checksum(description)})}
    if not isinstance(tokenizer, BPETokenizer):
        raise UserError(f"A tokenizer of characters cannot be saved as {format}, only as microgpt.")
    if format == "tiktoken":
        _need_ranks(tokenizer, format)
        return {"": write_tiktoken(tokenizer)}
    if format == "gonanochat":
        _need_ranks(tokenizer, format)
        return {"": write_gonanochat(tokenizer)}
    if format == "gpt2":
        return write_gpt2(tokenizer)
    from .huggingface import write_huggingface

    return {"": write_huggingface(tokenizer)}


# ---- tiktoken


def read_tiktoken(text, name, pattern=None):
    """A rank file. Unless it is a published one, the pattern must be named; `<|bos|>` is added."""
    ids, lines = {}, {}
    for number, line in enumerate(text.split("\n"), 1):
        parts = line.split()
        if not parts:
            continue
        where = f"{name}, line {number}"
        try:
            token = base64.b64decode(parts[0], validate=True)
            rank = int(parts[1])
        except (binascii.Error, ValueError, IndexError):
            token = b""
        if not token or len(parts) != 2 or not 0 <= rank < 1 << 31:
            raise UserError(
                f"{where}: {short(line)} is not a token in base64 and its rank;"
                " this is no tokenizer file, or a damaged one."
            )
        if token in ids or rank in lines:
            what = "token" if token in ids else f"rank {rank}"
            before = lines[ids.get(token, rank)]
            raise UserError(f"{where}: the {what} was there before, in line {before}; remove one.")
        ids[token], lines[rank] = rank, number
    if not ids:
        raise UserError(f"{name} has no tokens in it; choose a tokenizer file.")
    known, specials = PUBLISHED.get(len(ids), (None, None))
    if not (pattern or known):  # any other would give wrong ids in silence
        raise UserError(
            f"{name} does not say where words are cut, and its size is not that of a published"
            " file; use a file that names the pattern, such as tokenizer.json, or in a terminal"
            f" name it with --pattern ({', '.join(PATTERNS)})."
        )
    return make(name, ids, pattern or known, specials)


def write_tiktoken(tokenizer):
    ids = sorted(tokenizer.ids.items(), key=lambda item: item[1])
    return b"".join(b"%s %d\n" % (base64.b64encode(token), id) for token, id in ids)


# ---- gonanochat, and JSON in general


def read_gonanochat(found, name, pattern=None):
    ids = {}
    for key, rank in table(found, "mergeable_ranks", name).items():
        try:
            token = bytes.fromhex(key)
        except ValueError:
            token = b""
        if not token or type(rank) is not int or not 0 <= rank < 1 << 31:
            raise UserError(
                f"{name}: in mergeable_ranks {short(key)}: {rank!r} is not a token in hexadecimal"
                " and its rank; mend the entry."
            )
        ids[token] = rank
    specials = read_specials(found.get("special_tokens", {}), f"{name}: special_tokens")
    source = found.get("pattern", "")
    if not isinstance(source, str):
        raise UserError(f"{name}: the pattern is {source!r}, not a text; mend it.")
    return make(name, ids, pattern or source or "none", specials)


def write_gonanochat(tokenizer):
    return json_bytes(
        {
            "vocab_size": tokenizer.vocab_size,
            "pattern": tokenizer.splitter.source,
            "mergeable_ranks": {token.hex(): id for token, id in tokenizer.ids.items()},
            "special_tokens": tokenizer.specials,
        }
    )


def _read_json(text, name, pattern, partner):
    found = json_object(text, name)
    if "type" in found:
        return from_dict(checked(found, name), name)
    if "mergeable_ranks" in found:
        return read_gonanochat(found, name, pattern)
    if isinstance(found.get("model"), dict):
        from .huggingface import read_huggingface

        return read_huggingface(found, name)
    if found and all(type(id) is int for id in found.values()):
        return read_pair(name, pattern, partner, encoder=found)
    raise UserError(
        f"{name} is JSON but no tokenizer: it has none of the keys type, model, mergeable_ranks."
    )


def _need_ranks(tokenizer, format):
    if tokenizer.ranks is not tokenizer.ids:
        raise UserError(
            f"The ids of this tokenizer are not in the order of its merges, as {format} files need;"
            " save it as huggingface or microgpt."
        )
