"""The training loop: a generator of what happened, one small record at a time.

Whoever runs it prints, draws or posts the records; to stop is not to ask for the next one.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..errors import UserError
from .optim import clip_gradient
from .schedule import learning_rate, muon_decay, muon_momentum


@dataclass(frozen=True)
class Step:
    """One move of the weights. The loss is the one before the move."""

    step: int  # the first is 1
    loss: float
    lr: float
    tokens: int  # predictions this step learned from
    grad_norm: float


@dataclass(frozen=True)
class Evaluation:
    """The loss on held-out data after a step (0 is before any)."""

    step: int
    loss: float  # nats a token
    bits_per_byte: float  # the same in bits and by bytes: comparable between tokenizers


@dataclass(frozen=True)
class Measuring:
    """A look at held-out data is going on."""

    step: int
    tokens: int  # looked at so far


class Diverged(UserError):
    """The loss or the gradient is no longer a number."""


def train(run):
    """Train to the end of the run.

    Yields a Step for each step and an Evaluation now and then. That takes longer than a step, so
    Measuring comes before each part of it: another moment to stop at.
    """
    while True:
        if _is_due(run):
            yield from evaluate(run)
        if run.step >= run.config.steps:
            return
        yield take_step(run)


def _is_due(run):
    """Is it time to look at held-out data? Not twice: a run may have been kept just after."""
    every, step = run.config.eval_every, run.step
    if not run.held_out or any(e.step == step for e in run.evaluations[-1:]):
        return False
    return step == run.config.steps or bool(every and step % every == 0)


def take_step(run):
    """Forward, backward, and one move of the weights."""
    batches = run.next_batches()
    with np.errstate(all="ignore"):  # what overflows is told
        loss, norm = _find_gradient(run, batches)
        lr = _move(run, norm)
    run.losses.append(loss)
    tokens = sum(batch.tokens for batch in batches)
    run.tokens += tokens
    return Step(run.step, loss, lr, tokens, norm)


def _find_gradient(run, batches):
    """(the loss of the batches together, the norm of its gradient)"""
    noise, loss = run.noise(), 0.0
    for i, batch in enumerate(batches):
        loss += float(run.gradient(batch, add=i > 0, noise=noise))
    grad = run.model.weights.flat_grad
    norm = math.sqrt(float(grad @ grad))
    _check_finite(run, "loss", loss)
    _check_finite(run, "gradient", norm)
    return loss, norm


def _move(run, norm):
    """One move of the weights; returns its learning rate."""
    config, grad = run.config, run.model.weights.flat_grad
    if config.clip:
        clip_gradient(grad, config.clip, norm)
    lr = learning_rate(
        run.step,
        lr=config.lr,
        steps=config.steps,
        warmup=config.warmup,
        schedule=config.schedule,
        final=config.final_lr,
        warmdown=config.warmdown,
    )
    run.step += 1
    muon = ()
    if config.optimizer == "muon":
        muon = (
            muon_momentum(run.step - 1, config.steps, config.warmdown),
            muon_decay(run.step - 1, config.steps),
        )
    run.optimizer.update(grad, lr, run.step, *muon)
    return lr


def evaluate(run):
    """Look at the held-out data: yields Measuring before each batch, the Evaluation at the end."""
    nats = tokens = size = 0
    for batch in run.evaluation_batches():
        yield Measuring(run.step, tokens)
        with np.errstate(all="ignore"):
            loss = run.loss(batch)
        nats += float(loss) * batch.tokens
        tokens += batch.tokens
        size += int(run.token_bytes[batch.targets[batch.weights > 0]].sum())
    _check_finite(run, "loss on the held-out data", nats)
    result = Evaluation(run.step, nats / max(1, tokens), nats / math.log(2) / max(1, size))
    run.evaluations = [e for e in run.evaluations if e.step != run.step] + [result]
    yield result


def _check_finite(run, what, value):
    if not math.isfinite(value):
        raise Diverged(
            f"The {what} stopped being a number after step {run.step:,}; try a lower learning rate"
            f" (now {run.config.lr:g}), a warm-up, or clipping (clip 1.0)."
        )


def smoothed(losses, span=50):
    """The mean of the last losses: single ones are noisy."""
    recent = losses[-span:]
    return float(np.mean(recent)) if recent else math.nan
