"""About how much memory a training run needs, said before it starts."""

import math

from ..gpt.lora import tuning_shapes
from ..gpt.parameters import count_parameters


def trained_parameters(model, tuning=None):
    """How many weights move: all, or those of a Tuning."""
    if tuning is None:
        return count_parameters(model)
    return sum(math.prod(shape) for shape in tuning_shapes(model, tuning).values())


def training_bytes(model, training, tuning=None):
    """An estimate from the configurations: weights, and what a step keeps for the way back."""
    item = 8 if training.dtype == "float64" else 4
    # What is trained has a gradient, Adam's two means, and room for its work.
    weights = count_parameters(model) + 4 * trained_parameters(model, tuning)
    c, time = model.n_embd, model.block_size
    heads = model.n_head * model.head_size
    a_layer = 8 * c + 4 * heads + 3 * model.hidden + 4 * model.n_head * time
    positions = training.batch_size * time
    activations = positions * (model.n_layer * a_layer + 4 * c + 4 * model.vocab_size)
    return item * (weights + activations + time * time)


def least_bytes(model, training, tuning=None):
    """What a run takes in any case: less than this is not enough."""
    item = 8 if training.dtype == "float64" else 4
    layers = 1 if training.recompute else model.n_layer
    a_layer = 4 * model.n_embd + model.hidden
    positions = training.batch_size * model.block_size
    weights = count_parameters(model) + 3 * trained_parameters(model, tuning)
    return item * (weights + positions * (layers * a_layer + model.vocab_size))


def rows_that_fit(config, most=64, numbers=2**24):
    """How many rows to evaluate at once, so that the widest array stays within so many numbers."""
    widest = config.block_size * max(config.vocab_size, 4 * config.n_embd)
    return max(1, min(most, numbers // widest))
