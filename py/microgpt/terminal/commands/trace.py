"""`trace`: a training step as straight-line numpy."""

import numpy as np

from ...errors import UserError
from ...gpt.model import GPT
from ...inference.decode import Decoder
from ...presets import PRESETS
from ...recorder.record import Unrecordable
from ...training.config import TrainConfig
from ...training.optim import Optimizer, adam_groups
from ...training.step import GradientStep
from ..args import add_number, add_word

BIGGEST = 10_000_000  # parameters; the model is made, though its weights stay zero


def add(parser):
    parser.add_argument("--show", action="store_true", help="print every call")
    add_word(parser, "--preset", list(PRESETS), "which model (microgpt)", "microgpt")
    add_number(parser, "--batch-size", 1, "rows (1)", low=1)
    add_number(parser, "--length", 8, "tokens a row (8)", low=1)
    parser.add_argument("--decode", action="store_true", help="reading one token, not training")


def run(args):
    config = PRESETS[args.preset].model
    if args.length > config.block_size:
        raise UserError(f"--length must be from 1 to {config.block_size}, the block of this model.")
    model = GPT(config, np.float32)
    if model.weights.count > BIGGEST:
        raise UserError(
            f"{args.preset} has {model.weights.count:,} parameters; show a smaller one."
        )
    for title, recorded, inputs in steps(model, args):
        try:
            plan = recorded.plan(*inputs)
        except Unrecordable as refusal:
            print(f"# ---- {title}: not recorded, it runs as it is and slower")
            print(f"# {refusal}")
            continue
        print(f"# ---- {title}: {len(plan.calls)} calls, {plan.size:,} bytes of memory")
        if args.show:
            print(plan.show(labels(model.weights)))
            print()


def steps(model, args):
    """(title, recorded function, inputs) of what is shown."""
    if args.decode:
        decoder = Decoder(model, args.batch_size)
        yield (
            "reading one token",
            *decoder.step_at(np.zeros((args.batch_size, 1), int), [0] * args.batch_size),
        )
        return
    ids = np.zeros((args.batch_size, args.length), int)
    gradient = GradientStep(model)
    yield "forward and backward", gradient.write, (ids, ids, np.ones(ids.shape, model.dtype))
    optimizer = Optimizer(model.weights, adam_groups(TrainConfig(), model.weights.shapes))
    yield "update", *optimizer.step_at()


def labels(weights):
    parts = {name: (weights.place(name).start, shape) for name, shape in weights.shapes.items()}
    grads = {f"d_{name}": part for name, part in parts.items()}
    return {"weights": parts, "gradient": grads}
