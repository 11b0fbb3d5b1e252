"""Tokenizers in files and folders; what is in the files is the business of `tokenizer.formats`."""

from pathlib import Path

from ..errors import UserError
from ..files import AtomicFile
from ..tokenizer.files.formats import FORMATS, read, write

# What the file of a tokenizer is called in a folder, the surest first.
IN_FOLDERS = ("tokenizer.json", "vocab.bpe", "merges.txt", "tokenizer.model")
MOST_BYTES = 1 << 28


def load_tokenizer(path, pattern=None):
    """The tokenizer in a file of any known format, or in a folder that holds one.

    `pattern` names the split pattern where the file does not.
    """
    path = Path(path)
    if path.is_dir():
        found = [path / name for name in IN_FOLDERS if (path / name).is_file()]
        if not found:
            raise UserError(f"{path} is a folder without {', '.join(IN_FOLDERS)}; name a file.")
        path = found[0]
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path} is too large for a tokenizer; name another file.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"There is no tokenizer at {path}; give chars, bpe, or the path of a file."
        ) from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None

    def partner(name):
        beside = path.with_name(name)
        return beside.read_bytes() if beside.is_file() else None

    return read(data, str(path), pattern, partner)


def format_for(path):
    """The format that a file's name asks for: tiktoken's for *.tiktoken, else our own."""
    return "tiktoken" if Path(path).suffix == ".tiktoken" else "microgpt"


def save_tokenizer(tokenizer, path, format=None):
    """Write a tokenizer; for gpt2 the path is a folder for two files. Returns the paths."""
    format = format or format_for(path)
    if format not in FORMATS:
        raise UserError(f"There is no format {format!r}; choose one of {', '.join(FORMATS)}.")
    if Path(path).is_dir() and format != "gpt2":
        raise UserError(f"{path} is a folder; give the name of a file.")
    paths = []
    for name, data in write(tokenizer, format).items():
        paths.append(Path(path) / name if name else Path(path))
        with AtomicFile(paths[-1]) as file:
            file.write(data)
    return paths
