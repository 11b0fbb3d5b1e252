"""What crosses to the kernel: steps, as numbers in the order of `Step` in kernels.c."""

from dataclasses import dataclass
from enum import IntEnum, auto

AXES = 4


class Operation(IntEnum):
    """In the order of kernels.c. Those up to LESS are elementwise and named as in numpy."""

    ADD = 0
    SUBTRACT = auto()
    MULTIPLY = auto()
    DIVIDE = auto()
    MAXIMUM = auto()
    MINIMUM = auto()
    EXP = auto()
    LOG = auto()
    SQRT = auto()
    TANH = auto()
    ABSOLUTE = auto()
    NEGATIVE = auto()
    GREATER = auto()
    GREATER_EQUAL = auto()
    LESS = auto()
    MASK = auto()
    SELECT = auto()
    COPY = auto()
    ADD_INTEGERS = auto()
    SUM = auto()
    LARGEST = auto()
    PRODUCT = auto()
    TAKE = auto()
    PUT = auto()


@dataclass(frozen=True, slots=True)
class Array:
    """An operand: the address of its first number, and how many bytes lie between neighbours."""

    data: int
    stride: tuple  # of AXES numbers, the last axis is the innermost; 0 repeats

    def pack(self):
        return self.data, *self.stride


NOTHING = Array(0, (0,) * AXES)


@dataclass(frozen=True, slots=True)
class Step:
    """An operation on arrays of one shape.

    In a product the shape is (batch, batch, rows, columns), and `depth` is what is summed over.
    For rows by index, `size` are the bytes of a row and `depth` is how many rows there are.
    """

    operation: Operation
    size: int  # bytes of a number
    depth: int
    shape: tuple  # of AXES numbers
    out: Array
    a: Array
    b: Array = NOTHING

    def pack(self):
        """The numbers of the step, LENGTH of them."""
        operands = self.out.pack() + self.a.pack() + self.b.pack()
        return [int(self.operation), self.size, self.depth, *self.shape, *operands]


LENGTH = len(Step(Operation.ADD, 0, 0, (0,) * AXES, NOTHING, NOTHING).pack())
