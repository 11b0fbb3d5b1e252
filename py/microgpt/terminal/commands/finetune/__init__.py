"""`finetune`: a trained model learns something new. One file for each of its actions."""

from types import SimpleNamespace

from ...args import add_command
from . import chat, classify, merge

ACTIONS = {
    "chat": (chat, "Teach a trained model to answer, from conversations."),
    "classify": (classify, "Teach a trained model to sort texts, from texts with labels."),
    "merge": (merge, "Write LoRA adapters and their base as one whole model."),
}


def add(parser):
    actions = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True, parser_class=type(parser)
    )
    for name, (module, help) in ACTIONS.items():
        add_command(actions, name, help, SimpleNamespace(add=module.add, run=module.run))
