"""The judge of every gradient: the same slope by moving each input a little to either side.

>>> from .ops import tanh
>>> gradcheck(tanh, [0.5, -1.0]) < 1e-6
True
"""

import numpy as np

from .operations import OPERATIONS, inputs
from .tensor import Tensor, no_grad


def gradcheck(f, *arrays, step=1e-5, seed=0):
    """The largest relative error of the gradients of f, a function of tensors, in float64.

    f may answer with an array of any shape: what is checked is v·f(x) for a random v.
    """
    leaves = [Tensor(np.array(a, np.float64)) for a in arrays]
    out = f(*leaves)
    v = np.random.default_rng(seed).normal(size=out.shape)
    out.backward(v)

    def value():
        return float((v * f(*leaves).data).sum())

    pairs = [(leaf.grad, slopes(value, leaf.data, step)) for leaf in leaves]
    return max(relative_error(*pair) for pair in pairs)


def slopes(value, array, step=1e-5):
    """How fast the number value() changes with each number of an array that it depends on."""
    found = np.zeros_like(array)
    with no_grad():
        for i in np.ndindex(array.shape):
            kept = array[i]
            array[i] = kept + step
            above = value()
            array[i] = kept - step
            found[i] = (above - value()) / (2 * step)
            array[i] = kept
    return found


def relative_error(a, b):
    """The largest difference, measured by the largest number; 0 for what is empty or all zero."""
    if a.shape != b.shape:
        raise ValueError(f"the shapes {a.shape} and {b.shape} cannot be compared")
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return float(np.abs(a - b).max(initial=0) / size) if size else 0.0


def check_operations():
    """Yield (name, the largest relative error of its gradients) for every line of the table."""
    for name, (f, *_) in OPERATIONS.items():
        yield name, gradcheck(f, *inputs(name))
