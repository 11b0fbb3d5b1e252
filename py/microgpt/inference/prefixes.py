"""What was read is kept, within a limit of memory: prompts that begin alike are read from there."""

from collections import OrderedDict

import numpy as np

MOST = 256  # sequences
NOTHING = -1  # where a sequence has ended


class Prefixes:
    """Keys and values of the sequences that were read last; the longest unused ones go first.

    A token's keys and values depend on what stands before it alone, so any beginning of a sequence
    that was kept will do.
    """

    def __init__(self, limit):
        self.limit, self.size = limit, 0  # bytes
        self._kept = OrderedDict()  # row -> (length, keys, values), the last used at the end
        self._ids = np.full((MOST, 0), NOTHING, np.int32)  # of each, filled up

    def find(self, ids):
        """(how many ids of the beginning are known, the (keys, values) that know them)."""
        lengths = self._common(ids)
        best = int(lengths.argmax())
        if not lengths[best]:
            return 0, None
        self._kept.move_to_end(best)
        return int(lengths[best]), self._kept[best][1:]

    def add(self, ids, keys, values):
        """Keep a sequence, in place of those that are its beginning."""
        size = keys.nbytes + values.nbytes
        if size > self.limit or not len(ids):
            return
        lengths = self._common(ids)
        if (best := int(lengths.argmax())) in self._kept and lengths[best] == len(ids):
            self._kept.move_to_end(best)  # it is known already
            return
        for row in [row for row, kept in self._kept.items() if kept[0] == lengths[row]]:
            self._drop(row)
        while self._kept and (self.size + size > self.limit or len(self._kept) == MOST):
            self._drop(next(iter(self._kept)))
        if (more := len(ids) - self._ids.shape[1]) > 0:
            self._ids = np.pad(self._ids, ((0, 0), (0, more)), constant_values=NOTHING)
        row = next(row for row in range(MOST) if row not in self._kept)
        self._ids[row, : len(ids)] = ids
        self._kept[row] = len(ids), keys, values
        self.size += size

    def _common(self, ids):
        """How many ids each of the kept has in common with these, from the first on."""
        ids = np.array(ids[: self._ids.shape[1]], np.int32)
        differ = self._ids[:, : len(ids)] != ids
        if not len(ids):
            return np.zeros(MOST, np.intp)
        return np.where(differ.any(1), differ.argmax(1), len(ids))

    def _drop(self, row):
        _, keys, values = self._kept.pop(row)
        self.size -= keys.nbytes + values.nbytes
        self._ids[row] = NOTHING
