"""The words and flags of `tokenize`, and those of `train` that choose a tokenizer."""

from ..errors import UsageError
from ..tokenizer.patterns import PATTERNS
from .flags import add_word

FORMATS = ("microgpt", "tiktoken", "gpt2", "gonanochat", "huggingface")
TOKENIZER = "a file of any known format, a folder with one, or a model saved by train --out"


def whole_number(text):
    """A number of things, as it is typed."""
    try:
        number = int(text.replace("_", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise UsageError(f"{text!r} is not a whole number of at least 1.")
    return number


def add_tokenizer_choice(parser):
    """The flags of `train`: which tokenizer."""
    group = parser.add_argument_group("tokenizer")
    group.add_argument(
        "--tokenizer",
        metavar="chars|bpe|FILE",
        help="every character a token, byte pairs learned now, or a tokenizer's file (chars)",
    )
    group.add_argument(
        "--vocab", type=whole_number, metavar="N", help="bpe: how many tokens to learn (512)"
    )
    _add_pattern(group)


def add_tokenize(commands, command, add_data):
    """`command(commands, name, help, run)` makes a parser, `add_data` gives it the data's flags."""

    def run(args):
        from .commands.tokenize import tokenize_command

        return tokenize_command(args)

    words = "Learn a tokenizer, or look at what one does."
    parser = command(commands, "tokenize", words, run)
    actions = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True, parser_class=type(parser)
    )
    _add_train(actions, command, run, add_data)
    _add_encode(actions, command, run, add_data)
    _add_decode(actions, command, run)
    _add_inspect(actions, command, run)


def _add_train(actions, command, run, add_data):
    words = "Learn byte pairs from text, by default the stories. Ctrl-C keeps what is learned."
    parser = command(actions, "train", words, run)
    add_data(parser)
    parser.add_argument(
        "--vocab", type=whole_number, default=1024, metavar="N", help="how many tokens (1024)"
    )
    _add_pattern(parser)
    parser.add_argument("--chat", action="store_true", help="add nanochat's nine special tokens")
    parser.add_argument(
        "--sample",
        type=whole_number,
        metavar="MB",
        help="learn from about so much of a larger text, picked at random (all)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of --sample (0)")
    parser.add_argument("--out", metavar="FILE", default="tokenizer.json", help="(tokenizer.json)")
    add_word(parser, "--format", FORMATS, "how it is written (microgpt; *.tiktoken: tiktoken)")
    parser.add_argument("--json", action="store_true", help="each merge as a line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_encode(actions, command, run, add_data):
    parser = command(actions, "encode", "Turn text into token ids.", run)
    parser.add_argument("text", metavar="TEXT", nargs="?", help="(what comes on stdin)")
    _add_tokenizer(parser)
    add_data(parser)
    parser.add_argument("--out", metavar="FILE", help="write a token file, of any size")
    parser.add_argument("--raw", action="store_true", help="without a header, as nanoGPT's .bin")
    parser.add_argument(
        "--specials", action="store_true", help="special tokens in TEXT are meant as such"
    )
    parser.add_argument("--json", action="store_true", help="the ids as a line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_decode(actions, command, run):
    parser = command(actions, "decode", "Turn token ids into text.", run)
    parser.add_argument("ids", metavar="ID", nargs="*", help="(what comes on stdin)")
    _add_tokenizer(parser)
    parser.add_argument("--data", metavar="FILE", help="a token file, a document a line")
    parser.add_argument("--specials", action="store_true", help="print special tokens by name")


def _add_inspect(actions, command, run):
    parser = command(actions, "inspect", "Show a tokenizer, or what it makes of a text.", run)
    parser.add_argument("text", metavar="TEXT", nargs="?", help="show each of its tokens")
    _add_tokenizer(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_tokenizer(parser):
    parser.add_argument("--tokenizer", metavar="FILE", required=True, help=TOKENIZER)
    _add_pattern(parser)


def _add_pattern(parser):
    words = "where words are cut, if the tokenizer's file does not say (gpt2)"
    add_word(parser, "--pattern", sorted(PATTERNS), words)
