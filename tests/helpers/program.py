"""Runs the terminal program for tests: inside this process, or as one of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from microgpt.cli import main

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-W", "error", "-m", "py.microgpt"]
NAMES = ["anna", "bert", "carla", "dan", "eve", "frank", "gina", "hugo", "ida", "jon"] * 6


class Answer:
    """What a command printed, and how it ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def records(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def sentence(self):
        """The one clear sentence of a mistake."""
        assert self.code in (1, 2), self
        *_, last = self.err.splitlines()
        assert "Traceback" not in self.err and self.out == ""
        words = last.removeprefix("microgpt: ")
        assert words != last and words.endswith((".", "?")), words
        assert words[0] == words[0].upper() or os.path.exists(words.split()[0]), words
        return words

    def __repr__(self):
        return f"exit code {self.code}\n{self.out}\n{self.err}"


def environment(**extra):
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "MICROGPT_NAMES")}
    return {**kept, "PYTHONPATH": str(ROOT), "MICROGPT_CACHE": os.devnull, **extra}


def start(*arguments, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    command = [*PROGRAM, *map(str, arguments)]
    if os.name == "posix":
        options.setdefault("preexec_fn", heed)
    return subprocess.Popen(command, env=environment(), **options)


def heed():
    """Signals act as in a terminal, also where the tests run behind nohup or in the background.

    What a shell has put in the background ignores Ctrl-C, and so would all that it starts.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def run(*arguments, **options):
    with start(*arguments, **options) as process:
        out, err = process.communicate(timeout=60)
    return Answer(process.returncode, out, err)


def interrupt(process, ready, number=signal.SIGINT, times=1):
    """Send a signal as soon as `ready()`; what the program answered."""
    with process:
        end = time.monotonic() + 30
        while not ready():
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.01)
        for _ in range(times):
            process.send_signal(number)
            time.sleep(0.02)
        out, err = process.communicate(timeout=60)
    return Answer(process.returncode, out, err)


def call(capsys, *arguments):
    """The command in this process: quick."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return Answer(code, captured.out, captured.err)


# Started by a process that is small itself: one that is started by these tests, which hold hundreds
# of megabytes, counts their memory as its own.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, done.stderr, most]))
"""


def peak(*arguments, cwd=None):
    """The most memory that a command had, in bytes, as the system counts it."""
    command = [sys.executable, "-c", MEASURE, *PROGRAM, *map(str, arguments)]
    options = {"cwd": cwd, "env": environment(), "capture_output": True, "text": True}
    done = subprocess.run(command, check=True, **options)
    code, err, most = json.loads(done.stdout)
    assert code == 0, err
    return most * (1 if sys.platform == "darwin" else 1024)
