"""Runs the terminal program: `python -m py.microgpt`, and the command `microgpt`."""

import os
import signal
import sys

STOPS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last one on Windows alone


def entry():
    for name in STOPS:  # what is ignored, as SIGHUP under nohup, stays so
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, leave)
    from .cli import forget_signals, hear_signals, main  # here, because it takes a moment

    try:
        # `leave` stands while numpy is loaded, which takes an interrupt for a bad installation.
        code = main(when_loaded=hear_signals)
        forget_signals()  # a second Ctrl-C finds all done
    except KeyboardInterrupt as stop:
        code = 128 + getattr(stop, "number", signal.SIGINT)
    sys.exit(code)


def leave(number, frame):
    """While Python is still reading the program, nothing is begun that could be kept."""
    os._exit(128 + number)


if __name__ == "__main__":
    entry()
