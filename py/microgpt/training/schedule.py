"""What changes over a run: the learning rate, and Muon's momentum and decay."""

import math

SCHEDULES = ("linear", "cosine", "quarter-cosine", "warmdown", "constant")


def learning_rate(step, *, lr, steps, warmup=0, schedule="linear", final=0.0, warmdown=0.65):
    """The rate for a step (the first is 0): up to lr over the warm-up, then down to lr * final.

    linear falls evenly; cosine is flat at both ends (half a wave); quarter-cosine falls ever
    faster; warmdown stays at lr and falls evenly over the last part; constant stays.

    >>> [learning_rate(s, lr=1.0, steps=4) for s in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    >>> [learning_rate(s, lr=1.0, steps=4, warmup=2, schedule="constant") for s in range(4)]
    [0.5, 1.0, 1.0, 1.0]
    >>> [learning_rate(s, lr=1.0, steps=4, schedule="warmdown", warmdown=0.5) for s in range(4)]
    [1.0, 1.0, 1.0, 0.5]
    """
    if step < warmup:
        return lr * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    if schedule == "constant":
        return lr
    if schedule == "linear":
        left = 1 - progress
    elif schedule == "cosine":
        left = 0.5 * (1 + math.cos(math.pi * progress))
    elif schedule == "quarter-cosine":
        left = math.cos(0.5 * math.pi * progress)
    else:
        left = min(1.0, (steps - step) / max(1, round(warmdown * steps)))
    return lr * (final + (1 - final) * left)


def muon_momentum(step, steps, warmdown=0.65, made=None):
    """0.85 rising to 0.97 over 400 steps, and falling to 0.90 as the learning rate does.

    It rises with the steps that the optimizer has made; they are the run's, unless `made` says
    that it has worked in another run before.

    >>> round(muon_momentum(0, 1000), 2), round(muon_momentum(400, 5000), 2)
    (0.85, 0.97)
    """
    left = min(1.0, (steps - step) / max(1, round(warmdown * steps)))
    # In a run so short that it falls before it has risen, the lower line holds: no jump.
    made = step if made is None else made
    return min(0.85 + 0.12 * min(1.0, made / 400), 0.90 + 0.07 * left)


def muon_decay(step, steps):
    """The part of Muon's weight decay at a step: half a cosine from 1 to 0."""
    return 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(1, steps))))
