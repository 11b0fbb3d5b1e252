"""The models the page offers, each with all of its settings.

The page has to be readable before Python is there, so it carries a copy; after a change
`python -m py.microgpt.session > web/settings/models.js` makes it anew, and a test compares.
"""

from dataclasses import replace

from ..gpt.presets import PRESETS
from ..training.recipes import RECIPES
from .settings import flat

# Larger models of the first architecture, for a tab.
SIZES = {
    "small": (
        {"n_layer": 2, "n_head": 4, "n_embd": 32, "block_size": 16},
        {"batch_size": 32, "lr": 0.01, "dtype": "float32"},
    ),
    "medium": (
        {"n_layer": 3, "n_head": 4, "n_embd": 64, "block_size": 64},
        {"batch_size": 16, "lr": 0.005, "dtype": "float32"},
    ),
}
FAMILIES = ("classic", "llama", "nanochat")
LIKE_SIZES = ("vocab_size", "block_size", "n_layer", "n_head", "n_kv_head", "n_embd", "mlp_hidden")


def presets():
    """{name: settings}; `preset` says which one Python starts from."""
    table = {"microgpt": _settings("microgpt")}
    for name, (model, training) in SIZES.items():
        table[name] = _settings("microgpt", model, training)
    return {**table, **{name: _settings(name) for name in FAMILIES}}


def _settings(preset, model=None, training=None):
    model = replace(PRESETS[preset], **(model or {}))
    return {"preset": preset, **flat(model, replace(RECIPES[preset], **(training or {})))}


def family_of(model_config):
    """The page's preset that a model differs least from, its sizes aside."""
    known = {name: PRESETS[name].to_dict() for name in ("microgpt", *FAMILIES)}
    mine = {k: v for k, v in model_config.to_dict().items() if k not in LIKE_SIZES}
    return min(known, key=lambda name: sum(known[name][k] != v for k, v in mine.items()))
