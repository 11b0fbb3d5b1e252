"""A plan as a Python function: one line for every call, or for many where there is a kernel."""

import numpy as np

from .ir import View, address
from .memory import place
from .passes import forward_copies, remove_dead, sum_rows_by_products
from .tiling import banded

SPELL_OUT_BELOW = 1 << 16  # bytes up to which a constant is stretched once, not at every replay

# What computes calls in numpy's place, or None. `encode(kind, function, arrays, out)` answers the
# steps of a call, or None to leave it to numpy; `runner(steps, arrays)` makes a function of no
# arguments that makes them all. The browser puts its SIMD kernel here.
kernel = None


class Plan:
    """What is left of a recording to replay: calls, where they find their arrays, the result."""

    def __init__(self, calls, inputs, result, widen=True):
        calls = remove_dead(calls, result)
        if widen:
            calls = sum_rows_by_products(calls, result)
        self.calls = forward_copies(calls, result)
        self.inputs, self.result = inputs, result
        self.offsets, self.size = place(self.calls, result)

    def bind(self, memory):
        """The function that replays, with its temporaries in this memory."""
        code = Code(self.offsets, memory)
        for buffer in self.inputs:
            code.copy_in(buffer)
        for calls, step in banded(self.calls, code):
            if step:
                code.add_bands(calls, step)
            else:
                for call in calls:
                    code.add(call)
        return code.function(self.inputs, self.result)

    def show(self, labels=None):
        """The plan to read: a line of numpy for each call, under the function that made it."""
        from .listing import Listing

        return "\n".join(Listing(self, labels or {}).lines())


# ---- code


class Code:
    """Straight-line Python over named objects: every array, function and bound method has one."""

    letter = "a"

    def __init__(self, offsets, memory):
        self.offsets, self.memory = offsets, memory
        self.lines, self.values, self._names = [], [], {}
        self.steps, self.arrays = [], []  # for the kernel, since the last line
        self._views, self._rows = {}, {}

    def name(self, value):
        """Small settings are written out; everything else gets a name."""
        if value is None or type(value) in (bool, int, str):
            return repr(value)
        if id(value) not in self._names:
            self._names[id(value)] = f"{self.letter}{len(self.values)}"
            self.values.append(value)
        return self._names[id(value)]

    def copy_in(self, buffer):
        self.lines.append(f"{self.name(buffer.array)}[...] = {buffer.name}")

    def add(self, call):
        """A line for the call; neighbours that the kernel takes share one."""
        steps, arrays = encoded(call, self)
        if steps is None:
            self.flush()
            self.lines.append(self.line(*statement(call, self)))
        else:
            self.steps += steps
            self.arrays += arrays

    def flush(self):
        """The line of what the kernel has been given since the last one."""
        if self.steps:
            self.lines.append(self.line(kernel.runner(self.steps, self.arrays)))
        self.steps, self.arrays = [], []

    def line(self, function, *args):
        args = [self.name(x) for x in args]
        if function in (np.maximum, np.minimum):  # they take more than two operands one day
            args[-1] = f"out={args[-1]}"
        return f"{self.name(function)}({', '.join(args)})"

    def add_bands(self, calls, step):
        """The calls on some rows at a time: a loop over tuples of all that differs."""
        length = self.array(calls[0].out).shape[0]
        if kernel and self._encoded_bands(calls, step, length):
            return
        self.flush()
        loops = {}  # {source: bands}; a last band of fewer rows may read otherwise
        for start in range(0, length, step):
            band = _Band(self, start, min(start + step, length), length)
            for call in calls:
                band.add(call)
            band.flush()
            loops.setdefault(tuple(band.lines), []).append(tuple(band.values))
        for source, bands in loops.items():
            names = ", ".join(f"b{i}" for i in range(len(bands[0])))
            self.lines.append(f"for {names}, in {self.name(bands)}:")
            self.lines += [f"  {line}" for line in source]

    def _encoded_bands(self, calls, step, length):
        """Give the kernel all bands; whether it takes every call."""
        tables = []  # the steps of the first band, the second, and the last
        for start in sorted({0, step, (length - 1) // step * step}):
            band = _Band(self, start, min(start + step, length), length)
            found = [encoded(call, band) for call in calls]
            if any(steps is None for steps, _ in found):
                return False
            tables.append(np.array(sum([steps for steps, _ in found], []), np.int64))
            self.arrays += sum([arrays for _, arrays in found], [])
        first, second, last = tables[0], tables[1], tables[-1]
        # From band to band only the addresses change, and always by as much.
        for i in range((length - 1) // step):
            self.steps += (first + i * (second - first) if i else first).tolist()
        self.steps += last.tolist()
        return True

    def array(self, x):
        """An operand in its final place."""
        if not isinstance(x, View):
            return x
        if x.buffer.kind != "temp":
            return x.array
        a, root = x.array, x.buffer.array
        offset = self.offsets[x.buffer] + (0 if a is root else address(a) - address(root))
        # One object for each view: numpy checks operands for overlap, but not one that *is* out.
        key = (offset, a.shape, a.strides, a.dtype)
        if key not in self._views:
            self._views[key] = np.ndarray(a.shape, a.dtype, self.memory, offset, a.strides)
        return self._views[key]

    def part(self, x, ndim):
        return self.array(x)

    def row(self, x):
        """A contiguous array as one row."""
        if x.ndim < 2:
            return x
        if id(x) not in self._rows:
            self._rows[id(x)] = x, x.reshape(-1)
        return self._rows[id(x)][1]

    def function(self, inputs, result):
        self.flush()
        end = "return None"
        if result:
            value = self.array(result)
            end = f"return {self.name(value)}{'.copy()' if value.ndim else '[()]'}"
        names = ", ".join(f"a{i}" for i in range(len(self.values)))
        body = "\n  ".join([*self.lines, end])
        inputs = ", ".join(buffer.name for buffer in inputs)
        source = f"def make({names}):\n def run({inputs}):\n  {body}\n return run\n"
        return _compiled(source)(*self.values)


class _Band(Code):
    """The code of one band: its arrays are parts of the whole code's."""

    letter = "b"

    def __init__(self, whole, start, stop, length):
        super().__init__(whole.offsets, whole.memory)
        self.whole, self.place, self._parts = whole, (start, stop, length), {}

    def part(self, x, ndim):
        array = self.whole.array(x)
        if not isinstance(array, np.ndarray) or array.ndim != ndim:
            return array
        if array.shape[0] != self.place[2]:
            return array
        if id(array) not in self._parts:  # one object for one view, as in the whole
            self._parts[id(array)] = array, array[self.place[0] : self.place[1]]
        return self._parts[id(array)][1]


_made = {}


def _compiled(source):
    """Plans that differ only in their arrays share the code."""
    if source not in _made:
        scope = {}
        exec(compile(source, "<a recorded step>", "exec"), scope)
        _made[source] = scope["make"]
    return _made[source]


def encoded(call, code):
    """(the steps in which the kernel makes a call, or None; their arrays)"""
    if not kernel:
        return None, []
    ndim = call.out.array.ndim
    arrays = [*[code.part(x, ndim) for x in call.ins], code.part(call.out, ndim)]
    return kernel.encode(call.kind, call.function, arrays[:-1], arrays[-1]), arrays


def statement(call, code):
    """The fastest way to make a call: (function, *arguments), as far as numpy cares for the way."""
    ndim = call.out.array.ndim
    function, out = call.function, code.part(call.out, ndim)
    ins = [code.part(x, ndim) for x in call.ins]
    if call.kind == "elementwise":
        if 0 < out.nbytes <= SPELL_OUT_BELOW:
            ins = [_spelt_out(x, old, out.shape) for x, old in zip(ins, call.ins)]
        if _one_row([*ins, out]):
            ins, out = [code.row(x) for x in ins], code.row(out)
        return function, *ins, out
    if call.kind == "matmul":
        return _product(function, *ins, out)
    if call.kind == "reduce":
        x, axis, keepdims = ins
        if axis in (-1, (-1,), x.ndim - 1) and x.ndim > 1 and _contiguous(x, out):
            x, out = x.reshape(-1, x.shape[-1]), out.reshape((-1, 1) if keepdims else -1)
            axis = -1
        elif axis is None and not out.ndim and _contiguous(x):
            x, axis = x.reshape(-1), 0
        return function.reduce, x, axis, None, out, keepdims
    if call.kind == "take":
        # In mode "raise" numpy computes into a copy of out. Who gives the ids checks them.
        return ins[0].take, *ins[1:], out, "clip"
    if call.kind == "put":
        return out.put, *ins, "clip"
    if call.kind == "copy":
        return (
            (np.copyto, out, *ins)
            if ins[0].dtype == out.dtype
            else (np.copyto, out, *ins, "unsafe")
        )
    if call.kind == "fill":
        return out.fill, *ins
    return function, *ins, out


def _product(matmul, a, b, out):
    if a.ndim > 2 and b.ndim == 2 and _contiguous(a, out):
        a, out = a.reshape(-1, a.shape[-1]), out.reshape(-1, out.shape[-1])
    while out.ndim > 2 and a.ndim == out.ndim and len(a) == len(out) == 1:
        if b.ndim == out.ndim:
            b = b[0]
        a, out = a[0], out[0]
    if a.ndim == b.ndim == 1 and a.dtype == b.dtype == out.dtype:
        return a.dot, b, out
    if a.ndim == out.ndim == 2 and b.shape[-1] == 1 and _contiguous(a, b, out):
        return a.dot, b.reshape(-1), out.reshape(-1)
    if a.ndim == b.ndim == out.ndim == 2 and _contiguous(out) and a.dtype == b.dtype == out.dtype:
        return a.dot, b, out
    return matmul, a, b, out


def _contiguous(*arrays):
    return all(a.flags.c_contiguous for a in arrays)


def _spelt_out(x, old, shape):
    if isinstance(old, View) or not x.ndim or x.shape == shape:
        return x
    return np.ascontiguousarray(np.broadcast_to(x, shape))


def _one_row(arrays):
    """Whether all are contiguous and of one size, or single: then ufuncs need no iterator."""
    out = arrays[-1]
    return out.ndim > 1 and all(
        x.ndim == 0 or (x.size == out.size and x.flags.c_contiguous) for x in arrays
    )
