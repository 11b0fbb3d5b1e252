"""The file of a study: what was tried by whom and what came of it, for any number of processes.

It is written line by line in the form of Optuna's journal, with Optuna and without, so Optuna's own
programs can show it. What is added is never changed, and a trial ends once: what is said of it
later does not count, here as in Optuna.
"""

import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ....errors import UserError
from ...outputs import try_place

try:
    import fcntl
except ImportError:
    import msvcrt

NAME = "microgpt"  # of the study in the file
# What a line says: numbers of Optuna's.
STUDY, STUDY_FACT, TRIAL, STATE, REPORT, FACT = 0, 2, 4, 6, 7, 8
RUNNING, COMPLETE, PRUNED, FAILED = 0, 1, 2, 3
BEGINNING = b'{"op_code"'
FAR = 1 << 40  # Windows locks a byte of a file: one that is never written


@dataclass
class Trial:
    """One try. `again` is the number of the trial whose settings it has once more."""

    number: int
    settings: dict
    owner: str
    again: int | None = None
    kills: int = 0  # how many tries with these settings were killed before
    state: int = RUNNING
    loss: float | None = None
    curve: dict = field(default_factory=dict)  # {step: held-out loss}
    alive: int = 0  # counts up while its owner lives
    how: str = ""  # it ended: "done", "pruned", "diverged", "failed", "killed", "interrupted"
    why: str = ""
    seconds: float = 0.0


class Journal:
    """A study: `facts` is what it was begun with, `trials` all that were begun, in their order."""

    def __init__(self, path, owner):
        self.path, self.owner = path, owner
        self.lines, self.facts, self.trials = [], {}, []
        self._read, self._held = 0, None

    @classmethod
    def open(cls, path, owner):
        try_place("--study", path)
        journal = cls(path, owner)
        try:
            with journal.lock():
                pass
        except OSError as error:
            raise UserError(
                f"--study {path} cannot be read or written ({error.strerror or error}); give the"
                " name of a file."
            ) from None
        return journal

    @contextmanager
    def lock(self):
        """Alone with the file, and up to date: what others write comes later."""
        with open(self.path, "a+b") as file:
            _lock(file)  # let go when the file is closed, also by a kill
            self._mend(file)
            self._held = file
            self.read()
            try:
                yield
            finally:
                self._held = None

    def _mend(self, file):
        """Cut off a line that was not written to its end, as on a full disk."""
        file.seek(0)
        if not file.read(len(BEGINNING)).startswith(BEGINNING):
            return  # no study, whose reader will say so
        size = file.seek(0, os.SEEK_END)
        back = min(size, 1 << 16)
        file.seek(size - back)
        tail = file.read()
        file.truncate(size - back + tail.rfind(b"\n") + 1)

    def read(self):
        """Read what was added since the last time; inside `lock()`."""
        self._held.seek(self._read)
        data = self._held.read()
        for line in data.splitlines():
            try:
                log = json.loads(line)
                self._apply(log)
            except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                raise UserError(
                    f"{self.path} is no study of sweep, or is damaged in line"
                    f" {len(self.lines) + 1}; choose another file."
                ) from None
            self.lines.append(log)
        self._read += len(data)
        if self.lines and "space" not in self.facts:
            raise UserError(f"{self.path} is a study of another program; choose another file.")

    def _apply(self, log):
        kind = log["op_code"]
        if kind == STUDY_FACT:
            self.facts.update(log["user_attr"])
        elif kind == TRIAL:
            facts = log["user_attrs"]
            known = {name: facts[name] for name in ("settings", "owner", "again", "kills")}
            self.trials.append(Trial(len(self.trials), **known))
        elif kind in (STATE, REPORT, FACT):
            trial = self.trials[log["trial_id"]]
            if trial.state != RUNNING:
                return
            if kind == REPORT:
                trial.curve[log["step"]] = float(log["intermediate_value"])
            elif kind == STATE:
                trial.state = log["state"]
                trial.loss = log["values"][0] if log["values"] else None
            else:
                for name, value in log["user_attr"].items():
                    setattr(trial, name, value)

    # ---- what is added, each in one piece

    def _add(self, *logs):
        """Write some lines; inside `lock()`."""
        lines = [
            json.dumps({"op_code": kind, "worker_id": self.owner, **log}) for kind, log in logs
        ]
        self._held.write("".join(line + "\n" for line in lines).encode())
        self._held.flush()
        os.fsync(self._held.fileno())
        self.read()

    def begin(self, facts):
        logs = [(STUDY_FACT, {"study_id": 0, "user_attr": {k: v}}) for k, v in facts.items()]
        self._add((STUDY, {"study_name": NAME, "directions": [1]}), *logs)

    def note(self, name, value):
        self._add((STUDY_FACT, {"study_id": 0, "user_attr": {name: value}}))

    def claim(self, space, settings, again=None, kills=0):
        """A new trial, which is ours."""
        as_json = {}
        for name, choice in space.items():
            kind, attributes = choice.distribution()
            as_json[name] = json.dumps({"name": kind, "attributes": attributes})
        facts = {"settings": settings, "owner": self.owner, "again": again, "kills": kills}
        log = {
            "study_id": 0,
            "datetime_start": _now(),
            "state": RUNNING,
            "value": None,
            "values": None,
            "distributions": as_json,
            "params": {name: choice.internal(settings[name]) for name, choice in space.items()},
            "user_attrs": facts,
            "system_attrs": {},
            "intermediate_values": {},
        }
        self._add((TRIAL, log))
        return self.trials[-1]

    def report(self, trial, step, loss):
        self._add((REPORT, {"trial_id": trial.number, "step": step, "intermediate_value": loss}))

    def beat(self, trial):
        """Say that its owner lives."""
        self._add(_fact(trial, "alive", trial.alive + 1))

    def end(self, trial, how, why="", loss=None, seconds=0.0):
        """Say how a trial ended, unless it has ended already."""
        if trial.state != RUNNING:
            return
        state = {"done": COMPLETE, "pruned": PRUNED, "diverged": PRUNED}.get(how, FAILED)
        facts = {"how": how, "why": why, "seconds": round(seconds, 3)}
        values = None if loss is None else [loss]
        log = {"trial_id": trial.number, "state": state, "values": values}
        self._add(
            *[_fact(trial, name, value) for name, value in facts.items()],
            (STATE, {**log, "datetime_complete": _now()}),
        )


def _fact(trial, name, value):
    return FACT, {"trial_id": trial.number, "user_attr": {name: value}}


def _now():
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _lock(file):
    if os.name != "nt":
        fcntl.flock(file, fcntl.LOCK_EX)
        return
    while True:
        with suppress(OSError):  # it waits for some seconds only
            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            return
