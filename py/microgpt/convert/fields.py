"""Values out of a stranger's settings: each of the kind it must be, or a sentence."""

import json

from ..errors import UserError
from ..safetensors import NONSENSE, table

MOST_SETTINGS = 1 << 24  # bytes of a file of settings


class Fields:
    """A JSON object whose values are asked for by name; `where` says which in a sentence."""

    def __init__(self, values, where):
        if not isinstance(values, dict):
            raise UserError(f"{where} is not a table of names and values.")
        self.values, self.where = values, where

    def _get(self, name, default, kind, fits):
        value = self.values.get(name)
        value = default if value is None else value
        if value is None or not fits(value):
            shown = "missing" if value is None else f"{value!r:.60}"
            raise UserError(f"{self.where}: {name} is {shown}, and must be {kind}.")
        return value

    def whole(self, name, default=None):
        return self._get(name, default, "a whole number", lambda value: type(value) is int)

    def number(self, name, default=None):
        def fits(value):
            return type(value) in (int, float) and -1e300 < value < 1e300

        return float(self._get(name, default, "a number", fits))

    def flag(self, name, default=None):
        return self._get(name, default, "true or false", lambda value: type(value) is bool)

    def word(self, name, default=None):
        return self._get(name, default, "a word", lambda value: isinstance(value, str))

    def refuse_unless(self, neutral):
        """Refuse what changes how the model computes: {name: the values that change nothing}."""
        for name, values in neutral.items():
            value = self.values.get(name)
            if value is not None and value not in values:
                raise UserError(
                    f"{self.where}: {name} is {value!r:.60}, which this model cannot do; it was"
                    " not converted."
                )


def read_json(path):
    """The values in a JSON file of settings."""
    try:
        if path.stat().st_size > MOST_SETTINGS:
            raise UserError(f"{path} is too large for a file of settings; use another copy.")
        return json.loads(path.read_text("utf-8"), object_pairs_hook=table)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None
    except NONSENSE:
        raise UserError(f"{path} is not JSON; download it again.") from None
