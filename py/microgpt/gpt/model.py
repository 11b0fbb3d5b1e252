"""The GPT: tokens in, a score for every possible next token out.

B sequences of T tokens run as B·T rows; C is the width, H the heads, V the vocabulary. The model
prints nothing, and owns no optimizer and no data.
"""

import numpy as np

from ..autograd import Parameter, Tensor
from ..autograd.ops import (
    add_positions,
    attention,
    cross_entropy,
    embedding,
    linear,
    relu,
    rms_norm,
    split_heads,
)


def parameter_shapes(config):
    """Name and shape of every weight, in the order they are drawn and stand in memory.

    wq, wk and wv of a layer are neighbours, so that one product can serve all three.
    """
    c = config.n_embd
    hidden = config.mlp_ratio * c
    shapes = {
        "wte": (config.vocab_size, c),
        "wpe": (config.block_size, c),
        "lm_head": (config.vocab_size, c),
    }
    for i in range(config.n_layer):
        shapes |= {
            f"layer{i}.wq": (c, c),
            f"layer{i}.wk": (c, c),
            f"layer{i}.wv": (c, c),
            f"layer{i}.wo": (c, c),
            f"layer{i}.fc1": (hidden, c),
            f"layer{i}.fc2": (c, hidden),
        }
    return shapes


class Parameters:
    """The named weights of a model, side by side in one flat array, their gradients in another.

    The optimizer sees two vectors; the model sees matrices by name; a checkpoint is one write.
    """

    def __init__(self, shapes, dtype):
        self.shapes = shapes
        size = sum(int(np.prod(shape)) for shape in shapes.values())
        self.flat = np.zeros(size, dtype)
        self.flat_grad = np.zeros(size, dtype)
        self._starts, start = {}, 0
        for name, shape in shapes.items():
            self._starts[name] = start
            start += int(np.prod(shape))

    @property
    def count(self):
        return self.flat.size

    def view(self, flat, name, rows=None):
        """The part of a flat array that belongs to a weight (and to its neighbours, up to rows)."""
        start, (own, *rest) = self._starts[name], self.shapes[name]
        shape = (own if rows is None else rows, *rest)
        return flat[start : start + int(np.prod(shape))].reshape(shape)

    def parameter(self, name, rows=None):
        return Parameter(self.view(self.flat, name, rows), self.view(self.flat_grad, name, rows))

    def named(self, flat=None):
        """{name: array} views of the weights, or of another vector of the same layout."""
        flat = self.flat if flat is None else flat
        return {name: self.view(flat, name) for name in self.shapes}


class GPT:
    def __init__(self, config, dtype=np.float32):
        self.config = config
        self.weights = Parameters(parameter_shapes(config), dtype)
        get = self.weights.parameter
        self.wte, self.wpe, self.lm_head = get("wte"), get("wpe"), get("lm_head")
        self.layers = [
            {
                "wqkv": get(f"layer{i}.wq", rows=3 * config.n_embd),
                "wo": get(f"layer{i}.wo"),
                "fc1": get(f"layer{i}.fc1"),
                "fc2": get(f"layer{i}.fc2"),
            }
            for i in range(config.n_layer)
        ]
        self._leaves = [self.wte, self.wpe, self.lm_head]
        self._leaves += [leaf for layer in self.layers for leaf in layer.values()]
        t = config.block_size
        self._mask = np.triu(np.full((t, t), -np.inf, dtype), 1)  # no looking ahead

    @property
    def dtype(self):
        return self.weights.flat.dtype

    def init_weights(self, rng):
        """Draw every weight with rng.gauss(0, init_std), one by one, in order."""
        gauss, std = rng.gauss, self.config.init_std
        self.weights.flat[:] = [gauss(0, std) for _ in range(self.weights.count)]

    def logits(self, ids):
        """Scores (B·T, V) for the token after each position of ids (B, T)."""
        config = self.config
        batch, time = ids.shape
        if time > config.block_size:
            raise ValueError(f"{time} tokens do not fit in a block of {config.block_size}")
        mask = self._mask[:time, :time]
        x = add_positions(embedding(self.wte, ids), self.wpe, time)  # (B·T, C)
        x = rms_norm(x, config.norm_eps)
        for layer in self.layers:
            h = linear(rms_norm(x, config.norm_eps), layer["wqkv"])  # (B·T, 3C)
            q, k, v = split_heads(h, batch, [config.n_head] * 3)  # (B, T, H, C/H) each
            x = x + linear(attention(q, k, v, mask), layer["wo"])
            h = relu(linear(rms_norm(x, config.norm_eps), layer["fc1"]))  # (B·T, 4C)
            x = x + linear(h, layer["fc2"])
        return linear(x, self.lm_head)

    def loss(self, ids, targets, weights):
        """Weighted surprise at the targets (B, T); the weights (B, T) say how much each counts."""
        return cross_entropy(self.logits(ids), targets.reshape(-1), weights.reshape(-1))

    def zero_grad(self):
        for leaf in self._leaves:
            leaf.grad = None

    def backward(self, loss: Tensor):
        """Leave the gradient of the loss in `weights.flat_grad`, added to what is there since
        `zero_grad()`."""
        loss.backward()
        for leaf in self._leaves:
            if leaf.grad is None:  # the loss did not depend on it
                leaf.home.fill(0)
                leaf.grad = leaf.home
