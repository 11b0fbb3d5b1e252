"""`bench`: how fast this is here. The work is in the room `bench`."""

from ...errors import UsageError
from ..args import add_force
from ..html import write_page


def add(parser):
    parser.add_argument(
        "what",
        nargs="?",
        choices=("model", "tokenizer", "serve", "scale"),
        default="model",
        help="of what: model, tokenizer, serve, or scale: what more machines would bring (model)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    scale = parser.add_argument_group("bench scale")
    scale.add_argument("--report", metavar="FILE.html", help="write a page with pictures")
    scale.add_argument(
        "--check", action="store_true", help="compare what is predicted with ranks on this machine"
    )
    scale.add_argument(
        "--losses",
        action="store_true",
        help="train the models anew whose losses are shown, which agree every 1 to 200 steps: some"
        " ten minutes",
    )
    add_force(scale)


def run(args):
    from ...bench import bench_command
    from ..outputs import check_outputs  # loads numpy

    if args.what != "scale" and (args.report or args.check or args.losses):
        raise UsageError("--report, --check and --losses are for `bench scale`.")
    check_outputs({"--report": (args.report, "a page")}, force=args.force)
    return bench_command(args, write_page)
