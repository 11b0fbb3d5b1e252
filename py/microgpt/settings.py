"""Settings: frozen dataclasses whose every field says what it does and what it may be.

The terminal's flags and their help, the checks, and the records in checkpoints all come from here.
"""

from dataclasses import MISSING, asdict, dataclass, field, fields

from .errors import UserError


def setting(default, help, *, low=None, high=None, below=None, above=None, choices=None):
    """A field with its explanation and its limits."""
    limits = {"low": low, "high": high, "below": below, "above": above, "choices": choices}
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True)
class Settings:
    def __post_init__(self):
        for f in fields(self):
            if problem := _problem(f, getattr(self, f.name)):
                raise UserError(problem)

    def to_dict(self):
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known) if isinstance(values, dict) else ["?"]
        if unknown:
            raise UserError(f"this version knows no setting named {', '.join(unknown)}")
        return cls(**values)

    @classmethod
    def defaults(cls):
        return {f.name: f.default for f in fields(cls) if f.default is not MISSING}


def _problem(f, value):
    """What is wrong with a value, as a sentence, or None."""
    name, rule = f.name.replace("_", " "), f.metadata
    if f.type in (int, "int"):
        fits, kind = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    elif f.type in (float, "float"):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        fits, kind = fits and abs(value) < float("inf"), "a number"
    elif f.type in (bool, "bool"):
        fits, kind = isinstance(value, bool), "true or false"
    else:
        fits, kind = isinstance(value, str), "a word"
    if rule["choices"]:
        fits, kind = fits and value in rule["choices"], f"one of {', '.join(rule['choices'])}"
    limits = [
        (rule["low"], "at least", lambda a, b: a >= b),
        (rule["above"], "above", lambda a, b: a > b),
        (rule["high"], "at most", lambda a, b: a <= b),
        (rule["below"], "below", lambda a, b: a < b),
    ]
    limits = [limit for limit in limits if limit[0] is not None]
    if fits and all(holds(value, bound) for bound, _, holds in limits):
        return None
    words = " and ".join(f"{word} {bound}" for bound, word, _ in limits)
    return f"{name} must be {kind}{' ' if words else ''}{words}, not {value!r}"
