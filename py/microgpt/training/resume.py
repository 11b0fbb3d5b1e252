"""Whether a run can go on from a checkpoint, with these data and these changed settings."""

from ..errors import UserError
from .config import TrainConfig
from .machines.outer import OuterConfig, outer_config

# What decides the order of the data and the shape of the state: a resumed run cannot change it.
KEPT = ("seed", "dtype", "batch_size", "val_fraction", "windows")
KEPT += ("sync_every", "sync_after", "replicas")  # and how replicas agree


def check_resumable(checkpoint, corpus, changes):
    """(its settings of training, those of its replicas), changed; raises if that cannot be."""
    meta = checkpoint.meta
    if "optimizer.mean" not in checkpoint.tensors:
        raise UserError(
            "This file is a model alone, quantized or merged, without what its optimizer had"
            " gathered: no run can go on with it, but in a terminal `finetune` can begin with it."
        )
    known, outer = TrainConfig.from_dict(meta["training"]), outer_config(checkpoint)
    before = {**known.to_dict(), **(outer or OuterConfig()).to_dict()}
    for name in KEPT:
        if changes.get(name, before[name]) != before[name]:
            raise UserError(
                f"A run goes on with the {name} it began with, {before[name]};"
                " leave this setting out, or begin a new run."
            )
    alone = [name for name in OuterConfig.defaults() if name in changes and name not in KEPT]
    if alone and not outer:
        raise UserError(
            f"This run has no workers that agree now and then, so {alone[0]} is without effect;"
            " leave this setting out."
        )
    optimizer = changes.get("optimizer", known.optimizer)
    if optimizer != known.optimizer and "muon" in (optimizer, known.optimizer):
        raise UserError(
            f"What {known.optimizer} has gathered is of no use to {optimizer}; leave the"
            " optimizer as it is, or begin a new run."
        )
    if corpus.digest != meta["data"]["digest"]:
        raise UserError(
            f"This is not the data the checkpoint was trained on ({meta['data']['source']},"
            f" {meta['data']['documents']:,} documents), and a run can only go on with the"
            " same data; name it with --data, and --split if it was split otherwise."
        )
    return _changed(known, changes), outer and _changed(outer, changes)


def _changed(settings, changes):
    mine = {name: value for name, value in changes.items() if hasattr(settings, name)}
    return type(settings)(**{**settings.to_dict(), **mine})
