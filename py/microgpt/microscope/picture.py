"""Many numbers as few: means of neighbours, for pictures that could not show all of them."""

import numpy as np

MOST = 64  # numbers to a side


def picture(array, axes=(-2, -1), most=MOST):
    """The array with at most so many numbers along these axes, each the mean of its neighbours.

    >>> picture(np.arange(6.0).reshape(1, 6), most=3)
    array([[0.5, 2.5, 4.5]])
    """
    for axis in axes:
        if -axis <= array.ndim and array.shape[axis] > most:
            edges = np.linspace(0, array.shape[axis], most + 1).astype(int)
            counts = np.diff(edges)
            sums = np.add.reduceat(array, edges[:-1], axis)
            array = sums / counts.reshape((-1,) + (1,) * (-axis - 1)).astype(array.dtype)
    return array


def laid_out(arrays):
    """(layout, flat): arrays by name side by side in one, and where each begins."""
    layout, start = [], 0
    for name, array in arrays.items():
        layout.append({"name": name, "shape": list(array.shape), "start": start})
        start += array.size
    flat = [np.asarray(array, np.float64).reshape(-1) for array in arrays.values()]
    return layout, np.concatenate(flat)
