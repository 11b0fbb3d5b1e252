"""Settings: frozen dataclasses whose every field says what it does and what it may be.

The terminal's flags and their help, the checks, and the records in checkpoints all come from here.
"""

from dataclasses import MISSING, asdict, field, fields

from .errors import UserError

MOST = 1_000_000_000  # of any number that has no limit of its own: more is a slip of the finger


def setting(default, help, *, low=None, high=None, below=None, above=None, choices=None, unset=""):
    """A field with its explanation and its limits; `unset` are words for its default."""
    limits = {"low": low, "high": high, "below": below, "above": above, "choices": choices}
    return field(default=default, metadata={"help": help, "unset": unset, **limits})


class Settings:
    """What all settings can do: check themselves, and become a table of names and values."""

    def __post_init__(self):
        for f in fields(self):
            if wrong := problem(f, getattr(self, f.name), f"The setting {f.name}"):
                raise UserError(wrong)

    def to_dict(self):
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        if not isinstance(values, dict):
            raise UserError("The settings are not a table of names and values; use another copy.")
        if unknown := sorted(set(values) - {f.name for f in fields(cls)}):
            raise UserError(
                f"This version knows no setting named {', '.join(unknown)[:80]}; update microgpt."
            )
        return cls(**values)

    @classmethod
    def defaults(cls):
        return {f.name: f.default for f in fields(cls) if f.default is not MISSING}


def problem(f, value, subject):
    """What is wrong with a value for a field, as a sentence about the subject, or None."""
    rule = f.metadata
    if value == f.default and type(value) is type(f.default):
        return None
    if f.type in (int, "int"):
        fits, kind = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    elif f.type in (float, "float"):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        fits, kind = fits and -1e300 < value < 1e300, "a number"
    elif f.type in (bool, "bool"):
        fits, kind = isinstance(value, bool), "true or false"
    else:
        fits, kind = isinstance(value, str), "a word"
    if rule["choices"]:
        fits, kind = fits and value in rule["choices"], f"one of {', '.join(rule['choices'])}"
    limits = [
        (rule["low"], "of at least", lambda a, b: a >= b),
        (rule["above"], "above", lambda a, b: a > b),
        (rule["high"], "at most", lambda a, b: a <= b),
        (rule["below"], "below", lambda a, b: a < b),
    ]
    limits = [limit for limit in limits if limit[0] is not None]
    if fits and not isinstance(value, str) and rule["high"] is None and value > MOST:
        limits.append((MOST, "at most", lambda a, b: a <= b))
    if fits and all(holds(value, bound) for bound, _, holds in limits):
        return None
    words = " and ".join(f"{word} {bound}" for bound, word, _ in limits)
    shown = str(value) if isinstance(value, int | float) else repr(value)
    return f"{subject} must be {kind}{' ' if words else ''}{words}, not {shown[:60]}."
