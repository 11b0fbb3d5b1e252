"""The learning rate over a run: a warm-up, then a decay."""

import math

SCHEDULES = ("linear", "cosine", "constant")


def learning_rate(step, *, lr, steps, warmup=0, schedule="linear", final=0.0):
    """The rate for a step (the first is 0): up to lr over the warm-up, then down to lr * final.

    >>> [learning_rate(s, lr=1.0, steps=4) for s in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    >>> [learning_rate(s, lr=1.0, steps=4, warmup=2, schedule="constant") for s in range(4)]
    [0.5, 1.0, 1.0, 1.0]
    """
    if step < warmup:
        return lr * (step + 1) / warmup
    if schedule == "constant":
        return lr
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    left = 1 - progress if schedule == "linear" else 0.5 * (1 + math.cos(math.pi * progress))
    return lr * (final + (1 - final) * left)
