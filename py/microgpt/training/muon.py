"""Muon: a step in which every direction of a weight matrix counts the same.

The momentum of a matrix is replaced by the nearest orthogonal one, found without a decomposition
by a few steps of a polynomial in it, then balanced row by row (or column by column). As nanochat
has it, with the Polar Express polynomials (Amsel et al. 2025) and NorMuon (Li et al. 2025).
"""

import numpy as np

# The coefficients (a, b, c) of X <- aX + (bA + cA²)X with A = XXᵀ, one triple a step.
POLAR_EXPRESS = (
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
    (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
    (2.3465413258596377, -1.7097828382687081, 0.42323551169305323),
)
BETA2 = 0.9  # how long the balance of rows is remembered


def orthogonalized(x):
    """The matrix with its singular values brought close to one another and to one."""
    rows, _ = x.shape
    x = x * (_norm(x) / rows**0.5 / np.maximum(_norm(x, -1), 1e-6))  # rows of equal length
    x = x / (1.01 * _norm(x) + 1e-6)
    for a, b, c in POLAR_EXPRESS:
        if x.shape[0] > x.shape[1]:
            square = x.T @ x
            x = a * x + x @ (b * square + c * (square @ square))
        else:
            square = x @ x.T
            x = a * x + (b * square + c * (square @ square)) @ x
    return x * (min(x.shape) ** 0.5 / np.maximum(_norm(x), 1e-6))


class Muon:
    """The rule for one matrix. `momentum` and `second` are its state, changed in place."""

    def __init__(self, momentum, second):
        self.momentum, self.second = momentum, second

    @staticmethod
    def second_shape(shape):
        rows, columns = shape
        return (rows, 1) if rows >= columns else (1, columns)

    def update(self, weights, grad, lr, mu, weight_decay):
        m = self.momentum
        m += (1 - mu) * (grad - m)
        turned = orthogonalized((1 - mu) * grad + mu * m)  # Nesterov: look one step ahead
        self._move(weights, turned, lr, weight_decay)

    @staticmethod
    def turned(momentum, grad, mu):
        """What takes long in `update`, without its effects: it can be done anywhere."""
        m = momentum + (1 - mu) * (grad - momentum)
        return orthogonalized((1 - mu) * grad + mu * m)

    def settle(self, weights, grad, turned, lr, mu, weight_decay):
        """The rest of `update`, given what `turned` has answered."""
        m = self.momentum
        m += (1 - mu) * (grad - m)
        self._move(weights, turned, lr, weight_decay)

    def _move(self, weights, turned, lr, weight_decay):
        update = self._balanced(turned)
        lr = lr * max(1.0, weights.shape[0] / weights.shape[1]) ** 0.5
        # Cautious decay: only where the step and the decay agree.
        weights -= lr * update + (lr * weight_decay) * weights * (update * weights >= 0)

    def _balanced(self, x):
        """Rows (or columns) scaled by how large they have been; the whole keeps its norm."""
        axis = -1 if x.shape[0] >= x.shape[1] else 0
        size = x.shape[axis]
        mean = (x * x).mean(axis, keepdims=True)
        self.second += (1 - BETA2) * (mean - self.second)
        factor = 1 / np.sqrt(np.maximum(self.second, 1e-10))
        before = np.sqrt((mean * size).sum())
        after = np.sqrt((mean * size * factor * factor).sum())
        return x * (factor * (before / np.maximum(after, 1e-10)))


def _norm(x, axis=None):
    return np.sqrt((x * x).sum(axis=axis, keepdims=axis is not None))
