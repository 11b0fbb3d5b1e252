"""A place for every temporary of a recorded step, in one block of memory for all."""

import math

from .ir import View, is_whole
from .machine import ALIGN


def place(calls, result):
    """({buffer: offset}, bytes) for every temporary.

    An elementwise result takes the place of an operand of its layout that nobody needs later:
    in place is fastest. Not so for single numbers, which numpy handles slowly in place. Any other
    result gets the smallest free block that holds it.
    """
    last = {buffer: i for i, call in enumerate(calls) for buffer in call.buffers}
    last[result and result.buffer] = len(calls)
    offsets, sizes, free, total = {}, {}, [], 0
    for i, call in enumerate(calls):
        out = call.out.buffer
        if out.kind == "temp" and out not in offsets:
            reused = _reusable(call, last, i, offsets)
            if reused:
                offsets[out], sizes[out] = offsets[reused], sizes[reused]
                last[reused] = -1
            else:
                need = max(1, math.ceil(out.array.nbytes / ALIGN)) * ALIGN
                offsets[out], total = _take_block(free, need, total)
                sizes[out] = need
        for buffer in call.buffers:
            if last[buffer] == i and buffer in offsets:
                _release(free, offsets[buffer], sizes[buffer])
    return offsets, total


def _reusable(call, last, i, offsets):
    """The operand's buffer whose place the result of this call may take, or None."""
    out = call.out
    if not call.kind.in_place or out.array.size < 2 or not is_whole(out):
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
