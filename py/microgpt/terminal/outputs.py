"""The files a command will write, looked at before it begins.

None is an input or another output, whatever names lead to it; each can be written; and a file that
is there already is of the kind that is to be written, unless --force says that it may go.
"""

import json
import os
from pathlib import Path

from ..checkpoint import SHIPPED
from ..data.builtin import BUILT_IN
from ..data.encoding import looks_like
from ..data.tokens import is_token_file
from ..errors import UsageError, UserError
from ..files import AtomicFile
from ..safetensors import OpenFile, read_header
from .args import FORCE

WORDS = (*BUILT_IN, *SHIPPED, "chars", "bpe")  # where an input is a file's name or one of these


def check_outputs(outputs, inputs=None, force=False):
    """Raise unless all can be written; {flag: (path, kind)} and {flag: path}, None where unused."""
    outputs = {flag: found for flag, found in outputs.items() if found[0] is not None}
    inputs = {flag: path for flag, path in (inputs or {}).items() if path and path not in WORDS}
    for flag, (path, kind) in outputs.items():
        if not str(path) or (os.path.exists(path) and not os.path.isfile(path)):
            raise UserError(f"{flag} {path} is not a file; give the name of one to write.")
        for other, read in inputs.items():
            if same_file(path, read):
                raise UsageError(
                    f"{flag} {path} is the file that {other} reads; choose another name."
                )
        for other, (written, _) in outputs.items():
            if other != flag and same_file(path, written):
                raise UsageError(f"{other} and {flag} name the same file; choose another name.")
        there = os.path.isfile(path) and os.path.getsize(path) > 0
        if there and not force and not KINDS[kind](path):
            raise UserError(
                f"{flag} {path} is there already and is not {kind}; choose another name, or"
                f" replace it with {FORCE}."
            )
        try_place(flag, path)


def same_file(a, b):
    """Whether two names lead to one file, by links of any sort."""
    try:
        return os.path.samefile(a, b)
    except OSError:  # one is not there yet
        return os.path.normcase(os.path.realpath(a)) == os.path.normcase(os.path.realpath(b))


def try_place(flag, path):
    """Raise unless a file can be written there: found out before the work, not after it."""
    folder = Path(os.path.realpath(path)).parent
    while not folder.exists():  # missing folders are made when the file is written
        folder = folder.parent
    try:
        AtomicFile(folder / ".microgpt").try_out()
    except UserError as trouble:
        reason = str(trouble.__cause__ and trouble.__cause__.strerror or trouble)
        raise UserError(
            f"{flag} {path} cannot be written there ({reason}); choose another folder."
        ) from None


# ---- the kinds of files


def _begins(*starts):
    def check(path):
        with open(path, "rb") as file:
            start = file.read(64).lstrip().lower()
        return start.startswith(starts)

    return check


def _is_model(path):
    try:
        header, _ = read_header(OpenFile(path), str(path))
    except (UserError, OSError):
        return False
    metadata = header.get("__metadata__")
    return isinstance(metadata, dict) and "microgpt" in metadata


def _is_config(path):
    from .config_file import read_config

    return _reads(read_config, path)


def _is_tokenizer(path):
    from .find import load_tokenizer

    return _reads(lambda path: load_tokenizer(path, "none"), path)


def _is_token_file(path):
    with open(path, "rb") as file:
        return is_token_file(path) and not looks_like(file.read(16))


def _is_vocabulary(path):
    """Is it the encoder.json of GPT-2's pair?"""
    return _reads(lambda path: json.loads(Path(path).read_bytes()).items(), path)


def _reads(read, path):
    try:
        read(path)
    except (UserError, OSError, ValueError, AttributeError, RecursionError):
        return False
    return True


KINDS = {
    "a model": _is_model,
    "a link": _begins(b"mgpt"),
    "a page": _begins(b"<!doctype html"),
    "the record of a run": _begins(b'{"command":'),
    "a profile": _begins(b"{)", b"{\xa9", b"\xfb)", b"\xfb\xa9"),  # as marshal writes a table
    "a file of settings": _is_config,
    "a tokenizer": _is_tokenizer,
    "a list of merges": _begins(b"#version"),
    "a vocabulary": _is_vocabulary,
    "a token file": _is_token_file,
}
