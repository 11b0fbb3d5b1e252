"""What is left of a recording to replay: calls, where they find their arrays, the result."""

from .codegen import Code
from .listing import Listing
from .memory import place
from .passes import forward_copies, remove_dead, sum_rows_by_products
from .tiling import group_into_tiles


class Plan:
    """A recording that went through the passes, with a place in memory for every temporary."""

    def __init__(self, calls, inputs, result, fast_row_sums=True):
        calls = remove_dead(calls, result)
        if fast_row_sums:
            calls = sum_rows_by_products(calls, result)
        self.calls = forward_copies(calls, result)
        self.inputs, self.result = inputs, result
        self.offsets, self.size = place(self.calls, result)

    def bind(self, machine, state=None):
        """The function that replays, with its temporaries in the machine's memory.

        With `state`, {name: array}, it works on these arrays and has inputs of its own, so that it
        can run at the same time as others; without, on those that were recorded.
        """
        code = Code(self.offsets, machine, state)
        for buffer in self.inputs:
            code.copy_in(buffer)
        for calls, rows in group_into_tiles(self.calls, code):
            if rows:
                code.add_tiles(calls, rows)
            else:
                for call in calls:
                    code.add(call)
        return code.function(self.inputs, self.result)

    def show(self, labels=None):
        """The plan to read: a line of numpy for each call, under the function that made it."""
        return "\n".join(Listing(self, labels or {}).lines())
