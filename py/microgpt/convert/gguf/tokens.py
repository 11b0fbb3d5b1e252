"""The tokenizer in a GGUF file: byte-level byte pairs, or an alphabet of one-byte characters.

llama.cpp knows the split pattern by a name. What is in such a file is put into the form of Hugging
Face's tokenizer.json and read as one, and written the other way round.
"""

import json

from ...errors import UserError
from ...safetensors import CheckpointError
from ...tokenizer import CharTokenizer
from ...tokenizer.files import formats
from ...tokenizer.files.gpt2 import byte_chars, from_chars
from ...tokenizer.files.huggingface import DIGIT_BY_DIGIT
from ...tokenizer.patterns import PATTERNS
from ...tokenizer.special import ends_of
from ..chat_template import TEMPLATE, template_problem
from ..vocabulary import with_bos

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # what a token is
PRE = {"gpt-2": PATTERNS["gpt2"], "llama-bpe": PATTERNS["llama3"], "smollm": DIGIT_BY_DIGIT}
ALIASES = {"llama3": "llama-bpe", "llama-v3": "llama-bpe"}
IGNORES_MERGES = ("llama-bpe",)  # a piece that is a token is that token
KEY = "tokenizer.ggml."


def write_tokenizer(tokenizer, chat):
    """Their values; `chat`: the model was taught to answer."""
    if isinstance(tokenizer, CharTokenizer):
        texts, merges, pre = _alphabet(tokenizer), [], "gpt-2"
    else:
        texts, merges, pre = _byte_pairs(tokenizer)
    types = dict.fromkeys(texts, NORMAL)
    for text, id in tokenizer.specials.items():
        texts[id], types[id] = text, CONTROL
    ids = range(tokenizer.vocab_size)
    ends = (*ends_of(tokenizer)[1:], tokenizer.bos)
    values = {
        "model": "gpt2",
        "pre": pre,
        "tokens": [texts.get(id, f"[PAD{id}]") for id in ids],
        "token_type": [types.get(id, UNUSED) for id in ids],
        "merges": merges,
        "bos_token_id": tokenizer.bos,
        "eos_token_id": tokenizer.specials["<|assistant_end|>"] if chat else ends[0],
        "add_bos_token": True,
        "add_eos_token": False,
    }
    values = {KEY + key: value for key, value in values.items()}
    return values | ({"tokenizer.chat_template": TEMPLATE} if chat else {})


def _alphabet(tokenizer):
    letters = byte_chars()
    wide = [char for char in tokenizer.chars if ord(char) > 127]
    if wide:
        raise UserError(
            f"This model's tokens are characters, and {''.join(wide)[:20]!r} are more than one byte"
            " each, for which GGUF has no such tokenizer; train with --tokenizer bpe."
        )
    return {id: letters[ord(char)] for id, char in enumerate(tokenizer.chars)}


def _byte_pairs(tokenizer):
    found = json.loads(formats.write(tokenizer, "huggingface")[""])
    pre = next((pre for pre, source in PRE.items() if source == tokenizer.splitter.source), None)
    if pre is None:
        raise UserError(
            f"llama.cpp does not cut words as the pattern {tokenizer.pattern[:60]} does; it knows"
            " gpt2 and llama3: train with one of these (--pattern)."
        )
    if found["model"]["ignore_merges"] and pre not in IGNORES_MERGES:
        raise UserError(
            "Not every token of this tokenizer is the merge of two others, which llama.cpp wants"
            " for this pattern; it was not converted."
        )
    texts = {id: text for text, id in found["model"]["vocab"].items()}
    return texts, [" ".join(pair) for pair in found["model"]["merges"]], pre


def read_tokenizer(fields):
    """(tokenizer, was it taught to chat in our tokens, why its template cannot be used or None)"""
    values, where = fields.values, fields.where
    kind = fields.word(KEY + "model")
    if kind != "gpt2":
        raise UserError(
            f"{where}: its tokenizer is {kind[:40]!r} (llama: SentencePiece's), and only byte-level"
            " ones, gpt2, are supported; it was not converted."
        )
    pre = fields.word(KEY + "pre", "default")
    pre = ALIASES.get(pre, pre)
    if pre not in PRE:
        raise UserError(
            f"{where}: its tokenizer cuts words as {pre[:40]!r}, and only {', '.join(PRE)} are"
            " supported; it was not converted."
        )
    texts, types = values.get(KEY + "tokens"), values.get(KEY + "token_type")
    merges = values.get(KEY + "merges")
    if not _are_texts(texts) or not _are_texts(merges):
        raise CheckpointError(
            f"{where} has no list of tokens, or none of merges; use another copy."
        )
    types = [NORMAL] * len(texts) if types is None else types
    if len(types) != len(texts) or set(map(int, types)) - {NORMAL, CONTROL, USER_DEFINED, UNUSED}:
        raise UserError(f"{where}: the types of its tokens make no sense here; use another copy.")
    kinds = dict(zip(range(len(texts)), map(int, types)))
    specials = {texts[id]: id for id, kind in kinds.items() if kind in (CONTROL, USER_DEFINED)}
    plain = {texts[id]: id for id, kind in kinds.items() if kind == NORMAL}
    if len(plain) + len(specials) < sum(kind != UNUSED for kind in kinds.values()):
        raise CheckpointError(f"{where}: two of its tokens are alike; use another copy.")
    bos = fields.whole(KEY + "bos_token_id", -1)
    tokenizer = None if merges else _alphabet_of(plain, specials, bos)
    if tokenizer is None:
        names = {id: text for text, id in specials.items()}
        tokenizer = _read_byte_pairs(plain, specials, merges, pre, where)
        tokenizer = with_bos(tokenizer, names.get(bos))
    template = fields.word("tokenizer.chat_template", "")
    problem = template and template_problem(template, tokenizer)
    return tokenizer, bool(template) and not problem, problem or None


def _are_texts(found):
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def _alphabet_of(plain, specials, bos):
    """A tokenizer of characters, if what is here is one of ours, or None."""
    chars = [from_chars(text) for text in plain]
    if not 0 < len(chars) < 256 or not all(c and len(c) == 1 and c < b"\x80" for c in chars):
        return None
    tokenizer = CharTokenizer(b"".join(chars).decode(), tuple(specials))
    ids = {char.decode(): id for char, id in zip(chars, plain.values())}
    same = ids == {char: id for id, char in enumerate(tokenizer.chars)}
    return tokenizer if same and (tokenizer.specials, tokenizer.bos) == (specials, bos) else None


def _read_byte_pairs(plain, specials, merges, pre, where):
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": PRE[pre]}, "behavior": "Isolated"}
    found = {
        "added_tokens": [{"content": text, "id": id} for text, id in specials.items()],
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "model": {"vocab": plain, "merges": merges, "ignore_merges": pre in IGNORES_MERGES},
    }
    return formats.read(json.dumps(found).encode(), where)
