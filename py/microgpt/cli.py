"""The terminal program: which commands and flags there are. What they do is in `terminal/`."""

import argparse
import contextlib
import difflib
import os
import signal
import sys
from dataclasses import fields

from . import __version__
from .errors import UserError
from .gpt.config import PRESETS, GPTConfig
from .inference.sampling import Sampling
from .terminal.tokenize_arguments import add_tokenize, add_tokenizer_choice
from .training.config import TrainConfig

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

DESCRIPTION = """\
A GPT you can read, train and open up. Without a command it does the reference run: it trains
4,192 numbers on a thousand names and writes twenty of its own."""


class Parser(argparse.ArgumentParser):
    """An argument parser that guesses what a wrong word was meant to be."""

    def error(self, message):
        self.exit(USAGE, f"{self.prog}: {message}\n{self._hint(message)}")

    def _hint(self, message):
        known = [o for action in self._actions for o in action.option_strings]
        for action in self._actions:
            known += [str(c) for c in action.choices or ()]
        for word in message.replace("'", " ").replace(",", " ").replace("=", " ").split():
            close = difflib.get_close_matches(word, known, 1, 0.6)
            if close and word not in known:
                return f"Did you mean {close[0]}?\n"
        return f"See {self.prog} --help.\n"

    def parse_args(self, args=None, namespace=None):
        # Sub-parsers hand unknown flags up; the one that knows the right flags should answer.
        parsed, extra = self.parse_known_args(args, namespace)
        if extra:
            getattr(parsed, "parser", self).error(f"unknown argument {extra[0]}")
        return parsed


def build_parser():
    prog = os.path.basename(sys.argv[0])
    prog = "python -m py.microgpt" if prog in ("__main__.py", "-m", "-c") else "microgpt"
    parser = Parser(prog=prog, description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"microgpt {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for add in (_add_train, _add_sample, _add_info, _add_tokenize, _add_bench):
        add(commands)
    return parser


def _command(commands, name, help, run, **defaults):
    parser = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
    parser.set_defaults(run=run, parser=parser, **defaults)
    return parser


def add_settings(parser, title, cls, skip=()):
    """A flag for every setting of a dataclass. Unset stays None, so that presets can fill it."""
    group = parser.add_argument_group(title)
    for f in fields(cls):
        if f.name in skip:
            continue
        flag, rule = "--" + f.name.replace("_", "-"), f.metadata
        if f.type is bool:
            group.add_argument(flag, action="store_true", default=None, help=rule["help"])
            continue
        group.add_argument(
            flag,
            type=f.type,
            default=None,
            choices=rule["choices"],
            metavar=None if rule["choices"] else {int: "N", float: "X"}.get(f.type, "WORD"),
            help=f"{rule['help']} ({f.default})",
        )


def _add_data(parser):
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        metavar="FILE",
        help="a UTF-8 text file, a folder of them, a token file, or one of: names, stories (names)",
    )
    group.add_argument(
        "--include",
        metavar="PATTERN",
        action="append",
        help="of a folder, only files like this: '*.py'; can be repeated (all)",
    )
    group.add_argument(
        "--split",
        choices=("line", "blank", "none"),
        help="what a document is: a line, a paragraph between blank lines, the whole text (line)",
    )
    group.add_argument(
        "--offline", action="store_true", help="do not download the names; use what is here"
    )


def _add_train(commands):
    def run(args):
        from .terminal.train_command import train_command

        return train_command(args)

    parser = _command(commands, "train", "Train a model and print samples of it.", run)
    _add_data(parser)
    add_tokenizer_choice(parser)
    add_settings(parser, "training", TrainConfig)
    add_settings(parser, "model", GPTConfig, skip=("vocab_size",))
    parser.add_argument("--preset", choices=sorted(PRESETS), help="start from a named model")
    keep = parser.add_argument_group("keeping")
    keep.add_argument("--out", metavar="FILE", help="save the trained model here")
    keep.add_argument(
        "--save-every", type=int, default=0, metavar="N", help="also save after every N steps"
    )
    keep.add_argument("--resume", metavar="FILE", help="go on with a saved run, exactly")
    add_settings(parser, "samples", Sampling)
    show = parser.add_argument_group("showing")
    show.add_argument(
        "--samples", type=int, default=20, metavar="N", help="how many at the end (20)"
    )
    show.add_argument(
        "--sample-every", type=int, default=0, metavar="N", help="a few samples every N steps"
    )
    show.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    show.add_argument("--quiet", action="store_true", help="no progress, only the result")
    show.add_argument("--report", metavar="FILE.html", help="write a page about the run")
    show.add_argument(
        "--record", metavar="FILE.json", help="write the run as the web page shows it"
    )
    show.add_argument("--profile", metavar="FILE", help="say where the time went, and save it")
    show.add_argument("--profile-memory", action="store_true", help="say where the memory went")


def _add_sample(commands):
    def run(args):
        from .terminal.sample_command import sample_command

        return sample_command(args)

    parser = _command(commands, "sample", "Write with a trained model.", run)
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="how the text begins")
    parser.add_argument("-n", type=int, default=10, metavar="N", help="how many (10)")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="longest (the model's block)")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="the same seed writes the same (random)"
    )
    add_settings(parser, "choosing tokens", Sampling)
    parser.add_argument("--stream", action="store_true", help="print each token as it is chosen")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_info(commands):
    def run(args):
        from .terminal.info_command import info_command

        return info_command(args)

    parser = _command(commands, "info", "Show what a saved model is and how it was trained.", run)
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_tokenize(commands):
    add_tokenize(commands, _command, _add_data)


def _add_bench(commands):
    def run(args):
        from .bench import bench_command

        return bench_command(args)

    parser = _command(commands, "bench", "Measure the speed here, as ratios in one run.", run)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("model", "tokenizer"),
        default="model",
        help="of what: the model, or the tokenizer (model)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def main(argv=None):
    argv = sys.argv[1:] if argv is None else list(argv)
    first = argv[0] if argv else ""
    if not argv or (first.startswith("-") and first not in ("-h", "--help", "--version")):
        argv = ["train", *argv]  # the reference run needs no word
    try:
        args = build_parser().parse_args(argv)
        return args.run(args) or OK
    except UserError as error:
        print(f"microgpt: {error}", file=sys.stderr)
        return FAILED
    except MemoryError:
        print("microgpt: out of memory; try a smaller model, block or batch", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("microgpt: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + getattr(signal, "SIGPIPE", 13)


def entry():
    """The console script `microgpt`."""
    sys.exit(main())
