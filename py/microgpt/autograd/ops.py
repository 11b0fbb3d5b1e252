"""Small operations on tensors: one line of calculus each, the gradient beside it.

Arrays go in and arrays come out: no branch on a value, no number taken out of an array. That
keeps one step the same list of numpy calls for every batch of a shape.
"""

import math

import numpy as np

from . import normal_cdf
from .tensor import Tensor, grad_enabled, no_grad

# ---- elementwise


def exp(x):
    y = np.exp(x.data)
    return Tensor(y, (x,), lambda g: (g * y,))


def log(x):
    return Tensor(np.log(x.data), (x,), lambda g: (g / x.data,))


def sqrt(x):
    y = np.sqrt(x.data)
    return Tensor(y, (x,), lambda g: (g * 0.5 / y,))


def tanh(x):
    y = np.tanh(x.data)
    return Tensor(y, (x,), lambda g: (g * (1 - y * y),))


def sigmoid(x):
    y = 0.5 * np.tanh(0.5 * x.data) + 0.5  # never overflows, unlike 1 / (1 + exp(-x))
    return Tensor(y, (x,), lambda g: (g * (y * (1 - y)),))


def relu(x):
    y = np.maximum(x.data, 0)
    return Tensor(y, (x,), lambda g: (g * (y > 0),))


def silu(x):
    s = 0.5 * np.tanh(0.5 * x.data) + 0.5
    return Tensor(x.data * s, (x,), lambda g: (g * (s * (1 + x.data * (1 - s))),))


def gelu(x):
    """x Φ(x): the part of x that a standard normal number would stay below."""
    xd, below = x.data, normal_cdf.cdf(x.data)

    def vjp(g):
        density = np.exp(xd * xd * -0.5) * (2 * math.pi) ** -0.5
        return (g * (below + xd * density),)

    return Tensor(xd * below, (x,), vjp)


def gelu_tanh(x):
    """GELU by a hyperbolic tangent, as GPT-2 has it."""
    xd = x.data
    a = (2 / math.pi) ** 0.5
    square = xd * xd
    t = np.tanh(xd * (a + (a * 0.044715) * square))

    def vjp(g):
        slope = a + (3 * a * 0.044715) * square
        return (g * (0.5 * (1 + t) + (0.5 * xd) * ((1 - t * t) * slope)),)

    return Tensor((0.5 * xd) * (1 + t), (x,), vjp)


def dropout(x, rate, random):
    """Silence a random part of the numbers and scale up the rest, so that the mean stays."""
    keep = (random.random(x.data.shape, np.float32) >= rate).astype(x.data.dtype)
    keep *= 1 / (1 - rate)
    return Tensor(x.data * keep, (x,), lambda g: (g * keep,))


# ---- joining and parting


def concatenate(tensors, axis=0):
    sizes = [t.data.shape[axis] for t in tensors]

    def vjp(g):
        return np.split(g, np.cumsum(sizes)[:-1], axis)

    return Tensor(np.concatenate([t.data for t in tensors], axis), tuple(tensors), vjp)


# ---- on arrays, not tensors


def softmax(x):
    """Over the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    e /= e.sum(-1, keepdims=True)
    return e


def one_hot(ids, size, dtype):
    return np.eye(size, dtype=dtype, like=ids)[ids]


def as_one_call(function):
    """Mark a function of arrays (it writes to the last) that a recording keeps as one call.

    For what takes other steps for other values, such as sorting and joining.
    """

    def call(*arrays):
        if hasattr(arrays[0], "__as_one_call__"):  # a stand-in: see the recorder's tracer
            return arrays[0].__as_one_call__(function, arrays)
        return function(*arrays)

    return call


# ---- memory


def recompute(f, x):
    """f(x) without keeping what the gradient needs: the way back computes f again.

    It costs a second forward pass and saves the memory of everything inside f.
    """
    if not grad_enabled():
        return f(x)
    with no_grad():
        y = f(x).data

    def vjp(g):
        again = Tensor(x.data)
        f(again).backward(g)  # gives the parameters inside f their gradients
        return (again.grad,)

    return Tensor(y, (x,), vjp)
