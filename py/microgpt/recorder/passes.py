"""Passes over a recording: each takes calls and returns calls, and changes none of them.

- `remove_dead`: calls whose result nobody uses;
- `sum_rows_by_products`: row sums as products, and tiny ones at the width they meet others in;
- `forward_copies`: what is only copied elsewhere is computed there;
- and `place` in `memory`: an offset in one block of memory for every result.
"""

import numpy as np

from .ir import Buffer, Call, View, address, overlap
from .kinds import COPY, ELEMENTWISE, FILL, MATMUL, REDUCE

WIDEN_BELOW = 8192  # numbers in an array; beyond, numpy's own row sums win


def remove_dead(calls, result):
    needed, kept = {result and result.buffer}, []
    for call in reversed(calls):
        if call.out.buffer.kind != "temp" or call.out.buffer in needed:
            needed |= call.buffers
            kept.append(call)
    return kept[::-1]


def _uses(calls):
    """{buffer: the numbers of the calls that read or write it}"""
    uses = {}
    for i, call in enumerate(calls):
        for buffer in call.buffers:
            uses.setdefault(buffer, []).append(i)
    return uses


# ---- row sums


def sum_rows_by_products(calls, result):
    """Row sums as products with ones, which take a third of the time of numpy's.

    The last digits differ from numpy's sums, so it is a choice: see `Recorded`.
    """
    calls = widen_columns(calls, result)
    for i, call in enumerate(calls):
        if _is_row_sum(call):
            x = call.ins[0].array
            calls[i] = _product(call, np.ones((x.shape[-1], 1), x.dtype), call.out)
    return calls


def widen_columns(calls, result):
    """Where a row sum, (n, 1), is only ever stretched to (n, k), compute it (n, k).

    One product with a (d, k) matrix of ones sums and stretches at once, and the calls after it
    meet arrays of one shape, which for tiny arrays is four times cheaper than stretching.
    """
    calls, dropped = list(calls), set()
    uses = _uses(calls)
    for i, call in enumerate(calls):
        if not _is_row_sum(call) or (result and call.out.buffer is result.buffer):
            continue
        source, total, factor = call.ins[0], call.out.buffer, 1.0
        depth = source.array.shape[-1]
        if not 1 < depth <= 64:
            continue
        family, width = _column_family(call.out, calls, uses)
        if width is None or max(source.array.size, total.array.size * width) > WIDEN_BELOW:
            continue
        following = [n for n in uses[total] if n != i]
        if len(following) == 1 and _divides_by_constant(calls[following[0]]):  # a mean
            mean = calls[following[0]]
            factor, total = 1 / mean.ins[1][()], mean.out.buffer
            dropped.add(following[0])
        wide = {buffer: _widened(buffer, width) for buffer in family}
        for buffer, other in wide.items():
            uses[other] = uses[buffer]
            for n in uses[buffer]:
                mine = [x for x in calls[n].views if x.buffer is buffer]
                calls[n] = calls[n].with_views({x: _in_widened(x, other) for x in mine})
        ones = np.full((depth, width), factor, source.array.dtype)
        calls[i] = _product(call, ones, View(wide[total], wide[total].array))
    return [call for i, call in enumerate(calls) if i not in dropped]


def _product(row_sum, ones, out):
    return Call(MATMUL, np.matmul, (row_sum.ins[0], ones), out, row_sum.origin)


def _is_row_sum(call):
    if call.kind is not REDUCE or call.function is not np.add:
        return False
    x, axis, keepdims = call.ins
    last = x.array.ndim - 1
    return keepdims and axis in (-1, last, (-1,), (last,)) and x.array.dtype.kind == "f" and last


def _column_family(start, calls, uses):
    """(buffers, width): the columns computed from this one, and the width all are stretched to.

    The width is None where one of them is used as a true column, or never stretched.
    """
    family, queue, width = {start.buffer}, [start.buffer], None
    while queue:
        buffer = queue.pop()
        writers = 0
        for call in [calls[n] for n in uses[buffer]]:
            if call.out.buffer is buffer:
                writers += 1
                if not _is_column(call.out):
                    return family, None
            reads = [x for x in call.ins if isinstance(x, View) and x.buffer is buffer]
            if not reads:
                continue
            out = call.out.array
            if call.kind is not ELEMENTWISE or not all(map(_is_column, reads)):
                return family, None
            if out.size > buffer.array.size:  # stretched
                rows = [x.array.shape[:-1] for x in reads]
                if any(r != out.shape[:-1] for r in rows) or width not in (None, out.shape[-1]):
                    return family, None
                width = out.shape[-1]
            elif call.out.buffer not in family:
                others = [x for x in call.ins if not any(x is r for r in reads)]
                if call.out.buffer.kind != "temp" or any(_ndim(x) for x in others):
                    return family, None
                family.add(call.out.buffer)
                queue.append(call.out.buffer)
        if writers != 1:
            return family, None
    return family, width if width and width <= 64 else None


def _ndim(x):
    return x.array.ndim if isinstance(x, View) else np.ndim(x)


def _is_column(view):
    a, root = view.array, view.buffer.array
    return a.ndim > 1 and a.shape[-1] == 1 and a.size == root.size and a.flags.c_contiguous


def _divides_by_constant(call):
    return (
        call.function is np.divide and isinstance(call.ins[1], np.ndarray) and not call.ins[1].ndim
    )


def _widened(buffer, width):
    array = np.empty((*buffer.array.shape[:-1], width), buffer.array.dtype)
    return Buffer(buffer.kind, buffer.name, array)


def _in_widened(view, buffer):
    shape = *view.array.shape[:-1], buffer.array.shape[-1]
    return View(buffer, buffer.array.reshape(shape))


# ---- copies


def forward_copies(calls, result):
    """Where a whole temporary is copied elsewhere, compute it there, if nobody would notice."""
    draft = _Draft(calls)
    for i in range(len(calls)):
        copy = draft.calls[i]
        home = _home(copy, result)
        if home is None:
            continue
        mine = [n for n in draft.uses[copy.ins[0].buffer] if n != i]
        zeros = _noticed_by_none(draft, i, mine)
        views = _at_home(draft, copy, mine, home)
        if zeros is not None and views is not None:
            draft.compute_at_home(i, mine, views, zeros)
    return draft.result()


class _Draft:
    """Calls while copies are forwarded. They keep their numbers; their order may change."""

    def __init__(self, calls):
        self.calls, self.uses = list(calls), _uses(calls)
        self.order = list(range(len(calls)))
        self.at = list(self.order)  # the place of each call in the order

    def compute_at_home(self, copy, mine, views, zeros):
        """The calls `mine` on other views, the copy left out, the zeros before all of them."""
        source, target = self.calls[copy].ins[0].buffer, self.calls[copy].out.buffer
        for n in mine:
            self.calls[n] = self.calls[n].with_views(views)
        kept = {n for n in self.uses[target] if n != copy}
        self.uses[target] = sorted(kept | set(mine), key=self.at.__getitem__)
        del self.uses[source]
        self.calls[copy] = None
        if zeros:
            first = self.order.index(min(mine, key=self.at.__getitem__))
            self.order = [n for n in self.order if n not in zeros]
            self.order[first:first] = zeros
            for place, n in enumerate(self.order):
                self.at[n] = place

    def result(self):
        return [self.calls[n] for n in self.order if self.calls[n]]


def _home(copy, result):
    """Where a temporary could be computed that this call copies: an array of its shape, or None."""
    if copy.kind is not COPY or not isinstance(copy.ins[0], View):
        return None
    source, target = copy.ins[0], copy.out
    if source.buffer.kind != "temp" or source.buffer is target.buffer:
        return None
    if result and source.buffer is result.buffer:
        return None
    return _same_layout(source, target)


def _noticed_by_none(draft, copy, mine):
    """Whether the calls `mine` may work in the copy's target: if so, what must come before them.

    These are the zeros that the target was first filled with, if any. None means no.
    """
    calls, at = draft.calls, draft.at
    source, target = calls[copy].ins[0], calls[copy].out
    written = [at[n] for n in mine if calls[n].out.buffer is source.buffer]
    born, last = min(written), max(at[n] for n in mine)
    end = max(last, at[copy])
    others = [
        n
        for n in draft.uses[target.buffer]
        if born <= at[n] <= end and n != copy and any(overlap(x, target) for x in calls[n].views)
    ]
    before = [n for n in others if at[n] < at[copy]]
    first = min(draft.uses[target.buffer], key=at.__getitem__) if before else None
    zeros = [n for n in before if n == first and calls[n].kind is FILL]
    changed_later = max(written) > at[copy]
    seen_before = before and (before != zeros or target.buffer.kind != "temp")
    overwritten = any(at[copy] < at[n] <= last and _writes(calls[n], target) for n in others)
    return None if changed_later or seen_before or overwritten else zeros


def _writes(call, view):
    return call.out.buffer is view.buffer


def _at_home(draft, copy, mine, home):
    """{view of the copied temporary: the same part of its home}, or None if there is none."""
    source, moved = copy.ins[0].buffer, {}
    for call in [draft.calls[n] for n in mine]:
        for x in call.views:
            if x.buffer is source:
                array = _moved(x.array, source.array, home)
                if array is None:
                    return None
                moved[x] = View(copy.out.buffer, array)
    return None if _slows_products([draft.calls[n] for n in mine], moved) else moved


def _same_layout(source, target):
    """The target's memory in the shape of the source's whole buffer; None if that is no view."""
    a, root, t = source.array, source.buffer.array, target.array
    if a.size != root.size or a.dtype != t.dtype:
        return None
    if a.flags.c_contiguous and root.flags.c_contiguous:
        home = t.reshape(root.shape)
        return home if t.flags.c_contiguous or np.may_share_memory(home, t) else None
    if a.ndim != root.ndim or t.shape != a.shape:
        return None
    axes, free = [], list(range(a.ndim))
    for stride, n in zip(root.strides, root.shape):
        axis = next((i for i in free if a.strides[i] == stride and a.shape[i] == n), None)
        if axis is None:
            return None
        axes.append(axis)
        free.remove(axis)
    return t.transpose(axes)


def _moved(view, root, home):
    """The view of `home` that shows the elements `view` shows of `root`; None if there is none."""
    offset = address(view) - address(root)
    if home.strides == root.strides:
        return _part(home, offset, view.shape, view.strides)
    order = sorted(range(root.ndim), key=lambda i: -root.strides[i])
    start = 0
    for axis in order:
        steps = offset // root.strides[axis] if root.shape[axis] > 1 else 0
        start += steps * home.strides[axis]
        offset -= steps * root.strides[axis]
    if offset:
        return None
    strides = []
    for n, stride in zip(view.shape, view.strides):
        if n == 1:
            strides.append(view.itemsize)
            continue
        for axis in order:
            own = root.strides[axis]
            if root.shape[axis] > 1 and stride >= own and stride % own == 0:
                break
        else:
            return None
        if stride // own * (n - 1) >= root.shape[axis]:
            return None
        strides.append(stride // own * home.strides[axis])
    return _part(home, start, view.shape, tuple(strides))


def _part(home, offset, shape, strides):
    """A view of `home` by its first byte and strides."""
    interface = dict(home.__array_interface__, shape=shape, strides=strides)
    interface["data"] = (interface["data"][0] + offset, False)
    return np.asarray(_Memory(interface, home))


class _Memory:
    """What numpy makes an array of, kept alive with the array it is a part of."""

    def __init__(self, interface, owner):
        self.__array_interface__, self.owner = interface, owner


def _slows_products(calls, moved):
    """Whether a large product would lose the fast routine, which wants whole rows or columns."""
    return any(
        not _has_rows(moved[x].array) and not _has_rows(moved[x].array.swapaxes(-1, -2))
        for call in calls
        if call.kind is MATMUL and call.out.array.size > 4096
        for x in call.views
        if x in moved and moved[x].array.ndim > 1
    )


def _has_rows(array):
    row, item = array.strides[-2:]
    return item == array.itemsize and row >= array.shape[-1] * item
