"""A recording made ready to replay: fewer calls, and a place in memory for every result.

A recording (`trace`) is a list of calls. Each array in it is a `View`, part or all of a `Buffer`,
and a buffer is an argument of the recorded function or holds what a call computes. At this stage a
view's array only says where its numbers will lie in the buffer (shape, strides, distance to the
first); none have been computed. So every pass here is a rewriting of views:

- `remove_dead`: calls whose result nobody uses;
- `sum_rows_by_products`: row sums as products, and tiny ones at the width they meet others in;
- `forward_copies`: what is only copied elsewhere is computed there;
- and `place` in `memory`: an offset in one block of memory for every result.
"""

import numpy as np

WIDEN_BELOW = 8192  # numbers in an array; beyond, numpy's own row sums win


class Buffer:
    """Memory of its own: "state" (used in place), "input" (copied in), "constant" or "temp"."""

    __slots__ = ("kind", "name", "array")

    def __init__(self, kind, name, array):
        self.kind, self.name, self.array = kind, name, array


class View:
    """`array` shows part or all of `buffer`."""

    __slots__ = ("buffer", "array")

    def __init__(self, buffer, array):
        self.buffer, self.array = buffer, array


class Call:
    """One recorded numpy call. `ins` are views, constant arrays, or settings such as an axis.

    Kinds: elementwise, matmul, reduce, take, copy, fill, put, whole.
    """

    __slots__ = ("kind", "function", "ins", "out", "origin", "at")

    def __init__(self, kind, function, ins, out, origin):
        self.kind, self.function, self.ins, self.out, self.origin = kind, function, ins, out, origin

    def views(self):
        return [x for x in self.ins if isinstance(x, View)] + [self.out]


# ---- how views lie in memory


def address(array):
    return array.__array_interface__["data"][0]


def is_whole(view):
    a, b = view.array, view.buffer.array
    return a is b or (a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype)


def overlap(a, b):
    return a.buffer is b.buffer and np.may_share_memory(a.array, b.array)


def _uses(calls):
    """{buffer: the calls that read or write it, in order}"""
    uses = {}
    for call in calls:
        for buffer in {x.buffer for x in call.views()}:
            uses.setdefault(buffer, []).append(call)
    return uses


def remove_dead(calls, result):
    needed, kept = {result and result.buffer}, []
    for call in reversed(calls):
        if call.out.buffer.kind != "temp" or call.out.buffer in needed:
            needed.update(x.buffer for x in call.views())
            kept.append(call)
    return kept[::-1]


# ---- row sums


def sum_rows_by_products(calls, result):
    """Row sums as products with ones, which take a third of the time of numpy's.

    The last digits differ from numpy's sums, so it is a choice: see `Recorded`.
    """
    calls = widen_columns(calls, result)
    for call in calls:
        if _is_row_sum(call):
            x = call.ins[0].array
            ones = np.ones((x.shape[-1], 1), x.dtype)
            call.kind, call.function, call.ins = "matmul", np.matmul, (call.ins[0], ones)
    return calls


def widen_columns(calls, result):
    """Where a row sum, (n, 1), is only ever stretched to (n, k), compute it (n, k).

    One product with a (d, k) matrix of ones sums and stretches at once, and the calls after it
    meet arrays of one shape, which for tiny arrays is four times cheaper than stretching.
    """
    uses, dropped = _uses(calls), set()
    for call in calls:
        source = call.ins[0]
        if not _is_row_sum(call) or not 1 < source.array.shape[-1] <= 64:
            continue
        if result and call.out.buffer is result.buffer:
            continue
        depth = source.array.shape[-1]
        family, width = _column_family(call.out, uses)
        if width is None or max(source.array.size, call.out.array.size * width) > WIDEN_BELOW:
            continue
        factor, total = 1.0, call.out
        following = [c for c in uses[total.buffer] if c is not call]
        if len(following) == 1 and _divides_by_constant(following[0]):  # a mean
            factor, total = 1 / following[0].ins[1][()], following[0].out
            dropped.add(following[0])
        for buffer in family:
            old = buffer.array
            buffer.array = np.empty((*old.shape[:-1], width), old.dtype)
            for user in uses[buffer]:
                user.ins = tuple(_widened(x, buffer, width) for x in user.ins)
                user.out = _widened(user.out, buffer, width)
        ones = np.full((depth, width), factor, source.array.dtype)
        call.kind, call.function = "matmul", np.matmul
        call.ins = (source, ones)
        call.out = View(total.buffer, total.buffer.array)
    return [call for call in calls if call not in dropped]


def _is_row_sum(call):
    if call.kind != "reduce" or call.function is not np.add:
        return False
    x, axis, keepdims = call.ins
    last = x.array.ndim - 1
    return keepdims and axis in (-1, last, (-1,), (last,)) and x.array.dtype.kind == "f" and last


def _column_family(start, uses):
    """(buffers, width): the columns computed from this one, and the width all are stretched to.

    The width is None where one of them is used as a true column, or never stretched.
    """
    family, queue, width = {start.buffer}, [start.buffer], None
    while queue:
        buffer = queue.pop()
        writers = 0
        for call in uses[buffer]:
            if call.out.buffer is buffer:
                writers += 1
                if not _is_column(call.out):
                    return family, None
            reads = [x for x in call.ins if isinstance(x, View) and x.buffer is buffer]
            if not reads:
                continue
            out = call.out.array
            if call.kind != "elementwise" or not all(map(_is_column, reads)):
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


def _widened(x, buffer, width):
    if not isinstance(x, View) or x.buffer is not buffer:
        return x
    return View(buffer, buffer.array.reshape(*x.array.shape[:-1], width))


# ---- copies


def forward_copies(calls, result):
    """Where a whole temporary is copied elsewhere, compute it there, if nobody would notice."""
    for at, call in enumerate(calls):
        call.at = at
    uses = _uses(calls)
    for copy in [c for c in calls if c.kind == "copy" and isinstance(c.ins[0], View)]:
        source, target = copy.ins[0], copy.out
        if source.buffer.kind != "temp" or source.buffer is target.buffer:
            continue
        if result and source.buffer is result.buffer:
            continue
        home = _same_layout(source, target)
        if home is None:
            continue
        mine = [c for c in uses[source.buffer] if c is not copy]
        written = [c.at for c in mine if c.out.buffer is source.buffer]
        born, last = min(written), max(c.at for c in mine)
        others = [
            c
            for c in uses[target.buffer]
            if c is not copy and any(overlap(x, target) for x in c.views())
        ]
        # Zeros that the target was first filled with may come before what is computed into it.
        before = [c for c in others if born <= c.at < copy.at]
        first = min(c.at for c in uses[target.buffer])
        zeros = [c for c in before if c.kind == "fill" and c.at == first]
        if (
            max(written) > copy.at
            or (before and (before != zeros or target.buffer.kind != "temp"))
            or any(copy.at < c.at <= last and c.out.buffer is target.buffer for c in others)
        ):
            continue
        moved = {}
        for call in mine:
            for x in call.views():
                if x.buffer is source.buffer:
                    moved[x] = _moved(x.array, source.buffer.array, home)
        if None in [a if a is None else 0 for a in moved.values()] or _slows_products(mine, moved):
            continue
        moved = {x: View(target.buffer, array) for x, array in moved.items()}
        for call in mine:
            call.ins = tuple(moved.get(x, x) if isinstance(x, View) else x for x in call.ins)
            call.out = moved.get(call.out, call.out)
        kept = [c for c in uses[target.buffer] if c is not copy and c not in mine]
        uses[target.buffer] = sorted(kept + mine, key=lambda c: c.at)
        copy.at = None
        for call in zeros:
            call.at = born - 0.5
    return sorted((c for c in calls if c.at is not None), key=lambda c: c.at)


def _same_layout(source, target):
    """The target's memory in the shape of the source's whole buffer; None if that is no view."""
    a, root, t = source.array, source.buffer.array, target.array
    if a.size != root.size or a.dtype != t.dtype:
        return None
    if a.flags.c_contiguous and root.flags.c_contiguous:
        home = t.reshape(root.shape)
        return home if np.may_share_memory(home, t) else None
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
        not _has_rows(moved[x]) and not _has_rows(moved[x].swapaxes(-1, -2))
        for call in calls
        if call.kind == "matmul" and call.out.array.size > 4096
        for x in call.views()
        if x in moved and moved[x].ndim > 1
    )


def _has_rows(array):
    row, item = array.strides[-2:]
    return item == array.itemsize and row >= array.shape[-1] * item
