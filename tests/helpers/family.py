"""Small models of every family and of mixed switches, and the judge of their gradients."""

import itertools
import random
from dataclasses import replace
from functools import cache

import numpy as np
from microgpt.autograd import no_grad
from microgpt.data.batches import Batch
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.presets import PRESETS
from thorough import some

# Two layers, of which the first has a window: what takes time is recording them. The mixtures
# below have up to three.
SIZES = {"vocab_size": 11, "block_size": 8, "n_layer": 2, "n_head": 4, "n_embd": 24}
FAMILIES = {
    "microgpt": replace(PRESETS["microgpt"].model, **SIZES),
    "classic": replace(PRESETS["classic"].model, **SIZES),
    "llama": replace(PRESETS["llama"].model, **SIZES, n_kv_head=2, mlp_hidden=20),
    "nanochat": replace(PRESETS["nanochat"].model, **SIZES, n_kv_head=2, window_tile=1),
}

DEEP = {name: replace(config, n_layer=3) for name, config in FAMILIES.items()}

# Every switch and the values a mixed model may give it. A tile of 1 makes S a window of two.
SWITCHES = {
    "n_layer": (1, 2, 3),
    "n_kv_head": (0, 1, 2),
    "head_dim": (0, 10),
    "mlp_hidden": (0, 5),
    "positions": ("learned", "sinusoidal", "rope", "none"),
    "rope_reverse": (False, True),
    "rope_factor": (1.0, 8.0),
    "rope_scaling": ("llama3", "linear", "yarn"),
    "norm": ("rms", "rms-gain", "layer"),
    "norm_embedding": (False, True),
    "norm_final": (False, True),
    "bias": (False, True),
    "activation": ("relu", "relu2", "gelu", "gelu-tanh", "swiglu"),
    "dropout": (0.0, 0.3),
    "tied_head": (False, True),
    "window": ("L", "SL", "SSSL"),
    "window_tile": (1, 3),
    "qk_norm": (False, True),
    "qk_scale": (1.0, 1.2),
    "smear": (False, True),
    "layer_scales": (False, True),
    "value_embeddings": (False, True),
    "backout": (False, True),
    "softcap": (0.0, 15.0),
    "init": ("microgpt", "normal", "nanochat"),
}


def mixed(**switches):
    """A small model's configuration; the base and original context make rope's factor bite."""
    return GPTConfig(**SIZES | {"rope_base": 100.0, "rope_original": 60, **switches})


def pairs(switches):
    """Every two (switch, value) of a choice."""
    return set(itertools.combinations(sorted(switches.items(), key=str), 2))


def legal_pairs():
    """Every two values of different switches that some configuration may have together."""
    for one, two in itertools.combinations(SWITCHES, 2):
        for a, b in itertools.product(SWITCHES[one], SWITCHES[two]):
            chosen = {one: a, two: b}
            try:
                mixed(**{"positions": "rope"} | chosen)
            except UserError:
                continue
            yield from pairs(chosen)


# Mixtures in which every legal pair of values occurs (a test holds it): found once by drawing
# thirty at a time and keeping the one with the most new pairs. The first have the most. A digit
# for each switch: which of its values.
MIXTURES = (
    "1100211011104010010100112",
    "0011000210112111101010101",
    "2010000120004102000111010",
    "1001310221003002111101002",
    "0201110001100101100111110",
    "2001201100102110101001010",
    "2210110111111000101000011",
    "1210201021001002010011101",
    "1110310200011001011111012",
    "0100010121110010111010001",
    "2101100001012101011110000",
    "2010201210013001100100100",
    "1210300121003110010010100",
    "1001100201000012010100101",
    "0111100100114111100001112",
    "0010201000110012000000012",
    "0011300011101112111011110",
    "2200310220112100101000012",
    "1201300200114110111001111",
    "1111010200003012100110001",
    "1100000120012002010101002",
    "1100100020103010100111010",
    "0210210110010100011100010",
    "2200010100001012001001002",
    "1011300220010101001101011",
    "0001000021103100100001012",
    "2000211121014001001101101",
    "2210310110000101010101012",
)
COMBINATIONS = [
    {name: values[int(digit)] for (name, values), digit in zip(SWITCHES.items(), digits)}
    for digits in MIXTURES
]


def configuration(name):
    """A family by its name, a mixture by its number."""
    return FAMILIES[name] if name in FAMILIES else mixed(**COMBINATIONS[name])


EVERY = [*FAMILIES, *range(len(COMBINATIONS))]
# Where more would say the same: the gradients alone are measured of every mixture. MANY have every
# value of every switch, and four of five legal pairs; both are held by a test.
MANY = some([*FAMILIES, *range(8)], EVERY)
FEW = some([*FAMILIES, *range(2)], MANY)


def new_model(config, dtype=np.float64, seed=1, recompute=False):
    """A model away from its start, where zeros and equal numbers would hide mistakes."""
    model = GPT(config, dtype, recompute)
    model.weights.flat[...] = first_weights(config, seed)
    move_away(model, seed)
    return model


@cache
def first_weights(config, seed):
    """The numbers a model begins with: to draw them takes longer than a step, many want them."""
    model = GPT(config, np.float64)
    model.init_weights(random.Random(seed))
    return model.weights.flat


def move_away(model, seed=1):
    """Put a model's weights away from their start."""
    flat, rng = model.weights.flat, np.random.default_rng(seed)
    flat[...] = flat * 0.7 + rng.normal(0, 0.25, flat.size)


def new_batch(config, rows=2, time=None, seed=0, dtype=np.float64):
    """ids, targets and uneven weights, the last position of the first row left out."""
    rng = np.random.default_rng(seed)
    ids, targets = rng.integers(0, config.vocab_size, (2, rows, time or config.block_size))
    weights = rng.uniform(0.2, 1, ids.shape)
    weights[0, -1] = 0 if weights.size > 1 else 1
    return ids, targets, (weights / weights.sum()).astype(dtype)


def noise(seed=5):
    return np.random.default_rng(seed)


def loss_and_gradient(model, batch, noise_seed=5):
    model.zero_grad()
    loss = model.loss(*batch, noise(noise_seed))
    model.backward(loss)
    return loss.item(), model.weights.flat_grad.copy()


def gradient_error(model, batch, step=5e-6):
    """The largest relative error of the slopes along random directions.

    One direction in each weight and one in all of them together, and each weight's steepest
    number alone, with the same noise at every look. Gradients that are zero (a bias that softmax
    ignores) are measured by the whole gradient.
    """
    _, gradient = loss_and_gradient(model, batch)
    flat, start = model.weights.flat, model.weights.flat.copy()
    rng = np.random.default_rng(9)
    floor = 1e-3 * np.linalg.norm(gradient)

    def value(direction, amount):
        flat[...] = start + amount * direction
        return model.loss(*batch, noise()).item()

    def error(direction):
        slope = (value(direction, step) - value(direction, -step)) / (2 * step)
        expected = gradient @ direction
        return abs(slope - expected) / max(abs(slope), abs(expected), floor)

    worst = 0.0
    with no_grad():
        for name in [None, *model.weights.shapes]:
            place = slice(None) if name is None else model.weights.place(name)
            direction = np.zeros_like(flat)
            direction[place] = rng.normal(size=flat[place].size)
            worst = max(worst, error(direction / np.linalg.norm(direction)))
            if name is not None:
                single = np.zeros_like(flat)
                single[place.start + np.abs(gradient[place]).argmax()] = 1
                worst = max(worst, error(single))
    flat[...] = start
    return worst


def undropped(name):
    return replace(configuration(name), dropout=0.0)


def whole_batch(*args, **settings):
    """A batch of which every place is learned from."""
    arrays = new_batch(*args, **settings)
    return Batch(*arrays, arrays[0].size)
