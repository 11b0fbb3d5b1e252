"""Optimizers: how a gradient moves the weights. They work in place on flat arrays.

`Optimizer` splits the weights of a model into groups, each with its own rule and settings.
"""

from dataclasses import dataclass

import numpy as np

from .muon import Muon


class Adam:
    """Adam (Kingma & Ba 2014): steps scaled by running means of the gradient and of its square.

    With `decoupled` weight decay it is AdamW (Loshchilov & Hutter 2017): the weights shrink by
    themselves; otherwise the decay is added to the gradient, as in the original.

    `mean` and `square` are kept divided by 1 - beta, which saves a pass over each.
    """

    def __init__(
        self, mean, square, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=True
    ):
        self.mean, self.square = mean, square
        self.betas, self.eps = betas, eps
        self.weight_decay, self.decoupled = weight_decay, decoupled
        self._work = np.empty_like(mean)  # reused, because fresh memory is slow

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


@dataclass(frozen=True)
class Group:
    """Weights that are treated alike. Rates are parts of the run's learning rate."""

    name: str
    lr: float = 1.0
    betas: tuple = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    decoupled: bool = True
    muon: bool = False


def adam_groups(config, shapes):
    """{weight: group} for Adam and AdamW: decay pulls on matrices, not on gains and biases."""
    common = {
        "betas": (config.beta1, config.beta2),
        "eps": config.eps,
        "decoupled": config.optimizer == "adamw",
    }
    decayed = Group("matrices", weight_decay=config.weight_decay, **common)
    plain = Group("vectors", **common) if config.weight_decay else decayed
    return {name: decayed if len(shape) > 1 else plain for name, shape in shapes.items()}


def nanochat_groups(config, shapes, width, tokens):
    """{weight: group} for nanochat's mixture: Muon for the blocks' matrices, AdamW for the rest.

    The rates of its table, as parts of Muon's 0.02; most shrink with the root of the batch.
    """
    batch = (tokens / 2**19) ** 0.5
    narrow = (width / 768) ** -0.5

    def group(name, lr, beta1, beta2, decay):
        return Group(name, lr / 0.02, (beta1, beta2), 1e-10, decay)

    head = group("head", 0.008 * narrow * batch, 0.8, 0.96, 0.01)
    embedding = group("embedding", 0.3 * narrow * batch, 0.8, 0.995, 0.001)
    values = group("values", 0.15 * narrow * batch, 0.8, 0.995, 0.01)
    stream = group("stream", 0.005 * batch, 0.8, 0.95, 0.05)
    first = group("first", 0.5 * batch, 0.96, 0.95, 0.0)
    gates = group("gates", 0.2, 0.8, 0.95, 0.0)
    matrices = Group("matrices", 1.0, muon=True, weight_decay=config.weight_decay)

    def choose(name, shape):
        kind = name.rpartition(".")[2]
        if kind in ("lm_head", "wte", "wpe", "value"):
            return {"lm_head": head, "value": values}.get(kind, embedding)
        if name.startswith(("smear.", "backout.")):
            return gates
        if name.startswith("scales."):
            return stream if kind == "stream" else first
        return matrices if len(shape) > 1 else gates

    return {name: choose(name, shape) for name, shape in shapes.items()}


class Optimizer:
    """Every group's rule over its part of a model's flat weights; neighbours alike are one part."""

    def __init__(self, weights, groups):
        self.mean = np.zeros_like(weights.flat)
        self.square = np.zeros_like(weights.flat)
        self.seconds = {}  # of Muon, by weight
        self._weights, self._muons, self._adams = weights, [], []
        stretches = []
        for name, group in groups.items():
            place = weights.place(name)
            if group.muon:
                shape = weights.shapes[name]
                second = np.zeros(Muon.second_shape(shape), weights.flat.dtype)
                self.seconds[name] = second
                momentum = weights.view(self.mean, name)
                self._muons.append((name, group, Muon(momentum, second)))
            elif stretches and stretches[-1][1] == group and stretches[-1][0].stop == place.start:
                stretches[-1] = (slice(stretches[-1][0].start, place.stop), group)
            else:
                stretches.append((place, group))
        for place, group in stretches:
            rule = Adam(
                self.mean[place],
                self.square[place],
                betas=group.betas,
                eps=group.eps,
                weight_decay=group.weight_decay,
                decoupled=group.decoupled,
            )
            self._adams.append((place, group, rule))

    def update(self, grad, lr, step, momentum=0.95, decay=1.0):
        """One step; `momentum` and `decay` (a part of Muon's weight decay) follow a schedule."""
        weights = self._weights
        for place, group, rule in self._adams:
            rule.update(weights.flat[place], grad[place], lr * group.lr, step)
        for name, group, rule in self._muons:
            rule.update(
                weights.view(weights.flat, name),
                weights.view(grad, name),
                lr * group.lr,
                momentum,
                group.weight_decay * decay,
            )

    def state(self):
        """The arrays a checkpoint keeps."""
        seconds = {f"second.{name}": array for name, array in self.seconds.items()}
        return {"mean": self.mean, "square": self.square, **seconds}

    def restore(self, arrays):
        for name, array in self.state().items():
            array[...] = arrays[name]


def clip_gradient(grad, limit, norm):
    """Scale a gradient in place so that its norm is at most the limit."""
    if norm > limit:
        grad *= limit / norm
