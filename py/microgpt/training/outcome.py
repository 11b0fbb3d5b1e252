"""What came of a run, said from its losses: improving still, memorising, level, or diverged."""

from dataclasses import dataclass

import numpy as np

SPAN = 50  # losses of single steps are noisy: this many are averaged
CLEAR = 0.02  # nats; a smaller difference of two held-out losses means nothing
LEVEL = 0.05  # nats; within this of counting pairs a model has learned no more than they tell


@dataclass(frozen=True)
class Outcome:
    """How a run stands, in one word, and the sentences that say it."""

    kind: str  # "diverged", "memorising", "worse", "improving", "level off" or "short"
    sentences: tuple
    best_step: int | None = None  # where the held-out loss was lowest
    ahead_since: int | None = None  # the step since which it beats counting pairs

    @property
    def text(self):
        return " ".join(self.sentences)


def outcome(losses, evaluations, bigram_loss, uniform_loss, lr):
    """The Outcome of a run from the losses of its steps and its looks at held-out data.

    None where there is too little to say anything. The evaluations have `step` and `loss`.
    """
    if not losses:
        return None
    end = mean_loss(losses, len(losses))
    last = evaluations[-1].loss if evaluations else end
    if max(end, last) > uniform_loss + 0.5:
        return Outcome("diverged", (_diverged(max(end, last), uniform_loss, lr),))
    since = ahead_since(evaluations, bigram_loss)
    against = _against_pairs(evaluations, bigram_loss)
    later = [e for e in evaluations if e.step]
    if evaluations and not later:  # it was stopped before its first look: the one at 0 is no news
        sentence = f"The loss of its last steps is {end:.2f}; held-out data were not looked at yet."
        return Outcome("short", (sentence,))
    if len(later) < 2:
        now = f"The held-out loss is {last:.2f}."
        return Outcome("short", (now, *against), None, since) if against else None
    best = min(later, key=lambda e: e.loss)
    rose = last - best.loss
    fell = mean_loss(losses, best.step) - end
    if rose > CLEAR and fell > CLEAR:
        sentence = (
            f"It has been memorising since step {best.step:,}: there the held-out loss was lowest,"
            f" {best.loss:.2f}; it rose to {last:.2f} while the training loss went on falling. Try"
            " more data, dropout, or fewer steps."
        )
        return Outcome("memorising", (sentence, *against), best.step, since)
    # Since half of the run: near its end the learning rate is so small that every curve is level.
    before = [e for e in evaluations if e.step <= later[-1].step / 2] or later[:1]
    gained = before[-1].loss - last
    if gained > CLEAR:
        sentence = (
            f"It was still improving: the held-out loss fell by {gained:.2f} since step"
            f" {before[-1].step:,}. More steps would help."
        )
        return Outcome("improving", (sentence, *against), best.step, since)
    if rose > CLEAR:
        sentence = (
            f"The held-out loss was lowest at step {best.step:,}, {best.loss:.2f}, and rose to"
            f" {last:.2f}: the learning rate, {lr:g}, may be too large."
        )
        return Outcome("worse", (sentence, *against), best.step, since)
    sentence = (
        f"The held-out loss has levelled off at {last:.2f}. A larger model, more data or many more"
        " steps may get further."
    )
    return Outcome("level off", (sentence, *against), best.step, since)


def ahead_since(evaluations, bigram_loss):
    """The step since which every held-out loss is below counting pairs, or None.

    >>> from types import SimpleNamespace as E
    >>> falls = [E(step=0, loss=3.3), E(step=50, loss=2.4), E(step=100, loss=2.3)]
    >>> ahead_since(falls, 2.5)
    50
    >>> ahead_since([*falls, E(step=150, loss=2.6)], 2.5) is None
    True
    """
    since = None
    for each in evaluations:
        ahead = bool(each.step) and bigram_loss is not None and each.loss < bigram_loss
        since = (since or each.step) if ahead else None
    return since


def mean_loss(losses, step):
    """The mean loss of the steps before one."""
    return float(np.mean(losses[max(0, step - SPAN) : max(1, step)]))


def _diverged(loss, uniform_loss, lr):
    better = 0.01 if lr > 0.02 else lr / 10
    digits = 2 if loss < 1e4 else 0
    return (
        f"The loss climbed to {loss:,.{digits}f}, and guessing would be {uniform_loss:.2f}: the"
        f" learning rate, {lr:g}, is too large. Try {better:g}, or clip the gradient at 1."
    )


def _against_pairs(evaluations, bigram_loss):
    if not evaluations or bigram_loss is None or bigram_loss != bigram_loss:
        return []
    loss = evaluations[-1].loss
    if loss > bigram_loss + LEVEL:
        return [f"Counting pairs of neighbours is better: {bigram_loss:.2f}."]
    if loss > bigram_loss - LEVEL:
        return [f"That is no better than counting pairs of neighbours, {bigram_loss:.2f}."]
    return [f"Counting pairs of neighbours gives {bigram_loss:.2f}."]
