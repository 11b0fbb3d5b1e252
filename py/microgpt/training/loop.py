"""The training loop: a generator of what happened, one small event at a time.

Whoever runs it prints, draws or posts the events; to stop is not to ask for the next one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from ..data.batches import Batch
from ..errors import UserError
from ..gpt.model import GPT
from .config import TrainConfig
from .optim import Optimizer
from .schedule import learning_rate, muon_decay, muon_momentum


class Step(NamedTuple):  # made thousands of times a second: a dataclass would be felt
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


@dataclass(frozen=True)
class Accumulating:
    """The gradients of several batches are being added up for one step."""

    step: int
    batches: int  # added up so far


@dataclass(frozen=True)
class Waiting:
    """A part of a step is made. Where others work out one, ask again when they have answered."""

    step: int


class Exchange:
    """The gradient and the loss that this process computed, before the weights are moved.

    A lone process asks for the next event, and the step is made with what is in here. Several
    processes agree first: whoever drives `train()` puts the sums over all of them into `buffer`
    and `loss`, and `stop` if any of them wants to stop, takes as long as it needs, and asks for
    the next event then. All make the same move; after a `stop` it is the last one.
    """

    __slots__ = ("buffer", "loss", "stop")

    def __init__(self, buffer):
        self.buffer, self.loss, self.stop = buffer, 0.0, False


class Diverged(UserError):
    """The loss or the gradient is no longer a number."""


class Trainable(Protocol):
    """What `train()` needs of a run; `Run` is one."""

    config: TrainConfig
    model: GPT
    optimizer: Optimizer
    held_out: Sequence  # rows that are not trained on; without any there is no evaluation
    token_bytes: np.ndarray  # how many bytes of text each token stands for
    # How far it is. The loop moves these on.
    step: int
    tokens: int
    losses: list[float]
    evaluations: list[Evaluation]
    replicas: object  # Replicas, where several models learn side by side, which make the steps

    def next_batches(self) -> Iterable[Batch]:
        """The batches of the step that comes: always the same ones, until the step is made."""

    def noise(self) -> "np.random.Generator | None":  # in quotes: a start does without np.random
        """What dropout draws from in the step that comes."""

    def gradient(self, batch: Batch, add: bool, noise) -> float:
        """Leave the gradient in `model.weights.flat_grad`, or add it; returns the loss.

        None where others work out a part of it; `gradient.gathered()` has the loss in the end.
        """

    def evaluation_batches(self) -> Iterable[Sequence[Batch]]:
        """The held-out data: batches, as many at a time as are looked at side by side."""

    def losses_of(self, batches: Sequence[Batch]) -> list[float]:
        """The loss alone, of each of some batches."""


def train(run: Trainable):
    """Train to the end of the run.

    Yields for each step an Exchange (the same object each time) and then a Step, and now and then
    an Evaluation. That takes longer than a step, so Measuring comes before each part of it:
    another moment to stop at. So is Accumulating, between the batches of one step.
    """
    exchange = Exchange(run.model.weights.flat_grad)
    while not exchange.stop:
        if _is_due(run):
            yield from evaluate(run)
        if run.step >= run.config.steps:
            return
        if run.replicas:
            yield from run.replicas.make_step(run)
        else:
            yield from make_step(run, exchange)


def _is_due(run):
    """Is it time to look at held-out data? Not twice: a run may have been kept just after."""
    every, step = run.config.eval_every, run.step
    due = step == run.config.steps or (every and step % every == 0)
    if not due or not run.held_out:
        return False
    return not run.evaluations or run.evaluations[-1].step != step


def take_step(run):
    """One step of a process that is alone."""
    *_, step = make_step(run, Exchange(run.model.weights.flat_grad))
    return step


def make_step(run, exchange):
    """The gradient, the agreement on it, and the move: yields Accumulating, Exchange, Step."""
    noise, loss, tokens = run.noise(), 0.0, 0
    for i, batch in enumerate(run.next_batches()):
        if i:
            yield Accumulating(run.step, i)
        with np.errstate(all="ignore"):
            found = run.gradient(batch, add=i > 0, noise=noise)
        while found is None:
            yield Waiting(run.step)
            with np.errstate(all="ignore"):
                found = run.gradient.gathered()
        loss += float(found)
        tokens += batch.tokens
    exchange.loss = loss
    yield exchange
    loss = exchange.loss
    with np.errstate(all="ignore"):  # an overflow is reported by _check_finite
        norm = math.sqrt(float(exchange.buffer @ exchange.buffer))
        _check_finite(run, "loss", loss)
        _check_finite(run, "gradient", norm)
        lr, rest = _move(run, exchange.buffer, norm)
    while rest:
        yield Waiting(run.step)
        with np.errstate(all="ignore"):
            rest = next(rest, None) and rest
    run.step += 1
    run.losses.append(loss)
    run.tokens += tokens
    yield Step(run.step, loss, lr, tokens, norm)


def _move(run, grad, norm):
    """One move of the weights: (its learning rate, the pieces of it that are left, or None)."""
    config, rest = run.config, None
    if config.clip:
        run.optimizer.clip(grad, config.clip, norm)
    lr = learning_rate(
        run.step,
        lr=config.lr,
        steps=config.steps,
        warmup=config.warmup,
        schedule=config.schedule,
        final=config.final_lr,
        warmdown=config.warmdown,
    )
    if norm:  # else there is nothing to learn from: Adam would go on by what it remembers
        muon = ()
        if config.optimizer == "muon":
            made = run.optimizer.steps
            muon = (
                muon_momentum(run.step, config.steps, config.warmdown, made),
                muon_decay(run.step, config.steps),
            )
        rest = run.optimizer.update(grad, lr, *muon)
    return lr, rest


class Surprise:
    """How much some batches surprise a model, added up: in nats a token, and in bits a byte."""

    def __init__(self):
        self.nats = self.tokens = self.bytes = 0

    def add(self, batch, loss, token_bytes):
        """`token_bytes` says how many bytes of text each token stands for."""
        self.nats += float(loss) * batch.tokens
        self.tokens += batch.tokens
        self.bytes += int(token_bytes[batch.targets[batch.weights > 0]].sum())

    @property
    def loss(self):
        return self.nats / self.tokens if self.tokens else math.nan

    @property
    def bits_per_byte(self):
        return self.nats / math.log(2) / max(1, self.bytes)


def evaluate(run):
    """Look at the held-out data: yields Measuring before each batch, the Evaluation at the end."""
    seen = Surprise()
    for batches in run.evaluation_batches():
        yield Measuring(run.step, seen.tokens)
        with np.errstate(all="ignore"):  # a loss that is no number is reported below
            losses = run.losses_of(batches)
        for batch, loss in zip(batches, losses):
            seen.add(batch, loss, run.token_bytes)
    if not seen.tokens:  # as where no conversation fits into the block
        return
    _check_finite(run, "loss on the held-out data", seen.nats)
    result = Evaluation(run.step, seen.loss, seen.bits_per_byte)
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
