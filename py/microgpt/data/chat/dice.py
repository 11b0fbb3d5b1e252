"""Seeded choices, and the line between what is trained on and what is held out.

Content is held out, not conversations: a pair of numbers, a name, a word or a way to ask is either
for training or for the test, wherever it stands. A conversation of the test has none that occurs
in training.
"""

from random import Random
from zlib import crc32

ONE_IN = 8  # parts of the content that are held out
MOST_TRIES = 10_000


def is_held_out(*content):
    """Is this content for the test? Decided by a checksum: the same in every run.

    >>> [n for n in range(30) if is_held_out("number", n)]
    [2, 9, 10, 27]
    """
    return crc32("|".join(map(str, content)).encode()) % ONE_IN == 0


class Pool:
    """Words to choose from; a word is held out in every pool that has it, or in none.

    They come as one text, with blanks between them or bars.
    """

    def __init__(self, text):
        items = [part.strip() for part in text.split("|")] if "|" in text else text.split()
        self.sides = ([], [])
        for item in items:
            self.sides[is_held_out("word", item.lower())].append(item)
        if not all(self.sides):
            raise ValueError("this pool has nothing for one of its two sides")


class Dice:
    """Choices for one conversation, all on one side of the line."""

    def __init__(self, seed, held_out=False):
        # Of Python's generator only random() is promised to stay the same.
        self.random = Random(seed).random
        self.held_out = held_out

    def below(self, limit):
        return int(self.random() * limit)

    def between(self, low, high):
        return low + int(self.random() * (high - low + 1))

    def chance(self, p):
        return self.random() < p

    def one_of(self, options):
        return options[int(self.random() * len(options))]

    def weighted(self, table):
        """A key of {key: weight}."""
        at, keys = self.random() * sum(table.values()), iter(table)
        while (at := at - table[key := next(keys)]) >= 0:
            pass
        return key

    def pick(self, pool):
        """One of a pool, from this conversation's side."""
        return self.one_of(pool.sides[self.held_out])

    def two_of(self, pool):
        """Two different ones of a pool."""
        first = second = self.pick(pool)
        while second == first:
            second = self.pick(pool)
        return first, second

    def draw(self, make, content=lambda made: (made,)):
        """What `make()` gives, as often as it takes until its content is on this side."""
        for _ in range(MOST_TRIES):
            made = make()
            if is_held_out(*content(made)) == self.held_out:
                return made
        raise ValueError(f"{made} and its like are all on the other side")
