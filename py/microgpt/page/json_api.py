"""How answers cross to the page: as JSON, a user's mistake among them."""

import json
import math
from functools import wraps

from ..errors import Missing, UserError

NO_MEMORY = "There is not enough memory for this; try a smaller model, block or batch."


def answers(method):
    """Make a method answer in JSON text. A mistake of the user's is {"refused": sentence}.

    Where `needs` stands beside it, the page can get what is missing and ask again.
    """

    @wraps(method)
    def answer(*args):
        try:
            result = method(*args)
        except Missing as missing:
            result = {"refused": str(missing), "needs": missing.needs}
        except UserError as error:
            result = {"refused": str(error)}
        except MemoryError:
            result = {"refused": NO_MEMORY}
        return json.dumps(_clean(result), allow_nan=False)

    return answer


def _clean(value):
    """JSON knows no infinity and no NaN: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def read(text):
    """The JSON object the page sent."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise UserError("The page sent no table of settings.")
    return value
