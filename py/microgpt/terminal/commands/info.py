"""`info`: what a saved model is and how it came to be, or what a preset is."""

import json
import math
import os
import re

import numpy as np

from ... import convert
from ...data.baselines import uniform_loss
from ...gpt.parameters import count_by_part, count_parameters, parameter_shapes
from ...presets import PRESETS, preset
from ...quantization import kind_of, kinds_of
from ...training.config import TrainConfig


def add(parser):
    parser.usage = "%(prog)s FILE [options]"
    *names, last = PRESETS
    named = f"{', '.join(names)} or {last}"
    parser.add_argument(
        "checkpoint", metavar="FILE", help=f"a model saved by train --out, or {named}"
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    if args.checkpoint in PRESETS and not os.path.exists(args.checkpoint):
        _print_preset(args.checkpoint, args.json)
        return
    checkpoint = convert.open_checkpoint(args.checkpoint)
    training = TrainConfig.from_dict(checkpoint.meta["training"])  # refused if it makes no sense
    checkpoint.meta["training"] = training.to_dict()
    if args.json:
        print(json.dumps(describe(checkpoint), indent=2))
        return
    meta, config = checkpoint.meta, checkpoint.model_config()
    kinds = kinds_of(checkpoint)
    kept = f"{', '.join(kinds)}, {sum(kinds.values()):,} bytes"
    print(f"{args.checkpoint}: {count_parameters(config):,} parameters, {kept}")
    print(f"\nmodel       {_line(config.to_dict())}")
    print(f"training    {_line(meta['training'])}")
    tokenizer = checkpoint.tokenizer()
    shown = "".join(map(tokenizer.token_text, range(min(60, tokenizer.bos))))
    print(f"tokenizer   {meta['tokenizer']['type']}, {tokenizer.vocab_size} tokens: {shown}")
    data = meta["data"]
    print(f"data        {data['source']}, {data['documents']:,} documents")
    if parent := meta.get("parent"):
        step = f"at its step {parent['step']:,}"
        print(f"begun with  a run on {parent['data']} {step}, weights {parent['weights']}")
    if (tuning := checkpoint.tuning) and tuning.rank:
        print(f"adapters    rank {tuning.rank}, alpha {tuning.alpha:g}, on {parent['file']}")
    if checkpoint.labels:
        print(f"sorts       into {', '.join(checkpoint.labels)}")
    _print_parts(config)
    rows = [_weight(name, checkpoint.tensors[name]) for name in parameter_shapes(config)]
    _print_table(("tensor", "shape", "numbers", "mean", "deviation", "kept as"), rows)
    _print_history(checkpoint, tokenizer)


def _weight(name, stored):
    array = np.asarray(stored)
    numbers = f"{array.size:,}", f"{array.mean():.4f}", f"{array.std():.4f}"
    return name, _shape(array.shape), *numbers, kind_of(stored)


def describe(checkpoint):
    meta, config = checkpoint.meta, checkpoint.model_config()
    return {
        "parameters": count_parameters(config),
        "parts": count_by_part(config),
        "weights": kinds_of(checkpoint),
        **{key: meta[key] for key in ("model", "training", "tokenizer", "data", "progress")},
        **{key: meta[key] for key in ("parent", "tuning", "labels") if key in meta},
        "tensors": {name: list(shape) for name, shape in parameter_shapes(config).items()},
        "losses": checkpoint.losses,
    }


def _print_preset(name, as_json):
    config, recipe, *own = preset(name)
    shapes = parameter_shapes(config)
    if as_json:
        content = {
            "preset": name,
            "parameters": count_parameters(config),
            "parts": count_by_part(config),
            "model": config.to_dict(),
            "training": recipe.to_dict(),
            "tensors": {name: list(shape) for name, shape in shapes.items()},
        }
        print(json.dumps(content, indent=2))
        return
    print(
        f"preset {name}: {count_parameters(config):,} parameters with a vocabulary of"
        f" {config.vocab_size:,}"
    )
    print(f"\nmodel       {_line(config.to_dict())}")
    print(f"training    {_line(recipe.to_dict())}")
    if any(own):
        print("data        {}  tokenizer {}  pattern {}".format(*own))
    _print_parts(config)
    names = [re.sub(r"^layer\d+", "layer*", name) for name in shapes]
    rows = {
        name: (name, str(names.count(name)), _shape(shape), f"{math.prod(shape):,}")
        for name, shape in zip(names, shapes.values())
    }
    _print_table(("tensor", "times", "shape", "numbers"), rows.values())


def _print_parts(config):
    whole = count_parameters(config)
    rows = [
        (part, f"{count:,}", f"{count / whole:.1%}")
        for part, count in count_by_part(config).items()
    ]
    _print_table(("part", "numbers", "share"), rows)


def _print_table(head, rows):
    """Columns as wide as what is in them, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    print()
    for row in (head, *rows):
        first, *rest = (f"{cell:{w}}" if not i else f"{cell:>{w}}"
                        for i, (cell, w) in enumerate(zip(row, widths)))  # fmt: skip
        print("  ".join((first, *rest)))


def _shape(shape):
    return "×".join(map(str, shape))


def _line(values):
    return "  ".join(f"{key} {value}" for key, value in values.items())


def _print_history(checkpoint, tokenizer):
    progress = checkpoint.meta["progress"]
    losses = np.array(checkpoint.losses)
    print(
        f"\nstep {progress['step']:,} of {checkpoint.meta['training']['steps']:,};"
        f" {progress['tokens']:,} tokens; guessing would be"
        f" {uniform_loss(tokenizer.vocab_size):.3f}"
    )
    if not len(losses):
        return
    held_out = {step: (loss, bits) for step, loss, bits in progress["evaluations"]}
    rows = []
    size = max(1, -(-len(losses) // 10))
    for start in range(0, len(losses), size):
        end = min(len(losses), start + size)
        held = max((step for step in held_out if start < step <= end), default=None)
        loss, bits = held_out.get(held, (None, None))
        rows.append((
            f"{start + 1:,}-{end:,}",
            f"{losses[start:end].mean():.4f}",
            "" if loss is None else f"{loss:.4f}",
            "" if bits is None else f"{bits:.3f}",
        ))  # fmt: skip
    _print_table(("steps", "mean loss", "held out", "bits a byte"), rows)
