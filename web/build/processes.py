"""Commands run for the user: quietly, with a line each, or in this program's place."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import Failure

ROOT = Path(__file__).resolve().parents[2]


def say(text, end="\n"):
    """Progress goes to stderr: stdout belongs to the program that is run."""
    print(text, end=end, file=sys.stderr, flush=True)


def clean_environment(**extra):
    """Our environment, without what would change which modules a Python finds."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return {**env, **extra}


def quietly(command, timeout=None, **extra):
    """Run a command without a terminal or a keyboard; return (exit code, what it printed)."""
    child = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(ROOT),
        env=clean_environment(**extra),
        # A group of its own, so that its children end with it (Playwright starts Node).
        start_new_session=os.name != "nt",
    )
    with child:
        try:
            output, _ = child.communicate(timeout=timeout)
            return child.returncode, output.decode("utf-8", "replace").strip()
        except BaseException as error:
            if os.name == "nt":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return 1, f"no end after {timeout} s"


def step(name, command, sentence=None, **options):
    """Run a named command quietly and say how long it took; return whether it succeeded.

    With a sentence, failing is the end: all the command printed is shown, and the sentence.
    """
    say("- " + name + " ... ", end="")
    start = time.monotonic()
    code, output = quietly(command, **options)
    say(f"{'failed, ' if code else ''}{time.monotonic() - start:.1f} s")
    if code and sentence:
        say(output + "\n")
        raise Failure(sentence)
    return code == 0


@contextlib.contextmanager
def meanwhile(command, env):
    """Run a command beside what the block does, and wait for it; what it prints is not shown."""
    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    with subprocess.Popen([str(p) for p in command], cwd=str(ROOT), env=env, **silent) as child:
        try:
            yield
        except BaseException:
            child.kill()
            raise


def become(command, env):
    """Hand over to a command: from here on its exit code and signals (Ctrl-C) are ours."""
    command = [str(part) for part in command]
    if os.name != "nt":
        os.execve(command[0], command, env)
    # Windows has no real exec. Ctrl-C reaches the child by itself; we only wait for its answer.
    child = subprocess.Popen(command, env=env)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()
