"""A recorded step as text: one line of numpy for each call, under the function that made it."""

import numpy as np

from .ir import View, address


class Listing:
    """A plan to read. Arrays that share a place in memory, one after the other, share a name.

    `labels` names the parts of a flat state: {buffer's name: {label: (start, shape)}}.
    """

    def __init__(self, plan, labels):
        self.plan, self.labels, self.names = plan, labels, {}

    def lines(self):
        lines, origin = [], None
        for call in self.plan.calls:
            if call.origin is not origin:
                origin = call.origin
                lines.append(f"# {origin.co_qualname.replace('.<locals>', '')}")
            lines.append(f"{self.text(call):<66} # {call.out.array.shape}")
        if self.plan.result:
            lines.append(f"return {self.show(self.plan.result)}")
        return lines

    def text(self, call):
        ins, places = [self.show(x) for x in call.ins], self.plan.offsets
        for x in call.ins if call.kind.in_place else ():
            known = isinstance(x, View) and x.buffer in self.names
            if known and places[x.buffer] == places.get(call.out.buffer):
                # a result in an operand's place takes over its name
                self.names.setdefault(call.out.buffer, self.names[x.buffer])
        return call.kind.text(call, ins, self.show(call.out))

    def show(self, x):
        if isinstance(x, np.ndarray):
            if x.ndim and x.size and x.dtype.kind == "f" and (x == x.flat[0]).all():
                return f"np.full({x.shape}, {x.flat[0]:.4g})"
            return f"constant{list(x.shape)}" if x.ndim else f"{x[()]:.6g}"
        if not isinstance(x, View):
            return str(x)
        buffer, a = x.buffer, x.array
        start = (address(a) - address(buffer.array)) // a.itemsize
        if buffer.kind == "temp":
            count = len(set(self.names.values()))
            name = self.names.setdefault(buffer, f"t{count}")
            name += _part(buffer.array.shape, start, a.size)
        else:
            name = self.label(buffer, start, a.size)
        if a.ndim > 1 and not a.flags.c_contiguous and a.swapaxes(-1, -2).flags.c_contiguous:
            return f"{name}.T"
        return name

    def label(self, buffer, start, size):
        parts = self.labels.get(buffer.name, {})
        inside = []
        for label, (begin, shape) in parts.items():
            end = begin + int(np.prod(shape))
            if begin <= start and start + size <= end:
                return label + _part(shape, start - begin, size)
            if start <= begin and end <= start + size:
                inside.append(label)
        if len(inside) == len(parts):
            return buffer.name + _part(buffer.array.shape, start, size)
        short = [label.rpartition(".")[2] for label in inside[1:]]  # neighbours, as one matrix
        return "+".join([*inside[:1], *short])


def _part(shape, start, size):
    """The index of a part of an array: some rows, or some columns of all rows."""
    if start == 0 and size == int(np.prod(shape)):
        return ""
    row = int(np.prod(shape[1:]))
    if start % row == 0 and size % row == 0:
        first, count = start // row, size // row
        return f"[{first or ''}:{first + count}]" if count > 1 else f"[{first}]"
    if start < row and size % shape[0] == 0:
        return f"[:, {start or ''}:{start + size // shape[0]}]"
    return "[...]"
