"""`data`: look at data before a run, or have some made for one."""

from ...args import add_command
from . import check, tasks

ACTIONS = {
    "check": (
        check,
        "Look at data before a run: how much there is, what stands twice, what to change.",
    ),
    "tasks": (tasks, "List the tasks with right answers, and how well each is learned."),
}


def add(parser):
    actions = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True, parser_class=type(parser)
    )
    for name, (action, help) in ACTIONS.items():
        add_command(actions, name, help, action)
