"""The named weights of a model: which there are, where they lie, and how they begin."""

from dataclasses import replace
from math import prod

import numpy as np

from .config import SMEAR_CHANNELS, VALUE_CHANNELS


def parameter_shapes(config):
    """Name and shape of every weight, in the order they are drawn and stand in memory.

    Those that are joined (see JOINED) stand side by side.
    """
    c, vocab, hidden = config.n_embd, config.vocab_size, config.hidden
    q, kv = config.n_head * config.head_size, config.kv_heads * config.head_size

    def norm(name):
        learned = {"rms": [], "rms-gain": ["gain"], "layer": ["gain", "bias"]}[config.norm]
        return {f"{name}.{part}": (c,) for part in learned}

    shapes = {"wte": (vocab, c)}
    if config.positions == "learned":
        shapes["wpe"] = (config.block_size, c)
    if not config.tied_head:
        shapes["lm_head"] = (vocab, c)
    if config.norm_embedding:
        shapes |= norm("norm_embedding")
    if config.smear:
        shapes |= {"smear.gate": (1, SMEAR_CHANNELS), "smear.scale": (1,)}
    if config.layer_scales:
        shapes |= {"scales.stream": (config.n_layer,), "scales.embedding": (config.n_layer,)}
    if config.backout:
        shapes["backout.scale"] = (1,)
    for i in range(config.n_layer):
        layer = {**norm("norm1"), "wq": (q, c), "wk": (kv, c), "wv": (kv, c)}
        if config.bias:
            layer |= {"bq": (q,), "bk": (kv,), "bv": (kv,)}
        layer["wo"] = (c, q)
        if config.bias:
            layer["bo"] = (c,)
        if config.has_value_embedding(i):
            layer |= {"value": (vocab, kv), "value_gate": (config.kv_heads, VALUE_CHANNELS)}
        layer |= norm("norm2")
        if config.activation == "swiglu":
            layer["fc_gate"] = (hidden, c)
        layer["fc1"] = (hidden, c)
        if config.bias:
            layer |= {"b_gate": (hidden,)} if config.activation == "swiglu" else {}
            layer["b1"] = (hidden,)
        layer["fc2"] = (c, hidden)
        if config.bias:
            layer["b2"] = (c,)
        shapes |= {f"layer{i}.{name}": shape for name, shape in layer.items()}
    if config.norm_final:
        shapes |= norm("norm_final")
    return shapes


def count_parameters(config):
    """How many numbers a model has, without making it: every two layers are alike."""
    first = 2 - config.n_layer % 2
    few, more = (_count(replace(config, n_layer=n)) for n in (first, first + 2))
    return few + (config.n_layer - first) // 2 * (more - few)


def _count(config):
    return sum(prod(shape) for shape in parameter_shapes(config).values())


PARTS = {
    "embedding": ("wte",),
    "positions": ("wpe",),
    "attention": ("wq", "wk", "wv", "wo", "bq", "bk", "bv", "bo"),
    "feed-forward": ("fc_gate", "fc1", "fc2", "b_gate", "b1", "b2"),
    "value embeddings": ("value", "value_gate"),
    "norms": ("gain", "bias"),
    "gates and scales": ("gate", "scale", "stream", "embedding"),
    "head": ("lm_head",),
}


def count_by_part(config):
    """{part: how many numbers}, of the parts that a model has; together they are all of it."""
    counts = dict.fromkeys(PARTS, 0)
    for name, shape in parameter_shapes(config).items():
        kind = name.rpartition(".")[2]
        part = next(part for part, kinds in PARTS.items() if kind in kinds)
        counts[part] += int(np.prod(shape))
    return {part: count for part, count in counts.items() if count}


# Weights that stand side by side and are used as one matrix (or vector), so that one product serves
# them all. A checkpoint knows them by their own names.
JOINED = {
    "qkv": ("wq", "wk", "wv"),
    "qkv_bias": ("bq", "bk", "bv"),
    "gate_up": ("fc_gate", "fc1"),
    "gate_up_bias": ("b_gate", "b1"),
}


class Parameters:
    """The weights of a model side by side in one flat array, their gradients in another.

    The optimizer sees two vectors; the model sees matrices by name; a checkpoint is one write.
    `leaves` says which matrices the model computes with: {leaf: the names of its weights}.
    """

    def __init__(self, shapes, dtype):
        self.shapes = shapes
        self.leaves = {}
        for name in shapes:
            self.leaves.setdefault(_leaf_of(name, shapes), []).append(name)
        sizes = [int(np.prod(shape)) for shape in shapes.values()]
        self._starts = dict(zip(shapes, np.cumsum([0, *sizes]).tolist()))
        self.flat = np.zeros(sum(sizes), dtype)
        self.flat_grad = np.zeros(sum(sizes), dtype)

    @property
    def count(self):
        return self.flat.size

    def place(self, name):
        """The part of the flat arrays that belongs to a weight."""
        return slice(self._starts[name], self._starts[name] + int(np.prod(self.shapes[name])))

    def view(self, flat, name):
        """A weight in a flat array."""
        return self.joined(flat, [name])

    def joined(self, flat, names):
        """Neighbours in a flat array as one weight."""
        start, (_, *rest) = self._starts[names[0]], self.shapes[names[0]]
        shape = (sum(self.shapes[name][0] for name in names), *rest)
        return flat[start : start + prod(shape)].reshape(shape)

    def named(self, flat=None):
        """{name: array} views of the weights, or of another vector of the same layout."""
        flat = self.flat if flat is None else flat
        return {name: self.view(flat, name) for name in self.shapes}


# The matrices that only products meet.
MULTIPLIED = ("wq", "wk", "wv", "wo", "fc_gate", "fc1", "fc2", "lm_head")


class ByColumns(Parameters):
    """The same weights with every matrix that only products meet lying column after column.

    So a few rows are multiplied by it a third faster. There are no gradients and no `place` of a
    weight: those that are joined lie in each other.
    """

    def joined(self, flat, names):
        leaf = self.leaves[_leaf_of(names[0], self.shapes)]
        whole = super().joined(flat, leaf)
        if names[0].rpartition(".")[2] in MULTIPLIED:
            rows, columns = whole.shape
            whole = whole.reshape(columns, rows).T
        if len(names) == len(leaf):
            return whole
        first = sum(self.shapes[name][0] for name in leaf[: leaf.index(names[0])])
        return whole[first : first + sum(self.shapes[name][0] for name in names)]


def _leaf_of(name, shapes):
    """The leaf that a weight is part of: its own name, unless neighbours are joined with it."""
    layer, dot, kind = name.rpartition(".")
    for leaf, kinds in JOINED.items():
        if kind in kinds and all(layer + dot + other in shapes for other in kinds):
            return layer + dot + leaf
    return name


def init_weights(weights, config, rng):
    """Give every weight its first value.

    | init     | wte       | lm_head    | into blocks | out of blocks | gains | biases |
    |----------|-----------|------------|-------------|---------------|-------|--------|
    | microgpt | N(0, std) | N(0, std)  | N(0, std)   | N(0, std)     | 1     | 0      |
    | normal   | N(0, std) | N(0, std)  | N(0, std)   | N(0, std)     | 1     | 0      |
    | nanochat | N(0, 0.8) | N(0, .001) | U(±√3/√C)   | 0             | 1     | 0      |

    "Into blocks" are wq, wk, wv, value embeddings, and (for nanochat times 0.4) fc_gate and fc1;
    "out of blocks" wo and fc2. Scales of the stream fall from 1.15 to 1.05 over the layers, of
    the embedding from 0.2 to 0.05; backout 0.2; smear 0; gates U(0, 0.02).

    microgpt draws number by number from Python's generator, as its reference does; the others
    from numpy's, seeded by it.
    """
    random = None if config.init == "microgpt" else np.random.default_rng(rng.getrandbits(64))
    bound = (3 / config.n_embd) ** 0.5
    for name, view in weights.named().items():
        kind = name.rpartition(".")[2]
        if name.startswith(("scales.", "smear.", "backout.")) or kind == "value_gate":
            view[...] = _first_scale(name, view.shape, random or rng)
        elif kind == "gain":
            view[...] = 1
        elif view.ndim == 1:
            view[...] = 0
        elif config.init == "microgpt":
            gauss, std = rng.gauss, config.init_std
            view.reshape(-1)[:] = [gauss(0, std) for _ in range(view.size)]
        elif config.init == "normal":
            view[...] = random.normal(0, config.init_std, view.shape)
        elif kind in ("wo", "fc2"):
            view[...] = 0
        elif kind in ("wte", "wpe", "lm_head"):
            view[...] = random.normal(0, 0.001 if kind == "lm_head" else 0.8, view.shape)
        else:
            limit = bound * (0.4 if kind in ("fc_gate", "fc1") else 1)
            view[...] = random.uniform(-limit, limit, view.shape)


def _first_scale(name, shape, random):
    if name == "scales.stream":
        return np.linspace(1.15, 1.05, shape[0])
    if name == "scales.embedding":
        return np.linspace(0.20, 0.05, shape[0])
    if name == "backout.scale":
        return 0.2
    if name == "smear.scale":
        return 0.0
    return np.reshape([random.uniform(0, 0.02) for _ in range(int(np.prod(shape)))], shape)
