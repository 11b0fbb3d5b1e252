"""How the processes of a job come together: all, within a limited time."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from . import is_first

PATIENCE = 60.0  # seconds until all have started
LATE = (
    "Not all workers have started: MPI has waited for {:.0f} seconds. Is this program with mpi4py"
    " on every machine, and does it start there by itself?"
)
# MPI waits for all without end, and lets no other thread of Python run: so another process watches.
# Where all are held, as when a computer sleeps, its clock stands still.
WATCH = """
import os, signal, sys, threading, time
number, seconds, text = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
for _ in range(int(seconds * 10)):
    time.sleep(0.1)
if text:
    print("microgpt:", text, file=sys.stderr, flush=True)
os.kill(number, signal.SIGTERM)
"""


@contextmanager
def limited(seconds=PATIENCE):
    """End this process where what is within takes longer. The first one of a job says why; the
    others let it."""
    text = LATE.format(seconds) if is_first() else ""
    given = [str(os.getpid()), str(seconds if text else seconds + 2), text]
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    ours = {n: handler for n, handler in handlers.items() if callable(handler)}
    for number in ours:
        signal.signal(number, signal.SIG_DFL)  # Python would hear them when MPI is done
    command = [sys.executable, "-ISc", WATCH, *given]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL):
            yield  # and the other process ends when its input does
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
