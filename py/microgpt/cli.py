"""The terminal program: its commands by name, and its exit codes.

Each command is a file in `terminal/commands/`: its flags and its work.
"""

import argparse
import os
import signal
import sys
from importlib import import_module

from . import __version__
from .errors import UsageError, UserError
from .terminal.announce import announce_checkpoints
from .terminal.args import Parser, add_command
from .terminal.machines import is_launched
from .terminal.signals import forget_output, forget_signals, hear_signals, mend_streams

__all__ = ["build_parser", "forget_signals", "hear_signals", "main"]

OK, FAILED, USAGE = 0, 1, 2  # and 128 + its number where a signal ends the program

COMMANDS = {
    "train": "Train a model and print samples of it.",
    "finetune": "Teach a trained model to answer, or to sort texts.",
    "sweep": "Try out settings of a training, side by side, and find the best.",
    "speedrun": "The whole path as one command: tokenizer, base, answers, a report card.",
    "chat": "Talk to a model that was taught to answer.",
    "classify": "Sort texts with a model that was taught to.",
    "sample": "Write with a trained model.",
    "evaluate": "Measure what saved models can do, one beside the other.",
    "export": "Write a model without its optimizer, in fewer bits, and say what that costs.",
    "info": "Show what a saved model is and how it was trained, or what a preset is.",
    "attention": "Show where a model looks while it reads, by layer and head.",
    "inside": "Switch parts of a model off, and see what it would say after each layer.",
    "gradient": "Follow one weight through a step of training: parts, slope, memory, move.",
    "embeddings": "Show which tokens a model treats alike, as points in a plane.",
    "trace": "Show a training step as the numpy calls that are replayed.",
    "convert": "Make another program's model one of ours, or ours one of theirs.",
    "data": "Look at data before a run: how much there is, what to change.",
    "tokenize": "Learn a tokenizer, or look at what one does.",
    "serve": "Answer programs in OpenAI's wire format.",
    "bench": "Measure the speed here, as ratios in one run.",
}

DESCRIPTION = """\
A GPT you can read, train and open up. Without a command it does the reference run: it trains
4,192 numbers on a thousand names and writes twenty of its own."""

EPILOG = """\
examples:
  {prog}                                     the reference run
  {prog} --steps 5000 --out names.safetensors
  {prog} sample names.safetensors --prompt ma -n 5
  {prog} train --data my.txt --split none --block-size 32

The flags of train can be given without the word. `COMMAND --help` lists them."""


def build_parser(wanted=None):
    """The parser of all commands; only the one that is wanted is loaded, for its flags."""
    prog = os.path.basename(sys.argv[0])
    prog = "python -m py.microgpt" if prog in ("__main__.py", "-m", "-c") else "microgpt"
    parser = Parser(
        prog=prog,
        usage="%(prog)s [COMMAND] [options]",
        description=DESCRIPTION,
        epilog=EPILOG.format(prog=prog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    version = f"microgpt {__version__}"
    parser.add_argument(
        "--version", action="version", version=version, help="show the version and exit"
    )
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", prog=prog, parser_class=Parser
    )
    for name, help in COMMANDS.items():
        module = f".terminal.commands.{name}"
        command = import_module(module, __package__) if name == wanted else None
        add_command(commands, name, help, command)
    return parser


def main(argv=None, when_loaded=None):
    """Run a command; returns the exit code. `when_loaded` is called just before its work begins."""
    argv = sys.argv[1:] if argv is None else list(argv)
    first = argv[0] if argv else ""
    if not argv or (first.startswith("-") and first not in ("-h", "--help", "--version")):
        argv = ["train", *argv]  # the reference run needs no word
    mend_streams()
    worker = None
    try:
        if is_launched():
            from .terminal.machines.worker import Worker  # a start does without

            worker = Worker.join()
        announce_checkpoints(argv)
        if worker:
            worker.check(argv[0])
        args = build_parser(argv[0]).parse_args(argv)
        args.ranks = worker and worker.ranks
        if when_loaded:
            when_loaded()
        code = args.run(args) or OK
        sys.stdout.flush()  # here, where a failure can still be told
        if worker:
            worker.end()
        return code
    except UsageError as error:
        return _fail(error, USAGE, worker)
    except UserError as error:
        return _fail(error, FAILED, worker)
    except MemoryError:
        text = "This needs more memory than there is; try a smaller model, block or batch."
        return _fail(text, FAILED, worker)
    except KeyboardInterrupt as stop:
        code = 128 + getattr(stop, "number", signal.SIGINT)
        if worker:
            worker.quit(code)
        return _fail("Interrupted.", code)
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        forget_output()
        code = 128 + getattr(signal, "SIGPIPE", 13)
        if worker:
            worker.quit(code)
        return code
    except OSError as error:
        forget_output()
        place = f" {error.filename}" if error.filename else " the output"
        text = f"Could not write or read{place} ({error.strerror or error})."
        return _fail(text, FAILED, worker)
    except Exception as error:
        if worker:
            return worker.crash(error)
        raise


def _fail(message, code=FAILED, worker=None):
    if worker:
        return worker.fail(message, code)
    print(f"microgpt: {message}", file=sys.stderr)
    return code
