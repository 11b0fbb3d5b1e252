"""The work of one step as functions of arrays, recorded once for each shape and then replayed."""

from ..autograd.trace import Arena, Recorded


class Gradient:
    """Leaves the gradient of a batch's loss in the model's flat gradient, and returns the loss.

    The model's settings (`recompute`) are read when a shape first occurs.
    """

    def __init__(self, model, arena=None):
        self._model = model
        state = {"weights": model.weights.flat, "gradient": model.weights.flat_grad}
        arena = arena or Arena()
        self.write = Recorded(loss_and_gradient(model), state, arena)
        self.add = Recorded(loss_and_gradient(model, add=True), state, arena)

    def __call__(self, batch, add=False, noise=None):
        """With `add` the gradient is added to what is there."""
        inputs = batch.ids, batch.targets, batch.weights
        if noise:  # random numbers cannot be recorded: dropout runs as it is
            recorded = self.add if add else self.write
            return recorded.function(*recorded.state.values(), *inputs, noise=noise)
        return (self.add if add else self.write)(*inputs)


def loss_and_gradient(model, add=False):
    """Forward and backward pass as a function of arrays only, beside a model that only gives the
    steps."""

    def step(weights, gradient, ids, targets, counts, noise=None):
        bound = model.bind(weights, gradient, add)
        loss = bound.loss(ids, targets, counts, noise)
        bound.backward(loss)
        return loss.data

    return step
