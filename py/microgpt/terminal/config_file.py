"""Settings from a file, and to one, as JSON or TOML.

{"preset": name, "depth": number, "model": {settings}, "training": {settings}}: each may be left
out, and a setting that is not there is the preset's.
"""

import json
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

from ..errors import UserError
from ..files import write_whole
from ..gpt.config import GPTConfig
from ..presets import PRESETS
from ..settings import problem
from ..training.config import TrainConfig
from .args import guess

SECTIONS = {"model": GPTConfig, "training": TrainConfig}
FROM_DATA = {"vocab_size"}  # no choice: the data decides
KINDS = (".json", ".toml")


@dataclass(frozen=True)
class FileSettings:
    preset: str | None = None
    depth: int | None = None
    model: dict = field(default_factory=dict)
    training: dict = field(default_factory=dict)


def read_config(path):
    """The settings of a file; whatever is wrong with it is said in one sentence."""
    _check_kind(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Could not read {path} ({error.strerror or error}); give a file of settings."
        ) from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; give a file of settings.") from None
    content = _toml(path, text) if str(path).endswith(".toml") else _json(path, text)
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold a table with preset, model and training.")
    known = [f.name for f in fields(FileSettings)]
    for name in content:
        if name not in known:
            raise UserError(_unknown(path, name, known, f"; it may have {', '.join(known)}."))
    if content.get("preset", "microgpt") not in list(PRESETS):
        preset = str(content["preset"])[:60]
        there = f"; there are {', '.join(PRESETS)}."
        raise UserError(f"{path}: there is no preset {preset!r}{guess(preset, PRESETS) or there}")
    sections = {
        section: _section(path, section, content.get(section, {}), cls)
        for section, cls in SECTIONS.items()
    }
    return FileSettings(content.get("preset"), content.get("depth"), **sections)


def _section(path, section, values, cls):
    """The settings of a section, each checked, by the names they have in Python."""
    if not isinstance(values, dict):
        raise UserError(f"{path}: {section} must be a table of settings and their values.")
    known = {f.name: f for f in fields(cls) if f.name not in FROM_DATA}
    found = {}
    for written, value in values.items():
        name = written.replace("-", "_")
        if name in FROM_DATA:
            raise UserError(f"{path}: {name} is decided by the data; leave it out.")
        if name not in known:
            elsewhere = [other for other, cls in SECTIONS.items() if name in cls.defaults()]
            hint = f"; it belongs in {elsewhere[0]}." if elsewhere else "."
            raise UserError(_unknown(path, written, known, hint, f"in {section} "))
        if name in found:
            raise UserError(f"{path}: {name} stands twice in {section}; leave one out.")
        if wrong := problem(known[name], value, f"{path}: {section}.{name}"):
            choices = known[name].metadata["choices"] or ()
            raise UserError(wrong.removesuffix(".") + (guess(str(value), choices) or "."))
        found[name] = float(value) if known[name].type is float else value
    return found


def _unknown(path, name, known, otherwise, where=""):
    hint = otherwise if otherwise.startswith("; it belongs") else guess(name, known) or otherwise
    return f"{path}: there is no setting {where}called {name[:60]!r}{hint}"


def _check_kind(path):
    if not str(path).endswith(KINDS):
        raise UserError(
            f"A file of settings is called something.json or something.toml, not {path}."
        )


def _toml(path, text):
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not valid TOML: {error}.") from None


def _json(path, text):
    def table(pairs):
        names = [name for name, _ in pairs]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UserError(f"{path}: {twice[0]} stands twice; leave one out.")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=table)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UserError(f"{path} is not valid JSON: {error.msg} (at {where}).") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not valid JSON: a number or its depth is too large.") from None


def write_config(path, preset, model, training):
    """All settings of a run, so that the file says the same when the presets have changed."""
    _check_kind(path)
    sections = {"model": model.to_dict(), "training": training.to_dict()}
    for name in FROM_DATA:
        del sections["model"][name]
    content = {"preset": preset, **sections}
    if str(path).endswith(".json"):
        text = json.dumps(content, indent=2) + "\n"
    else:  # words, numbers and booleans are the same in TOML as in JSON
        text = f"preset = {json.dumps(preset)}\n"
        for section, values in sections.items():
            lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
            text += "\n".join([f"\n[{section}]", *lines, ""])
    write_whole(path, text.encode())
