"""What a sweep tries: a range or a list for some settings, written as flags of `train`."""

import math
from dataclasses import dataclass, fields
from itertools import product

from ....errors import UsageError
from ....gpt.config import GPTConfig
from ....training.config import TrainConfig
from ....training.machines.outer import OuterConfig
from ...args import reader

DIGITS = 5  # of a number that is drawn: so exact that no more is gained, and still readable
CLASSES = (TrainConfig, OuterConfig, GPTConfig)
SETTINGS = {f.name: f for cls in CLASSES for f in fields(cls)}
SETTINGS.pop("vocab_size")  # no choice: the data decides
ON_OFF = {"on": True, "off": False}


@dataclass(frozen=True)
class Choices:
    """One of some values."""

    values: tuple

    def distribution(self):
        return "CategoricalDistribution", {"choices": list(self.values)}

    def internal(self, value):
        return self.values.index(value)

    def draw(self, random):
        return random.choice(self.values)

    def points(self, count):
        return list(self.values)

    def fit(self, value):
        return value


@dataclass(frozen=True)
class Range:
    """A number between two others, both of which may be drawn; `log`: evenly in its logarithm."""

    low: float
    high: float
    log: bool
    kind: type

    def distribution(self):
        name = "IntDistribution" if self.kind is int else "FloatDistribution"
        step = 1 if self.kind is int else None
        return name, {"low": self.low, "high": self.high, "log": self.log, "step": step}

    def internal(self, value):
        return float(value)

    def draw(self, random):
        return self.at(random.random())

    def points(self, count):
        found = [self.at(i / (count - 1)) for i in range(count)]
        return sorted(set(found))  # whole numbers may meet

    def at(self, part):
        """The value so far along the range, from 0 to 1."""
        if self.kind is int:  # each whole number has as much room as its neighbours
            low, high = self.low - 0.5, self.high + 0.5
        else:
            low, high = self.low, self.high
        if self.log:
            value = math.exp(math.log(low) + part * (math.log(high) - math.log(low)))
        else:
            value = low + part * (high - low)
        return self.fit(value)

    def fit(self, value):
        """A value as it is tried: whole, or with a few digits, and never outside."""
        value = round(value) if self.kind is int else float(f"{value:.{DIGITS - 1}e}")
        return min(self.high, max(self.low, value))


def parse(name, text):
    """What stands behind a flag: a Range, Choices, or a value that all trials have."""
    f, flag = SETTINGS[name], "--" + name.replace("_", "-")
    read = _switch if f.type is bool else reader(f, flag)
    if "," in text:
        values = tuple(read(part) for part in text.split(","))
        if twice := [value for value in values if values.count(value) > 1]:
            raise UsageError(f"{flag} {text[:60]} names {twice[0]} twice; leave it out once.")
        return Choices(values)
    if ":" not in text:
        return read(text)
    if f.type not in (int, float):
        raise UsageError(f"{flag} has no numbers to draw from; give a list, as in a,b.")
    low, high, *more = text.split(":")
    if more not in ([], ["log"]):
        raise UsageError(f"{flag} {text[:60]} is no range; write LOW:HIGH or LOW:HIGH:log.")
    if more and not _is_above_zero(low):
        raise UsageError(
            f"{flag} {text[:60]}: a range over logarithms begins above 0; give a lower end above 0,"
            " or leave out :log."
        )
    low, high = f.type(read(low)), f.type(read(high))
    if low >= high:
        raise UsageError(f"The range {flag} {text[:60]} is empty; write the lower end first.")
    return Range(low, high, bool(more), f.type)


def _is_above_zero(text):
    try:
        return float(text) > 0
    except ValueError:
        return True  # its reader has a better sentence


def _switch(text):
    if text not in ON_OFF:
        raise UsageError(f"A switch is on, off or on,off, not {text[:60]!r}.")
    return ON_OFF[text]


def combinations(space):
    """How many there are of lists alone; 0 where there is a range."""
    return math.prod(len(getattr(choice, "values", ())) for choice in space.values())


def grid(space, trials):
    """[{name: value}]: every combination; of a range as many values as so many trials allow."""
    choices = [choice for choice in space.values() if isinstance(choice, Choices)]
    lists, ranges = combinations(dict(enumerate(choices))), len(space) - len(choices)
    least = lists * 2**ranges
    trials = trials or max(least, 20 if ranges else 0)
    if trials < least:
        raise UsageError(
            f"A grid of these settings has at least {least:,} points; --trials must be at least"
            " that."
        )
    count = 2
    while ranges and lists * (count + 1) ** ranges <= trials:
        count += 1
    points = [choice.points(count) for choice in space.values()]
    return [dict(zip(space, values)) for values in product(*points)]


def words_of(settings):
    """Settings as the flags of `train`."""
    words = []
    for name, value in settings.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words += [f"--{flag}", str(value)]
    return words
