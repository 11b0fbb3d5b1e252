"""Saying that a large file is being read, for a checkpoint even before numpy is loaded."""

import os
import sys

LARGE = 4_000_000  # bytes from which on it is said


def announce(path, progress):
    """Say that a file is being read if that takes a moment."""
    size = os.path.getsize(path) if os.path.isfile(path) else 0
    if size > LARGE:
        progress.say(f"Reading {path}, {amount(size)}.")


def announce_checkpoints(words):
    """The first word of a command: which of its large files are checkpoints."""
    if "--quiet" in words:
        return
    for word in words:
        path = word.split("=", 1)[1] if word.startswith("--") and "=" in word else word
        if os.path.isfile(path) and os.path.getsize(path) > LARGE and _is_safetensors(path):
            size = amount(os.path.getsize(path))
            print(f"Reading {path}, {size}.", file=sys.stderr, flush=True)


def _is_safetensors(path):
    try:
        with open(path, "rb") as file:
            length, brace = int.from_bytes(file.read(8), "little"), file.read(1)
    except OSError:  # who opens it to read it says why
        return False
    return brace == b"{" and length < os.path.getsize(path)


def amount(size):
    """
    >>> amount(950), amount(16_400), amount(2_500_000), amount(3.1e12)
    ('1 kB', '16 kB', '2.5 MB', '3,100.0 GB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{max(1, size / 1e3):.0f} kB"
