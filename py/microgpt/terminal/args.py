"""The command line: argparse with answers in sentences, and a flag for each field of settings."""

import argparse
import contextlib
from dataclasses import fields

from ..errors import UsageError, guess
from ..settings import problem, setting

MOST_THREADS = 64
FORCE = "--force"


def add_force(parser):
    parser.add_argument(
        FORCE, action="store_true", help="replace a file even if it is of another kind"
    )


class Parser(argparse.ArgumentParser):
    """An argument parser that answers in sentences, and guesses what a wrong word meant."""

    def error(self, message):
        raise UsageError(f"{_sentence(message)} See `{self.prog} --help`.")

    def parse_args(self, args=None, namespace=None):
        # Sub-parsers hand unknown flags up; the one that knows the right flags should answer.
        parsed, extra = self.parse_known_args(args, namespace)
        if extra:
            parser = getattr(parsed, "parser", self)
            known = [o for action in parser._actions for o in action.option_strings]
            flag = extra[0].partition("=")[0]
            what = (
                f"There is no flag {flag}" if flag[0:1] == "-" else f"{flag!r} is a word too many"
            )
            parser.error(what + (guess(flag, known) or "."))
        return parsed

    def _check_value(self, action, value):
        if action.choices is not None and value not in action.choices:
            known = ", ".join(action.choices)
            # Only the word for the command has choices here; settings check their own.
            self.error(
                f"There is no command {value!r}"
                + (guess(value, action.choices) or f"; the commands are {known}.")
            )


class Formatter(argparse.HelpFormatter):
    """Help in two columns; a switch that can be turned off as well is one word."""

    def __init__(self, prog):
        super().__init__(prog, max_help_position=34)

    def _format_action_invocation(self, action):
        if isinstance(action, argparse.BooleanOptionalAction):
            return action.option_strings[0].replace("--", "--[no-]", 1)
        return super()._format_action_invocation(action)


def add_command(commands, name, help, command=None):
    """The parser of a command; its module, if given, adds its flags and does its work."""
    parser = commands.add_parser(
        name,
        help=help,
        description=help,
        usage="%(prog)s [options]",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.set_defaults(parser=parser, run=getattr(command, "run", None), ranks=None)
    if command:
        command.add(parser)
    return parser


def _sentence(message):
    """What argparse says, in words for everyone."""
    name, _, rest = message.removeprefix("argument ").partition(": ")
    if rest == "expected one argument":
        return f"{name} needs a value; one that begins with - is written {name}=VALUE."
    if rest.startswith("ignored explicit argument"):
        return f"{name} takes no value."
    if name == "the following arguments are required":
        return f"The word {rest} is missing."
    return message[0].upper() + message[1:] + ("" if message[-1] in ".?" else ".")


# ---- flags for settings


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
        explained = f"{rule['help']} ({rule['unset'] or default})"
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


SHARED = (
    "how many share the shards of a batch; no number of the run depends on it. auto: as many as the"
    " first steps show to be fastest (auto)"
)


def add_threads(parser, help=SHARED):
    parser.add_argument(
        "--threads",
        type=_threads,
        default="auto",
        metavar="N|auto",
        help=help,
    )


def _threads(text):
    if text == "auto":
        return text
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= MOST_THREADS:
        raise UsageError(
            f"--threads must be auto or a whole number from 1 to {MOST_THREADS}, not {text[:60]!r}."
        )
    return count


def given(args, cls):
    """The settings of a dataclass that were typed on the command line."""
    values = {f.name: getattr(args, f.name, None) for f in fields(cls)}
    return {name: value for name, value in values.items() if value is not None}


def add_data(parser, with_file=True):
    """The flags that name a text, and say how it is read."""
    from ..data.encoding import ENCODINGS

    group = parser.add_argument_group("data")
    if with_file:
        group.add_argument(
            "--data",
            metavar="FILE",
            help="a text file, a folder of them, a token file, or: names, stories, chat, task:add,"
            " task:sort, task:reverse, task:count (names)",
        )
    group.add_argument(
        "--include",
        metavar="PATTERN",
        action="append",
        help="of a folder, only files like this: '*.py'; can be repeated (all)",
    )
    add_word(
        group,
        "--split",
        ("line", "blank", "none"),
        "what a document is: a line, a paragraph between blank lines, the whole text (line)",
    )
    add_word(group, "--encoding", tuple(ENCODINGS), "how the text is kept as bytes (utf-8)")
    group.add_argument(
        "--offline", action="store_true", help="do not download the names; use what is here"
    )


def add_pattern(parser):
    """The flag that names a split pattern."""
    from ..tokenizer.patterns import PATTERNS

    words = "where words are cut, if the tokenizer's file does not say (gpt2)"
    add_word(parser, "--pattern", sorted(PATTERNS), words)
