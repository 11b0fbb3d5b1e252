"""Standard output and error, where they are closed, full, or of few letters."""

import contextlib
import os
import sys


def mend_streams():
    """Closed streams become nowhere, and what a stream cannot write becomes a question mark."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def forget_output():
    """Point stdout nowhere, so that Python does not fail once more on its way out."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nowhere():
    return open(os.devnull, "w", encoding="utf-8")
