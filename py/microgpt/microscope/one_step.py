"""One step of a run, made without the run going on: what it computes, and every number it moves."""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from ..data.batches import Batch, eval_batches, scaled
from ..errors import UserError
from ..presets import PRESETS
from ..training.config import TrainConfig
from ..training.loop import Exchange, Step, make_step
from ..training.memory import rows_that_fit
from ..training.optim import Optimizer, groups_of
from ..training.step import forward_backward, inputs_of

MOST_TEXTS = 64


@dataclass
class Source:
    """What a step is made of. Nothing of it is different after the step.

    `remembers` says whether the optimizer's memory is the run's, or only begins.
    """

    model: object
    tokenizer: object
    config: TrainConfig
    optimizer: Optimizer
    batches: list[Batch]
    step: int
    remembers: bool
    gradient: object = None  # the run's recorded GradientStep, if it knows such batches
    alone: object = nullcontext  # in which the run's own things may be used

    def noise(self):
        if not self.model.config.dropout:
            return None
        return np.random.default_rng([self.config.seed, self.step])


def source_of_run(run, texts=None, lr=None):
    """The step that comes of a run, on its own next batches or on some texts."""
    _check_whole(run)
    gradient = None
    if texts is None:
        batches, gradient = run.batches, run.gradient
        if run.shards > 1 and run.model.config.dropout:
            gradient = None  # each shard has dropout of its own; here one is drawn for all
        position = batches.state()
        try:
            chosen = list(run.next_batches())
        finally:
            batches.restore(position)
    else:
        chosen = text_batches(run.model, run.tokenizer, texts)
    step, config = step_and_rate(run.step, run.config, lr)
    own = run.model, run.tokenizer, config, run.optimizer
    return Source(*own, chosen, step, True, gradient, run.alone)


def source_of_model(model, tokenizer, texts, config=None, lr=None):
    """A step of a model that has no run: its optimizer begins with nothing to remember."""
    config = config or training_of(model.config)
    optimizer = Optimizer(model.weights, groups_of(config, model.config, model.weights.shapes))
    step, config = step_and_rate(0, config, lr)
    batches = text_batches(model, tokenizer, texts)
    return Source(model, tokenizer, config, optimizer, batches, step, False)


def source_of_checkpoint(checkpoint, texts, lr=None):
    """A step of a saved run on some texts; its data need not be here."""
    if checkpoint.tuning:
        raise UserError(ONLY_WHOLE)
    model, config = checkpoint.model(), TrainConfig.from_dict(checkpoint.meta["training"])
    source = source_of_model(model, checkpoint.tokenizer(), texts, config, lr)
    progress = checkpoint.meta["progress"]
    if "optimizer.mean" in checkpoint.tensors:
        for name, array in source.optimizer.state().items():
            checkpoint.fill(array, f"optimizer.{name}")
        source.optimizer.steps = progress.get("optimizer_steps", progress["step"])
        source.remembers = True
    source.step, source.config = step_and_rate(progress["step"], config, lr)
    return source


ONLY_WHOLE = (
    "Of this model only adapters or a head are trained; `finetune merge` makes a whole one to look"
    " into."
)


def _check_whole(run):
    if run.tuning:
        raise UserError(ONLY_WHOLE)


def training_of(model_config):
    """How models of this family are trained: the recipe of the preset that differs least."""
    mine = model_config.to_dict()
    return min(
        PRESETS.values(),
        key=lambda preset: sum(preset.model.to_dict()[k] != v for k, v in mine.items()),
    ).training


def step_and_rate(step, config, lr):
    """(which step, settings): of a finished run its last one; `lr` is a rate to use instead."""
    if lr is not None:
        config = replace(config, lr=lr, schedule="constant", warmup=0)
    return max(0, min(step, config.steps - 1)), config


def text_batches(model, tokenizer, texts):
    """The batches that hold some texts, each from its start to its end; their weights sum to one.

    A text that is longer than the block is cut.
    """
    if not texts or not any(texts):
        raise UserError("There is nothing to learn from in an empty text; give one with letters.")
    if len(texts) > MOST_TEXTS:
        raise UserError(f"At most {MOST_TEXTS} texts can be looked at together; give fewer.")
    rows = [[tokenizer.bos, *tokenizer.encode(text), tokenizer.bos] for text in texts if text]
    config = model.config
    batches = eval_batches(rows, rows_that_fit(config), config.block_size, model.dtype)
    total = sum(batch.tokens for batch in batches)
    return [scaled(batch, total) for batch in batches]


@dataclass(frozen=True)
class MadeStep:
    """What a step computed; the arrays are flat, as the weights are."""

    step: Step
    before: np.ndarray
    gradient: np.ndarray  # as computed, not clipped
    clipped: np.ndarray
    after: np.ndarray
    memory: dict  # of the optimizer, before: {name: array}
    memory_after: dict

    @property
    def move(self):
        return self.after - self.before


def make(source):
    """Make the step with the run's own code, and put everything back.

    Texts are not recorded, which would take longer than a few steps as they are; a recording adds
    up short rows in another order, so that last bits differ.
    """
    with source.alone():
        return _made(source)


def _made(source):
    model, weights, optimizer = source.model, source.model.weights, source.optimizer
    memory = optimizer.state()
    buffer = weights.flat_grad if source.gradient else np.zeros_like(weights.flat_grad)

    def as_it_is(batch, add, noise):
        return forward_backward(model, add, noise, model.flat, buffer, *inputs_of(batch))

    arrays = [weights.flat, weights.flat_grad, *memory.values()]
    kept, steps = [array.copy() for array in arrays], optimizer.steps
    run = SimpleNamespace(
        model=model,
        config=source.config,
        optimizer=optimizer,
        gradient=source.gradient or as_it_is,
        noise=source.noise,
        next_batches=lambda: source.batches,
        step=source.step,
        tokens=0,
        losses=[],
    )
    exchange = Exchange(buffer)
    try:
        for event in make_step(run, exchange):
            if event is exchange:
                gradient = exchange.buffer.copy()
        clipped, after = buffer.copy(), [array.copy() for array in arrays]
    finally:
        for array, before in zip(arrays, kept):
            array[...] = before
        optimizer.steps = steps
    return MadeStep(
        step=event,
        before=kept[0],
        gradient=gradient,
        clipped=clipped,
        after=after[0],
        memory=dict(zip(memory, kept[2:])),
        memory_after=dict(zip(memory, after[2:])),
    )
