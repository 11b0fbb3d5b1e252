"""How the processes of a job come together: all, within a limited time."""

import atexit
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from . import is_first

LOST_ONE = "MICROGPT_LOST"  # a file by which who started the job hears of a lost worker
PATIENCE = 60.0  # seconds until all have started
LATE = (
    "Not all workers have started: MPI has waited for {:.0f} seconds. Is this program with mpi4py"
    " on every machine, and does it start there by itself?"
)
LOST_WORDS = "A worker was lost: something ended it, or its machine is out of memory."
HOW_TO_GO_ON = "With --workers N --restarts M in place of mpiexec a job goes on by itself."
JOINED, DONE = b"j", b"d"  # what is told to the process that watches
# MPI waits for all without end, and lets no other thread of Python run: so another process watches.
# Where all are held, as when a computer sleeps, its clock stands still. A launcher that waits for a
# machine that is gone is ended, where it is a bare one; by the file of LOST_ONE its starter hears.
# A bare launcher that loses a worker kills the others: the watching process then says why.
WATCH = """
import os, signal, sys, threading, time
from contextlib import suppress
number, seconds, launcher, lost, text, ended = *map(float, sys.argv[1:4]), *sys.argv[4:]
joined, late = threading.Event(), threading.Event()
def say(words):
    with suppress(OSError):  # nobody may be left to hear it
        if words:
            print("microgpt:", words, file=sys.stderr, flush=True)
def listen():
    if sys.stdin.read(1):
        joined.set()
        if not sys.stdin.read(1):
            say(ended)
    late.is_set() or os._exit(0)
threading.Thread(target=listen).start()
for _ in range(int(seconds * 10)):
    time.sleep(0.1)
    if joined.is_set():
        threading.Event().wait()
late.set()
say(text)
if lost:
    with suppress(OSError):
        open(lost, "w").close()
os.kill(int(number), signal.SIGTERM)
if launcher:
    time.sleep(3)
    with suppress(OSError):
        with open("/proc/%d/task/%d/children" % (launcher, launcher)) as file:
            children = file.read().split()
        os.kill(int(launcher), signal.SIGKILL)
        for child in children:
            os.kill(int(child), signal.SIGTERM)
os._exit(0)
"""
_watching = []  # the process that does, for as long as this one is there


@contextmanager
def limited(seconds=PATIENCE):
    """End this process where what is within takes longer. The first one of a job says why; the
    others let it. Where a bare mpiexec started it, another process goes on watching."""
    text, lost = LATE.format(seconds), os.environ.get(LOST_ONE, "")
    launcher = 0 if lost else find_launcher_process() or 0
    ended = f"{LOST_WORDS} {HOW_TO_GO_ON}" if launcher and is_first() else ""
    given = [seconds, launcher, lost, text] if is_first() else [seconds + 2, 0, "", ""]
    given = [str(each) for each in [os.getpid(), *given, ended]]
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    ours = {n: handler for n, handler in handlers.items() if callable(handler)}
    for number in ours:
        signal.signal(number, signal.SIG_DFL)  # Python would hear them when MPI is done
    command = [sys.executable, "-ISc", WATCH, *given]
    try:
        # In a session of its own: what is left of this one's the launcher kills.
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "bufsize": 0}
        _watching.append(subprocess.Popen(command, start_new_session=os.name == "posix", **options))
        try:
            yield
        except BaseException:  # which says why
            end_watch()
            raise
        _watching[0].stdin.write(JOINED)
        if ended:
            atexit.register(end_watch)
        else:
            end_watch()
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)


def end_watch():
    """This process ends as it should, or has said why it ends."""
    while _watching:
        watch = _watching.pop()
        with watch, suppress(OSError):
            watch.stdin.write(DONE)


def end_launcher():
    """End the mpiexec that started this process, where it is on this machine and Linux shows it.

    It would wait for a machine that is gone for as long as the network does. What it started here
    or elsewhere ends with it, but for an ssh to that machine.
    """
    proxy, launcher = os.getppid(), find_launcher_process()
    if not launcher:
        return
    with suppress(OSError, ValueError):
        text = Path(f"/proc/{launcher}/task/{launcher}/children").read_text()
        others = [int(child) for child in text.split() if int(child) != proxy]
        os.kill(launcher, signal.SIGKILL)
        for child in others:
            os.kill(child, signal.SIGTERM)


def find_launcher_process():
    """The number of the mpiexec that started this process; None where it is not to be seen."""
    launcher = _parent(os.getppid())
    if launcher and _name(launcher).startswith(("mpiexec", "mpirun")):
        return launcher
    return None


def _parent(pid):
    with suppress(OSError, ValueError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _name(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""
