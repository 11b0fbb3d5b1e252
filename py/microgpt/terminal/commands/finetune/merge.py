"""`finetune merge`: LoRA adapters and their base as one whole model."""

import sys

from .... import checkpoint as checkpoints
from ....adapters import whole
from ....errors import UsageError
from ...args import add_force
from ...outputs import check_outputs

DESCRIPTION = """\
Write a whole model: the base with what its adapters learned added to its weights. The adapters are
looked for with their base beside them; BASE+FILE names both."""


def add(parser):
    parser.usage = "%(prog)s FILE --out FILE [options]"
    parser.description = DESCRIPTION
    parser.add_argument("adapters", metavar="FILE", help="saved by finetune with --lora-rank")
    parser.add_argument("--out", metavar="FILE", required=True, help="the whole model")
    add_force(parser)


def run(args):
    inputs = {
        "the file": args.adapters.rpartition("+")[2],
        "its base": args.adapters.partition("+")[0],
    }
    check_outputs({"--out": (args.out, "a model")}, inputs, args.force)
    checkpoint = checkpoints.load(args.adapters)
    if not checkpoint.base:
        raise UsageError(f"{args.adapters} is a whole model; only adapters can be merged.")
    checkpoints.save(whole(checkpoint), args.out)
    print(f"The whole model is in {args.out}.", file=sys.stderr)
