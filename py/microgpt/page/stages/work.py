"""Long work in small pieces: what is made ready, what is trained, and how far either is."""

import time

import numpy as np

from ...errors import UserError
from ..json_api import Answer
from ..run import about_evaluation, about_exact
from .run import StageFollower


class Pieces:
    """A generator that yields how much is done (0 to 1); its value are the facts at the end."""

    def __init__(self, generator, phase):
        self._generator, self._phase, self._share = generator, phase, 0.0

    def go_on(self, milliseconds):
        deadline = time.perf_counter() + milliseconds / 1000
        while True:
            try:
                self._share = next(self._generator)
            except StopIteration as end:
                return {"done": True, "phase": self._phase, "share": 1.0, **(end.value or {})}
            if time.perf_counter() >= deadline:
                return {"done": False, "phase": self._phase, "share": self._share}


class Training:
    """A training: first its data are made ready, by a generator whose value is the run."""

    def __init__(self, begin):
        self._begin = Pieces(self._beginning(begin), "preparing")
        self.run = self.follower = None

    def _beginning(self, begin):
        self.run = yield from begin
        self.follower = StageFollower(self.run)
        return {"done": False, "begun": True}

    def go_on(self, milliseconds):
        if not self.follower:
            facts = self._begin.go_on(milliseconds)
            return Answer({**facts, **self.about()}, self.losses()) if self.follower else facts
        facts, arrays = self.follower.advance(milliseconds, self.run.config.steps)
        if facts["state"] == "diverged":
            raise UserError(facts["message"])
        return Answer({"phase": "training", "done": facts["state"] == "done", **facts}, arrays)

    def about(self):
        run = self.run
        return {
            "step": run.step,
            "steps": run.config.steps,
            "shards": run.can_share,
            "parameters": run.model.weights.count,
            "vocabSize": run.tokenizer.vocab_size,
            "uniformLoss": run.uniform_loss,
            "evaluations": [
                about_evaluation(e.step, e.loss, e.bits_per_byte) for e in run.evaluations
            ],
            "exact": [about_exact(score) for score in run.exact],
            "alone": self.follower.alone,
            "asksLearned": getattr(run.corpus, "asks_learned", False),
        }

    def losses(self):
        return {"losses": np.array(self.run.losses, np.float64)}
