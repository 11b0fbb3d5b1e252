"""The runs of the stages: a batch is taken row by row, and questions are asked on the way.

A step of a chat model takes a fifth of a second in a tab. Its rows are taken one at a time, and
their gradients added up: it is the same step, and Stop is heard between two of them. Other workers
may take some of them.
"""

import random
from functools import cached_property
from itertools import cycle

from ...data.batches import eval_batches
from ...data.conversations.rendering import render_prompt
from ...evaluation.talk import MOST_TOKENS, exact_talk, judge
from ...inference.chat import Answer, shown, speak
from ...inference.engine import Engine
from ...inference.sampling import Sampling
from ...training.shared import SharedRun, SlicedStep
from ..run import Follower

ASKED = 24  # questions on the way of a fine-tuning
ASKED_LAST = 100  # and at its end
SLOTS = 12  # of them that are answered side by side
SHOWN = 3  # answers that are shown on the way


class SlicedRun(SharedRun):
    """A run that takes its batches row by row, and whose steps other workers may share."""

    sharded_step = SlicedStep
    _batch, _batch_for, _looked_at = None, None, None
    _ahead = None  # (step, its batch, the position before it), where that is drawn already

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.optimizer.meanwhile = self._draw_ahead

    def draw(self):
        """Draw the batch of the step that comes; whether that was still to be done."""
        if self._batch_for == self.step:
            return False
        ahead, self._ahead = self._ahead, None
        if ahead and ahead[0] == self.step:
            self._batch_for, self._batch, self._position = ahead
            self._drawn_for = self.step
            return False
        self._batch = list(super().next_batches())
        self._batch_for = self.step
        return True

    def _draw_ahead(self):
        """Draw the batch of the step after this one: it takes as long as a row of a step."""
        whole = self.config.accumulate == 1
        if whole and not self._ahead and self.step + 1 < self.config.steps:
            position = self.batches.state()
            self._ahead = self.step + 1, [next(self.batches)], position

    def next_batches(self):
        self.draw()
        return self._batch

    @cached_property
    def _copied_before(self):
        """The index of what the model had learned to say when this run began, or went on."""
        return self.copied

    def checkpoint(self):
        if self._ahead:
            self.draw()  # what is drawn ahead is the next step's: its position is kept
        if said := getattr(self.corpus, "said", None):
            before, now = self._copied_before, said.index()
            self.copied = before + now if before else now
        return super().checkpoint()

    def evaluation_batches(self):
        """Row by row, each made when it is looked at for the first time."""
        if self._looked_at is not None:
            return self._looked_at
        return self._look()

    def _look(self):
        model, looked_at = self.model, []
        most = self.config.eval_tokens
        for batch in eval_pieces(self.held_out, model.config.block_size, model.dtype, most):
            looked_at.append([batch])
            yield [batch]
        self._looked_at = looked_at


def eval_pieces(rows, block_size, dtype, most):
    """Batches of one row each that hold these rows, made one by one where that takes long."""
    if hasattr(rows, "eval_batches"):
        return rows.eval_batches(1, block_size, dtype, most)
    return eval_batches(rows, 1, block_size, dtype, most)


class StageFollower(Follower):
    """Follows the run of a stage. A fine-tuning is asked questions, and shows what it answers."""

    preview_share = 0.03

    def __init__(self, run):
        self._asked = list(getattr(run.corpus, "asked", ()))
        self._unaided, self.alone = None, None  # the last questions, without a tool
        super().__init__(run)

    def _shown_questions(self):
        return self._asked[:SHOWN]

    def _piece(self, until, events):
        busy = self._exam or self._owed or self._finished
        if not busy and self.run.step < self.run.config.steps and self.run.draw():
            return "going"
        return super()._piece(until, events)

    def _ask(self, step):
        """Begin to ask some of the questions."""
        run = self.run
        if not self._asked:
            return
        self._examiner = self._examiner or Engine(run.model, SLOTS, run.machine)
        asked = self._asked[: ASKED_LAST if step == run.config.steps else ASKED]
        self._exam = exact_talk(run.model, run.tokenizer, asked, self._examiner)
        if step == run.config.steps and any(each.is_sum for each in asked):
            self._unaided = exact_talk(run.model, run.tokenizer, asked, self._examiner, {})

    def _go_on_answering(self, events):
        if self._exam is not self._unaided:
            super()._go_on_answering(events)
            self._exam = self._exam or self._unaided
            return
        try:
            next(self._exam)
        except StopIteration as end:
            self._exam, self._unaided, self.alone = None, None, list(end.value)
            events.append({"type": "alone", "right": end.value.right, "tries": end.value.tries})

    def _answers(self):
        for asked in cycle(self._questions):
            ids = render_prompt(asked.messages, self.run.tokenizer)
            rng, greedy = random.Random(0), Sampling(greedy=True)
            self._answer = Answer(ids, self.run.tokenizer, rng, greedy, MOST_TOKENS)
            yield (said for _, said in speak(self._engine, [self._answer]))

    def _about_sample(self):
        if not self._questions:
            return super()._about_sample()
        asked = self._questions[len(self._written) % len(self._questions)]
        right = judge(asked, self._answer.parts).result
        text, question = shown(self._answer.parts), asked.messages[-1].text
        return {"question": question, "text": text, "new": None, "right": right}
