"""`info`: what a saved model is, and how it came to be."""

import json

from .. import checkpoint as checkpoints
from ..run import uniform_loss
from ..training.config import TrainConfig


def info_command(args):
    checkpoint = checkpoints.load(args.checkpoint)
    training = TrainConfig.from_dict(checkpoint.meta["training"])  # refused if it makes no sense
    checkpoint.meta["training"] = training.to_dict()
    model = checkpoint.model()
    if args.json:
        print(json.dumps(describe(checkpoint, model), indent=2))
        return
    meta, config = checkpoint.meta, model.config
    print(f"{args.checkpoint}: {model.weights.count:,} parameters, {model.dtype}")
    print(f"\nmodel       {_line(config.to_dict())}")
    print(f"training    {_line(meta['training'])}")
    tokenizer = checkpoint.tokenizer()
    shown = "".join(map(tokenizer.token_text, range(min(60, tokenizer.bos))))
    print(f"tokenizer   {meta['tokenizer']['type']}, {tokenizer.vocab_size} tokens: {shown}")
    data = meta["data"]
    print(f"data        {data['source']}, {data['documents']:,} documents")
    print(f"\n{'tensor':<16}{'shape':>12}{'numbers':>10}{'mean':>10}{'deviation':>11}")
    for name, array in model.weights.named().items():
        shape = "×".join(map(str, array.shape))
        print(f"{name:<16}{shape:>12}{array.size:>10,}{array.mean():>10.4f}{array.std():>11.4f}")
    _print_history(checkpoint, tokenizer)


def describe(checkpoint, model):
    meta = checkpoint.meta
    return {
        "parameters": model.weights.count,
        **{key: meta[key] for key in ("model", "training", "tokenizer", "data", "progress")},
        "tensors": {name: list(a.shape) for name, a in model.weights.named().items()},
        "losses": checkpoint.losses,
    }


def _line(values):
    return "  ".join(f"{key} {value}" for key, value in values.items())


def _print_history(checkpoint, tokenizer):
    progress = checkpoint.meta["progress"]
    losses = checkpoint.tensors["history.losses"]
    print(
        f"\nstep {progress['step']:,} of {checkpoint.meta['training']['steps']:,};"
        f" {progress['tokens']:,} tokens; guessing would be"
        f" {uniform_loss(tokenizer.vocab_size):.3f}"
    )
    held_out = {step: loss for step, loss, _ in progress["evaluations"]}
    if not len(losses):
        return
    print(f"\n{'steps':>15}{'mean loss':>12}{'held out':>11}")
    size = max(1, -(-len(losses) // 10))
    for start in range(0, len(losses), size):
        end = min(len(losses), start + size)
        held = max((step for step in held_out if start < step <= end), default=None)
        shown = f"{held_out[held]:>11.4f}" if held is not None else ""
        print(f"{f'{start + 1:,}-{end:,}':>15}{losses[start:end].mean():>12.4f}{shown}")
