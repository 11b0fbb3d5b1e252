"""Hugging Face's tokenizer.json, of the byte-level BPE kind.

Such a file is a list of merges; ours merges by what the result is. For what a trainer learned the
two are the same, and `_check_merges` makes sure of it. What else a file asks for (normalizers,
prefixes, dropout) is refused rather than ignored: the ids would differ without a word.
"""

from ...errors import UserError
from ..merging import parents
from ..patterns import PATTERNS
from .common import json_bytes, make, ranks_if_needed, refuse_namesakes, short, table
from .gpt2 import from_chars, to_chars

# SmolLM's two steps as one pattern: each digit alone, what is between by GPT-2's pattern, for which
# the text ends where a digit comes.
DIGIT_BY_DIGIT = (
    PATTERNS["gpt2"]
    .replace(r" ?\p{N}+", r"\p{N}")
    .replace(r"|\s+(?!\S)", r"|\s+(?=\p{N})|\s+(?!\S)")
)


def read_huggingface(found, name):
    model = table(found, "model", name)
    _refuse_others(found, model, name)
    vocab = table(model, "vocab", name)
    for key, id in vocab.items():
        if type(id) is not int or not 0 <= id < 1 << 31:
            raise UserError(f"{name}: the id of {short(key)} is {id!r}, not a whole number.")
    specials = _added_tokens(found, name)
    ids = {}
    for key, id in vocab.items():
        if key in specials:
            continue
        token = from_chars(key)
        if not token:
            raise UserError(
                f"{name}: in the vocabulary {short(key)} is not written in the letters of"
                " byte-level files; this kind of tokenizer is not supported."
            )
        ids[token] = id
    pairs = _merges(model, ids, name)
    ranks = {}
    for left, right in pairs:
        ranks.setdefault(left + right, len(ranks))
    if model.get("ignore_merges"):
        # Pieces that are a token are that token: also those no merge makes.
        for token in sorted(ids.keys() - ranks.keys(), key=ids.get):
            if len(token) > 1:
                ranks[token] = len(ranks)
    else:
        _check_merges(pairs, ranks, name)
    return make(name, ids, _pattern(found, name), specials, ranks_if_needed(ids, ranks))


def write_huggingface(tokenizer):
    names = {id: to_chars(token) for token, id in tokenizer.ids.items()}
    refuse_namesakes(tokenizer, names, "huggingface")
    merges = tokenizer.merges
    complete = merges is not None
    if not complete:
        tokens = sorted(tokenizer.ranks, key=tokenizer.ranks.get)
        made = (parents(token, tokenizer.ranks) for token in tokens if len(token) > 1)
        merges = [[tokenizer.ids[part] for part in parts] for parts in made if len(parts) == 2]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    ids = sorted(tokenizer.specials.items(), key=lambda item: item[1])
    vocab = {names[id]: id for id in sorted(names)}
    if ids[0][1] < max(names):  # else they get the next ids, and not their own
        vocab |= tokenizer.specials
    return json_bytes(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": id, "content": text, **flags, "special": True} for text, id in ids
            ],
            "normalizer": None,
            "pre_tokenizer": _pre_tokenizer(tokenizer.splitter),
            "post_processor": None,
            "decoder": _byte_level(False),
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": not complete,
                "vocab": vocab,
                "merges": [[names[left], names[right]] for left, right in merges],
            },
        }
    )


def _byte_level(use_regex):
    return {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


def _pre_tokenizer(splitter):
    if splitter.name in ("gpt2", "none"):
        return _byte_level(splitter.name == "gpt2")
    regex = {"Regex": splitter.source}
    split = {"type": "Split", "pattern": regex, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [split, _byte_level(False)]}


def _pattern(found, name):
    """The split pattern out of the pre-tokenizer."""
    steps = found.get("pre_tokenizer")
    steps = [steps] if isinstance(steps, dict) else []
    if steps and steps[0].get("type") == "Sequence":
        steps = steps[0].get("pretokenizers")
    steps = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    kinds = [step.get("type") for step in steps]
    if kinds not in (["ByteLevel"], ["Split", "ByteLevel"], ["Digits", "ByteLevel"]):
        raise UserError(
            f"{name}: pre_tokenizer is {' and '.join(map(str, kinds)) or 'missing'}, and only"
            " ByteLevel, alone or after one Split or Digits, is supported; choose a byte-level"
            " tokenizer."
        )
    last = steps[-1]
    if last.get("add_prefix_space", True):
        raise UserError(
            f"{name}: pre_tokenizer puts a space before every text (add_prefix_space), which is"
            " not supported; choose another tokenizer."
        )
    if len(steps) == 1:
        return PATTERNS["gpt2"] if last.get("use_regex", True) else PATTERNS["none"]
    split = steps[0]
    if kinds[0] == "Digits":
        if not split.get("individual_digits") or not last.get("use_regex", True):
            raise UserError(
                f"{name}: Digits in pre_tokenizer must cut each digit off, before a ByteLevel with"
                " use_regex; this one is not supported."
            )
        return DIGIT_BY_DIGIT
    source = split["pattern"].get("Regex") if isinstance(split.get("pattern"), dict) else None
    plain = split.get("behavior") == "Isolated" and not split.get("invert")
    if not source or not plain or last.get("use_regex", True):
        raise UserError(
            f"{name}: the Split in pre_tokenizer must be by a Regex, Isolated, not inverted, and"
            " followed by a ByteLevel with use_regex false; this one is not supported."
        )
    return source


def _refuse_others(found, model, name):
    """Everything a file may ask for that would change the ids, and that we do not do."""
    if model.get("type", "BPE") != "BPE":
        raise UserError(f"{name}: the model is of type {model['type']}; only BPE is supported.")
    for key in ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"):
        if model.get(key):
            raise UserError(f"{name}: the model's {key} is {model[key]!r}, which is not supported.")
    if found.get("normalizer"):
        kind = found["normalizer"].get("type") if isinstance(found["normalizer"], dict) else "?"
        raise UserError(f"{name}: normalizer {kind} changes the text, which is not supported.")


def _added_tokens(found, name):
    specials = {}
    for i, entry in enumerate(found.get("added_tokens") or []):
        try:
            text, id = entry["content"], entry["id"]
            flags = [key for key in ("lstrip", "rstrip", "single_word") if entry.get(key)]
        except (KeyError, TypeError, AttributeError):
            text = id = None
        if not isinstance(text, str) or type(id) is not int or id < 0:
            raise UserError(f"{name}: entry {i} of added_tokens has no content and id; mend it.")
        if flags:
            raise UserError(f"{name}: the added token {text!r} has {flags[0]}: not supported.")
        specials[text] = id
    return specials


def _merges(model, ids, name):
    pairs, entries = [], model.get("merges")
    if not isinstance(entries, list):
        raise UserError(f"{name}: the model's merges must be a list; download the file again.")
    for i, entry in enumerate(entries):
        parts = entry.split(" ") if isinstance(entry, str) else entry
        parts = parts if isinstance(parts, list) else []
        parts = [from_chars(part) if isinstance(part, str) else None for part in parts]
        if len(parts) != 2 or any(
            part not in ids for part in [*parts, b"".join(filter(None, parts))]
        ):
            raise UserError(
                f"{name}: entry {i} of merges, {short(str(entry))}, is not two tokens of the"
                " vocabulary that make a third; mend it."
            )
        pairs.append(tuple(parts))
    return pairs


def _check_merges(pairs, ranks, name):
    """Each token's last merge must be one of the file, so that both ways lead to the same."""
    listed = set(pairs)
    for token in ranks:
        if tuple(parents(token, ranks)) not in listed:
            raise UserError(
                f"{name}: by its merges the token {short(to_chars(token))} is never reached, so"
                " they are not what a trainer would have learned; this is not supported."
            )
