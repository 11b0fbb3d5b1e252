"""Prints the table of models as the page carries it: see `settings.presets`."""

import json

from .settings import presets


def as_module(table):
    """The table as a JavaScript module."""
    lines = [
        "// The models the page offers, for as long as Python is not there. Made by",
        "// `python -m py.microgpt.page`; change them in Python and make it anew.",
        "",
        "export const MODELS = {",
    ]
    for name, settings in table.items():
        lines.append(f"  {name}: {{")
        lines += [f"    {key}: {_value(value)}," for key, value in settings.items()]
        lines.append("  },")
    return "\n".join([*lines, "};", ""])


def _value(value):
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
        return json.dumps(value).replace("e-0", "e-")
    return json.dumps(value)


if __name__ == "__main__":
    print(as_module(presets()), end="")
