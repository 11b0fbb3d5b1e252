"""Looking inside: where a model looks, and how its embeddings lie to one another."""

import numpy as np

from ..autograd import no_grad
from ..autograd.attention import attention_weights
from ..errors import UserError

MOST_FOR_TSNE = 4000  # points; its work and memory grow with the square


def attention_maps(model, tokenizer, prompt):
    """(tokens, [layer arrays (H, T, T)]) for a prompt: how much each position looks at each."""
    ids = [tokenizer.bos, *tokenizer.encode(prompt)]
    if len(ids) > model.config.block_size:
        raise UserError(
            f"This model sees {model.config.block_size} tokens at a time, and the text has"
            f" {len(ids)}, the start counted; give a shorter one."
        )
    seen = {}
    with no_grad():
        model.hidden(np.array([ids]), watch=lambda name, x: seen.setdefault(name, x))
    masks = model.positions(0, len(ids)).masks
    layers = [
        attention_weights(
            *(seen[f"layer{i}.{name}"].data for name in ("query", "key")),
            masks[model.config.window_of(i)],
        )[0]
        for i in range(model.config.n_layer)
    ]
    return [tokenizer.token_text(i) for i in ids], layers


def pca(x, dimensions=2):
    """(points, share of the variance each axis holds): the directions in which x varies most."""
    centred = x - x.mean(0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    u, s = u[:, :dimensions], s
    flip = np.sign(u[np.abs(u).argmax(0), np.arange(u.shape[1])])  # the sign is free: fix it
    share = s[:dimensions] ** 2 / max((s**2).sum(), 1e-30)
    return u * s[:dimensions] * flip, share


def tsne(x, perplexity=30.0, steps=1000, seed=0):
    """Points in the plane whose neighbours are the neighbours in x; see `tsne_steps`."""
    *_, y = tsne_steps(x, perplexity, steps, seed)
    return y


def tsne_steps(x, perplexity=30.0, steps=1000, seed=0, most=MOST_FOR_TSNE):
    """t-SNE (van der Maaten & Hinton 2008), one step at a time: yields the points after each.

    Distances in x become chances of being picked as a neighbour, by a bell curve around each point
    just so wide that about `perplexity` points are in reach; points in the plane are moved until
    their own chances, by a curve with a longer tail, fit.
    """
    count = len(x)
    if count < 4:
        raise UserError("t-SNE needs at least four points.")
    if count > most:
        raise UserError(f"t-SNE of {count:,} tokens would take too long here; PCA does not.")
    if not 1 <= perplexity < count:
        raise UserError(
            f"The perplexity must be at least 1 and below the number of points, {count};"
            f" {max(1, min(30, (count - 1) // 3))} would do."
        )
    return _tsne_steps(x, perplexity, steps, seed)


def _tsne_steps(x, perplexity, steps, seed):
    count = len(x)
    wanted = neighbour_chances(x, perplexity)
    wanted = np.maximum((wanted + wanted.T) / (2 * count), 1e-12)
    y = np.random.default_rng(seed).normal(0, 1e-4, (count, 2))
    speed, gain = np.zeros_like(y), np.ones_like(y)
    rate = max(count / 48, 10.0)
    yield y
    for step in range(steps):
        early = step < 250
        near = 1 / (1 + squared_distances(y))
        np.fill_diagonal(near, 0)
        pull = (wanted * (12 if early else 1) - near / near.sum()) * near
        slope = 4 * (pull.sum(1, keepdims=True) * y - pull @ y)
        gain = np.maximum(np.where(slope * speed > 0, gain * 0.8, gain + 0.2), 0.01)
        speed = (0.5 if early else 0.8) * speed - rate * gain * slope
        y = y + speed
        y -= y.mean(0)
        yield y


def neighbour_chances(x, perplexity):
    """Row i: the chance of each other point to be picked as the neighbour of point i."""
    d = squared_distances(x)
    np.fill_diagonal(d, np.inf)
    d -= d.min(1, keepdims=True)  # the nearest at 0: nothing underflows
    low, high = np.zeros((len(x), 1)), np.full((len(x), 1), np.inf)
    sharpness = np.ones((len(x), 1))
    for _ in range(64):
        p = np.exp(-d * sharpness)
        p /= p.sum(1, keepdims=True)
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(1, keepdims=True)
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, sharpness, low), np.where(wide, high, sharpness)
        sharpness = np.where(np.isinf(high), sharpness * 2, (low + high) / 2)
    return p


def nearest(x, count):
    """For every row the `count` others that point most nearly the same way, the nearest first."""
    unit = x / np.maximum(np.sqrt((x * x).sum(1, keepdims=True)), 1e-30)
    found = []
    for start in range(0, len(unit), 512):  # not all at once: there may be many
        likeness = unit[start : start + 512] @ unit.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -np.inf
        found.append(np.argsort(-likeness, axis=1, kind="stable")[:, : min(count, len(x) - 1)])
    return np.concatenate(found)


def squared_distances(x):
    square = (x * x).sum(1)
    return np.maximum(square[:, None] + square - 2 * (x @ x.T), 0)
