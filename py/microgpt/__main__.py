"""Runs the terminal program: `python -m py.microgpt`, and the command `microgpt`."""

import signal
import sys

STOPS = (signal.SIGINT, signal.SIGTERM)


def entry():
    for number in STOPS:  # SIGTERM, too, lets go of temporary files; what is ignored stays so
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        from .cli import main  # here, because numpy takes a moment and Ctrl-C may come in it

        code = main()
        for number in STOPS:  # a second Ctrl-C finds all done
            signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    entry()
