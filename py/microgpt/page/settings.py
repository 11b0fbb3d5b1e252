"""The page's settings: one flat table, made into configurations, counted, and into a command."""

import shlex
from dataclasses import fields, replace
from math import prod

from ..errors import UserError
from ..gpt.config import GPTConfig
from ..gpt.parameters import parameter_shapes
from ..presets import FIRST, PRESETS, REFERENCE, SIZES, preset
from ..training.config import TrainConfig

DEFAULT_PRESET = "microgpt"
NOT_SETTINGS = {"vocab_size"}  # the tokenizer decides
TOKENIZER = ("tokenizer", "vocab")  # what decides the tokenizer is neither model nor training
MOST_MEMORY = 3.5e9  # a tab has four gigabytes at most, and Python is in there too


def configs(settings):
    """(model, training) configurations from the page's flat table."""
    settings, (name, depth) = dict(settings), _preset_and_depth(settings)
    for key in ("preset", "depth", *TOKENIZER):
        settings.pop(key, None)
    base = preset(name, depth)
    model_names = {f.name for f in fields(GPTConfig)} - NOT_SETTINGS
    training_names = {f.name for f in fields(TrainConfig)}
    if unknown := sorted(set(settings) - model_names - training_names):
        raise UserError(f"There is no setting named {', '.join(unknown)}.")
    model = {key: value for key, value in settings.items() if key in model_names}
    training = {key: value for key, value in settings.items() if key in training_names}
    return replace(base.model, **model), replace(base.training, **training)


def _preset_and_depth(settings):
    return settings.get("preset") or DEFAULT_PRESET, settings.get("depth")


def flat(model_config, config):
    """The page's table of a model and its training: the other way round."""
    model = {k: v for k, v in model_config.to_dict().items() if k not in NOT_SETTINGS}
    return {**model, **(config.to_dict() if config else {})}


def count_parameters(model_config):
    """How many weights a model would have, without making it: every two layers are alike."""
    first = 2 - model_config.n_layer % 2
    few, more = (_count(replace(model_config, n_layer=n)) for n in (first, first + 2))
    return few + (model_config.n_layer - first) // 2 * (more - few)


def _count(model_config):
    return sum(prod(shape) for shape in parameter_shapes(model_config).values())


def memory(model_config, config):
    """About how many bytes training takes."""
    item = 8 if config.dtype == "float64" else 4
    weights = 5 * count_parameters(model_config)  # with gradient, Adam's two means, and its work
    c, time = model_config.n_embd, model_config.block_size
    a_layer = 12 * c + 3 * model_config.hidden + 4 * model_config.n_head * time
    positions = config.batch_size * time
    activations = positions * (model_config.n_layer * a_layer + 4 * c + 4 * model_config.vocab_size)
    return item * (weights + activations + time * time)


def check_memory(model_config, config):
    need = memory(model_config, config)
    if need > MOST_MEMORY:
        raise UserError(
            f"This would take about {need / 1e9:,.1f} GB of memory and a tab has less than 4;"
            " choose a smaller width, fewer layers, a shorter block or a smaller batch."
        )


def command(settings, data, tokenizer=()):
    """The terminal command for the same run; `data` is how the terminal calls the data, and
    `tokenizer` the flags that choose one.

    >>> command({"steps": 500, "n_embd": 16}, {"data": "names", "split": "line"})
    'python -m py.microgpt train --steps 500'
    >>> command({"lr": 0.02}, {"data": "my diary.txt", "split": "none"})
    "python -m py.microgpt train --data 'my diary.txt' --split none --lr 0.02"
    """
    model, training = configs(settings)
    name, depth = _preset_and_depth(settings)
    words = ["python", "-m", "py.microgpt", "train", *_data_flags(data, "names"), *tokenizer]
    if name != DEFAULT_PRESET:
        words += ["--preset", name]
    if depth is not None:
        words += ["--depth", str(depth)]
    base = preset(name, depth)
    words += _flags(training, base.training) + _flags(model, base.model)
    return shlex.join(words)


def learning_command(data):
    """How the terminal learns a tokenizer from the same data, as words."""
    return ["python", "-m", "py.microgpt", "tokenize", "train", *_data_flags(data, "stories")]


def _data_flags(data, usual):
    words = [] if data["data"] == usual else ["--data", data["data"]]
    return words if data["split"] == "line" else [*words, "--split", data["split"]]


def _flags(config, standard):
    words = []
    for f in fields(config):
        value = getattr(config, f.name)
        if f.name in NOT_SETTINGS or value == getattr(standard, f.name):
            continue
        name = f.name.replace("_", "-")
        words.append(f"--no-{name}" if value is False else f"--{name}")
        if not isinstance(value, bool):
            words.append(str(value))
    return words


# ---- the models the page offers
# The page has to be readable before Python is there, so it carries a copy of this table; after a
# change `python -m py.microgpt.page > web/settings/models.js` makes it anew, and a test compares.

FAMILIES = ("classic", "llama", "nanochat")
LIKE_SIZES = ("vocab_size", "block_size", "n_layer", "n_head", "n_kv_head", "n_embd", "mlp_hidden")


def presets():
    """{name: all of its settings}; `preset` says which one Python starts from."""
    table = {"microgpt": _row("microgpt", PRESETS["microgpt"])}
    table |= {name: _row("microgpt", size) for name, size in SIZES.items()}
    return table | {name: _row(name, PRESETS[name]) for name in FAMILIES}


def first_run():
    """How the first run of the page is trained where that is not the reference's way."""
    usual = REFERENCE.to_dict()
    return {name: value for name, value in FIRST.to_dict().items() if value != usual[name]}


def _row(name, preset):
    return {"preset": name, **flat(preset.model, preset.training)}


def family_of(model_config):
    """The page's preset that a model differs least from, its sizes aside."""
    known = {name: PRESETS[name].model.to_dict() for name in ("microgpt", *FAMILIES)}
    mine = {k: v for k, v in model_config.to_dict().items() if k not in LIKE_SIZES}
    return min(known, key=lambda name: sum(known[name][k] != v for k, v in mine.items()))
