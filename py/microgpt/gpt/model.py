"""The GPT: tokens in, a score for every possible next token out.

B sequences of T tokens run as B·T rows; C is the width, H the heads, V the vocabulary. Each switch
of the configuration is one line here. The model prints nothing, and owns no optimizer, no data
and no random numbers.
"""

import copy

import numpy as np

from ..autograd import Parameter, Tensor
from ..autograd.layers import (
    add_positions,
    cross_entropy,
    embedding,
    layer_norm,
    linear,
    previous,
    rms_norm,
    rope,
    scaled,
    split_heads,
    swiglu,
    take_rows,
)
from ..autograd.ops import dropout, gelu, gelu_tanh, recompute, relu, sigmoid, tanh
from .config import SMEAR_CHANNELS, VALUE_CHANNELS
from .parameters import ByColumns, Parameters, init_weights, parameter_shapes
from .positions import attend_at, position_tables, positions_of

ACTIVATIONS = {
    "relu": relu,
    "relu2": lambda x: _square(relu(x)),
    "gelu": gelu,
    "gelu-tanh": gelu_tanh,
}

BAND = 32  # rows of a matrix that are turned at a time: what is read of them stays in the cache


class GPT:
    """The weights, and how scores and a loss are computed from them.

    With `recompute` blocks are computed twice instead of keeping what is inside them: less memory,
    more time.
    """

    def __init__(self, config, dtype=np.float32, recompute=False):
        self.config, self.recompute = config, recompute
        self.weights = self._make_parameters(dtype)
        self.leaves = self._make_leaves(self.flat, self.weights.flat_grad)
        self._tables = position_tables(config, self.dtype)

    def _make_parameters(self, dtype):
        return Parameters(parameter_shapes(self.config), dtype)

    def bind(self, flat, grad, add=False):
        """This model on other arrays: a copy whose weights and gradients are parts of these.

        The gradient is written over what is there or, with `add`, added to it.
        """
        bound = copy.copy(self)
        bound.leaves = self._make_leaves(flat, grad)
        if add:
            for leaf in bound.leaves.values():
                leaf.grad = leaf.grad_array
        return bound

    def _make_leaves(self, flat, grad):
        """{name: what the forward computes with}; weights that one product serves are one leaf."""
        weights = self.weights
        return {
            leaf: Parameter(*[weights.joined(array, names) for array in (flat, grad)])
            for leaf, names in weights.leaves.items()
        }

    @property
    def flat(self):
        """All that it computes with, as one array: what takes its place is given to `bind`."""
        return self.weights.flat

    @property
    def dtype(self):
        return self.weights.flat.dtype

    def init_weights(self, rng):
        init_weights(self.weights, self.config, rng)

    def kept(self):
        """{name: array}: what a file of this model holds."""
        return self.weights.named()

    def merged(self):
        """This model with all its weights in one array: itself, unless it is a tuned one."""
        return self

    def by_columns(self):
        """A copy that writes faster, and cannot be trained."""
        model, weights = copy.copy(self.merged()), ByColumns(self.weights.shapes, self.dtype)
        for name, view in weights.named().items():
            own = model.weights.view(model.flat, name)
            for i in range(0, len(own), BAND):
                view[i : i + BAND] = own[i : i + BAND]
        model.weights = weights
        model.leaves = model._make_leaves(weights.flat, weights.flat_grad)
        return model

    # ---- forward

    def logits(self, ids, cache=None, noise=None, watch=None):
        """Scores (B·T, V) for the token after each position of ids (B, T).

        With a cache the ids go on where it ends. `noise` is the generator dropout draws from;
        without it nothing is dropped. `watch(name, tensor)` is shown what is computed on the way,
        under the names written here, and what it returns takes the place of that.
        """
        return self.head(self.hidden(ids, cache, noise, watch), watch)

    def last_logits(self, ids, cache=None):
        """Scores (B, V) after the last of the ids (B, T), or where the cache says they end."""
        x = self.hidden(ids, cache).data.reshape(*ids.shape, -1)
        return self.head(Tensor(cache.last_of(x) if cache else x[:, -1])).data

    def head(self, x, watch=None):
        """Scores for hidden states (rows, C)."""
        scores = linear(x, self.leaves["wte" if self.config.tied_head else "lm_head"])
        scores = (watch or unwatched)("scores", scores)
        if softcap := self.config.softcap:
            scores = tanh(scores * (1 / softcap)) * softcap
        return scores

    def early_logits(self, x):
        """Scores as if x (rows, C), from between two blocks, were the end: the logit lens."""
        return self.head(self._norm(x, "norm_final") if self.config.norm_final else x)

    def hidden(self, ids, cache=None, noise=None, watch=None):
        """The final hidden state (B·T, C) of each position: what the head reads."""
        config, w, watch = self.config, self.leaves, watch or unwatched
        batch, time = ids.shape
        positions = cache.positions(self, time) if cache else self.positions(0, time)
        x = self.embed(ids, positions, watch)  # (B·T, C)
        if config.smear:
            x = watch("smear", self._smear(x, time, cache, watch))
        x = self._drop(x, noise)
        first, middle = x, None
        for i in range(config.n_layer):
            if config.layer_scales:
                x = scaled(x, w["scales.stream"], i) + scaled(first, w["scales.embedding"], i)
            # A seed for each block, not one generator: computed twice it drops the same numbers.
            seed = noise.integers(2**63) if noise else None
            block = self._block(i, ids, positions, cache, seed, watch)
            x = recompute(block, x) if self.recompute else block(x)
            if i == config.n_layer // 2:
                middle = x
        if cache:
            cache.length += time
        if config.backout:
            x = watch("backout", x - scaled(middle, w["backout.scale"], 0))
        if config.norm_final:
            x = watch("norm_final", self._norm(x, "norm_final"))
        return x

    def embed(self, ids, positions, watch=None):
        """(B·T, C): what stands for each token where it is, before any other is looked at."""
        watch = watch or unwatched
        x = watch("token", embedding(self.leaves["wte"], ids))
        x = watch("sum", self._add_positions(x, positions))
        if self.config.norm_embedding:
            x = watch("norm_embedding", self._norm(x, "norm_embedding"))
        return x

    def loss(self, ids, targets, weights, noise=None, picked=None, watch=None):
        """Weighted surprise at the targets (B, T); the weights (B, T) say how much each counts.

        Where many weigh nothing, `picked` are the places, each once, of those that are looked at:
        the head is wide, and of a prompt nothing is learned.
        """
        x, targets, weights = (
            self.hidden(ids, noise=noise, watch=watch),
            targets.reshape(-1),
            weights.reshape(-1),
        )
        if picked is not None:
            x, targets, weights = take_rows(x, picked), targets[picked], weights[picked]
        return cross_entropy(self.head(x, watch), targets, weights)

    def positions(self, start, time):
        """What the model knows of the positions from `start` on."""
        return positions_of(self.config, self._tables, start, time, self.dtype)

    def table_rows(self, index):
        """The rows of the position tables for one position of each sequence, index (B,)."""
        return tuple([table[index][:, None] for table in self._tables])

    # ---- a block: attention and MLP, each added to the residual stream

    def _block(self, i, ids, positions, cache, seed, watch):
        name = f"layer{i}."

        def block(x):
            noise = None if seed is None else np.random.default_rng(seed)
            x = watch(name + "in", x)
            h = watch(name + "norm1", self._norm(x, name + "norm1"))
            h = self._causal_self_attention(h, i, ids, positions, cache, watch)
            x = watch(name + "middle", x + self._drop(watch(name + "attention", h), noise))
            h = watch(name + "norm2", self._norm(x, name + "norm2"))
            h = watch(name + "mlp", self._mlp(h, i, watch))
            return watch(name + "out", x + self._drop(h, noise))

        return block

    def _causal_self_attention(self, h, i, ids, positions, cache, watch):
        config, w, name = self.config, self.leaves, f"layer{i}."
        batch, time = ids.shape
        heads, kv_heads = config.n_head, config.kv_heads
        qkv = linear(h, w[name + "qkv"], w.get(name + "qkv_bias"))
        q, k, v = split_heads(qkv, batch, [heads, kv_heads, kv_heads])  # (B, T, heads, size)
        if config.turns_queries or config.has_value_embedding(i):
            q, k = watch(name + "query_raw", q), watch(name + "key_raw", k)
            v = watch(name + "value_raw", v)
        if config.has_value_embedding(i):
            gate = sigmoid(linear(h[:, :VALUE_CHANNELS], w[name + "value_gate"])) * 3.0
            gate = watch(name + "value_gate", gate)
            value = watch(name + "value_row", embedding(w[name + "value"], ids)).reshape(v.shape)
            v = v + gate.reshape(batch, time, kv_heads, 1) * value
        if config.positions == "rope":
            q, k = rope(q, *positions.rows), rope(k, *positions.rows)
        if config.qk_norm:
            q, k = rms_norm(q, config.norm_eps), rms_norm(k, config.norm_eps)
        if config.qk_scale != 1:
            q, k = q * config.qk_scale, k * config.qk_scale
        if cache and cache.is_mixed:
            y = cache.attend(i, q, k, v, config.window_of(i))
        else:
            if cache:
                k, v = (Tensor(array) for array in cache.extend(i, k.data, v.data))
            q, k, v = watch(name + "query", q), watch(name + "key", k), watch(name + "value", v)
            y = attend_at(q, k, v, positions, config.window_of(i))
        y = watch(name + "heads", y)
        return linear(y, w[name + "wo"], w.get(name + "bo"))

    def _mlp(self, h, i, watch):
        config, w, name = self.config, self.leaves, f"layer{i}."
        if config.activation == "swiglu":
            h = linear(h, w[name + "gate_up"], w.get(name + "gate_up_bias"))
            h = swiglu(watch(name + "bend", h))
        else:
            h = linear(h, w[name + "fc1"], w.get(name + "b1"))
            h = ACTIVATIONS[config.activation](watch(name + "bend", h))
        return linear(watch(name + "units", h), w[name + "fc2"], w.get(name + "b2"))

    # ---- smaller parts

    def _add_positions(self, x, positions):
        if self.config.positions == "learned":
            table, index = self.leaves["wpe"], positions.index
            if isinstance(index, slice):
                return add_positions(x, table, index.stop - index.start, index.start)
            return x + Tensor(table.data[index])  # one position of each sequence, to be read
        if self.config.positions == "sinusoidal":
            # As the paper does: else the waves drown what token it is.
            x = x * self.config.n_embd**0.5
            (table,) = positions.rows
            return (x.reshape(-1, *table.shape) + Tensor(table)).reshape(*x.shape)
        return x

    def _smear(self, x, time, cache, watch):
        """Mix in the embedding of the token before, by a gate that reads the token's own."""
        w = self.leaves
        before = cache.previous(x, time) if cache else previous(x, time)
        gate = sigmoid(linear(x[:, :SMEAR_CHANNELS], w["smear.gate"]))  # (B·T, 1)
        gate = watch("smear_gate", gate)
        return x + scaled(gate * before, w["smear.scale"], 0)

    def _norm(self, x, name):
        config, w = self.config, self.leaves
        if config.norm == "layer":
            return layer_norm(x, w[name + ".gain"], w[name + ".bias"], config.norm_eps)
        return rms_norm(x, config.norm_eps, w.get(name + ".gain"))

    def _drop(self, x, noise):
        rate = self.config.dropout
        return dropout(x, rate, noise) if rate and noise else x

    # ---- gradients

    def zero_grad(self):
        for leaf in self.leaves.values():
            leaf.grad = None

    def backward(self, loss, watch=None):
        """Leave the gradient of the loss in `weights.flat_grad`, added to what is there since
        `zero_grad()`; `watch` is shown each on the way."""
        loss.backward(watch=watch)
        for leaf in self.leaves.values():
            if leaf.grad is None:  # the loss did not depend on it
                leaf.grad_array.fill(0)
                leaf.grad = leaf.grad_array


def unwatched(name, x):
    """What `watch` does where nobody looks."""
    return x


def check_ids(ids, vocab_size):
    """Refuse ids that are no tokens: a replayed step would take the nearest token instead."""
    # Seen as unsigned, a negative number is a very large one: one look finds both.
    if ids.size and np.maximum.reduce(ids.view(f"u{ids.itemsize}"), None) >= vocab_size:
        raise IndexError(f"token ids must be from 0 to {vocab_size - 1}")


def _square(x):
    return x * x
