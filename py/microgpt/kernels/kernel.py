"""The kernel, loaded where there is WebAssembly. Hand it to the `Machine` that replays."""

import ctypes
import sys
from functools import partial
from pathlib import Path

import numpy as np

from . import encode
from .steps import LENGTH

FILE = Path(__file__).with_name("kernels.wasm")


class Kernel:
    """What a plan asks: see `Kernel` in recorder/machine.py."""

    def __init__(self, library):
        self._run = library.run
        self._run.argtypes, self._run.restype = (ctypes.c_void_p,), None

    def encode(self, kind, function, ins, out):
        return kind.encode(encode, function, ins, out)

    def runner(self, steps, arrays):
        """A function of no arguments that makes the steps; it keeps their arrays alive."""
        program = np.empty(1 + LENGTH * len(steps), np.uint32)
        program[0] = len(steps)
        # Strides below zero are the same 32 bits.
        program[1:] = np.asarray(steps, np.int64).reshape(-1).astype(np.uint32)
        run = partial(self._run, program.ctypes.data)
        run.alive = program, arrays
        return run


def load():
    """The kernel, or None where it does not run: natively, or if the browser refuses it."""
    if sys.platform != "emscripten":
        return None
    try:
        return Kernel(ctypes.CDLL(str(FILE)))
    except (OSError, AttributeError):  # no SIMD here, or the file is not
        return None
