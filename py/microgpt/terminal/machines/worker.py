"""This process as one of several that MPI's launcher started: who prints, and how all end."""

import hashlib
import json
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

import numpy as np

from ... import __version__
from ... import checkpoint as checkpoints
from ...errors import UsageError, UserError
from ...tokenizer import to_dict
from ...training.machines.mpi import LOST, NoMPI, WorkerFailed, join
from ..signals import Stop, forget_output
from . import is_first
from .start import LOST_ONE, end_launcher, end_watch, limited

LEFT_OUT = {  # what only the first worker does
    **{name: None for name in ("out", "link", "report", "profile", "record", "write_config")},
    **{"samples": 0, "sample_every": 0, "json": False, "quiet": True, "profile_memory": False},
}
RESUME = "MICROGPT_RESUME"  # how a job that is started again is told where to go on
MISTAKE = "This program has made a mistake ({}: {}); please report what stands above."
LAST_WORDS = 1.0  # seconds: what is printed comes to the reader by the launcher


class Worker:
    """One process of a job. The first one prints and saves; a failure of any ends all."""

    def __init__(self, ranks):
        self.ranks = ranks
        if ranks.rank:
            forget_output()

    @classmethod
    def join(cls):
        """The worker that this process is; None if it is alone after all."""
        try:
            ranks = join(limited)
        except NoMPI as error:
            print(f"microgpt: {error}", file=sys.stderr, flush=True)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)  # a launcher that sees this ends the others
        except UserError:  # all have it, and one says so
            if not is_first():
                os._exit(1)
            raise
        if not ranks:
            return None
        return cls(ranks)

    def check(self, command):
        versions = {"version of microgpt": __version__, "version of numpy": np.__version__}
        self.ranks.same(versions)
        if command != "train":
            raise UsageError(f"Workers share the work of train; start {command} without mpiexec.")

    def end(self):
        """Wait for all: the first one may be writing yet."""
        self.ranks.meet("end")

    def fail(self, message, code):
        """Let all end with the exit code, and the first one say why."""
        if not isinstance(message, WorkerFailed):
            try:
                self.ranks.meet("end", text=str(message), code=code)
            except WorkerFailed as failure:
                message = failure
        if self.ranks.rank == message.teller:
            print(f"microgpt: {message}", file=sys.stderr, flush=True)
        if message.code == LOST:
            if LOST_ONE in os.environ:
                with suppress(OSError):  # it may be on another machine
                    Path(os.environ[LOST_ONE]).touch()
            elif self.ranks.rank == 0 or message.teller:  # the first one is gone, so all see to it
                time.sleep(LAST_WORDS)
                end_launcher()
            self.quit(LOST)
        return message.code

    def crash(self, error):
        """A mistake of ours: what is known of it is shown, and all end."""
        traceback.print_exc()
        return self.fail(MISTAKE.format(type(error).__name__, error), 1)

    def quit(self, code):
        """End at once, without the others: the launcher ends them."""
        end_watch()
        sys.stderr.flush()
        if "SLURM_PROCID" in os.environ:  # Slurm would let them wait, unless MPI tells it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
            self.ranks.abort(code)
        os._exit(code)


class AgreedStop(Stop):
    """A wish to stop that counts when all workers know of it: they stop at the same step.

    Who started this process may be killed and tell nobody. The job would go on for ever, and no
    Ctrl-C would reach it: it stops, and keeps the run.
    """

    def __init__(self, ranks):
        super().__init__()
        self._ranks, self._starter = ranks, os.getppid()
        ranks.wish = self._wish

    def _ask(self, number, frame):
        end_watch()  # whatever ends this one now was asked to
        super()._ask(number, frame)

    def _wish(self):
        return self.heard or (signal.SIGTERM if os.getppid() != self._starter else 0)

    @property
    def asked(self):
        return bool(self._ranks.agreed)

    @property
    def number(self):
        return self._ranks.agreed

    def raise_now(self):
        """Never: what this one drops, the others would wait for."""


def leads(args):
    """Is this process alone, or the first of its job?"""
    return not args.ranks or args.ranks.rank == 0


def leave_to_first(args):
    """Take from the flags what only the first worker does."""
    if not leads(args):
        for name, value in LEFT_OUT.items():
            if hasattr(args, name):
                setattr(args, name, value)


def take_restart(args):
    """Of a job that lost a worker and was started again: go on with what it had saved."""
    if os.environ.get(RESUME):
        args.resume, args.tokenizer, args.vocab = os.environ[RESUME], None, None


def load_for_all(path, ranks):
    """The checkpoint in a file that only the first worker needs to have."""
    if not ranks:
        return checkpoints.load(path)
    if ranks.rank == 0:
        checkpoint = checkpoints.load(path)
        ranks.broadcast(checkpoints.to_bytes(checkpoint))
        return checkpoint
    return checkpoints.from_bytes(ranks.broadcast(None))


def facts_of(run):
    """What must be the same for all workers of a run: {what: a mark}."""
    settings = [run.config.to_dict(), run.model.config.to_dict(), run.shards, run.step]
    if run.replicas:
        settings.append(run.replicas.config.to_dict())
    return {
        "data": run.corpus.digest,
        "settings": _mark(json.dumps(settings)),
        "tokenizer": _mark(json.dumps(to_dict(run.tokenizer))),
        "weights": _mark(run.model.flat),
    }


def _mark(data):
    data = data.encode() if isinstance(data, str) else data
    return hashlib.sha256(data).hexdigest()
