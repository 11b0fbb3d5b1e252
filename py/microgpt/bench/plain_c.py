"""The reference run in plain C (`reference.c`), compiled here when there is a compiler."""

import os
import shutil
import subprocess
import tempfile

SOURCE = os.path.join(os.path.dirname(__file__), "reference.c")
FLAGS = ("-O3", "-march=native")


def has_compiler():
    return shutil.which("cc") is not None and os.path.exists(SOURCE)


class PlainC:
    """The compiled program and the data of a run for it. A context: the program goes at the end."""

    def __init__(self, run, steps=1000):
        rows = run.rows[:steps]
        self.tokens = sum(min(16, len(row) - 1) for row in rows)
        self._data = run.model.weights.flat.astype("f8").tobytes() + b"".join(map(_document, rows))
        self._folder = tempfile.TemporaryDirectory()
        program = os.path.join(self._folder.name, "reference")
        self._command = [program, str(steps)]
        subprocess.run(["cc", *FLAGS, SOURCE, "-o", program, "-lm"], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def run(self):
        """(seconds of training, the last loss)"""
        done = subprocess.run(self._command, input=self._data, check=True, capture_output=True)
        seconds, loss = map(float, done.stdout.split())
        return seconds, loss


def _document(row):
    """How many targets, and the tokens, in 18 bytes."""
    tokens = [int(t) for t in row[:17]]
    return bytes([len(tokens) - 1, *tokens, *[0] * (17 - len(tokens))])
