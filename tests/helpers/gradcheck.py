"""The judge of every gradient: the same slope by moving each input a little to either side."""

import numpy as np
from microgpt.autograd import Tensor


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

    worst = 0.0
    for leaf in leaves:
        slopes = np.zeros_like(leaf.data)
        for i in np.ndindex(leaf.shape):
            kept = leaf.data[i]
            leaf.data[i] = kept + step
            above = value()
            leaf.data[i] = kept - step
            slopes[i] = (above - value()) / (2 * step)
            leaf.data[i] = kept
        worst = max(worst, relative_error(leaf.grad, slopes))
    return worst


def relative_error(a, b):
    """The largest difference, measured by the largest number; 0 for what is empty or all zero."""
    assert a.shape == b.shape
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return float(np.abs(a - b).max(initial=0) / size) if size else 0.0
