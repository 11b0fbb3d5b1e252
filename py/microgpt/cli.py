"""The terminal program: which commands and flags there are. What they do is in `terminal/`."""

import argparse
import os
import signal
import sys

from . import __version__
from .errors import UsageError, UserError
from .gpt.config import GPTConfig
from .inference.sampling import Sampling
from .presets import MOST_DEPTH, PRESETS
from .terminal.flags import MODEL, TRAINING, Formatter, add_number, add_settings, add_word
from .terminal.parser import Parser
from .terminal.streams import forget_output, mend_streams
from .terminal.tokenize_arguments import add_tokenize, add_tokenizer_choice
from .training.config import TrainConfig

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

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

TRAIN = """\
Train a model and print samples of it. A preset gives all settings, a file of settings changes
some, and flags change single ones. In parentheses is what the preset microgpt has; `info NAME`
shows another preset."""


def build_parser():
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
    for add in (
        _add_train,
        _add_sample,
        _add_info,
        _add_attention,
        _add_embeddings,
        _add_trace,
    ):
        add(commands)
    add_tokenize(commands, _command, _add_data)
    _add_bench(commands)
    return parser


def _command(commands, name, help, run, usage="[options]"):
    parser = commands.add_parser(
        name,
        help=help.partition(".")[0] + ".",
        description=help,
        usage=f"%(prog)s {usage}",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


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
    add_word(
        group,
        "--split",
        ("line", "blank", "none"),
        "what a document is: a line, a paragraph between blank lines, the whole text (line)",
    )
    group.add_argument(
        "--offline", action="store_true", help="do not download the names; use what is here"
    )


def _add_train(commands):
    def run(args):
        from .terminal.commands.train import train_command

        return train_command(args)

    parser = _command(commands, "train", TRAIN, run)
    start = parser.add_argument_group("where to start")
    add_word(start, "--preset", list(PRESETS), "a named model and its training (microgpt)")
    help = "nanochat's one dial: layers, each making it 64 wider (2)"
    add_number(start, "--depth", None, help, low=1, high=MOST_DEPTH)
    start.add_argument("--config", metavar="FILE", help="settings from a .json or .toml file")
    start.add_argument(
        "--write-config", metavar="FILE", help="write this run's settings, as .json or .toml"
    )
    start.add_argument(
        "--resume",
        metavar="FILE",
        help="go on with a saved run, exactly, with its own settings; --steps can make it longer,"
        " and without --out it is saved in the same file",
    )
    _add_data(parser)
    add_tokenizer_choice(parser)
    keep = parser.add_argument_group("keeping")
    keep.add_argument("--out", metavar="FILE", help="save the trained model here")
    add_number(keep, "--save-every", 0, "also save after every N steps; 0: at the end (0)")
    show = parser.add_argument_group("showing")
    add_number(show, "--samples", 20, "how many samples at the end (20)")
    add_number(show, "--sample-every", 0, "a few samples every N steps; 0: none (0)")
    show.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    show.add_argument("--quiet", action="store_true", help="no progress, only the result")
    show.add_argument("--report", metavar="FILE.html", help="write a page about the run")
    show.add_argument(
        "--record", metavar="FILE.json", help="write the run as the web page shows it"
    )
    show.add_argument("--profile", metavar="FILE", help="say where the time went, and save it")
    show.add_argument("--profile-memory", action="store_true", help="say where the memory went")
    add_settings(parser, TrainConfig, TRAINING)
    add_settings(parser, GPTConfig, MODEL, skip=("vocab_size",))
    add_settings(parser, Sampling, {"temperature": "samples: how tokens are chosen"})


def _add_sample(commands):
    def run(args):
        from .terminal.commands.sample import sample_command

        return sample_command(args)

    parser = _command(commands, "sample", "Write with a trained model.", run, "FILE [options]")
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="how the text begins")
    add_number(parser, "-n", 10, "how many (10)", low=1)
    add_number(parser, "--max-tokens", None, "the most to write (as the block has room)", low=1)
    add_number(parser, "--seed", None, "the same seed writes the same (by chance)")
    add_settings(parser, Sampling, {"temperature": "how tokens are chosen"})
    parser.add_argument("--stream", action="store_true", help="print each token as it is chosen")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_info(commands):
    def run(args):
        from .terminal.commands.info import info_command

        return info_command(args)

    words = "Show what a saved model is and how it was trained, or what a preset is."
    parser = _command(commands, "info", words, run, "FILE [options]")
    parser.add_argument(
        "checkpoint", metavar="FILE", help=f"a model saved by train --out, or {_either(PRESETS)}"
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_attention(commands):
    def run(args):
        from .terminal.commands.attention import attention_command

        return attention_command(args)

    text = "Show where a model looks while it reads, by layer and head."
    parser = _command(commands, "attention", text, run, "FILE --prompt TEXT [options]")
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out")
    parser.add_argument("--prompt", required=True, metavar="TEXT", help="what it reads")
    parser.add_argument("--html", metavar="FILE.html", help="write a page instead")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_embeddings(commands):
    def run(args):
        from .terminal.commands.embeddings import embeddings_command

        return embeddings_command(args)

    text = "Show which tokens a model treats alike, as points in a plane."
    parser = _command(commands, "embeddings", text, run, "FILE [options]")
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out")
    add_word(parser, "--method", ("pca", "tsne"), "how they are laid out (pca)", "pca")
    add_number(
        parser, "--perplexity", None, "tsne: how many neighbours count (30)", low=1, kind=float
    )
    add_number(parser, "--seed", 0, "tsne: the same seed lays out the same (0)")
    parser.add_argument("--html", metavar="FILE.html", help="write a page instead")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_trace(commands):
    def run(args):
        from .terminal.commands.trace import trace_command

        return trace_command(args)

    text = "Show a training step as the numpy calls that are replayed."
    parser = _command(commands, "trace", text, run)
    parser.add_argument("--show", action="store_true", help="print every call")
    add_word(parser, "--preset", list(PRESETS), "which model (microgpt)", "microgpt")
    add_number(parser, "--batch-size", 1, "rows (1)", low=1)
    add_number(parser, "--length", 8, "tokens a row (8)", low=1)
    parser.add_argument("--decode", action="store_true", help="reading one token, not training")


def _either(words):
    *most, last = words
    return f"{', '.join(most)} or {last}"


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
        help="of what: model or tokenizer (model)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def main(argv=None):
    """Run a command; returns the exit code."""
    argv = sys.argv[1:] if argv is None else list(argv)
    first = argv[0] if argv else ""
    if not argv or (first.startswith("-") and first not in ("-h", "--help", "--version")):
        argv = ["train", *argv]  # the reference run needs no word
    mend_streams()
    try:
        args = build_parser().parse_args(argv)
        code = args.run(args) or OK
        sys.stdout.flush()  # here, where a failure can still be told
        return code
    except UsageError as error:
        return _fail(error, USAGE)
    except UserError as error:
        return _fail(error)
    except MemoryError:
        return _fail("This needs more memory than there is; try a smaller model, block or batch.")
    except KeyboardInterrupt:
        return _fail("Interrupted.", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        forget_output()
        return 128 + getattr(signal, "SIGPIPE", 13)
    except OSError as error:
        forget_output()
        place = f" {error.filename}" if error.filename else " the output"
        return _fail(f"Could not write or read{place} ({error.strerror or error}).")


def _fail(message, code=FAILED):
    print(f"microgpt: {message}", file=sys.stderr)
    return code
