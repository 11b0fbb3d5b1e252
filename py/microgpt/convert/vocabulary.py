"""The tokenizer in a folder of Hugging Face's: its files, its first token, its chat template."""

from ..errors import UserError
from ..tokenizer import BPETokenizer
from ..tokenizer.files import formats
from .chat_template import TEMPLATE, template_problem
from .fields import read_json

MOST_BYTES = 1 << 28
FILES = ("tokenizer.json", "vocab.json")


def read_tokenizer(folder):
    """(tokenizer, was it taught to chat in our tokens, or else why its template cannot be used)"""
    path = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if path is None:
        other = (folder / "tokenizer.model").is_file()
        raise UserError(
            f"{folder} has no {' or '.join(FILES)}"
            + (", only SentencePiece's tokenizer.model" if other else "")
            + "; a byte-level tokenizer is needed."
        )
    tokenizer = open_tokenizer(path)
    settings = folder / "tokenizer_config.json"
    settings = read_json(settings) if settings.is_file() else {}
    settings = settings if isinstance(settings, dict) else {}
    bos = settings.get("bos_token")
    bos = bos.get("content") if isinstance(bos, dict) else bos
    tokenizer = with_bos(tokenizer, bos)
    template = _template(folder, settings.get("chat_template"))
    problem = template and template_problem(template, tokenizer)
    return tokenizer, bool(template) and not problem, problem or None


def with_bos(tokenizer, bos):
    """The tokenizer with another of its special tokens at both ends of a document, if it has it."""
    if not isinstance(bos, str) or bos not in tokenizer.specials:
        return tokenizer
    if tokenizer.specials[bos] == tokenizer.bos:
        return tokenizer
    ranks = None if tokenizer.ranks is tokenizer.ids else tokenizer.ranks
    return BPETokenizer(tokenizer.ids, tokenizer.pattern, tokenizer.specials, ranks=ranks, bos=bos)


def open_tokenizer(path):
    """The tokenizer in a file of any known format; its partner, if it has one, is beside it."""

    def partner(name):
        beside = path.with_name(name)
        return _bytes(beside) if beside.is_file() else None

    return formats.read(_bytes(path), str(path), partner=partner)


def _bytes(path):
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path} is too large for a tokenizer; use another copy.")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None


def _template(folder, found):
    """The template for conversations: a file of its own, or in the settings, alone or by name."""
    path = folder / "chat_template.jinja"
    if path.is_file():
        return _bytes(path).decode("utf-8", "replace")
    if isinstance(found, list):
        named = {e.get("name"): e.get("template") for e in found if isinstance(e, dict)}
        found = named.get("default", next(iter(named.values()), None))
    return found if isinstance(found, str) else ""


def tokenizer_files(tokenizer, taught_to_chat):
    """{name: bytes or settings} of the files that Hugging Face has for a tokenizer."""
    content = formats.write(tokenizer, "huggingface")[""]
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokenizer.bos_text,
        "eos_token": tokenizer.bos_text,
        "clean_up_tokenization_spaces": False,
    }
    if taught_to_chat:
        settings["eos_token"] = "<|assistant_end|>"
        settings["chat_template"] = TEMPLATE
    return {"tokenizer.json": content, "tokenizer_config.json": settings}
