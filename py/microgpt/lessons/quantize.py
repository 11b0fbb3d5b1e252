"""Lesson: the numbers of a matrix in eight and in four bits, and what that does to a product.

A weight is usually kept as a float32, which takes 32 bits. Most of what those can say is never
said: the weights of a matrix lie close around zero, and a network hardly notices if each is a
little off. So they are rounded to steps of equal length. What is kept is how many steps each number
is from zero, a whole number that fits into a few bits, and how long a step is, once for many.

    >>> w = np.array([[0.9, -2.2, 0.3, 7.0]])
    >>> levels, steps = quantize(w, bits=4, group=4)
    >>> levels, steps
    (array([[[ 1, -2,  0,  7]]], dtype=int8), array([[[1.]]]))
    >>> restore(levels, steps, w.shape)
    array([[ 1., -2.,  0.,  7.]])

The largest number decides how long the steps are. 7.0 makes them so long that nothing is left of
0.3. Without it they could be shorter:

    >>> quantize(w[:, :3], bits=4, group=3)[0]
    array([[[ 3, -7,  1]]], dtype=int8)

That is the whole trouble with rounding to few bits: one outlier spoils all that share its steps.
So few share: a row of the matrix in eight bits, a group of 32 neighbours in four, where there are
only 15 steps from end to end. The price is one more number for each group.

`python -m py.microgpt.lessons.quantize` prints what each choice costs. What `export` does to a
model, `quantization.py`, is this with the care that files need.
"""

import numpy as np


def most(bits):
    """The largest whole number; there is the same below zero.

    >>> most(8), most(4)
    (127, 7)
    """
    return 2 ** (bits - 1) - 1


def quantize(w, bits, group):
    """(levels, steps): w (rows, columns) as whole numbers, and a step for each group of a row.

    Levels are (rows, groups, group) and steps (rows, groups, 1), so that one times the other is
    about w. A step fits the largest number of its group exactly.
    """
    grouped = w.reshape(len(w), -1, group)
    steps = np.abs(grouped).max(axis=2, keepdims=True) / most(bits)
    steps[steps == 0] = 1  # a group of zeros: any step will do
    return np.rint(grouped / steps).astype(np.int8), steps


def restore(levels, steps, shape):
    """The numbers that were kept; each is off by at most half a step."""
    return (levels * steps).reshape(shape)


def multiply(levels, steps, x):
    """The product of a quantized matrix with a vector, without making its numbers again.

    Inside a group all have the same step, so it can wait until they are summed up: hardware that is
    fast with whole numbers does most of the work with them.
    """
    grouped = x.reshape(1, -1, levels.shape[2])
    sums = (levels * grouped).sum(axis=2, keepdims=True)  # a number for each group
    return (sums * steps).sum(axis=(1, 2))


def pack(levels):
    """Two numbers of four bits in a byte: no computer has a smaller piece than that.

    >>> pack(np.array([1, -2, 0, 7])).tolist()
    [105, 248]

    1 and -2 are kept as 1 + 8 = 9 and -2 + 8 = 6, and the byte is 9 + 16 * 6.
    """
    shifted = (levels.reshape(-1) + 8).astype(np.uint8)
    return shifted[::2] + 16 * shifted[1::2]


def unpack(packed, shape):
    """
    >>> unpack(np.array([105, 248], np.uint8), (2, 2)).tolist()
    [[1, -2], [0, 7]]
    """
    pairs = np.stack([packed % 16, packed // 16], axis=1)
    return pairs.reshape(shape).astype(np.int8) - 8


def bits_a_number(bits, group):
    """With its share of the step, which takes sixteen bits.

    >>> bits_a_number(8, 256), bits_a_number(4, 32)
    (8.0625, 4.5)
    """
    return bits + 16 / group


def error(found, right):
    """How large the mistake is, compared with what it is made in.

    >>> error(np.array([3.0, 4.1]), np.array([3.0, 4.0]))
    0.02
    """
    return round(float(np.linalg.norm(found - right) / np.linalg.norm(right)), 6)


# ---- what each choice costs

ROWS, COLUMNS = 256, 256
CHOICES = [  # bits, how many share a step, and in words
    (8, ROWS * COLUMNS, "the whole matrix"),
    (8, COLUMNS, "each row"),
    (4, ROWS * COLUMNS, "the whole matrix"),
    (4, COLUMNS, "each row"),
    (4, 64, "64 neighbours"),
    (4, 32, "32 neighbours"),
    (4, 16, "16 neighbours"),
]


def matrices(seed=0):
    """{what it is like: a matrix}; the second has outliers, as trained ones do."""
    rng = np.random.default_rng(seed)
    even = rng.normal(0, 0.02, (ROWS, COLUMNS))
    outliers = even.copy()
    outliers.reshape(-1)[rng.choice(even.size, even.size // 1000, replace=False)] *= 20
    return {"all numbers alike": even, "one number in 1000 twenty times as large": outliers}


def costs(w, x):
    """Rows of (bits, who shares a step, bits a number, error of the weights, of a product)."""
    for bits, group, words in CHOICES:
        flat = w.reshape(-1, max(group, COLUMNS))  # one step for all: one long row
        levels, steps = quantize(flat, bits, group)
        found = restore(levels, steps, w.shape)
        yield bits, words, bits_a_number(bits, group), error(found, w), error(found @ x, w @ x)


def main():
    x = np.random.default_rng(1).normal(size=COLUMNS)
    for words, w in matrices().items():
        print(f"A matrix of {ROWS} × {COLUMNS}, {words}; as float32 it takes 32 bits a number.\n")
        print("  bits  a step for        bits a number  error of a weight  of a product")
        for bits, shared, size, wrong, after in costs(w, x):
            print(f"  {bits:4}  {shared:16}  {size:13.2f}  {wrong:17.2%}  {after:12.2%}")
        print()
    print(
        "An outlier costs all that share its steps: in four bits a step for the whole matrix leaves"
        "\nhardly anything, and one for 32 neighbours most of it. A product is off by as much as"
        "\nthe weights are: the mistakes of its terms, some up and some down, partly cancel, and so"
        "\ndo the terms themselves."
    )


if __name__ == "__main__":
    main()
