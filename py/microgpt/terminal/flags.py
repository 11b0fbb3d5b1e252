"""Flags for settings: each field of a dataclass of settings is a flag with its help and checks."""

import argparse
import contextlib
from dataclasses import fields

from ..errors import UsageError
from ..settings import problem, setting
from .parser import guess

# The many settings in groups with a title; a group begins at the field that is named.
TRAINING = {
    "steps": "training: how long, on how much",
    "optimizer": "training: how a gradient moves the weights",
    "schedule": "training: how the learning rate goes up and down",
    "clip": "training: clipping and memory",
    "val_fraction": "training: what is held out to judge by",
    "seed": "training: chance and precision",
}
MODEL = {
    "block_size": "model: sizes",
    "positions": "model: where a token stands",
    "norm": "model: norms",
    "bias": "model: layers",
    "window": "model: attention",
    "smear": "model: what only nanochat has",
    "init": "model: how it begins",
}


class Formatter(argparse.HelpFormatter):
    """Help in two columns; a switch that can be turned off as well is one word."""

    def __init__(self, prog):
        super().__init__(prog, max_help_position=34)

    def _format_action_invocation(self, action):
        if isinstance(action, argparse.BooleanOptionalAction):
            return action.option_strings[0].replace("--", "--[no-]", 1)
        return super()._format_action_invocation(action)


def add_settings(parser, cls, titles, skip=()):
    """A flag for every setting of a dataclass. Unset stays None, so that presets can fill it."""
    group = None
    for f in fields(cls):
        if f.name in skip:
            continue
        if f.name in titles:
            group = parser.add_argument_group(titles[f.name])
        flag, rule = "--" + f.name.replace("_", "-"), f.metadata
        if f.type is bool:  # both ways: a preset may have turned it on
            turn, shown = argparse.BooleanOptionalAction, "on" if f.default else "off"
            group.add_argument(flag, action=turn, help=f"{rule['help']} ({shown})")
            continue
        metavar = {int: "N", float: "X"}.get(f.type, "WORD")
        if rule["choices"]:
            metavar = "{" + ",".join(rule["choices"]) + "}"
        default = f"{f.default:g}" if isinstance(f.default, float) else f.default
        explained = f"{rule['help']} ({default})"
        group.add_argument(flag, type=reader(f, flag), metavar=metavar, help=explained)


def reader(f, flag):
    """Read and check a setting's value: what is wrong is known before anything is done."""

    def read(text):
        value = text
        if f.type in (int, float):
            with contextlib.suppress(ValueError):
                value = f.type(text)
        if wrong := problem(f, value, flag):
            known = f.metadata["choices"] or ()
            raise UsageError(wrong.removesuffix(".") + (guess(text, known) or "."))
        return value

    return read


def add_number(parser, flag, default, help, low=0, high=None, kind=int):
    f = setting(default, help, low=low, high=high)
    f.type = kind
    metavar = "N" if kind is int else "X"
    parser.add_argument(flag, type=reader(f, flag), default=default, metavar=metavar, help=help)


def add_word(parser, flag, choices, help, default=None):
    f = setting(default, help, choices=choices)
    f.type = str
    metavar = "{" + ",".join(choices) + "}"
    parser.add_argument(flag, type=reader(f, flag), default=default, metavar=metavar, help=help)
