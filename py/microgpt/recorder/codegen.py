"""A plan as a Python function: one line for every call, or for many where there is a kernel."""

from functools import lru_cache

import numpy as np

from .ir import View, distance


class Code:
    """Straight-line Python over named objects: every array, function and bound method has one."""

    letter = "a"

    def __init__(self, offsets, machine, state=None):
        self.offsets, self.machine, self.state = offsets, machine, state
        self._roots = {}  # of the buffers that are other arrays than the recorded ones
        self.lines, self.values, self._names = [], [], {}
        self.steps, self.arrays = [], []  # for the kernel, since the last line
        self._views, self._rows = {}, {}

    def name(self, value):
        """Small settings are written out; everything else gets a name."""
        name = self._names.get(id(value))
        if name is None:
            if value is None or type(value) in (bool, int, str):
                return repr(value)
            name = self._names[id(value)] = f"{self.letter}{len(self.values)}"
            self.values.append(value)
        return name

    def copy_in(self, buffer):
        self.lines.append(f"{self.name(self.root(buffer))}[...] = {buffer.name}")

    def add(self, call):
        """A line for the call; neighbours that the kernel takes share one."""
        ins, out = self.operands(call)
        steps = self.encoded(call, ins, out)
        if steps is None:
            self.flush()
            self.lines.append(self.line(*call.kind.code(call, ins, out, self.row)))
        else:
            self.steps += steps
            self.arrays += [*ins, out]

    def flush(self):
        """The line of what the kernel has been given since the last one."""
        if self.steps:
            self.lines.append(self.line(self.machine.kernel.runner(self.steps, self.arrays)))
        self.steps, self.arrays = [], []

    def line(self, function, *args):
        args = [self.name(x) for x in args]
        if function in (np.maximum, np.minimum):  # they take more than two operands one day
            args[-1] = f"out={args[-1]}"
        return f"{self.name(function)}({', '.join(args)})"

    def add_tiles(self, calls, rows):
        """The calls on some rows at a time: a loop over tuples of all that differs."""
        length = self.array(calls[0].out).shape[0]
        if self.machine.kernel and self._add_encoded_tiles(calls, rows, length):
            return
        self.flush()
        loops = {}  # {source: tiles}; a last tile of fewer rows may read otherwise
        for start in range(0, length, rows):
            tile = _TileCode(self, start, min(start + rows, length), length)
            for call in calls:
                tile.add(call)
            tile.flush()
            loops.setdefault(tuple(tile.lines), []).append(tuple(tile.values))
        for source, tiles in loops.items():
            names = ", ".join(f"{tile.letter}{i}" for i in range(len(tiles[0])))
            self.lines.append(f"for {names}, in {self.name(tiles)}:")
            self.lines += [f"  {line}" for line in source]

    def _add_encoded_tiles(self, calls, rows, length):
        """Give the kernel all tiles; whether it takes every call."""
        tables, arrays = [], []  # the steps of the first tile, the second, and the last
        for start in sorted({0, rows, (length - 1) // rows * rows}):
            tile = _TileCode(self, start, min(start + rows, length), length)
            table = []
            for call in calls:
                ins, out = tile.operands(call)
                steps = tile.encoded(call, ins, out)
                if steps is None:
                    return False
                table += steps
                arrays += [*ins, out]
            tables.append(np.array(table, np.int64))
        first, second, last = tables[0], tables[1], tables[-1]
        # From tile to tile only the addresses change, and always by as much.
        for i in range((length - 1) // rows):
            self.steps += (first + i * (second - first) if i else first).tolist()
        self.steps += last.tolist()
        self.arrays += arrays
        return True

    def encoded(self, call, ins, out):
        """The packed steps in which the kernel makes a call, or None."""
        kernel = self.machine.kernel
        steps = kernel and kernel.encode(call.kind, call.function, ins, out)
        return None if steps is None else [step.pack() for step in steps]

    def operands(self, call):
        """(ins, out) of a call in their final place."""
        ndim = call.out.array.ndim
        return [self.part(x, ndim) for x in call.ins], self.part(call.out, ndim)

    def array(self, x):
        """An operand in its final place."""
        if not isinstance(x, View):
            return x
        a, root = x.array, self.root(x.buffer)
        if root is x.buffer.array:
            return a
        offset = self.offsets.get(x.buffer, 0) + distance(x)
        # One object for each view: numpy checks operands for overlap, but not one that *is* out.
        key = (id(root), offset, a.shape, a.strides, a.dtype)
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = np.ndarray(a.shape, a.dtype, root, offset, a.strides)
        return view

    def root(self, buffer):
        """The array that a buffer's views are parts of."""
        if buffer.kind == "temp":
            return self.machine.memory
        if self.state is None or buffer.kind == "constant":
            return buffer.array
        if buffer not in self._roots:
            own = self.state.get(buffer.name) if buffer.kind == "state" else None
            self._roots[buffer] = np.empty_like(buffer.array) if own is None else own
        return self._roots[buffer]

    def part(self, x, ndim):
        """What this code works on of an operand, of a call whose result has `ndim` axes: all."""
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


class _TileCode(Code):
    """The code of one tile: its arrays are some rows of the arrays of the code around it."""

    letter = "b"

    def __init__(self, around, start, stop, length):
        super().__init__(around.offsets, around.machine)
        self.around, self.tile, self.length = around, slice(start, stop), length
        self._parts = {}

    def part(self, x, ndim):
        array = self.around.array(x)
        if not isinstance(array, np.ndarray) or array.ndim != ndim:
            return array
        if array.shape[0] != self.length:
            return array
        if id(array) not in self._parts:  # one object for one view, as in the code around
            self._parts[id(array)] = array, array[self.tile]
        return self._parts[id(array)][1]


@lru_cache(256)
def _compiled(source):
    """Plans that differ only in their arrays share the code."""
    scope = {}
    exec(compile(source, "<a recorded step>", "exec"), scope)
    return scope["make"]
