"""What both fine-tunings begin with: BASE, or a run to resume."""

from .... import checkpoint as checkpoints
from .... import convert
from ....errors import UsageError
from ....training.config import TrainConfig
from ...args import given
from ...drive import add_resume, check_files, drive, restore
from ...progress import Progress
from .lora import check_lora


def add_base(parser):
    """BASE and --resume; the group of flags they stand in."""
    parser.add_argument(
        "base", metavar="BASE", nargs="?", help="the model to begin with, saved by train --out"
    )
    start = parser.add_argument_group("where to start")
    add_resume(start)
    return start


def changed(own):
    """The settings that differ from those of `train`, in words."""
    usual = TrainConfig.defaults()
    words = [f"{key} {value}" for key, value in own.to_dict().items() if value != usual[key]]
    return ", ".join(words).replace("_", "-")


def begin(args, start, split, otherwise):
    """Tune BASE as `start` does, or go on with a run on data of this kind; the exit code."""
    progress = Progress(quiet=args.quiet)
    if bool(args.base) == bool(args.resume):
        raise UsageError("Name the model to begin with, BASE, or a run to --resume: one of them.")
    check_lora(args)
    check_files(args, {"BASE": args.base, "--data": args.data})
    if args.base:
        return drive(start(args, progress), args, progress)
    checkpoint = checkpoints.load(args.resume)
    if checkpoint.meta["data"]["split"] != split:
        raise UsageError(f"{args.resume} {otherwise}")
    run = restore(checkpoint, args, progress, given(args, TrainConfig))
    return drive(run, args, progress)


def load_base(args):
    """The model to begin with. Adapters look for it again later, and know files of ours alone."""
    if args.lora_rank and convert.recognise(args.base):
        raise UsageError(
            f"Adapters need a base in a file of ours: `convert {args.base} BASE.safetensors` makes"
            " one."
        )
    return convert.load(args.base)
