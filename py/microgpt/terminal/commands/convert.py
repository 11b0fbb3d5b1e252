"""`convert`: another program's model as one of ours, ours as one of theirs."""

import os
import sys
from pathlib import Path

from ... import convert
from ...convert.check import compare
from ...errors import UsageError, UserError
from ...gpt.parameters import count_parameters
from ..announce import amount
from ..args import FORCE, add_force
from ..outputs import check_outputs, same_file

DESCRIPTION = """\
Write a model in another format. IN is a file of ours, or a file or folder of another program, which
is recognised. OUT is a .safetensors file of ours, or what --to says. Only the model goes over: its
weights, settings and tokenizer. What a format has no place for is refused and named."""


def add(parser):
    parser.usage = "%(prog)s IN OUT [options]"
    parser.description = DESCRIPTION
    parser.add_argument("source", metavar="IN", help="a model, in any of the formats below")
    parser.add_argument("out", metavar="OUT", help="the file or the folder to write")
    formats = ", ".join(f"{name} ({what})" for name, what in convert.FORMATS.items())
    what = (
        "one of microgpt (a file of ours; what OUT says if it ends with .safetensors), " + formats
    )
    parser.add_argument("--to", metavar="FORMAT", help=what)
    parser.add_argument(
        "--check",
        action="store_true",
        help="compare the scores of both with those of PyTorch's transformers, if it is installed",
    )
    parser.add_argument(
        "--without-chat-template",
        action="store_true",
        help="leave out a way to write conversations down that we do not have",
    )
    add_force(parser)


def run(args):
    name = args.to or _format_of(args.out)
    _check_out(args, name)
    checkpoint = convert.open_checkpoint(args.source)
    template = checkpoint.meta.get("chat_template")
    if template and not args.without_chat_template:
        raise UserError(
            f"{args.source}: {template}, so the model could not be talked to any more;"
            " --without-chat-template converts it all the same."
        )
    convert.save(checkpoint, args.out, name)
    count = count_parameters(checkpoint.model_config())
    print(
        f"{args.out}: {count:,} parameters as {name}, {amount(_size(args.out))}.", file=sys.stderr
    )
    if (
        name != convert.OWN
        and (dtype := convert.open_checkpoint(args.out).dtype) != checkpoint.dtype
    ):
        print(f"Rounded to {dtype}: this format has no {checkpoint.dtype}.", file=sys.stderr)
    if left_out := checkpoint.meta.get("left_out"):
        print(f"Left out: {left_out}.", file=sys.stderr)
    if args.check:
        _check(args)


def _check(args):
    """Say how far the scores of both are from those of transformers."""
    paths = [args.source, args.out]
    folder = next((path for path in paths if convert.recognise(path) == "huggingface"), None)
    if folder is None:
        raise UserError("--check needs a Hugging Face folder, and neither IN nor OUT is one.")
    for path in paths:
        tokens, difference, largest = compare(convert.load(path), folder)
        print(
            f"{path}: the scores of {tokens} tokens differ from those of transformers by at most"
            f" {difference:.2g}; they reach {largest:.3g}.",
            file=sys.stderr,
        )


def _format_of(out):
    """What a name asks for."""
    if Path(out).suffix == ".safetensors":
        return convert.OWN
    if Path(out).suffix == ".gguf" and "gguf" in convert.FORMATS:
        return "gguf"
    raise UsageError(
        f"In which format shall {out} be? Name one with --to: {', '.join(convert.FORMATS)}; a file"
        f" of ours ends with .safetensors."
    )


def _check_out(args, name):
    """Nothing is written over that is not the same kind of thing."""
    if same_file(args.source, args.out):
        raise UsageError("IN and OUT are the same; choose another name for OUT.")
    if name == convert.OWN:
        return check_outputs({"OUT": (args.out, "a model")}, {"IN": args.source}, args.force)
    if os.path.exists(args.out) and not args.force:
        empty = os.path.isdir(args.out) and not os.listdir(args.out)
        if not empty and convert.recognise(args.out) != name:
            raise UserError(
                f"OUT {args.out} is there already and is no model in this format; choose another"
                f" name, or write it all the same with {FORCE}."
            )


def _size(path):
    path = Path(path)
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    return sum(file.stat().st_size for file in files)
