"""Memory for the temporaries of a recorded step: a place for each in one block for all."""

import math

import numpy as np

from .ir import View, address, is_whole

ALIGN = 64  # bytes: a line of the processor's cache
SMALLEST = 1 << 18  # bytes of an arena: the plans of a tiny model are bound once


class Arena:
    """One block of memory for all plans that never run at the same time."""

    def __init__(self):
        self.memory = _aligned(0)

    def reserve(self, size):
        """At least so many bytes; a plan bound to smaller memory is to be bound anew."""
        if size > self.memory.size:
            self.memory = _aligned(max(size, SMALLEST))
        return self.memory


def _aligned(size):
    raw = np.empty(size + ALIGN, np.uint8)
    start = -address(raw) % ALIGN
    return raw[start : start + size]


def place(calls, result):
    """({buffer: offset}, bytes) for every temporary.

    An elementwise result takes the place of an operand of its layout that ends there, because
    in place is fastest; not so single numbers, which numpy handles slowly in place. Any other
    gets the smallest free block that holds it.
    """
    last = {x.buffer: i for i, call in enumerate(calls) for x in call.views()}
    last[result and result.buffer] = len(calls)
    offsets, sizes, free, total = {}, {}, [], 0
    for i, call in enumerate(calls):
        out = call.out.buffer
        if out.kind == "temp" and out not in offsets:
            heir = _heir(call, last, i, offsets)
            if heir:
                offsets[out], sizes[out] = offsets[heir], sizes[heir]
                last[heir] = -1
            else:
                need = max(1, math.ceil(out.array.nbytes / ALIGN)) * ALIGN
                offsets[out], total = _take_block(free, need, total)
                sizes[out] = need
        for buffer in {x.buffer for x in call.views()}:
            if last[buffer] == i and buffer in offsets:
                _release(free, offsets[buffer], sizes[buffer])
    return offsets, total


def _heir(call, last, i, offsets):
    """The operand's buffer whose place the result of this call may take."""
    out = call.out
    if call.kind != "elementwise" or out.array.size < 2 or not is_whole(out):
        return None
    for x in call.ins:
        if not isinstance(x, View) or last[x.buffer] != i or x.buffer not in offsets:
            continue
        a, b = x.buffer.array, out.buffer.array
        same = a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype
        own = [y for y in call.ins if isinstance(y, View) and y.buffer is x.buffer]
        if same and all(map(is_whole, own)):
            return x.buffer
    return None


def _take_block(free, need, total):
    """(offset of a block of `need` bytes, the total after that)"""
    fitting = [block for block in free if block[1] >= need]
    if fitting:
        offset, length = min(fitting, key=lambda block: (block[1], block[0]))
        free.remove((offset, length))
        if length > need:
            free.append((offset + need, length - need))
        return offset, total
    if free and sum(max(free)) == total:  # the last block can grow
        offset, _ = block = max(free)
        free.remove(block)
        return offset, offset + need
    return total, total + need


def _release(free, offset, length):
    """Give a block back, joined with free neighbours."""
    for block in list(free):
        if sum(block) == offset:
            free.remove(block)
            offset, length = block[0], block[1] + length
        elif offset + length == block[0]:
            free.remove(block)
            length += block[1]
    free.append((offset, length))
