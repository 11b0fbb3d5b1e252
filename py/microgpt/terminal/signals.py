"""What comes from outside: signals that end a program, and streams that are closed or full."""

import contextlib
import os
import signal
import sys
import threading
import time

from ..errors import Interrupted

PATIENCE = 0.25  # seconds in which a second signal is taken for part of the first
# What asks a program to end; a terminal that is closed sends SIGHUP, Windows SIGBREAK.
STOPS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]


def hear_signals():
    """Let every signal that asks for an end be an exception: files are tidied up on the way out."""
    for number in heard():
        signal.signal(number, _interrupt)


def forget_signals():
    for number in heard():
        signal.signal(number, signal.SIG_IGN)


def heard():
    """The signals that are not ignored, as under nohup, and that Python has a say in."""
    return [n for n in STOPS if signal.getsignal(n) not in (signal.SIG_IGN, None)]


def _interrupt(number, frame):
    raise Interrupted(number)


class Stopped(BaseException):
    """What was going on can be dropped, and all else be kept: somebody asks to stop."""


class Stop:
    """Turns Ctrl-C into a question that is asked between two steps, when a run can be kept.

    A second one ends the program at once.
    """

    def __init__(self):
        self._asked_at = None
        self._may_raise = False
        self.heard = None  # the signal that asked

    @property
    def asked(self):
        return self._asked_at is not None

    @property
    def number(self):
        return self.heard

    @contextlib.contextmanager
    def listening(self):
        """Hear the signals for as long as this lasts; one that is ignored stays ignored."""
        if threading.current_thread() is not threading.main_thread():  # Python hears only there
            yield
            return
        before = {number: signal.getsignal(number) for number in heard()}
        try:
            for number in before:
                signal.signal(number, self._ask)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def at_once(self):
        """For work that takes long and can be dropped: there a stop is an exception."""
        self._may_raise = True
        try:
            if self._asked_at is not None:
                self.raise_now()
            yield
        finally:
            self._may_raise = False

    def raise_now(self):
        raise Stopped

    def _ask(self, number, frame):
        if self._asked_at is not None and time.monotonic() - self._asked_at > PATIENCE:
            raise Interrupted(number)
        self._asked_at = self._asked_at or time.monotonic()
        self.heard = self.heard or number
        if self._may_raise:
            self._may_raise = False
            self.raise_now()


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
