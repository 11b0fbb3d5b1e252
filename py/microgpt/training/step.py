"""The work of one step as a function of arrays, recorded once for each shape and then replayed."""

import copy
from functools import partial

import numpy as np

from ..autograd import no_grad
from ..gpt.model import check_ids
from ..recorder.record import Machine, Recorded

MOST_PICKED = 0.7  # of a batch's targets; where more are learned, all are looked at
PICKED_UNITS = 16  # parts of a batch by which their number grows,
LEAST_UNIT = 64  # if these are not too small: each number is recorded by itself


class GradientStep:
    """Leaves the gradient of a batch's loss in the model's flat gradient, and returns the loss.

    The model's settings (`recompute`) are read when a shape first occurs.
    """

    def __init__(self, model, machine=None):
        self._model, machine = model, machine or Machine()
        state = {"weights": model.flat, "gradient": model.weights.flat_grad}
        self.write = Recorded(partial(forward_backward, model, False, None), state, machine)
        self.add = Recorded(partial(forward_backward, model, True, None), state, machine)

    def __call__(self, batch, add=False, noise=None):
        """With `add` the gradient is added to what is there."""
        inputs = inputs_of(batch)
        check(batch, self._model.config.vocab_size)
        if noise:  # random numbers cannot be recorded: with dropout a step runs as it is
            state = self.write.state.values()
            return forward_backward(self._model, add, noise, *state, *inputs)
        return (self.add if add else self.write)(*inputs)

    def on(self, gradient, machine):
        """The same step that leaves the gradient in another array, on another machine."""
        other = copy.copy(self)
        state = {**self.write.state, "gradient": gradient}
        other.write, other.add = (each.on(state, machine) for each in (self.write, self.add))
        return other

    def ready(self, batch, noise=None, add=False):
        """The call with a checked batch: all that is left is to make it, on any thread."""
        inputs = inputs_of(batch)
        if noise:
            state = self.write.state.values()
            return partial(forward_backward, self._model, add, noise, *state, *inputs)
        return (self.add if add else self.write).ready(*inputs)


class LossStep:
    """The loss of a batch without a gradient; for held-out data."""

    def __init__(self, model, machine=None):
        self._model = model
        state = {"weights": model.flat}
        self._recorded = Recorded(partial(forward, model), state, machine)

    def __call__(self, batch):
        check(batch, self._model.config.vocab_size)
        return self._recorded(*inputs_of(batch))

    def on(self, machine):
        """The same on another machine."""
        other = copy.copy(self)
        other._recorded = self._recorded.on(self._recorded.state, machine)
        return other

    def ready(self, batch):
        """The call with a batch: all that is left is to make it, on any thread."""
        check(batch, self._model.config.vocab_size)
        return self._recorded.ready(*inputs_of(batch))


def inputs_of(batch):
    """The arrays that a step is given: ids, targets, weights; of conversations, what is learned.

    How many these are is rounded up, for each number is recorded by itself: some that are masked
    come along.
    """
    arrays, size = (batch.ids, batch.targets, batch.weights), batch.weights.size
    if not batch.masked or batch.tokens > MOST_PICKED * size:
        return arrays
    learned = batch.weights.reshape(-1) > 0
    unit = max(LEAST_UNIT, size // PICKED_UNITS)
    count = min(size, -(-max(1, np.count_nonzero(learned)) // unit) * unit)
    return *arrays, np.argsort(~learned, kind="stable")[:count]


def check(batch, vocab_size):
    """Refuse ids that are no tokens, unless the batch is known to have none."""
    if not 0 < batch.below <= vocab_size:
        check_ids(batch.ids, vocab_size)
        check_ids(batch.targets, vocab_size)


def forward(model, weights, ids, targets, counts, picked=None):
    with no_grad():
        return (
            model.bind(weights, model.weights.flat_grad)
            .loss(ids, targets, counts, picked=picked)
            .data
        )


def forward_backward(model, add, noise, weights, gradient, ids, targets, counts, picked=None):
    """`model` defines the computation; the arrays hold the weights."""
    bound = model.bind(weights, gradient, add)
    loss = bound.loss(ids, targets, counts, noise, picked)
    bound.backward(loss)
    return loss.data
