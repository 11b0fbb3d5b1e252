"""How fast the loss changes with a weight, measured: it is moved a little to either side."""

from dataclasses import dataclass

import numpy as np

from ..autograd import no_grad

FIRST, SMALLEST, LARGEST = 1e-4, 1e-6, 1e-2
BENDS = ("relu", "relu2")  # the activations that have a kink, at 0


@dataclass(frozen=True)
class Slope:
    """A central difference of the loss in float64.

    It is of the fourth order, from two nudges to either side, the second twice as far:
    (8 (near_up - near_down) - (far_up - far_down)) / (12 step).
    """

    value: float
    step: float
    near: tuple  # the losses at weight - step and weight + step
    far: tuple  # and at twice that
    kinks: int  # how many units are switched on or off by it; then there is no one slope
    error: float  # an estimate: what rounding and curvature may do


def measure(exact, weight, fine=0.0):
    """The slope of the loss of an ExactStep; `fine` is an error that is small enough.

    A nudge that switches a unit on or off crosses a kink of the loss, and a smaller one is tried;
    where rounding would drown the slope, a larger one.
    """
    step, found = FIRST, at_step(exact, weight, FIRST)
    while found.kinks and step > 1.5 * SMALLEST:
        step /= 10
        found = at_step(exact, weight, step)
    if step == FIRST:
        while found.error > fine and step < LARGEST / 1.5:
            step *= 10
            wider = at_step(exact, weight, step)
            if wider.kinks:
                break
            found = min(found, wider, key=lambda slope: slope.error)
    return found


def at_step(exact, weight, step):
    """The slope by nudges of one size, and of twice that."""
    losses, kinks = {}, 0
    for times in (2, -2, 1, -1):
        losses[times], changed = loss_at(exact, weight, times * step)
        kinks = max(kinks, changed)
        if kinks and step > 1.5 * SMALLEST:  # it will be tried again
            break
    up2, down2, up, down = (losses.get(times, np.array(np.nan)) for times in (2, -2, 1, -1))
    # Position by position, and then the sum: what a nudge leaves as it is cancels exactly.
    plain, wide = (up - down).sum() / (2 * step), (up2 - down2).sum() / (4 * step)
    rounding = np.finfo(float).eps * max(1.0, abs(exact.loss)) / step
    bending = abs(plain - wide) * 10 * step  # a guess at the next order, which is not measured
    value = plain + (plain - wide) / 3
    near, far = ((float(a.sum()), float(b.sum())) for a, b in ((down, up), (down2, up2)))
    return Slope(float(value), step, near, far, kinks, float(bending + rounding))


def loss_at(exact, weight, nudge):
    """(loss of each position, how many units are switched) with a weight moved so far."""
    flat, on = exact.model.flat, []

    def look(name, x):
        if name.endswith(".bend"):
            on.append(x.data > 0)
        return x

    kept, noise = flat[weight.place], exact.source.noise()
    flat[weight.place] = kept + nudge
    try:
        with no_grad():
            losses = []
            for ids, targets, counts, *_ in exact.inputs:
                scores = exact.model.logits(ids, noise=noise, watch=look).data
                scores = scores - scores.max(-1, keepdims=True)
                at = np.arange(len(scores)), targets.reshape(-1)
                surprise = np.log(np.exp(scores).sum(-1)) - scores[at]
                losses.append(surprise * counts.reshape(-1))
            loss = np.concatenate(losses)
    finally:
        flat[weight.place] = kept
    if exact.config.activation not in BENDS:
        return loss, 0
    return loss, sum(int((a != b).sum()) for a, b in zip(exact.on, on, strict=True))
