"""Reading the command line: argparse, with answers in sentences."""

import argparse
import difflib

from ..errors import UsageError


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


def guess(word, known):
    """The end of a sentence about a wrong word: the known one that it may have been meant as."""
    close = difflib.get_close_matches(word, known, 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""


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
