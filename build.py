#!/usr/bin/env python3
"""Run, test, build and serve microgpt with nothing but Python: `python3 build.py run`, and so on.

This file reads the command line; the work is in web/build. Standard library only, and the package
is never imported. The file parses on any Python 3, so that an old one gets a sentence and not a
syntax error.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)


def parse(argv):
    """The command line as (options, the arguments of the program that is run)."""
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("run", help="run microgpt; everything after `run` is its own")
    tests = commands.add_parser(
        "test", help="style and tests; further arguments go to pytest", allow_abbrev=False
    )
    tests.add_argument("--fast", action="store_true", help="no PyTorch, no browser, nothing slow")
    build = commands.add_parser("build", help="make the page: a folder for any static server")
    serve = commands.add_parser("serve", help="make the page if needed, and serve it here")
    for command in (build, serve):
        command.add_argument("--out", default=str(ROOT / "dist"), help="the folder (default: dist)")
        command.add_argument("--runtime", metavar="DIR", help="take Pyodide's files from here")
        command.add_argument(
            "--cdn", action="store_true", help="the page gets Pyodide from its CDN"
        )
        command.add_argument("--no-compile", action="store_true", help="leave Python as source")
        command.add_argument(
            "--repository", metavar="URL", default="", help="where the page says its code is"
        )
    serve.add_argument("--port", type=int, default=8000, help="default: 8000, or a free one")
    serve.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    serve.add_argument("--no-build", action="store_true", help="serve what is there")
    serve.add_argument("--open", action="store_true", help="open it in the browser")
    # What follows `run`, its --help included, is for the program: argparse must not see it.
    if argv[:1] == ["run"]:
        return parser.parse_args(argv[:1]), argv[1:]
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "test":
        parser.error("unrecognized arguments: " + " ".join(rest))
    return options, rest


def main(argv):
    if sys.version_info[:2] < OLDEST_PYTHON:
        needed, found = (".".join(map(str, v[:2])) for v in (OLDEST_PYTHON, sys.version_info))
        message = "build.py: microgpt needs Python {} or newer; this is Python {}."
        print(message.format(needed, found), file=sys.stderr)
        return 1
    sys.path.insert(0, str(ROOT))  # also where Python was told to leave the script's folder out
    from web.build import commands

    return commands.main(*parse(argv))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
