"""The training loop: a generator of what happened, one small record at a time.

Whoever runs it prints, draws or posts the records; to stop is not to ask for the next one.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..autograd import no_grad
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


class Diverged(UserError):
    """The loss or the gradient is no longer a number; the weights are still the last good ones."""


def train(run):
    """Train to the end of the run; yields a Step for each step and an Evaluation now and then."""
    every, last = run.config.eval_every, run.config.steps
    if run.step == 0 and every and run.held_out:
        yield evaluate(run)
    while run.step < last:
        yield take_step(run)
        due = run.step == last or (every and run.step % every == 0)
        if due and run.held_out:
            yield evaluate(run)


def take_step(run):
    """Forward, backward, and one move of the weights."""
    config = run.config
    batches = run.next_batches()
    noise = run.noise()
    loss = sum(
        float(run.gradient(batch, add=i > 0, noise=noise)) for i, batch in enumerate(batches)
    )
    grad = run.model.weights.flat_grad
    norm = math.sqrt(float(grad @ grad))
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise Diverged(
            f"the {'gradient' if math.isfinite(loss) else 'loss'} stopped being a number at step"
            f" {run.step + 1}; try a lower learning rate (now {config.lr:g}), a warm-up, or"
            f" clipping (clip 1.0)"
        )
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
    run.losses.append(loss)
    tokens = sum(batch.tokens for batch in batches)
    run.tokens += tokens
    return Step(run.step, loss, lr, tokens, norm)


def evaluate(run):
    """The mean surprise on the held-out documents, a token and a byte."""
    nats = tokens = size = 0
    with no_grad():
        for batch in run.evaluation_batches():
            loss = run.model.loss(batch.ids, batch.targets, batch.weights)
            nats += float(loss.data) * batch.tokens
            tokens += batch.tokens
            size += int(run.token_bytes[batch.targets[batch.weights > 0]].sum())
    result = Evaluation(run.step, nats / max(1, tokens), nats / math.log(2) / max(1, size))
    run.evaluations = [e for e in run.evaluations if e.step != run.step] + [result]
    return result


def smoothed(losses, span=50):
    """The mean of the last losses: single ones are noisy."""
    recent = losses[-span:]
    return float(np.mean(recent)) if recent else math.nan
