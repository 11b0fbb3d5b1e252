"""Optimizers: how a gradient moves the weights. They work in place on flat arrays."""

import numpy as np


class Adam:
    """Adam (Kingma & Ba 2014): steps scaled by running means of the gradient and of its square.

    With `decoupled` weight decay it is AdamW (Loshchilov & Hutter 2017): the weights shrink by
    themselves; otherwise the decay is added to the gradient, as in the original.

    `mean` and `square` are kept divided by 1 - beta, which saves a pass over each.
    """

    def __init__(self, size, dtype, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=True):
        self.mean = np.zeros(size, dtype)
        self.square = np.zeros(size, dtype)
        self.betas, self.eps = betas, eps
        self.weight_decay, self.decoupled = weight_decay, decoupled
        self._work = np.empty(size, dtype)  # reused, because fresh memory is slow

    def update(self, weights, grad, lr, step):
        """Move the weights; the first step is 1, for the bias correction."""
        beta1, beta2 = self.betas
        m, v, work = self.mean, self.square, self._work
        if self.weight_decay and self.decoupled:
            weights *= 1 - lr * self.weight_decay
        elif self.weight_decay:
            grad = grad + self.weight_decay * weights
        m *= beta1
        m += grad
        v *= beta2
        np.multiply(grad, grad, out=work)
        v += work
        # m̂ / (√v̂ + eps), with both corrections and both factors (1 - beta) moved to the scalars
        root = ((1 - beta2) / (1 - beta2**step)) ** 0.5
        np.sqrt(v, out=work)
        work += self.eps / root
        np.divide(m, work, out=work)
        work *= lr * (1 - beta1) / (1 - beta1**step) / root
        weights -= work

    def state(self):
        """The arrays a checkpoint keeps."""
        return {"mean": self.mean, "square": self.square}

    def restore(self, arrays):
        self.mean[:] = arrays["mean"]
        self.square[:] = arrays["square"]


def clip_gradient(grad, limit, norm):
    """Scale a gradient in place so that its norm is at most the limit."""
    if norm > limit:
        grad *= limit / norm
