"""`export`: a model without its optimizer, in fewer bits, and what that costs."""

import json

from ... import checkpoint as checkpoints
from ... import convert
from ...adapters import whole
from ...evaluation.card import Doing, surprise
from ...quantization import GROUP, KINDS, kinds_of, quantized
from ...recorder.record import Machine
from ..args import add_data, add_force, add_number
from ..outputs import check_outputs
from ..progress import Progress
from .evaluate import held_out_of, sorting

DESCRIPTION = """\
Write the weights of a model alone, in fewer bits, as a file that is used like any other; and
measure before and after how well the model reads text that was held out (or sorts texts)."""


def add(parser):
    parser.usage = "%(prog)s FILE (--int8 | --int4 | --float16) --out FILE [options]"
    parser.description = DESCRIPTION
    parser.add_argument("checkpoint", metavar="FILE", help="saved by train or finetune")
    kinds = parser.add_mutually_exclusive_group(required=True)
    for kind, words in zip(KINDS, HELP):
        kinds.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, help=words)
    add_number(
        parser, "--group", GROUP, f"int4: neighbours with one scale ({GROUP})", low=2, high=65_536
    )
    parser.add_argument("--out", metavar="FILE", required=True, help="the file to write")
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress, only the result")
    add_force(parser)


HELP = (
    "matrices in 8 bits, with a scale for each row",
    "matrices of the layers in 4 bits, with a scale for each group of neighbours; embeddings and"
    " head in 8",
    "all in 16 bits",
)


def run(args):
    inputs = {"the model": args.checkpoint, "--data": args.data}
    check_outputs({"--out": (args.out, "a model")}, inputs, args.force)
    progress = Progress(quiet=args.quiet)
    checkpoint = convert.load(args.checkpoint)
    if checkpoint.base:
        checkpoint = whole(checkpoint)  # adapters, and what they were trained on
    small = quantized(checkpoint, args.kind, args.group)
    checkpoints.save(small, args.out)
    progress.say(f"The model is in {args.out}.")
    data = held_out_of(checkpoint, args, progress)
    if data[0] is None:
        progress.say("So it is not known what this costs in quality; give text by --data.")
    found = {
        when: _measured(when, model, args.checkpoint, *data, progress)
        for when, model in (("before", checkpoint), ("after", small))
    }
    print(json.dumps(found) if args.json else _table(**found))


def _measured(when, checkpoint, path, corpus, training, progress):
    """{what: its value}; how the weights are kept, how large they are, how well they do."""
    kinds = kinds_of(checkpoint)
    found = {"kept as": ", ".join(kinds), "bytes": sum(kinds.values())}
    if corpus is None:
        return found
    if checkpoint.labels:
        events = sorting(path, checkpoint, checkpoint.tokenizer(), corpus, training)
    else:
        events = surprise(checkpoint.model(), checkpoint.tokenizer(), corpus, training, Machine())
    for event in events:
        if not isinstance(event, Doing):
            found[event.name] = event.value
        elif progress.due():
            progress.bar(event.done, f"{when}: {event.name}")
    progress.clear()
    return found


def _table(before, after):
    """A row for each value, with how much it has changed."""
    rows = [("", "before", "after", "change")]
    for name, value in before.items():
        change = ""
        if name != "kept as" and value:
            change = f"{after[name] / value - 1:+.2%}"
        rows.append((name, _text(value), _text(after[name]), change))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def _text(value):
    return value if isinstance(value, str) else f"{value:,}" if value > 99 else f"{value:.4f}"
