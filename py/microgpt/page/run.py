"""A run in small pieces: train for some milliseconds, say what happened, and be ready to stop."""

import time
from dataclasses import astuple, replace

import numpy as np

from ..inference.engine import Engine
from ..inference.previews import final_samples, is_preview_due, previews
from ..training.loop import Diverged, Evaluation, Exchange, Step, train
from .json_api import Answer

PREVIEWS = 8
PREVIEW_SECONDS = 1.0  # and as often as this where they are far apart
PREVIEW_SHARE = 0.1  # of the time may go into them: large models write slowly
FINAL_SAMPLES = 20
END = object()


class Follower:
    """Asks `train()` for one record at a time, and keeps what the page has not heard yet."""

    def __init__(self, run):
        self.run = run
        self._engine = Engine(run.model, machine=run.machine)  # writes the samples
        self.seconds = 0.0  # spent on steps and evaluations
        self.lr = 0.0
        self._losses_sent = len(run.losses)
        self._shown_at, self._spent = time.perf_counter(), 0.0
        self._texts, self._owed = None, 0  # a source of samples, and how many are still to write
        self._written = []
        self._restart()
        if run.step == 0:
            self._owe_previews()

    def _restart(self):
        self._records, self._finished = train(self.run), False

    def advance(self, milliseconds, until, end=0):
        """Go on for about so long, at most to a step; what happened, and the losses since.

        A run that shall end later than it was to is made longer: whoever goes slowly asks for
        little at a time, and says in `end` how far it shall be in the end.
        `state` is "going", "reached" (step `until`), "done" (the end of the run) or "diverged".
        """
        run, events, message = self.run, [], None
        if (end := max(until, end)) > run.config.steps:
            run.config = replace(run.config, steps=end)
            self._restart()
        deadline = time.perf_counter() + milliseconds / 1000
        state = "going"
        while state == "going" and time.perf_counter() < deadline:
            try:
                state = self._piece(until, events)
            except Diverged as trouble:
                self._restart()
                state, message = "diverged", str(trouble)
        facts = {**self._position(), "state": state, "events": events, "message": message}
        return Answer(facts, {"losses": self._fresh_losses()})

    def _piece(self, until, events):
        """The smallest piece of work: one sample, one step, or one evaluation."""
        run = self.run
        if self._owed:
            self._write_sample(events)
            return "going"
        if self._finished:
            return "done"
        if run.step >= until and until < run.config.steps:
            return "reached"
        began = time.perf_counter()
        record = next(self._records, END)
        if isinstance(record, Exchange):  # nobody to agree with
            record = next(self._records, END)
        self.seconds += time.perf_counter() - began
        if record is END:
            self._finished = True
            texts = final_samples(self._engine, run.tokenizer, run.rng)
            self._texts, self._owed = texts, FINAL_SAMPLES
        elif isinstance(record, Evaluation):
            events.append({"type": "evaluation", **about_evaluation(*astuple(record))})
        elif isinstance(record, Step):
            self.lr = record.lr
            wait = max(PREVIEW_SECONDS, self._spent * (1 / PREVIEW_SHARE - 1))
            due = is_preview_due(record.step, run.config.steps)
            due = due or time.perf_counter() - self._shown_at > wait
            if due and record.step < run.config.steps:
                self._owe_previews()
        return "going"

    def _position(self):
        run = self.run
        return {"step": run.step, "tokens": run.tokens, "lr": self.lr, "seconds": self.seconds}

    def _fresh_losses(self):
        losses = self.run.losses
        fresh, self._losses_sent = losses[self._losses_sent :], len(losses)
        return np.array(fresh, np.float64)

    def _owe_previews(self):
        self._shown_at, self._spent = time.perf_counter(), 0.0
        run = self.run
        texts = previews(self._engine, run.tokenizer)
        self._texts, self._owed = texts, PREVIEWS

    def _write_sample(self, events):
        began = time.perf_counter()
        text = next(self._texts)
        self._written.append({"text": text, "new": self.run.is_new(text)})
        self._owed -= 1
        self._spent += time.perf_counter() - began
        if not self._owed:
            self._shown_at = time.perf_counter()
            events.append({"type": "samples", "step": self.run.step, "samples": self._written})
            self._written = []


def about_evaluation(step, loss, bits_per_byte):
    """The held-out loss after a step; runs with other tokenizers can be compared by the bits."""
    return {"step": step, "loss": loss, "bitsPerByte": bits_per_byte}
