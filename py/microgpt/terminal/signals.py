"""What comes from outside: signals that end a program, and streams that are closed or full."""

import contextlib
import os
import signal
import sys
import threading
import time

PATIENCE = 1.0  # seconds in which a second Ctrl-C is taken for part of the first


class Stop:
    """Turns Ctrl-C into a question that is asked between two steps, when a run can be kept.

    Only later ones, when it takes long, are a KeyboardInterrupt again.
    """

    def __init__(self):
        self._asked_at = None

    @property
    def asked(self):
        return self._asked_at is not None

    @contextlib.contextmanager
    def listening(self):
        """Hear the signals for as long as this lasts; one that is ignored stays ignored."""
        if threading.current_thread() is not threading.main_thread():  # Python hears only there
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        heard = [n for n, handler in before.items() if handler not in (signal.SIG_IGN, None)]
        try:
            for number in heard:
                signal.signal(number, self._ask)
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])

    def _ask(self, number, frame):
        if self.asked and time.monotonic() - self._asked_at > PATIENCE:
            raise KeyboardInterrupt
        self._asked_at = self._asked_at or time.monotonic()


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
