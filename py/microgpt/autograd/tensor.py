"""An array that remembers how it was made, so that it can say how it would change the result.

A `Tensor` holds numpy data. A computed one also holds its parents and one function, `vjp`, that
turns the gradient of the result with respect to this tensor into the parents' shares of it, in
order (the vector-Jacobian product). `backward()` walks the graph from the result to the leaves,
newest first, and adds the shares up. That is all of automatic differentiation.

    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.])

Three rules keep it simple and safe:
- a vjp closes over arrays, never over its own output, so a graph holds no cycle and is freed the
  moment nobody looks at it, with or without the garbage collector;
- shares are added up in `backward` and nowhere else, and never in place: two nodes may hold the
  same gradient array;
- a vjp answers None for a parent that needs no gradient.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from operator import attrgetter
from time import perf_counter_ns

import numpy as np

_births = count()  # every tensor is younger than its parents: age is a topological order
# Whether tensors remember how they were made; each thread and each task has its own switch.
_switch = ContextVar("grad_enabled", default=True)
grad_enabled = _switch.get


@contextmanager
def no_grad():
    """Compute without remembering: for sampling and evaluation."""
    before = grad_enabled()
    _switch.set(False)
    try:
        yield
    finally:
        _switch.set(before)


@contextmanager
def timed():
    """Let tensors be born by the clock, in nanoseconds: between two lies what the second took."""
    global _births
    _births = _clock(next(_births))
    try:
        yield
    finally:
        _births = count(next(_births))  # not from 0: what is born now is younger


def _clock(last):
    while True:
        last = max(last + 1, perf_counter_ns())  # a browser's clock stands still for a while
        yield last


class Tensor:
    __slots__ = ("data", "grad", "parents", "vjp", "birth")
    __array_ufunc__ = None  # array + tensor is for the tensor to answer, not for numpy

    def __init__(self, data, parents=(), vjp=None):
        if vjp is None and not hasattr(data, "dtype"):
            data = np.asarray(data)
        self.data = data
        self.grad = None
        if grad_enabled():
            self.parents, self.vjp = parents, vjp
        else:
            self.parents, self.vjp = (), None
        self.birth = next(_births)

    # ---- what an array would answer

    @property
    def shape(self):
        return self.data.shape

    @property
    def dtype(self):
        return self.data.dtype

    @property
    def ndim(self):
        return self.data.ndim

    def item(self):
        return self.data.item()

    def __len__(self):
        return len(self.data)

    def __repr__(self):
        return f"Tensor({np.array2string(np.asarray(self.data), separator=', ')})"

    # ---- the way back

    def backward(self, grad=None, watch=None):
        """Add the gradient of this tensor to `.grad` of every leaf it was made from.

        `watch(node, gradient)` is shown every node's gradient, the newest node first.
        """
        if grad is None:
            if self.data.size != 1:
                raise ValueError(f"backward() needs a gradient: the shape is {self.shape}, not ()")
            grad = np.ones_like(self.data)
        else:
            if not hasattr(grad, "dtype") or grad.dtype != self.data.dtype:
                grad = np.asarray(grad, self.data.dtype)
            if grad.shape != self.shape:
                raise ValueError(f"the gradient has shape {grad.shape}, not {self.shape}")
        grads = {self: grad}
        for node in sorted(_ancestors(self), key=_age, reverse=True):
            g = grads.pop(node, None)
            if g is None:
                continue  # every share that reached it was None
            if watch:
                watch(node, g)
            if node.vjp is None:
                node.accumulate(g)
                continue
            for parent, share in zip(node.parents, node.vjp(g)):
                if share is not None:
                    grads[parent] = grads[parent] + share if parent in grads else share

    def accumulate(self, g):
        """Add a gradient to a leaf's. The first is copied: others may hold the same array."""
        self.grad = np.copy(g) if self.grad is None else self.grad + g

    # ---- arithmetic: each operation with its gradient

    def __add__(self, other):
        a, b = self, self._operand(other)
        sa, sb = a.data.shape, b.data.shape
        return Tensor(a.data + b.data, (a, b), lambda g: (unbroadcast(g, sa), unbroadcast(g, sb)))

    def __sub__(self, other):
        a, b = self, self._operand(other)
        sa, sb = a.data.shape, b.data.shape
        return Tensor(a.data - b.data, (a, b), lambda g: (unbroadcast(g, sa), unbroadcast(-g, sb)))

    def __mul__(self, other):
        a, b = self, self._operand(other)
        x, y = a.data, b.data
        return Tensor(
            x * y, (a, b), lambda g: (unbroadcast(g * y, x.shape), unbroadcast(g * x, y.shape))
        )

    def __truediv__(self, other):
        a, b = self, self._operand(other)
        x, y = a.data, b.data
        out = x / y
        return Tensor(
            out,
            (a, b),
            lambda g: (unbroadcast(g / y, x.shape), unbroadcast(-g * out / y, y.shape)),
        )

    def __pow__(self, power):
        x = self.data
        return Tensor(x**power, (self,), lambda g: (g * (power * x ** (power - 1)),))

    def __matmul__(self, other):
        a, b = self, self._operand(other)
        x, y = a.data, b.data
        if x.ndim < 2 or y.ndim < 2:
            raise ValueError(f"@ wants matrices, not shapes {x.shape} and {y.shape}")

        def vjp(g):
            return (
                unbroadcast(g @ y.swapaxes(-1, -2), x.shape),
                unbroadcast(x.swapaxes(-1, -2) @ g, y.shape),
            )

        return Tensor(x @ y, (a, b), vjp)

    def __neg__(self):
        return Tensor(-self.data, (self,), lambda g: (-g,))

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return -self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return self._operand(other) / self

    def _operand(self, other):
        """The other side of an operation; a plain number takes this tensor's dtype."""
        if isinstance(other, Tensor):
            return other
        # np.float64 is plain as well: it is a float, and numpy's functions answer with it.
        plain = isinstance(other, float) or not hasattr(other, "dtype")
        if plain and self.data.dtype.kind == "f":
            other = np.asarray(other, self.data.dtype)
        return Tensor(other)

    # ---- shape and selection

    def __getitem__(self, index):
        x = self.data
        parts = index if isinstance(index, tuple) else (index,)
        once = all(p is None or p is ... or isinstance(p, slice | int) for p in parts)

        def vjp(g):
            full = np.zeros_like(x)
            if once:
                full[index] = g
            else:
                np.add.at(full, index, g)  # an array of indices may name an element twice
            return (full,)

        return Tensor(x[index], (self,), vjp)

    def reshape(self, *shape):
        old = self.data.shape
        return Tensor(self.data.reshape(*shape), (self,), lambda g: (g.reshape(old),))

    def transpose(self, *axes):
        ndim = self.data.ndim
        axes = tuple(axis % ndim for axis in axes or reversed(range(ndim)))
        back = tuple(sorted(range(ndim), key=axes.__getitem__))
        return Tensor(self.data.transpose(axes), (self,), lambda g: (g.transpose(back),))

    @property
    def T(self):
        return self.transpose()

    def sum(self, axis=None, keepdims=False):
        shape = self.data.shape
        total = self.data.sum(axis=axis, keepdims=True)
        kept = total.shape

        def vjp(g):
            return (np.broadcast_to(g.reshape(kept), shape),)

        return Tensor(total if keepdims else total.squeeze(axis), (self,), vjp)

    def mean(self, axis=None, keepdims=False):
        total = self.sum(axis, keepdims)
        return total * (total.data.size / self.data.size)


class Parameter(Tensor):
    """A leaf whose value and gradient live in arrays given to it: views of a model's flat ones.

    The first gradient after `zero_grad()` is written over the old one, later ones are added.
    """

    __slots__ = ("grad_array",)

    def __init__(self, data, grad_array):
        super().__init__(data)
        self.grad_array = grad_array

    def accumulate(self, g):
        if self.grad is None:
            self.grad_array[...] = g
            self.grad = self.grad_array
        else:
            self.grad_array += g


_age = attrgetter("birth")


def _ancestors(tensor):
    """The tensor and everything it was computed from."""
    found, stack = {tensor}, [tensor]
    while stack:
        for parent in stack.pop().parents:
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return found


def unbroadcast(g, shape):
    """Sum a gradient back to the shape its operand had before numpy stretched it.

    >>> unbroadcast(np.ones((2, 3)), (1, 3))
    array([[2., 2., 2.]])
    """
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    stretched = [extra + i for i, n in enumerate(shape) if n == 1 and g.shape[extra + i] != 1]
    return g.sum(axis=(*range(extra), *stretched), keepdims=True).reshape(shape)
