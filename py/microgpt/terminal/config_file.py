"""Settings from a file, and to one: {"model": {…}, "training": {…}} as JSON or TOML."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path

from ..checkpoint import write_whole
from ..errors import UserError
from ..gpt.config import GPTConfig
from ..training.config import TrainConfig

SECTIONS = {"model": GPTConfig, "training": TrainConfig}


def read_config(path):
    """(preset name or None, model settings, training settings) of a file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Could not read {path}: {getattr(error, 'strerror', error)}.") from None
    try:
        content = tomllib.loads(text) if str(path).endswith(".toml") else json.loads(text)
    except ValueError as error:
        raise UserError(f"{path} is not valid: {error}.") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} should hold a table with model and training.")
    unknown = sorted(set(content) - {*SECTIONS, "preset"})
    if unknown:
        raise UserError(f"{path}: unknown section {unknown[0]}; there are preset, model, training.")
    found = []
    for section, cls in SECTIONS.items():
        values = content.get(section, {})
        known = {f.name for f in fields(cls)}
        if not isinstance(values, dict):
            raise UserError(f"{path}: {section} should be a table of settings.")
        values = {name.replace("-", "_"): value for name, value in values.items()}
        if strange := sorted(set(values) - known):
            raise UserError(f"{path}: {section} has no setting named {strange[0]}.")
        found.append(values)
    return content.get("preset"), *found


def write_config(path, model, training):
    text = json.dumps({"model": model.to_dict(), "training": training.to_dict()}, indent=2)
    write_whole(path, f"{text}\n".encode())
