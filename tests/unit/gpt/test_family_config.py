"""Configurations: every one works or is refused with a sentence; sizes, dictionaries, the start."""

import itertools
import random
from dataclasses import fields, replace

import numpy as np
import pytest
from family import FAMILIES, loss_and_gradient, new_batch
from microgpt.autograd import no_grad
from microgpt.errors import UserError
from microgpt.gpt.cache import Cache
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.gpt.parameters import count_parameters, parameter_shapes
from microgpt.gpt.positions import position_tables, rope_frequencies
from microgpt.presets import PRESETS, nanochat, preset

# ---- any sizes and switches at all: they work, or are refused with one sentence


def anything(rng):
    choose = rng.choice
    return dict(
        vocab_size=choose((1, 2, 11, 600)),
        block_size=choose((1, 2, 5, 9)),
        n_layer=choose((1, 2, 4)),
        n_head=choose((1, 2, 3, 4, 8)),
        n_kv_head=choose((0, 1, 2, 3, 16)),
        n_embd=choose((1, 2, 6, 8, 12, 23, 24, 32)),
        head_dim=choose((0, 0, 4, 5)),
        mlp_hidden=choose((0, 1, 7)),
        positions=choose(("learned", "sinusoidal", "rope", "none")),
        rope_factor=choose((1.0, 8)),
        rope_scaling=choose(("llama3", "linear", "yarn")),
        norm=choose(("rms", "rms-gain", "layer")),
        bias=choose((False, True)),
        activation=choose(("relu", "relu2", "gelu", "gelu-tanh", "swiglu")),
        dropout=choose((0, 0.5)),
        tied_head=choose((False, True)),
        window=choose(("L", "S", "LS", "", "SLX")),
        window_tile=choose((1, 128)),
        qk_scale=choose((1, 1.2)),
        smear=rng.random() < 0.2,
        value_embeddings=rng.random() < 0.2,
        layer_scales=choose((False, True)),
        backout=choose((False, True)),
        softcap=choose((0, 15)),
        init=choose(("microgpt", "normal", "nanochat")),
    )


def runs(config, seed):
    """Forward, backward and cached, on a model as it begins."""
    model = GPT(config, np.float64)
    model.init_weights(random.Random(seed))
    batch = new_batch(config, 1 + seed % 3, seed=seed)
    loss, gradient = loss_and_gradient(model, batch)
    assert np.isfinite(loss) and np.isfinite(gradient).all()
    with no_grad():
        whole = model.logits(batch[0]).data.reshape(*batch[0].shape, -1)
        cache = Cache(config, len(batch[0]), model.dtype)
        for t in range(config.block_size):
            step = model.logits(batch[0][:, t : t + 1], cache).data
            assert np.abs(step - whole[:, t]).max() <= 1e-10


def test_any_sizes_and_switches():
    rng, refused = random.Random(1), []
    for seed in range(400):
        settings = anything(rng)
        try:
            config = GPTConfig(**settings)
        except UserError as error:
            refused.append(str(error))
            continue
        runs(config, seed)
    assert 100 < len(refused) < 390
    for sentence in refused:
        assert sentence.endswith(".")
        assert len(sentence) < 170 and "\n" not in sentence


@pytest.mark.parametrize(("change", "sentence"), [
    ({"n_embd": 10}, "The width, 10, does not divide evenly among the 4 heads .n_embd, n_head.;"),
    ({"n_kv_head": 3}, "The 4 heads .n_head. .* multiple of the key heads .n_kv_head., .* are 3"),
    ({"n_kv_head": 8}, "The 4 heads .n_head. .* multiple of the key heads .n_kv_head., .* are 8"),
    ({"positions": "rope", "n_embd": 12}, "pairs of numbers; it has 3"),
    ({"positions": "rope", "head_dim": 5}, "pairs of numbers; it has 5"),
    ({"rope_low": 4.0}, "Slow pairs .rope_low. must turn less than fast pairs .rope_high."),
    ({"rope_scaling": "ntk"}, "rope_scaling must be one of llama3, linear, yarn"),
    ({"positions": "sinusoidal", "n_embd": 3, "n_head": 1}, "the width .n_embd. must be even"),
    ({"positions": "alibi"}, "positions must be one of learned, sinusoidal, rope, none"),
    ({"window": ""}, "The setting window must be a pattern of L and S"),
    ({"window": "SXL"}, "pattern of L and S, such as SSSL, not 'SXL'"),
    ({"rope_factor": 8.0}, "Only rope can be stretched .rope_factor.: it needs positions rope"),
    ({"smear": True}, "Smear reads 24 numbers of a token: the width .n_embd."),
    ({"value_embeddings": True, "n_embd": 8}, "Value embeddings read 12 numbers of a token"),
    ({"dropout": 1.0}, "dropout must be a number of at least 0 and below 1, not 1.0"),
    ({"norm": None}, "norm must be one of rms, rms-gain, layer"),
    ({"bias": 1}, "bias must be true or false, not 1"),
    ({"softcap": -1}, "softcap must be a number of at least 0"),
    ({"qk_scale": float("nan")}, "qk_scale must be a number"),
])  # fmt: skip
def test_refused(change, sentence):
    with pytest.raises(UserError, match=sentence):
        GPTConfig(**change)


@pytest.mark.parametrize("name", PRESETS)
def test_to_and_from_a_dictionary(name):
    config = replace(preset(name).model, vocab_size=99)
    values = config.to_dict()
    assert GPTConfig.from_dict(values) == config
    assert list(values) == [f.name for f in fields(GPTConfig)]
    with pytest.raises(UserError, match="no setting named wheels, wings"):
        GPTConfig.from_dict({**values, "wings": 2, "wheels": 4})
    with pytest.raises(UserError, match="n_layer must be a whole number"):
        GPTConfig.from_dict({**values, "n_layer": "2"})


def test_there_is_no_such_preset():
    with pytest.raises(UserError, match="no preset 'gpt5'; there are microgpt, classic, llama"):
        preset("gpt5")


def test_every_setting_says_what_it_does():
    assert all(f.metadata["help"] for f in fields(GPTConfig))


# ---- sizes


def test_true_counts():
    assert count_parameters(preset("microgpt").model) == 4_192
    assert count_parameters(preset("llama-85m").model) == 125_848_320
    assert count_parameters(replace(preset("llama-85m").model, tied_head=True)) == 100_682_496
    blocks = [s for n, s in parameter_shapes(preset("llama-85m").model).items() if "layer" in n]
    assert sum(int(np.prod(s)) for s in blocks) == 75_515_904


@pytest.mark.parametrize(("depth", "head", "width"), [
    (4, 64, 256), (6, 64, 384), (20, 128, 1280), (5, 128, 384), (1, 64, 64),
])  # fmt: skip
def test_depth_is_the_dial(depth, head, width):
    config = nanochat(depth, head, 512)
    assert (config.n_layer, config.n_embd, config.head_size) == (depth, width, head)
    valued = [i for i in range(depth) if config.has_value_embedding(i)]
    assert valued == list(range((depth - 1) % 2, depth, 2))  # always the last, and every other


# ---- the start


@pytest.mark.parametrize("depth", [1, 4])
def test_how_nanochat_begins(depth):
    config = replace(nanochat(depth, 64, 16), vocab_size=500, n_kv_head=1)
    model = GPT(config)
    model.init_weights(random.Random(3))
    w, c = model.weights.named(), config.n_embd
    assert w["wte"].std() == pytest.approx(0.8, rel=0.03) and abs(w["wte"].mean()) < 0.03
    assert w["lm_head"].std() == pytest.approx(0.001, rel=0.03)
    assert w["scales.stream"] == pytest.approx(1.15 - 0.1 * np.arange(depth) / max(1, depth - 1))
    assert w["scales.embedding"] == pytest.approx(0.2 - 0.15 * np.arange(depth) / max(1, depth - 1))
    assert w["smear.scale"] == [0] and w["backout.scale"] == pytest.approx(0.2)
    for i, kind in itertools.product(range(depth), ("wq", "wk", "wv", "value", "fc1")):
        weight = w.get(f"layer{i}.{kind}")
        if weight is None:
            assert kind == "value" and not config.has_value_embedding(i)
            continue
        limit = (3 / c) ** 0.5 * (0.4 if kind == "fc1" else 1)
        assert limit * 0.98 < np.abs(weight).max() <= limit * (1 + 1e-6)
        assert weight.std() == pytest.approx(limit / 3**0.5, rel=0.05)
    for name in w:
        if name.endswith((".wo", ".fc2")):
            assert not w[name].any()
        if name.endswith("gate"):
            assert w[name].min() > 0 and 0.012 < w[name].max() <= 0.02


@pytest.mark.parametrize("name", ["classic", "llama"])
def test_how_the_others_begin(name):
    model = GPT(replace(preset(name).model, vocab_size=300))
    model.init_weights(random.Random(3))
    for key, weight in model.weights.named().items():
        if key.endswith("gain"):
            assert (weight == 1).all()
        elif weight.ndim == 1:
            assert not weight.any()
        else:
            assert weight.std() == pytest.approx(0.02, rel=0.05), key


@pytest.mark.parametrize("name", FAMILIES)
def test_the_same_seed_is_the_same_start(name):
    flats = []
    for seed in (1, 1, 2):
        model = GPT(FAMILIES[name])
        model.init_weights(random.Random(seed))
        flats.append(model.weights.flat)
    assert np.array_equal(flats[0], flats[1]) and not np.array_equal(flats[0], flats[2])


# ---- tables


def by_the_definition(frequency, factor, original, low=1.0, high=4.0):
    """Llama 3.1's scaling of one frequency, by its wavelength, as Meta publishes it."""
    wavelength = 2 * np.pi / frequency
    if wavelength < original / high:
        return frequency
    if wavelength > original / low:
        return frequency / factor
    smooth = (original / wavelength - low) / (high - low)
    return (1 - smooth) * frequency / factor + smooth * frequency


@pytest.mark.parametrize(("factor", "original"), [(8.0, 8192), (32.0, 8192), (4.0, 64)])
def test_llama_3_1_frequencies(factor, original):
    config = GPTConfig(
        n_head=1, n_embd=128, positions="rope", rope_base=500_000.0,
        rope_factor=factor, rope_original=original,
    )  # fmt: skip
    plain = 500_000.0 ** -(np.arange(0, 128, 2) / 128)
    scaled = np.array([by_the_definition(f, factor, original) for f in plain])
    assert rope_frequencies(config) == pytest.approx(scaled, rel=1e-14)
    ratio = scaled / plain
    assert (ratio == 1).any() and (ratio == 1 / factor).any()
    assert ((ratio < 0.999) & (ratio > 1.001 / factor)).any()
    assert rope_frequencies(replace(config, rope_factor=1.0)) == pytest.approx(plain, rel=1e-14)


def test_yarn_frequencies():
    """A ramp over the numbers of the pairs, between those that turn 32 times and once."""
    config = GPTConfig(
        n_embd=64, n_head=4, head_dim=128, positions="rope", block_size=1 << 10,
        rope_scaling="yarn", rope_factor=16.0, rope_original=8192, rope_high=32.0,
    )  # fmt: skip
    plain = 10_000.0 ** -(np.arange(64) / 64)
    # 64 ln(8192 / (2 pi · 32)) / ln(10,000) = 25.75... and with one turn 49.83...
    first, last = 25, 50
    stretched = np.clip((np.arange(64) - first) / (last - first), 0, 1)
    expected = plain * (1 - stretched) + plain / 16 * stretched
    assert rope_frequencies(config) == pytest.approx(expected, rel=1e-14)
    cos, sin = position_tables(config, np.float64)
    assert len(cos) == 1 << 10 and cos[0, 0, 0] == pytest.approx(0.1 * np.log(16) + 1)
    assert np.hypot(cos, sin) == pytest.approx(0.1 * np.log(16) + 1)
    linear = replace(config, rope_scaling="linear")
    assert rope_frequencies(linear) == pytest.approx(plain / 16, rel=1e-14)
    assert position_tables(linear, np.float64)[0][0, 0, 0] == 1


def test_a_head_of_its_own_width():
    config = GPTConfig(n_embd=10, n_head=4, n_kv_head=2, head_dim=6)  # 10 is no multiple of 4
    shapes = parameter_shapes(config)
    sizes = [shapes[f"layer0.{name}"] for name in ("wq", "wk", "wv", "wo")]
    assert sizes == [(24, 10), (12, 10), (12, 10), (10, 24)]


def test_sinusoidal_positions():
    """PE(p, 2i) = sin(p / 10000^(2i/C)), PE(p, 2i + 1) = cos of the same."""
    config = GPTConfig(positions="sinusoidal", block_size=50, n_embd=8, n_head=2)
    (table,) = GPT(config, np.float64)._tables
    for p, i in itertools.product(range(50), range(4)):
        angle = p / 10_000 ** (2 * i / 8)
        assert table[p, 2 * i : 2 * i + 2] == pytest.approx(
            [np.sin(angle), np.cos(angle)], abs=1e-13
        )
