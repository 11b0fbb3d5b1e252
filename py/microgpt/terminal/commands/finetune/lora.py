"""The flags of LoRA, which both fine-tunings have."""

from ....errors import UsageError
from ....gpt.lora import Tuning
from ...args import add_number


def add_lora(parser):
    group = parser.add_argument_group("LoRA: small adapters in a file of their own")
    usual = Tuning.defaults()
    help = "train adapters of this rank, not the weights; the file needs its base beside it"
    add_number(group, "--lora-rank", None, help, low=1, high=1024)
    help = f"they count alpha / rank ({usual['alpha']:g})"
    add_number(group, "--lora-alpha", None, help, low=1e-6, high=1e6, kind=float)
    group.add_argument(
        "--merge", action="store_true", help="at the end add them to the base: a whole model"
    )


def check_lora(args):
    """Raise if flags of LoRA stand there that say nothing without it, or nowhere to merge to."""
    if args.lora_alpha is not None and not args.lora_rank:
        raise UsageError("--lora-alpha is for adapters; add --lora-rank N.")
    if args.merge and not (args.lora_rank or args.resume):
        raise UsageError("--merge is for adapters; add --lora-rank N.")
    if args.merge and not args.out:
        raise UsageError("--merge needs --out FILE, to know where.")
    if args.resume and (args.lora_rank or args.lora_alpha):
        raise UsageError(
            "A resumed run keeps its adapters; leave out --lora-rank and --lora-alpha."
        )


def lora_of(args):
    """The Tuning that the flags ask for, or None."""
    if not args.lora_rank:
        return None
    alpha = {} if args.lora_alpha is None else {"alpha": args.lora_alpha}
    return Tuning(rank=args.lora_rank, **alpha)
