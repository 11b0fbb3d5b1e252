"""Record the numpy calls of a function of arrays once, and replay them for every later call.

    >>> def step(weights, x):
    ...     y = np.tanh(x @ weights)
    ...     weights -= 0.1 * (x.T @ y)
    ...     return (y * y).sum()
    >>> step = Recorded(step, state={"weights": np.eye(2)})
    >>> round(float(step(np.ones((3, 2)))), 6)
    3.480154

The first call with arrays of these shapes runs the function on stand-ins (`Traced`). numpy hands
every call on one to its `__array_ufunc__` or `__array_function__`, where it is written down and
nothing is computed. The list is planned (`Plan`) and becomes straight-line Python (`codegen`):

    >>> print(step.show(np.ones((3, 2))))
    # step
    np.matmul(x, weights, out=t0)                                      # (3, 2)
    np.tanh(t0, out=t0)                                                # (3, 2)
    np.matmul(x.T, t0, out=t1)                                         # (2, 2)
    np.multiply(0.1, t1, out=t1)                                       # (2, 2)
    np.subtract(weights, t1, out=weights)                              # (2, 2)
    np.multiply(t0, t0, out=t0)                                        # (3, 2)
    np.add.reduce(t0, axis=None, out=t2)                               # ()
    return t2

The function may use all of numpy that is listed here, and must take the same steps for all values:
no branch on one, none as a Python number, no random numbers, no plain arrays that change. What
cannot be written down is refused with a sentence that names the line; what would go wrong
silently, `verify` finds by recording twice.

A `Traced` is a wrapper and not a subclass of ndarray, so that whatever numpy does not hand over
ends in `__array__`, which refuses, instead of freezing the values of the first call.
"""

import copy
import inspect
import math
from functools import partial

import numpy as np

from .ir import Buffer, Call, View
from .kinds import COPY, ELEMENTWISE, FILL, MATMUL, REDUCE
from .machine import Machine, UnrecordedWarning
from .plan import Plan
from .tracer import (
    NUMBERS,
    Traced,
    Unrecordable,
    common_shape,
    loop_dtypes,
    product_shape,
    refuse,
    users_frame,
)

__all__ = ["Machine", "Recorded", "Unrecordable", "UnrecordedWarning"]


LISTS = np.generic, list, tuple  # what numpy makes an array of


class Recording:
    """The calls made so far. Results lie in one scratch block: they have a layout, no values."""

    def __init__(self):
        self.calls, self.state, self.open = [], [], True
        self.indices = []  # (key, shape, calls until then, the flat index made of them)
        self._scratch = np.empty(1 << 16, np.uint8)

    # ---- arrays

    def argument(self, kind, name, array):
        if kind == "state":
            if not array.flags.c_contiguous:
                refuse(f"state {name!r} must be contiguous, because it is written in place")
            self.state.append(Buffer(kind, name, array))
            return Traced(self, self.state[-1], array)
        array = np.empty(array.shape, array.dtype)
        return Traced(self, Buffer(kind, name, array), array)

    def blank(self, shape, dtype, strides=None):
        """An array without values that lies in the scratch block."""
        dtype = np.dtype(dtype)
        size = dtype.itemsize
        for n in shape:
            size *= n
        if size > self._scratch.size:
            self._scratch = np.empty(2 * size, np.uint8)
        return np.ndarray(shape, dtype, self._scratch, 0, strides)

    def laid_out(self, arrays, shape, dtype):
        """A blank array in the layout numpy gives the result of an elementwise call."""
        for a in arrays:
            if a.ndim > 1 and not a.flags.c_contiguous:
                break
        else:
            return self.blank(shape, dtype)
        flags = [["readonly"]] * len(arrays) + [["writeonly", "allocate"]]
        iterator = np.nditer(
            (*arrays, None), ["zerosize_ok"], flags, op_dtypes=[None] * len(arrays) + [dtype]
        )
        return self.blank(shape, dtype, iterator.operands[-1].strides)

    def temp(self, shape, dtype):
        """A new temporary."""
        return self.temp_like(self.blank(shape, dtype))

    def temp_like(self, array):
        """A new temporary, laid out like this blank array."""
        return Traced(self, Buffer("temp", f"t{len(self.calls)}", array), array)

    def operand(self, x):
        """What stands for an argument of a call: itself, or a view of state it is a part of."""
        if isinstance(x, Traced):
            return x
        if isinstance(x, np.ndarray):
            for buffer in self.state:
                if np.may_share_memory(x, buffer.array):
                    return Traced(self, buffer, x)
        elif isinstance(x, LISTS):
            return np.asarray(x)  # np.float64 is a float too, but not one without a dtype
        return x

    # ---- calls

    def note(self, kind, function, ins, out):
        if not self.open:
            refuse("a recorded array was used after its recording had ended")
        ins = tuple([View(x.buffer, x.array) if isinstance(x, Traced) else x for x in ins])
        call = Call(kind, function, ins, View(out.buffer, out.array), users_frame().f_code)
        self.calls.append(call)
        return out

    def known_index(self, key, shape):
        """The flat index that was already made of these very arrays, unless one has changed."""
        for old, old_shape, since, index in self.indices:
            if shape == old_shape and all(a is b for a, b in zip(key, old)):
                buffers = [k.buffer for k in key if isinstance(k, Traced)]
                written = [call.out.buffer for call in self.calls[since:]]
                if not any(a is b for a in buffers for b in written):
                    return index
        return None

    def assign(self, target, new):
        new = self.operand(new)
        if isinstance(new, Traced) or np.ndim(new):
            if common_shape(new.shape, target.shape) != target.shape:
                raise ValueError(f"could not broadcast {new.shape} into {target.shape}")
            return self.note(COPY, np.copyto, (new,), target)
        return self.note(FILL, np.ndarray.fill, (new,), target)

    def ufunc(self, ufunc, method, ins, out, settings):
        ins = [self.operand(x) for x in ins]
        if out is not None:
            (target,) = out
            out = self.operand(target)
            if not isinstance(out, Traced):
                refuse(f"np.{ufunc.__name__} writes into an array that is no argument")
        if ufunc.nout > 1:
            refuse(f"np.{ufunc.__name__} has several results")
        if method == "reduce":
            return self.reduce(ufunc, ins[0], out=out, **settings)
        if method != "__call__" or settings:
            refuse(f"np.{ufunc.__name__}.{method} with {', '.join(settings) or 'these arguments'}")
        *dtypes, dtype = loop_dtypes(ufunc, ins)
        # Python's numbers become arrays of the dtype numpy would have given them.
        ins = [np.array(x, d) if type(x) in NUMBERS else x for x, d in zip(ins, dtypes)]
        arrays = [x.array if isinstance(x, Traced) else x for x in ins]
        if ufunc.signature:
            if ufunc is not np.matmul:
                refuse(f"np.{ufunc.__name__} is not among the recordable functions")
            shape, kind = product_shape(*arrays), MATMUL
            out = self.temp(shape, dtype) if out is None else out
        else:
            shape, kind = common_shape(*[x.shape for x in arrays]), ELEMENTWISE
            out = self.temp_like(self.laid_out(arrays, shape, dtype)) if out is None else out
        if out.shape != shape:
            raise ValueError(f"the result has the shape {shape}, not {out.shape}")
        if dtype != out.dtype and not np.can_cast(dtype, out.dtype, "same_kind"):
            raise TypeError(f"cannot write {dtype} into {out.dtype}")
        return self.note(kind, ufunc, ins, out)

    def reduce(self, ufunc, x, axis=0, keepdims=False, out=None, dtype=None, initial=None):
        if out is not None or dtype is not None or initial is not None:
            refuse(f"np.{ufunc.__name__}.reduce with out, dtype or a first value")
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = {a % x.ndim for a in axes}
        kept = tuple([1 if i in axes else n for i, n in enumerate(x.shape)])
        shape = kept if keepdims else tuple([n for i, n in enumerate(x.shape) if i not in axes])
        dtype = x.dtype if x.dtype.kind == "f" else ufunc.reduce(np.ones(1, x.dtype)).dtype
        if x.size == math.prod(shape) and dtype == x.dtype:  # every such axis has length one
            return x.reshape(shape).copy()
        first = x.array[tuple([slice(0, 1) if i in axes else slice(None) for i in range(x.ndim)])]
        result = self.temp_like(self.laid_out([first], kept, dtype).reshape(shape))
        return self.note(REDUCE, ufunc, (x, axis, keepdims), result)


class Recorded:
    """A function of arrays, recorded once for each combination of shapes and then replayed.

    It is called as function(*state, *inputs). State is given here, once, and used in place; inputs
    are given at every call. What cannot be recorded runs as it is: `refusals` says why, and so
    does a warning. With `fast_row_sums` the last digits of sums differ from those of the function.
    """

    def __init__(self, function, state, machine=None, fast_row_sums=True):
        self.function, self.state, self.fast_row_sums = function, state, fast_row_sums
        self.machine = machine or Machine()
        self._names = list(inspect.signature(function).parameters)
        self.plans, self.refusals = {}, {}
        self._runs = {}

    def __call__(self, *inputs):
        key = tuple([(x.shape, x.dtype.num) for x in inputs])
        run = self._runs.get(key)
        # Another plan may have needed more memory than this one was bound to.
        if run is None or run[1] is not self.machine.memory:
            run = self._ready(key, inputs)
        return run[0](*inputs)

    def on(self, state, machine):
        """The same function on other arrays and another machine: it is recorded once for both."""
        other = copy.copy(self)
        other.state, other.machine, other._runs = state, machine, {}
        return other

    def ready(self, *inputs):
        """The call with these inputs, recorded: all that is left is to make it, on any thread."""
        key = tuple([(x.shape, x.dtype.num) for x in inputs])
        run = self._runs.get(key)
        if run is None or run[1] is not self.machine.memory:
            run = self._ready(key, inputs)
        return partial(run[0], *inputs)

    def like(self, *inputs):
        """The function for arrays like these alone: it need not look at their shapes."""
        key, runs = tuple([(x.shape, x.dtype.num) for x in inputs]), self._runs

        def call(*inputs):
            run = runs.get(key)
            if run is None or run[1] is not self.machine.memory:
                run = self._ready(key, inputs)
            return run[0](*inputs)

        return call

    def unrecorded(self, *inputs):
        """The function as it is, to compare with."""
        return self.function(*self.state.values(), *inputs)

    def _ready(self, key, inputs):
        with self.machine.preparing():
            self._runs[key] = run = self._prepared(key, inputs)
        return run

    def _prepared(self, key, inputs):
        if key not in self.plans and key not in self.refusals:
            try:
                self.plans[key] = Plan(*self.record(*inputs), fast_row_sums=self.fast_row_sums)
            except Unrecordable as refusal:
                self.refusals[key] = str(refusal)
                self.machine.refuse(str(refusal))
        if key in self.refusals:
            return partial(self.function, *self.state.values()), self.machine.memory
        memory = self.machine.reserve(self.plans[key].size)
        return self.plans[key].bind(self.machine, self.state), memory

    def plan(self, *inputs):
        """The plan for arrays like these."""
        return Plan(*self.record(*inputs), fast_row_sums=self.fast_row_sums)

    def show(self, *inputs, labels=None):
        return self.plan(*inputs).show(labels)

    def record(self, *inputs):
        """(calls, input buffers, result) of the function for arrays like these; it changes none."""
        recording = Recording()
        names = self._names[len(self.state) :]
        if len(names) < len(inputs):  # the last is *rows
            rest = names.pop()
            names += [f"{rest}{i}" for i in range(len(inputs) - len(names))]
        state = [recording.argument("state", *item) for item in self.state.items()]
        inputs = [recording.argument("input", name, x) for name, x in zip(names, inputs)]
        try:
            result = self.function(*state, *inputs)
        except (TypeError, IndexError) as error:  # numpy's own, met with a stand-in
            if isinstance(error, Unrecordable):
                raise
            raise Unrecordable(f"This cannot be recorded: {error}") from error
        finally:
            recording.open = False
        buffers = [x.buffer for x in inputs]
        if result is None:
            return recording.calls, buffers, None
        if not isinstance(result, Traced) or result.buffer.kind != "temp":
            raise Unrecordable("The function must return nothing or one array that it computed.")
        return recording.calls, buffers, View(result.buffer, result.array)

    def verify(self, *calls):
        """Record once for each tuple of inputs, all of the same shapes, and compare.

        The recordings must be the same in everything: a constant that differs is an input in
        disguise. Returns how many calls they have.
        """
        first = None
        for inputs in calls:
            steps = [_description(call) for call in self.record(*inputs)[0]]
            first = steps if first is None else first
            if len(steps) != len(first):
                raise Unrecordable("Two recordings take different paths.")
            for number, (one, other) in enumerate(zip(first, steps)):
                if one != other:
                    raise Unrecordable(
                        f"Two recordings differ in call {number}, {one[1]} in {one[2]}: what"
                        " changes between calls must be an argument."
                    )
        return len(first)


def _description(call):
    name = getattr(call.function, "__name__", str(call.function))
    views = [_content(x) for x in (*call.ins, call.out)]
    return call.kind.name, name, call.origin.co_qualname, views


def _content(x):
    if isinstance(x, View):
        return x.buffer.kind, x.buffer.name, x.array.shape, x.array.strides
    return (x.shape, x.tobytes()) if isinstance(x, np.ndarray) else x
