"""Files and folders of text: read a part at a time, or a folder whole as a corpus."""

import os
import random
import re
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import UserError
from .documents import Documents
from .encoding import check_beginning, decoder, refusal
from .text import SPLITS, Corpus, check_file, read_text, split_text

BLOCK = 1 << 22  # bytes read in one go


def text_files(folder, include=()):
    """The files in a folder and the folders in it whose name or path fits a pattern, in order.

    Patterns are those of a shell: `*.py`, `src/*`. Hidden files and folders are left out.
    """
    found = []
    try:
        for parent, folders, files in os.walk(folder, onerror=_raise):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in files:
                path = Path(parent, name)
                inside = path.relative_to(folder).as_posix()
                fits = any(fnmatchcase(name, p) or fnmatchcase(inside, p) for p in include)
                if not name.startswith(".") and path.is_file() and (fits or not include):
                    found.append((inside, path))
    except OSError as error:
        raise UserError(f"{error.filename} cannot be read ({error.strerror}).") from None
    if not found:
        wanted = f" that fits {' or '.join(include)}" if include else ""
        raise UserError(f"There is no file in {folder}{wanted}; check the folder and --include.")
    return [path for _, path in sorted(found)]


def _raise(error):
    raise error


def corpus_from_file(path, split="line", encoding=None):
    """The corpus in a file, read a part at a time and kept in little more than its own size."""
    check_file(path)
    documents = Documents.of(stream_documents(path, split, encoding=encoding))
    if not any(piece.strip("\0").strip() for piece in documents.pieces):
        what = "has only white space in it" if os.path.getsize(path) else "is empty"
        raise UserError(f"{path} {what}; choose a file with text in it.")
    return Corpus(Path(path).name, documents, f"your file {path}", split)


def corpus_from_folder(folder, split="none", include=(), say=None, encoding=None):
    """The texts in a folder; files that are no text are left out, and `say` is told."""
    left_out = {}

    def texts():
        for path in text_files(folder, include):
            try:
                text = read_text(path, encoding)
            except UserError as error:
                left_out[path.name] = error
            else:
                yield from ((document, True) for document in split_text(text, split))

    documents = Documents.of(texts())
    problem = next(iter(left_out.values()), None)
    if not documents:
        raise UserError(f"No file in {folder} is text: {problem}")
    if left_out and say:
        say(left_out_sentence(list(left_out), problem))
    return Corpus(str(folder), documents, f"the files in {folder}", split)


def left_out_sentence(names, problem):
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Left out {', '.join(names[:3])}{more}: {problem}"


def read_parts(path, on_bytes=None, encoding=None):
    """Yield the text of a file in parts, line ends normalised; it is checked on the way."""
    decode = decoder(encoding).decode
    lines, started = 1, False
    try:
        with open(path, "rb") as file:
            while True:
                block = file.read(BLOCK)
                if not started:
                    check_beginning(block, path, encoding)
                started = True
                try:
                    text = decode(block, final=not block)
                except UnicodeDecodeError as error:
                    line = lines + error.object[: error.start].count(b"\n")
                    raise refusal(block, path, error, line, encoding) from None
                if "\0" in text:
                    line = lines + text[: text.index("\0")].count("\n")
                    raise UserError(
                        f"{path} is not plain text: it has a NUL character in line {line};"
                        " choose a text file."
                    )
                lines += text.count("\n")
                if text:
                    yield text
                if on_bytes:
                    on_bytes(len(block))
                if not block:
                    return
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None


def stream_documents(path, split="line", on_bytes=None, encoding=None):
    """Yield (text, end): the documents of a file, each whole and with end True.

    With split none the file is one document, which comes in parts; end is True for the last.
    """
    if split not in SPLITS:
        raise UserError(f"There is no split {split!r}; choose one of {', '.join(SPLITS)}.")
    parts = read_parts(path, on_bytes, encoding)
    if split == "none":
        yield from _one_document(parts)
        return
    separator = re.compile(r"\n" if split == "line" else r"\n[^\S\n]*\n")
    rest = ""
    for part in parts:
        *whole, rest = separator.split(rest + part)
        yield from ((document, True) for document in map(str.strip, whole) if document)
    if rest.strip():
        yield rest.strip(), True


def _one_document(parts):
    """Without the line ends at its two ends, as `split_text` does it."""
    begun, held = False, ""
    for part in parts:
        text = held + part
        if not begun:
            text = text.lstrip("\n")
        bare = text.rstrip("\n")
        held = text[len(bare) :]
        if bare:
            yield bare, False
            begun = True
    if begun:
        yield "", True


def stream_files(paths, split, on_bytes=None, on_skipped=None, encoding=None):
    """The documents of many files; one that is not text is passed to on_skipped(path, why)."""
    for path in paths:
        ends = True
        try:
            for text, ends in stream_documents(path, split, on_bytes, encoding):
                yield text, ends
        except UserError as error:
            if on_skipped is None:
                raise
            on_skipped(path, error)
        if not ends:
            yield "", True  # what came of it before is a document


def sample_texts(documents, chance, seed=0):
    """The texts of stream_documents, each kept with a chance: a large corpus in small."""
    rng = random.Random(seed)
    for text, _ in documents:
        if text and (chance >= 1 or rng.random() < chance):
            yield text


def total_bytes(paths):
    size = 0
    for path in paths:
        with suppress(OSError):
            size += os.path.getsize(path)
    return size
