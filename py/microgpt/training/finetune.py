"""Fine-tuning: a run that starts from another run's weights, with its own schedule and data."""

from dataclasses import replace

import numpy as np

from ..data.copied import CopyIndex
from ..errors import UserError
from ..gpt.lora import GROWN
from ..gpt.parameters import Parameters, init_weights, parameter_shapes
from .config import TrainConfig
from .run import Run


def finetune(
    base,
    corpus,
    config,
    tokenizer=None,
    carry_optimizer=False,
    machine=None,
    tuning=None,
    file="",
    kind=Run,
):
    """A new run that begins with the weights of a checkpoint; `parent` says which they were.

    The tokenizer is the base's, or one that has more tokens after the same ones: their rows are
    drawn anew. The optimizer is fresh, or goes on with what it has gathered in the base's run.
    `tuning` says what is trained if that is not all; of adapters, `file` names the base's. `kind`
    is the class of the run.
    """
    tokenizer = tokenizer or base.tokenizer()
    _check_tokenizer(base.tokenizer(), tokenizer)
    known = base.model_config()
    sizes = replace(known, vocab_size=tokenizer.vocab_size)
    if tuning:
        tuning = replace(tuning, known=known.vocab_size)
    run = kind(corpus, tokenizer, sizes, config, machine, tuning)
    weights = run.model.frozen if tuning else run.model.weights
    init_weights(weights, sizes, run.rng)
    _copy_weights(base, weights)
    if tuning:
        run.model.init_weights(run.rng)
    if carry_optimizer:
        _copy_optimizer(base, run)
    run.copied = CopyIndex.kept_in(base)
    run.parent = _about(base) | ({"file": str(file)} if tuning and tuning.rank else {})
    return run


def _check_tokenizer(old, new):
    same = new.vocab_size >= old.vocab_size and all(
        old.token_text(i) == new.token_text(i) for i in range(old.vocab_size)
    )
    if not same:
        raise UserError(
            "A model is fine-tuned with the tokenizer it knows, to which tokens may be added at"
            " the end; this is another one."
        )


def _copy_weights(base, weights):
    for name, shape in parameter_shapes(base.model_config()).items():
        _copy_rows(weights.named()[name], base.tensor(name, shape, base.dtype), name)


def _copy_rows(view, found, name):
    """The numbers of a weight, or of something of its layout, into one that may have more rows."""
    found = np.asarray(found)
    rows = len(found) if name.rpartition(".")[2] in GROWN else None
    view[:rows] = found


def _copy_optimizer(base, run):
    """What the optimizer has gathered, by the name of the weight; nothing yet for new rows."""
    known, progress = TrainConfig.from_dict(base.meta["training"]), base.meta["progress"]
    kinds = known.optimizer, run.config.optimizer
    if kinds[0] != kinds[1] and "muon" in kinds:
        raise UserError(
            f"What {kinds[0]} has gathered is of no use to {kinds[1]}; begin with a fresh"
            " optimizer, or use the same one."
        )
    shapes = parameter_shapes(base.model_config())
    layout, count = Parameters(shapes, base.dtype), sum(map(np.prod, shapes.values()))
    for kind in ("mean", "square"):
        old = layout.named(np.asarray(base.tensor(f"optimizer.{kind}", (count,), base.dtype)))
        for name, view in run.model.weights.named(run.optimizer.state()[kind]).items():
            _copy_rows(view, old[name], name)
    for name, array in run.optimizer.state().items():
        if name.startswith("second."):
            array[...] = base.tensor(f"optimizer.{name}", array.shape, base.dtype)
    run.optimizer.steps = progress.get("optimizer_steps", progress["step"])


def _about(base):
    """What a run says of the one it started from."""
    progress, data = base.meta["progress"], base.meta["data"]
    return {
        "step": progress["step"],
        "tokens": progress["tokens"],
        "data": data["name"],
        "split": data["split"],
        "digest": data["digest"],
        "weights": base.weights_checksum(),
        "parent": base.meta.get("parent"),
    }
