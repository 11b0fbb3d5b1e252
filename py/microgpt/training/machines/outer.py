"""DiLoCo's outer step, for workers that learn alone and agree now and then (Douillard et al. 2023).

Each begins with the same weights and moves them by itself for some steps. How far all have come is
averaged, and the mean move is taken with Nesterov momentum: an optimizer around the optimizers.
"""

import math
from dataclasses import dataclass

import numpy as np

from ...checkpoint import CheckpointError
from ...settings import Settings, setting

EXCHANGES = ("full", "float16")
TOGETHER = 4  # at first all share each step, for a part of the run: one of so many
LARGEST = 15  # float16 is scaled so that the largest number is about two to the power of this


@dataclass(frozen=True)
class OuterConfig(Settings):
    """How workers learn that agree only now and then."""

    sync_every: int = setting(
        0, "steps that each replica learns alone before all agree; 0: all share each step", low=0
    )
    sync_after: int = setting(
        0,
        "with --sync-every: how many steps at first all share",
        low=0,
        unset="a quarter of the run",
    )
    replicas: int = setting(
        0, "with --sync-every: how many learn side by side; 0: one a worker", low=0, high=1024
    )
    outer_lr: float = setting(
        0.7, "with --sync-every: how far the mean move is taken", above=0, high=10
    )
    outer_momentum: float = setting(
        0.9, "with --sync-every: how long mean moves are remembered", low=0, below=1
    )
    exchange: str = setting(
        "full", "with --sync-every: how moves travel; float16 is half as much", choices=EXCHANGES
    )


def shared_at_first(steps):
    """How many of so many steps all share at first, unless --sync-after says it.

    There the loss falls fast, and to learn apart costs much.
    """
    return steps // TOGETHER


def outer_config(checkpoint):
    """How the replicas of a checkpoint agree; None where it has none."""
    facts = checkpoint.meta.get("outer")
    if facts is None:
        return None
    if not isinstance(facts, dict):
        raise CheckpointError("The checkpoint's record of its replicas makes no sense.")
    facts = {"sync_after": 0, **facts}  # before there was this setting
    mine = {name: facts.get(name) for name in OuterConfig.defaults()}
    return OuterConfig.from_dict(mine)


class Outer:
    """The outer optimizer. `weights` are those that all agreed on last; it moves them in place.

    >>> outer = Outer(np.ones(2), OuterConfig(outer_lr=1.0, outer_momentum=0.0))
    >>> outer.take(np.array([1.0, 0.5]), 2)  # two moves, added up
    >>> outer.weights.tolist()
    [0.5, 0.75]
    """

    def __init__(self, weights, config):
        self.weights, self.config = weights, config
        self.velocity = np.zeros_like(weights)

    def take(self, total, count):
        """Take the mean of so many moves, which are added up."""
        mean, momentum = total / count, self.config.outer_momentum
        self.velocity *= momentum
        self.velocity += mean
        self.weights -= self.config.outer_lr * (mean + momentum * self.velocity)


def half(array):
    """An array rounded to float16, scaled so that neither its large nor its small numbers suffer.

    >>> half(np.array([1e-9, 1e-5])).tolist()
    [1.000444171950221e-09, 9.998679161071777e-06]
    """
    packed, scale = pack(array)
    return unpack(packed, scale, array.dtype)


def pack(array):
    """(float16, the scale it needs) of an array."""
    most = float(np.abs(array).max(initial=0.0))
    if not 0 < most < math.inf:  # also where something is no number: `array` shows it
        return array.astype(np.float16), 1.0
    scale = 2.0 ** (LARGEST - math.frexp(most)[1])
    return (array * array.dtype.type(scale)).astype(np.float16), scale


def unpack(packed, scale, dtype):
    return packed.astype(dtype) * np.dtype(dtype).type(1 / scale)
