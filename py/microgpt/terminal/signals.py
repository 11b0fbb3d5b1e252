"""Stopping a run from outside: Ctrl-C, and the signal that asks a program to end."""

import contextlib
import signal
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
