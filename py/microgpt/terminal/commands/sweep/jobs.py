"""The trials of a sweep as processes: begun, followed, given up, and begun again if one is killed.

A trial is `train` as anybody would type it, so the command that is shown gives the same loss.
"""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from ....bench import ONE_THREAD
from ....errors import Interrupted
from .choose import is_hopeless, next_settings
from .journal import RUNNING

BEAT = 5  # seconds between two signs of life
PATIENCE = 60  # seconds without one, after which the owner of a trial on another machine is lost
LONG_PATIENCE = 600  # the same where a process of its number is there
# Nothing to write, and the sums of a trial: a product on several threads has other last digits.
SHOWN = ["--samples", "0", "--threads", "1"]
UNSHOWN = ["--offline", "--json", "--quiet"]  # the data were found before
PACKAGE = __package__.partition(".terminal")[0]
ROOT = Path(__file__).resolve().parents[3 + len(PACKAGE.split("."))]


def owner():
    """A name for this process that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"


class Child:
    """A trial in a process of its own; what it prints goes to `events` as (child, line)."""

    def __init__(self, trial, words, events):
        self.trial, self.began, self.loss, self.said = trial, time.monotonic(), None, ""
        self.begun = self.hopeless = False
        paths = [str(ROOT), os.environ.get("PYTHONPATH")]
        environment = {
            **os.environ,
            **ONE_THREAD,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        command = [sys.executable, "-m", PACKAGE, "train", *words, *SHOWN, *UNSHOWN]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # a Ctrl-C is for us, who end it
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
        )
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    def _listen(self, events):
        for line in self.process.stdout:
            if not line.startswith('{"type": "step"') or not self.begun:
                self.begun = self.begun or line.startswith("{")
                events.put((self, line))
        events.put((self, None))

    @property
    def seconds(self):
        return time.monotonic() - self.began

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Pool:
    """Works on a study with some processes at a time, until it has all its trials."""

    def __init__(self, journal, space, base, jobs, stop, say):
        self.journal, self.space, self.base = journal, space, base
        self.jobs, self.stop, self.say = jobs, stop, say
        self.events, self.children = queue.Queue(), {}
        self._seen, self._beaten = {}, time.monotonic()

    def work(self):
        """Yield each trial of ours that has ended, and None now and then in between."""
        try:
            while True:
                self._begin_some()
                if not self.children and self._is_complete():
                    return
                yield from self._hear()
        finally:
            self._drop()

    def _begin_some(self):
        while len(self.children) < self.jobs and not self.stop.asked:
            with self.journal.lock():
                self._bury()
                trial = self._claim()
            if not trial:
                return
            words = self.base.words_for(trial.settings)
            self.children[trial.number] = Child(trial, words, self.events)

    def _claim(self):
        """A trial to begin: one that was killed or interrupted once more, else a new one."""
        journal = self.journal
        done_again = {trial.again for trial in journal.trials}
        for trial in journal.trials:
            if trial.number in done_again or trial.how not in ("killed", "interrupted"):
                continue
            kills = trial.kills + (trial.how == "killed")
            if kills < 2:
                self.say(f"Trial {trial.number} was {trial.how}; it is tried again.")
                return journal.claim(self.space, trial.settings, trial.number, kills)
        count = sum(trial.again is None for trial in journal.trials)
        if count >= journal.facts["trials"]:
            return None
        return journal.claim(
            self.space, next_settings(journal, self.space, count, self.base.refusal)
        )

    def _is_complete(self):
        """Have the trials of others ended, too? A lost one would have to be done again here."""
        with self.journal.lock():
            return all(trial.state != RUNNING for trial in self.journal.trials)

    def _hear(self):
        """What the children say, for a moment."""
        if self.stop.asked:
            raise Interrupted(self.stop.number)
        try:
            child, line = self.events.get(timeout=0.2)
        except queue.Empty:
            self._beat()
            yield None
            return
        if line is None:
            yield from self._end(child)
        elif line.startswith('{"type": "eval"'):
            yield from self._report(child, json.loads(line))
        elif not line.startswith("{"):
            child.said = line.strip() or child.said

    def _report(self, child, seen):
        if child.hopeless:
            return
        trial, steps = child.trial, self.base.steps(child.trial.settings)
        with self.journal.lock():
            self.journal.report(trial, seen["step"], seen["loss"])
            if seen["step"] >= steps:
                child.loss = seen["loss"]
            elif is_hopeless(self.journal, trial, steps):
                child.hopeless = True
        if child.hopeless:
            child.process.kill()
        yield None

    def _end(self, child):
        """A process has ended: what came of its trial."""
        code, trial = child.process.wait(), child.trial
        child.process.stdout.close()
        why = child.said.removeprefix("microgpt: ")
        if child.hopeless:
            how = "pruned"
        elif code == 0 and child.loss is not None:
            how = "done"
        elif code == 0:
            how, why = "failed", "It has no held-out data to be judged by."
        elif code in (1, 2):
            how = "diverged" if child.begun and "stopped being a number" in why else "failed"
        else:
            how, why = "killed", f"exit code {code}"
        loss = child.loss if how == "done" else None
        with self.journal.lock():
            self.journal.end(trial, how, why, loss, child.seconds)
        del self.children[trial.number]
        yield trial

    def _beat(self):
        """Show that we live, and look who does not."""
        if time.monotonic() - self._beaten < BEAT:
            return
        self._beaten = time.monotonic()
        with self.journal.lock():
            for child in self.children.values():
                if child.trial.state == RUNNING:
                    self.journal.beat(child.trial)
                else:  # another has taken us for lost, and does it again
                    child.process.kill()
            self._bury()

    def _bury(self):
        """End the trials whose owners are gone."""
        now = time.monotonic()
        for trial in self.journal.trials:
            if trial.state != RUNNING or trial.owner == self.journal.owner:
                continue
            sign = trial.alive, max(trial.curve, default=0)
            before, since = self._seen.get(trial.number, (None, now))
            if sign != before:
                self._seen[trial.number], since = (sign, now), now
            host, pid, _ = trial.owner.rsplit(":", 2)
            here = host == socket.gethostname() and os.name == "posix"
            gone = here and not _is_alive(int(pid))
            if gone or now - since > (LONG_PATIENCE if here else PATIENCE):
                self.journal.end(trial, "killed", "the process that had begun it is gone")

    def _drop(self):
        """End what is going on; nothing of it is left behind."""
        if not self.children:
            return
        for child in self.children.values():
            child.kill()
        with self.journal.lock():
            for child in self.children.values():
                self.journal.end(child.trial, "interrupted", seconds=child.seconds)
        self.children.clear()


def _is_alive(pid):
    with suppress(OSError):  # where there is /proc: one that has ended may wait to be heard of
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def only_failures(trials, most=3):
    """The sentence of the last failure, if nothing but failures has come so far."""
    ended = [trial for trial in trials if trial.state != RUNNING]
    if len(ended) >= most and all(trial.how == "failed" for trial in ended):
        return ended[-1].why
    return ""


def command_of(words):
    """The words of a trial's command that a person types."""
    return ["microgpt", "train", *words, *SHOWN]
