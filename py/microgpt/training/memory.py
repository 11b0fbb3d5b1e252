"""About how much memory a training run needs, said before it starts."""

from ..gpt.parameters import count_parameters


def training_bytes(model, training):
    """An estimate from the configurations: weights, and what a step keeps for the way back."""
    item = 8 if training.dtype == "float64" else 4
    weights = 5 * count_parameters(model)  # with gradient, Adam's two means, and its work
    c, time = model.n_embd, model.block_size
    heads = model.n_head * model.head_size
    a_layer = 8 * c + 4 * heads + 3 * model.hidden + 4 * model.n_head * time
    positions = training.batch_size * time
    activations = positions * (model.n_layer * a_layer + 4 * c + 4 * model.vocab_size)
    return item * (weights + activations + time * time)


def least_bytes(model, training):
    """What a run takes in any case: less than this is not enough."""
    item = 8 if training.dtype == "float64" else 4
    layers = 1 if training.recompute else model.n_layer
    a_layer = 4 * model.n_embd + model.hidden
    positions = training.batch_size * model.block_size
    return item * (4 * count_parameters(model) + positions * (layers * a_layer + model.vocab_size))
