"""The fields of a request: each is read and checked, and one that is not known is refused.

A reader takes a field's value and its name, and returns what it means or raises `Refused`.
"""

import json

from .refusals import Refused

LOWEST_TOP_P = 1e-9  # 0 means: the likeliest alone
MOST_STOPS, LONGEST_STOP = 4, 256
MOST_TOPS = 20


def wrong(name, wanted):
    return Refused(f"The field {name} must be {wanted}.", name)


# ---- readers of one value


def whole(low, high):
    def read(value, name):
        if type(value) is not int or not low <= value <= high:
            raise wrong(name, f"a whole number from {low:,} to {high:,}")
        return value

    return read


def number(low, high):
    def read(value, name):
        if type(value) not in (int, float) or not low <= value <= high:
            raise wrong(name, f"a number from {low:g} to {high:g}")
        return float(value)

    return read


def switch(value, name):
    if type(value) is not bool:
        raise wrong(name, "true or false")
    return value


def text(value, name):
    if type(value) is not str:
        raise wrong(name, "a text")
    return value


def table(value, name):
    if type(value) is not dict:
        raise wrong(name, "an object")
    return value


def word(*words, hint=""):
    def read(value, name):
        if type(value) is not str or value not in words:
            raise wrong(name, " or ".join(f'"{each}"' for each in words) + hint)
        return value

    return read


def only(value, name, known, needed=()):
    """An object with no other keys than these."""
    table(value, name)
    for key in value:
        if key not in known:
            raise Refused(f"There is no field {name}.{key} here.", f"{name}.{key}")
    for key in needed:
        if key not in value:
            raise Refused(f"The field {name}.{key} is missing.", f"{name}.{key}")
    return value


# ---- readers of fields


def top_p(value, name):
    return max(number(0, 1)(value, name), LOWEST_TOP_P)


def stop(value, name):
    stops = [value] if type(value) is str else value
    if type(stops) is not list or not 1 <= len(stops) <= MOST_STOPS:
        raise wrong(name, f"a text, or a list of 1 to {MOST_STOPS} texts")
    for each in stops:
        if type(each) is not str or not 1 <= len(each) <= LONGEST_STOP:
            raise wrong(name, f"texts of 1 to {LONGEST_STOP} characters")
    return tuple(stops)


def stream_options(value, name):
    only(value, name, ("include_usage",))
    return {key: switch(each, f"{name}.{key}") for key, each in value.items()}


def response_format(value, name):
    only(value, name, ("type",), ("type",))
    return word("text")(value["type"], f"{name}.type")


def logit_bias(value, name):
    table(value, name)
    bias = {}
    for key, each in value.items():
        if not (key.isascii() and key.isdigit() and len(key) < 12):
            raise wrong(name, "an object from token ids to numbers")
        bias[int(key)] = number(-100, 100)(each, f"{name}.{key}")
    return bias


SAMPLING = {
    "temperature": number(0, 2),
    "top_p": top_p,
    "top_k": whole(0, 1 << 24),
    "min_p": number(0, 1),
}
WRITING = {
    "stop": stop,
    "seed": whole(-(2**63), 2**63 - 1),
    "n": whole(1, 1 << 10),
    "stream": switch,
    "stream_options": stream_options,
    "presence_penalty": number(-2, 2),
    "frequency_penalty": number(-2, 2),
    "logit_bias": logit_bias,
}
LENGTH = whole(1, 1 << 31)
# Real clients send them; nothing here depends on them.
WITHOUT_EFFECT = {
    "user": text,
    "metadata": table,
    "store": switch,
    "service_tier": text,
    "safety_identifier": text,
}
CHAT = {
    "model": text,
    "messages": None,  # read by itself
    **SAMPLING,
    **WRITING,
    "max_tokens": LENGTH,
    "max_completion_tokens": LENGTH,
    "logprobs": switch,
    "top_logprobs": whole(0, MOST_TOPS),
    "tools": None,
    "tool_choice": word("auto", "none"),
    "response_format": response_format,
    **WITHOUT_EFFECT,
}
COMPLETIONS = {
    "model": text,
    "prompt": None,
    **SAMPLING,
    **WRITING,
    "max_tokens": LENGTH,
    "logprobs": whole(0, MOST_TOPS),
    **WITHOUT_EFFECT,
}
EMBEDDINGS = {
    "model": text,
    "input": None,
    "encoding_format": word("float", "base64"),
    "dimensions": whole(1, 1 << 24),
    **WITHOUT_EFFECT,
}


def read_body(body):
    """The object in a request's body."""
    try:
        found = json.loads(body, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"The body is not JSON ({str(error)[:200] or 'nested too deeply'})."
        ) from None
    if type(found) is not dict:
        raise Refused("The body must be one JSON object.")
    return found


def _each_once(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused(f"The field {twice} stands twice in one object.", twice)
    return found


def read_fields(found, readers, needed):
    """{name: what it means} of the fields that were sent; null is as if it had not been."""
    for name in found:
        if name not in readers:
            raise Refused(f"There is no field {name} here.", name, code="unknown_parameter")
    for name in needed:
        if found.get(name) is None:
            raise Refused(f"The field {name} is missing.", name, code="missing_required_parameter")
    fields = {}
    for name, value in found.items():
        if value is not None:
            reader = readers[name]
            fields[name] = reader(value, name) if reader else value
    if "stream_options" in fields and not fields.get("stream"):
        raise Refused(
            "The field stream_options is for streams: send stream true.", "stream_options"
        )
    if fields.get("top_logprobs") is not None and not fields.get("logprobs"):
        raise Refused("The field top_logprobs needs logprobs true.", "top_logprobs")
    lengths = {fields[name] for name in ("max_tokens", "max_completion_tokens") if name in fields}
    if len(lengths) > 1:
        raise Refused(
            "The fields max_tokens and max_completion_tokens say different things; send one.",
            "max_tokens",
        )
    return fields
