"""The reference run in plain C (`reference.c`), compiled here when there is a compiler."""

import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("reference.c")
FLAGS = ("-O3", "-march=native")


class PlainC:
    """The compiled program and the data of a run for it. A context: its files go at the end."""

    def __init__(self, run, steps=1000):
        self.steps = steps
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self._program, weights, documents = (folder / n for n in ("run", "weights", "documents"))
        run.model.weights.flat.astype("f8").tofile(weights)
        documents.write_bytes(b"".join(map(_document, run.rows[:steps])))
        self._command = [self._program, weights, documents, str(steps)]
        self.tokens = sum(min(16, len(row) - 1) for row in run.rows[:steps])
        compiler = shutil.which("cc")
        subprocess.run([compiler, *FLAGS, SOURCE, "-o", self._program, "-lm"], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def run(self):
        """(seconds of training, the last loss)"""
        output = subprocess.run(self._command, check=True, capture_output=True, text=True).stdout
        seconds, loss = map(float, output.split())
        return seconds, loss


def has_compiler():
    return shutil.which("cc") is not None


def _document(row):
    """How many targets, and the tokens, in 18 bytes."""
    tokens = [int(t) for t in row[:17]]
    return bytes([len(tokens) - 1, *tokens, *[0] * (17 - len(tokens))])
