"""How questions and answers cross to the page: facts as JSON, arrays beside them, in one call."""

import json
import math
from typing import NamedTuple

from ..data.encoding import OtherEncoding
from ..errors import Missing, UserError

NO_MEMORY = "There is not enough memory for this; try a smaller model, context or batch."


class Answer(NamedTuple):
    """Facts, and arrays or bytes by name. A method without arrays returns its facts alone."""

    facts: dict
    arrays: dict


def page_request(method):
    """Mark a method as one that the page may call, by its name."""
    method.page_request = True
    return method


def requests_of(part):
    """{name: method} of what the page may call of an object."""
    names = [name for name in dir(type(part)) if hasattr(getattr(type(part), name), "page_request")]
    return {name: getattr(part, name) for name in names}


def answer(method, request, files):
    """[JSON text, arrays...]: what a method answers to a request, which is JSON text, too.

    The text names the arrays in their order. A mistake of the user's is {"refused": sentence};
    where `needs` stands beside it, the page can get what is missing and ask again; `encoding` is
    what a text that is not in UTF-8 may be read as.
    """
    try:
        found = method(*files, **json.loads(request))
    except Missing as missing:
        found = {"refused": str(missing), "needs": missing.needs}
    except OtherEncoding as error:
        found = {"refused": str(error), "encoding": error.encoding}
    except UserError as error:
        found = {"refused": str(error)}
    except MemoryError:
        found = {"refused": NO_MEMORY}
    facts, arrays = found if isinstance(found, Answer) else (found, {})
    text = json.dumps({**_clean(facts), "arrays": list(arrays)}, allow_nan=False)
    return [text, *arrays.values()]


def _clean(value):
    """JSON knows no infinity and no NaN: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
