"""What the writers of all formats share: the weights, streamed, and what cannot be expressed."""

from dataclasses import fields, replace

from ..adapters import whole
from ..errors import UserError
from ..files import AtomicFile
from ..gpt.parameters import parameter_shapes
from ..safetensors import file_parts

TRAINING_ALONE = ("dropout", "init", "init_std")  # settings without a part in what a model computes


def weights_of(checkpoint):
    """{our name: array} of a model that writes, its adapters merged."""
    if checkpoint.labels:
        raise UserError("This model sorts texts and writes none; other programs cannot use it.")
    checkpoint = whole(checkpoint) if checkpoint.tuning else checkpoint
    return {name: checkpoint.tensors[name] for name in parameter_shapes(checkpoint.model_config())}


def check_expressed(config, again, what):
    """Refuse settings of ours that the other program has no word for.

    `again` is what it would be after it has been written and read.
    """
    ours, theirs = _plain(config), _plain(again)
    lost = [
        f"{f.name} {getattr(ours, f.name)}"
        for f in fields(config)
        if f.name not in TRAINING_ALONE and getattr(ours, f.name) != getattr(theirs, f.name)
    ]
    if lost:
        raise UserError(f"This model is not {what}: that has no {', no '.join(lost)}.")


def _plain(config):
    """Settings without what is said twice or means nothing."""
    config = replace(
        config, n_kv_head=config.kv_heads, head_dim=config.head_size, mlp_hidden=config.hidden
    )
    windows = [config.window_of(layer) for layer in range(config.n_layer)]
    if set(windows) == {None}:
        config = replace(config, window="L", window_tile=128)
    else:  # what counts is how far it reaches, not in which steps that grows
        config = replace(config, window_tile=next(filter(None, windows)))
    rope = {f.name: f.default for f in fields(config) if f.name.startswith("rope_")}
    if config.positions != "rope":
        return replace(config, **rope)
    if config.rope_factor == 1:
        kept = {name: getattr(config, name) for name in ("rope_base", "rope_reverse")}
        return replace(config, **(rope | kept))
    return config


def write_safetensors(path, tensors, metadata):
    with AtomicFile(path) as file:
        for part in file_parts(tensors, metadata):
            file.write(part)
