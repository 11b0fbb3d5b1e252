"""A run in small pieces: train for some milliseconds, say what happened, and be ready to stop."""

import random
import time
from dataclasses import replace

import numpy as np

from ..inference.generate import write
from ..training.loop import Diverged, Evaluation, Exchange, Step, train

PREVIEW_SEED = 1  # the same dice each time: what changes from sample to sample is the model
PREVIEWS = 8
PREVIEW_SECONDS = 1.0  # and as often as this where the parts are long
PREVIEW_SHARE = 0.1  # of the time may go into them: large models write slowly
FINAL_SAMPLES = 20
END = object()
PARTS = 5  # samples are shown so many times along the way


class Follower:
    """Asks `train()` for one record at a time, and keeps what the page has not heard yet."""

    def __init__(self, run, is_new):
        self.run, self._is_new = run, is_new
        self.seconds = 0.0  # spent on steps and evaluations
        self.lr = 0.0
        self._told = len(run.losses)
        self._shown_at, self._spent = time.perf_counter(), 0.0
        self._owed = []  # samples to write before the next step; each is a function
        self._written = []
        self._restart()
        if run.step == 0:
            self._owe_previews()

    def _restart(self):
        self._records, self._finished = train(self.run), False

    def advance(self, milliseconds, until, end=0):
        """Go on for about so long, at most to a step; a table of what happened.

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
        return {**self.position(), "state": state, "events": events, "message": message}

    def _piece(self, until, events):
        """The smallest piece of work: one sample, one step, or one evaluation."""
        run = self.run
        if self._owed:
            began = time.perf_counter()
            self._written.append(self._owed.pop(0)())
            self._spent += time.perf_counter() - began
            if not self._owed:
                self._shown_at = time.perf_counter()
                events.append({"type": "samples", "step": run.step, "samples": self._written})
                self._written = []
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
            self._owe_final_samples()
        elif isinstance(record, Evaluation):
            bits = record.bits_per_byte  # what runs with other tokenizers can be compared by
            told = {"step": record.step, "loss": record.loss, "bitsPerByte": bits}
            events.append({"type": "evaluation", **told})
        elif isinstance(record, Step):
            self.lr = record.lr
            steps = run.config.steps
            due = record.step % max(1, steps // PARTS) == 0
            wait = max(PREVIEW_SECONDS, self._spent * (1 / PREVIEW_SHARE - 1))
            due = due or time.perf_counter() - self._shown_at > wait
            if due and record.step < steps:
                self._owe_previews()
        return "going"

    def position(self):
        run = self.run
        return {"step": run.step, "tokens": run.tokens, "lr": self.lr, "seconds": self.seconds}

    def untold_losses(self):
        losses = self.run.losses
        fresh, self._told = losses[self._told :], len(losses)
        return np.array(fresh, np.float64)

    def _owe_previews(self):
        self._shown_at, self._spent = time.perf_counter(), 0.0
        rng = random.Random(PREVIEW_SEED)
        self._owed += [lambda: self._sample(rng)] * PREVIEWS

    def _owe_final_samples(self):
        """Drawn from the run's own generator, as the reference does; it is then put back.

        So a run that is saved or made longer after its samples is the run it was before them.
        """
        rng = random.Random()
        rng.setstate(self.run.rng.getstate())
        self._owed += [lambda: self._sample(rng)] * FINAL_SAMPLES

    def _sample(self, rng):
        text = write(self.run.model, self.run.tokenizer, rng, machine=self.run.machine)
        return {"text": text, "new": self._is_new(text)}
