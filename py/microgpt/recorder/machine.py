"""What recorded functions run on: memory for temporaries, and a kernel where there is one."""

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import Protocol

import numpy as np

from .ir import address
from .kinds import Kind

ALIGN = 64  # bytes: a line of the processor's cache
SMALLEST = 1 << 18  # bytes of memory: the plans of a tiny model are bound once


class UnrecordedWarning(UserWarning):
    """A function could not be recorded: it runs as it is, and slower."""


class Kernel(Protocol):
    """What computes calls in numpy's place, many of them at once."""

    def encode(self, kind: Kind, function: Callable, ins: list, out: np.ndarray) -> list | None:
        """The steps of a call, each with a method `pack`, or None to leave the call to numpy.

        Packed, a step is a list of numbers; between like calls on arrays that lie at even
        distances, they grow by as much from call to call.
        """

    def runner(self, steps: list[list[int]], arrays: list) -> Callable[[], None]:
        """A function that makes all of these packed steps; it keeps their arrays alive."""


class Machine:
    """One block of memory for all plans that never run at the same time, and a kernel or None."""

    def __init__(self, kernel: Kernel | None = None):
        self.kernel = kernel
        self.memory = _aligned(0)
        self.refusals = []  # why functions could not be recorded; each sentence once
        # The context in which a function is recorded. That takes long for a very large one and
        # changes nothing that others see: who must be able to stop may raise there.
        self.preparing = nullcontext

    def beside(self):
        """A machine with memory of its own, for a thread that works at the same time."""
        other = Machine(self.kernel)
        other.refusals, other.preparing = self.refusals, lambda: self.preparing()
        return other

    def reserve(self, size):
        """At least so many bytes; a plan bound to smaller memory is to be bound anew."""
        if size > self.memory.size:
            self.memory = _aligned(max(size, SMALLEST))
        return self.memory

    def refuse(self, sentence):
        """Say, once, that something runs unrecorded."""
        if sentence not in self.refusals:
            self.refusals.append(sentence)
            text = f"A step runs as it is, slower than recorded. {sentence}"
            warnings.warn(text, UnrecordedWarning, stacklevel=2)


def _aligned(size):
    raw = np.empty(size + ALIGN, np.uint8)
    start = -address(raw) % ALIGN
    return raw[start : start + size]
