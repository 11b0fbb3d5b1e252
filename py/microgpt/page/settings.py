"""The page's settings: one flat table, made into configurations, weighed, and into a command."""

import random
import shlex
from dataclasses import fields, replace

import numpy as np

from ..data.batches import split_documents
from ..data.text import context_for, kind_of_rows
from ..errors import UserError
from ..gpt.config import GPTConfig
from ..gpt.parameters import count_parameters
from ..presets import FIRST, PRESETS, REFERENCE, SIZES, preset
from ..training.config import TrainConfig
from ..training.memory import training_bytes
from ..training.shards import shards_for
from .data import DEFAULT_BLOCK
from .estimate import seconds_per_step
from .json_api import page_request

DEFAULT_PRESET = "microgpt"
NOT_SETTINGS = {"vocab_size"}  # the tokenizer decides
TOKENIZER = ("tokenizer", "vocab")  # what decides the tokenizer is neither model nor training
MOST_MEMORY = 3.5e9  # a tab has four gigabytes at most, and Python is in there too


class Planner:
    """What a run with some settings would be, before there is one."""

    def __init__(self, data, tokenizers, kernel):
        self._data, self._tokenizers, self._kernel = data, tokenizers, kernel
        self._measured_on, self._seconds = None, {}  # seconds a step, on this corpus
        self._judged = self._verdict = None  # the last verdict, and of what it is

    @page_request
    def presets(self):
        """The models the page offers, each with all of its settings."""
        return {"presets": presets()}

    @page_request
    def describe(self, settings):
        """What a run with these settings would be; the time only where it can be measured."""
        model_config, config = configs(settings)
        corpus, tokenizer = self._data.corpus, None
        if corpus:
            tokenizer = self._tokenizers.choose(settings)
            model_config = replace(model_config, vocab_size=tokenizer.vocab_size)
        parameters = count_parameters(model_config)
        answer = {
            "parameters": parameters,
            "bytes": parameters * np.dtype(config.dtype).itemsize,
            "memory": training_bytes(model_config, config),
            "settings": flat(model_config, config),
        }
        check_memory(model_config, config)
        if corpus:
            seconds = self._seconds_per_step(tokenizer, model_config, config)
            answer["trained"], answer["heldOut"] = _counts(corpus, config.val_fraction)
            answer["rows"] = kind_of_rows(corpus, model_config.block_size, tokenizer)
            answer["vocabSize"] = tokenizer.vocab_size
            answer["secondsPerStep"] = seconds
            answer["seconds"] = seconds and seconds * config.steps
        return answer

    @page_request
    def verdict(self, settings):
        """How much the data are for such a run, and what to change; see `data.check`."""
        from ..data.check import Plan, check  # a start does without

        corpus = self._data.needed()
        model_config, config = configs(settings)
        tokenizer = self._tokenizers.choose(settings)
        model_config = replace(model_config, vocab_size=tokenizer.vocab_size)
        plan = Plan.of(count_parameters(model_config), model_config, config)
        key = corpus, tokenizer, plan
        if self._judged != key:
            rows = corpus.rows(tokenizer, random.Random(config.seed), config.val_fraction)
            self._judged, self._verdict = key, check(corpus, tokenizer, *rows, plan)
        return self._verdict._asdict()

    def _seconds_per_step(self, tokenizer, model_config, config):
        corpus = self._data.corpus
        if self._measured_on is not corpus:
            self._measured_on, self._seconds = corpus, {}
        key = (
            *(tokenizer, model_config),
            *(config.batch_size, config.accumulate, config.dtype),
            *(config.optimizer, config.recompute),
        )
        if key not in self._seconds:
            self._seconds[key] = seconds_per_step(
                tokenizer, corpus.documents, model_config, config, self._kernel
            )
        return self._seconds[key]

    @page_request
    def command(self, settings):
        """How the terminal is asked for the same run."""
        data = {"data": self._data.terminal_name, "split": self._data.split_of_terminal()}
        before, flags = self._tokenizers.terminal_words(settings, learning_command(data))
        if corpus := self._data.corpus:
            data["context"] = context_for(corpus, DEFAULT_BLOCK, self._tokenizers.choose(settings))
        text = command(settings, data, flags)
        return {"text": f"{before} && {text}" if before else text}


def _counts(corpus, val_fraction):
    """(documents to train on, documents held out)."""
    if corpus.questions:  # a task holds out its own
        return len(corpus.documents), len(corpus.questions)
    return tuple(map(len, split_documents(corpus.documents, val_fraction)))


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
    training = config.to_dict() if config else {}
    if config and config.shards == shards_for(model_config, config):
        training["shards"] = 0  # as a run without this setting has it
    return {**model, **training}


def check_memory(model_config, config):
    need = training_bytes(model_config, config)
    if need > MOST_MEMORY:
        raise UserError(
            f"This would take about {need / 1e9:,.1f} GB of memory and a tab has less than 4;"
            " choose a smaller width, fewer layers, a shorter context or a smaller batch."
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
    if name == DEFAULT_PRESET and "context" in data:
        # Without a preset the terminal chooses the block size by the data.
        base = base._replace(model=replace(base.model, block_size=data["context"]))
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
