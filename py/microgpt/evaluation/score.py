"""So many right of so many, and how sure that is."""

import math
from typing import NamedTuple

Z = 1.96  # 95 of a hundred such intervals hold the true share


class Score(NamedTuple):
    """How many answers were right.

    >>> score = Score(98, 100)
    >>> score.share, score.text
    (0.98, '98.0 % of 100 (93.0 to 99.4)')
    >>> Score(0, 0).text
    'none asked'
    """

    right: int
    tries: int

    @property
    def share(self):
        return self.right / self.tries if self.tries else 0.0

    @property
    def interval(self):
        """(low, high): Wilson's interval, which is within 0 and 1 for few tries and for none right.

        >>> low, high = Score(10, 10).interval
        >>> round(low, 3), high
        (0.722, 1.0)
        """
        n, p = self.tries, self.share
        if not n:
            return 0.0, 1.0
        middle, width = p + Z * Z / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)

    @property
    def text(self):
        if not self.tries:
            return "none asked"
        low, high = self.interval
        return f"{100 * self.share:.1f} % of {self.tries:,} ({100 * low:.1f} to {100 * high:.1f})"

    def __add__(self, other):
        return Score(self.right + other.right, self.tries + other.tries)
