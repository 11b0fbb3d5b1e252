"""A run in small pieces: train for some milliseconds, say what happened, and be ready to stop."""

import random
import time
from dataclasses import astuple, replace
from itertools import cycle, islice

import numpy as np

from ..errors import UserError
from ..inference.engine import Engine
from ..inference.generate import generate
from ..inference.previews import final_samples, is_preview_due, preview_samples, text_of
from ..inference.sampling import Sampling
from ..training.loop import Accumulating, Diverged, Evaluation, Exchange, Step, Waiting, train
from ..training.shared import as_bytes
from .json_api import Answer

PREVIEWS, TEXT_PREVIEWS = 8, 1  # of a running text each is as long as many names
PREVIEW_SECONDS = 0.5  # and as often as this where they are far apart
PREVIEW_SHARE = 0.1  # of the time may go into them: large models write slowly
FINAL_SAMPLES, FINAL_TEXTS = 20, 3
GREEDY = Sampling(greedy=True)
END = object()


class Follower:
    """Asks `train()` for one record at a time, and keeps what the page has not heard yet."""

    preview_share = PREVIEW_SHARE

    def __init__(self, run, paths=None):
        self.run, self._paths = run, paths  # what its weights were, if that is kept
        self._engine = Engine(run.model, machine=run.machine)  # writes the samples
        self.seconds = 0.0  # spent on steps
        self.watching = 0.0  # and on held-out data and samples
        self.lr = 0.0
        self._half, self._left, self._exchange = None, 0.0, None  # seconds of a step half made
        self._others = getattr(run, "others", None)  # if there can be some
        self._losses_sent = len(run.losses)
        self._shown_at, self._spent = time.perf_counter(), 0.0
        self._samples, self._owed = None, 0  # a source of them, and how many are still to write
        self._tokens, self._sample, self._written = None, [], []
        self._questions = self._shown_questions()
        self._exam = self._examiner = None  # questions that are being answered, and by whom
        self._refusals_sent = 0
        self._restart()
        if run.step == 0:
            self._owe_previews()

    def _shown_questions(self):
        """Of a task, questions in place of samples: it learns answers, not what is asked."""
        return list(islice(self.run.corpus.questions, FINAL_SAMPLES))

    def _restart(self):
        self._half = None
        self._records, self._finished = train(self.run), False

    def advance(self, milliseconds, until, end=0, fresh=False):
        """Go on for about so long, at most to a step; what happened, and the losses since.

        A run that shall end later than it was to is made longer: whoever goes slowly asks for
        little at a time, and says in `end` how far it shall be in the end.
        `fresh` says that it has rested before: a step half made has not taken longer for that.
        `state` is "going", "reached" (step `until`), "done" (the end of the run), "diverged", or
        "waiting" for other workers, who first have to get the `shares` that are told.
        """
        run, events, message = self.run, [], None
        if (end := max(until, end)) > run.config.steps:
            run.config = replace(run.config, steps=end)
            self._restart()
        began = time.perf_counter()
        if self._half is not None and not fresh:
            self._half += began - self._left
        deadline = began + milliseconds / 1000
        state = "going"
        took = 0.0  # the last piece of a step; another as long may not end in time
        while state == "going" and (began := time.perf_counter()) + took < deadline:
            try:
                state = self._piece(until, events)
            except Diverged as trouble:
                self._restart()
                state, message = "diverged", str(trouble)
            took = 0.0 if self._half is None else time.perf_counter() - began
        self._left = time.perf_counter()
        events += self._refusals()
        facts = {**self._position(), "state": state, "events": events, "message": message}
        shares = self._shares()
        facts |= {"shares": [share for share, _ in shares], "exchange": self._exchange}
        arrays = {f"share{i}": as_bytes(arrays) for i, (_, arrays) in enumerate(shares)}
        return Answer(facts, {"losses": self._fresh_losses(), **arrays})

    def _shares(self):
        """What other workers shall work out: each is told once."""
        others = self._others
        if not others:
            return []
        self._exchange = others.exchange
        shares, others.outbox = others.outbox, []
        return shares

    def _piece(self, until, events):
        """The smallest piece of work: a token of a sample, a step, or a part of an evaluation."""
        run = self.run
        if self._exam:
            self._go_on_answering(events)
            return "going"
        if self._owed:
            self._write_token(events)
            return "going"
        if self._finished:
            return "done"
        if run.step >= until and until < run.config.steps:
            return "reached"
        began = time.perf_counter()
        record = next(self._records, END)
        if isinstance(record, Exchange):  # nobody to agree with
            record = next(self._records, END)
        took = time.perf_counter() - began + (self._half or 0.0)
        if isinstance(record, Waiting):
            self._half = took
            others = self._others
            return "waiting" if others and (others.outbox or others.idle) else "going"
        self._half = None
        if isinstance(record, Step | Accumulating):
            self.seconds += took
        else:
            self.watching += took
        if record is END:
            self._finished = True
            self._owe(final_samples(self._engine, run), FINAL_SAMPLES, FINAL_TEXTS)
        elif isinstance(record, Evaluation):
            events.append({"type": "evaluation", **about_evaluation(*astuple(record))})
            self._ask(record.step)
        elif isinstance(record, Step):
            self.lr = record.lr
            if self._paths:
                self._paths.note(record.step)
            wait = max(PREVIEW_SECONDS, self._spent * (1 / self.preview_share - 1))
            due = is_preview_due(record.step, run.config.steps)
            due = due or time.perf_counter() - self._shown_at > wait
            if due and record.step < run.config.steps:
                self._owe_previews()
        return "going"

    def _position(self):
        run = self.run
        spent = {"seconds": self.seconds, "watching": self.watching}
        return {"step": run.step, "tokens": run.tokens, "lr": self.lr, **spent}

    def _refusals(self):
        """Why steps could not be recorded, which makes them slow: each is told once."""
        refusals = self.run.machine.refusals
        fresh, self._refusals_sent = refusals[self._refusals_sent :], len(refusals)
        return [{"type": "unrecorded", "message": sentence} for sentence in fresh]

    def _fresh_losses(self):
        losses = self.run.losses
        fresh, self._losses_sent = losses[self._losses_sent :], len(losses)
        return np.array(fresh, np.float64)

    def _ask(self, step):
        """Begin to ask what the data have of held-out questions."""
        run = self.run
        if not run.corpus.questions:
            return
        from ..evaluation import exact_match as exam  # most runs, and a start, do without

        self._examiner = self._examiner or exam.engine_for(run.model, run.machine)
        questions = run.corpus.questions[: None if step == run.config.steps else exam.ASKED]
        self._exam = exam.exact_match(run.model, run.tokenizer, questions, self._examiner)

    def _go_on_answering(self, events):
        """One token of every question that is being answered."""
        run, began = self.run, time.perf_counter()
        try:
            next(self._exam)
        except StopIteration as end:
            self._exam = None
            run.exact.append((run.step, *end.value))
            events.append({"type": "exact", **about_exact(run.exact[-1])})
        except UserError:  # its scores are no numbers any more, as the next step will say
            self._exam = self._examiner = None
        self.watching += time.perf_counter() - began

    def _owe_previews(self):
        self._shown_at, self._spent = time.perf_counter(), 0.0
        self._owe(preview_samples(self._engine, self.run), PREVIEWS, TEXT_PREVIEWS)

    def _owe(self, samples, count, texts):
        self._samples = self._answers() if self._questions else samples
        self._owed = count if self.run.kind_of_rows == "documents" else texts

    def _answers(self):
        """What it answers to the questions: each an iterator of tokens, as samples are."""
        model, tokenizer, engine = self.run.model, self.run.tokenizer, self._engine
        for prompt, answer in cycle(self._questions):
            most = len(tokenizer.encode(answer)) + 1  # and the end
            yield generate(model, tokenizer, random.Random(0), prompt, GREEDY, most, engine)

    def _about_sample(self):
        """The sample that has just been written, and whether it is new; of an answer, if right."""
        text = text_of(self._sample)
        if not self._questions:
            return {"text": text, "new": self.run.is_new(text)}
        prompt, answer = self._questions[len(self._written) % len(self._questions)]
        return {"text": prompt + text, "new": None, "right": text == answer}

    def _write_token(self, events):
        """One token of the samples that are owed."""
        began = time.perf_counter()
        self._tokens = self._tokens or next(self._samples)
        try:
            token = next(self._tokens, None)
        except UserError:  # its scores are no numbers any more, as the next step will say
            self._tokens, self._sample, self._written, self._owed = None, [], [], 0
            return
        if token:
            self._sample.append(token)
        else:
            self._written.append(self._about_sample())
            self._tokens, self._sample, self._owed = None, [], self._owed - 1
        took = time.perf_counter() - began
        self._spent += took
        self.watching += took
        if not self._owed:
            self._shown_at = time.perf_counter()
            events.append({"type": "samples", "step": self.run.step, "samples": self._written})
            self._written = []


def about_exact(score):
    """How many of some held-out questions were answered right after a step."""
    return dict(zip(("step", "right", "tries"), score, strict=True))


def about_evaluation(step, loss, bits_per_byte):
    """The held-out loss after a step; runs with other tokenizers can be compared by the bits."""
    return {"step": step, "loss": loss, "bitsPerByte": bits_per_byte}
