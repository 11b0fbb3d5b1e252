"""`tokenize`: learn a tokenizer, encode, decode, and look at tokens."""

from ...args import add_command
from . import decode, encode, inspect, train

ACTIONS = {
    "train": (train, "Learn byte pairs from text, by default the stories. Ctrl-C keeps them."),
    "encode": (encode, "Turn text into token ids."),
    "decode": (decode, "Turn token ids into text."),
    "inspect": (inspect, "Show a tokenizer, or what it makes of a text."),
}


def add(parser):
    actions = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True, parser_class=type(parser)
    )
    for name, (action, help) in ACTIONS.items():
        add_command(actions, name, help, action)
