"""The same training in JAX, compiled, as its users would write it: a rival, only when installed."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np


class Trainer:
    """Trains on the batches of a run, with the run's settings."""

    def __init__(self, run):
        self.run, self.step, config = run, 0, run.config
        weights = any_weights(run.model.config, run.config.dtype)
        self.state = weights, *(jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
        heads, betas = run.model.config.n_head, (config.beta1, config.beta2)
        self._move = jax.jit(partial(move, heads, betas, config.eps), donate_argnums=0)

    def train(self, steps):
        """Take some steps; returns how many tokens they learned from."""
        tokens, config = 0, self.run.config
        for _ in range(steps):
            batch = next(self.run.batches)
            self.step += 1
            lr = config.lr * (1 - self.step / config.steps)
            given = batch.ids, batch.targets, np.array(batch.weights), lr, self.step
            self.state, loss = self._move(self.state, *given)
            loss.block_until_ready()
            tokens += batch.tokens
        return tokens


def any_weights(config, dtype):
    draw, width = np.random.default_rng(0), config.n_embd

    def matrix(rows, columns):
        return jnp.asarray(draw.normal(0, config.init_std, (rows, columns)), dtype)

    def layer():
        sizes = {"qkv": (1, 3), "out": (1, 1), "up": (1, 4), "down": (4, 1)}
        return {name: matrix(a * width, b * width) for name, (a, b) in sizes.items()}

    return {
        "wte": matrix(config.vocab_size, width),
        "wpe": matrix(config.block_size, width),
        "layers": [layer() for _ in range(config.n_layer)],
        "head": matrix(width, config.vocab_size),
    }


def rms_norm(x):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-5)


def loss_of(weights, heads, ids, targets, counts):
    x = rms_norm(weights["wte"][ids] + weights["wpe"][: ids.shape[1]])
    for layer in weights["layers"]:
        q, k, v = jnp.split(rms_norm(x) @ layer["qkv"], 3, -1)
        q, k, v = (each.reshape(*each.shape[:2], heads, -1) for each in (q, k, v))
        y = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        x = x + y.reshape(x.shape) @ layer["out"]
        x = x + jax.nn.relu(rms_norm(x) @ layer["up"]) @ layer["down"]
    chances = jax.nn.log_softmax(x @ weights["head"])
    return -(jnp.take_along_axis(chances, targets[..., None], -1)[..., 0] * counts).sum()


def move(heads, betas, eps, state, ids, targets, counts, lr, step):
    """A step of Adam: (weights and what it remembers, the loss before)."""
    weights, means, squares = state
    loss, gradient = jax.value_and_grad(loss_of)(weights, heads, ids, targets, counts)
    one, two = betas
    means = jax.tree.map(lambda m, g: one * m + (1 - one) * g, means, gradient)
    squares = jax.tree.map(lambda v, g: two * v + (1 - two) * g * g, squares, gradient)

    def moved(w, m, v):
        return w - lr * (m / (1 - one**step)) / (jnp.sqrt(v / (1 - two**step)) + eps)

    return (jax.tree.map(moved, weights, means, squares), means, squares), loss
