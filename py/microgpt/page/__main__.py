"""Prints the models and the first run as the page carries them: see `settings.presets`."""

import json

from ..data.tasks import TASKS
from .settings import first_run, presets

_TASKS_TYPE = (
    "/** @type {{[name: string]: {size: number, least: number, most: number, unit: string}}} */"
)


def as_module(table, first):
    """The models, the settings of the first run and the tasks as a JavaScript module."""
    name, usual = next(iter(table.items()))
    lines = [
        "// The models the page offers, for as long as Python is not there, and how its first run",
        "// differs from the reference. Made by `python -m py.microgpt.page`; change it in Python",
        "// and make it anew.",
        "",
        "const REFERENCE = {",
        *[f"  {key}: {_value(value)}," for key, value in usual.items()],
        "};",
        "",
        "// What the others have of their own.",
        "export const MODELS = {",
        f"  {name}: REFERENCE,",
    ]
    for name, settings in list(table.items())[1:]:
        own = [f"{key}: {_value(value)}" for key, value in settings.items() if usual[key] != value]
        line = f"  {name}: {{ {', '.join(['...REFERENCE', *own])} }},"
        if len(line) > 100:
            line = "\n    ".join([f"  {name}: {{", "...REFERENCE,", *[f"{each}," for each in own]])
            line += "\n  },"
        lines.append(line)
    first = ", ".join(f"{key}: {_value(value)}" for key, value in first.items())
    lines += ["};", "", f"export const FIRST = {{ {first} }};", ""]
    lines += ["// Questions with a right answer, and how large they can be.", _TASKS_TYPE]
    lines += ["export const TASKS = {"]
    for name, task in TASKS.items():
        sizes = f"size: {task.size}, least: {task.least}, most: {task.most}"
        lines.append(f'  {name}: {{ {sizes}, unit: "{task.unit}" }},')
    return "\n".join([*lines, "};", ""])


def _value(value):
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
        return json.dumps(value).replace("e-0", "e-")
    return json.dumps(value)


if __name__ == "__main__":
    print(as_module(presets(), first_run()), end="")
