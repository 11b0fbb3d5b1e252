"""Positions: which the model is at, what they may look at, and the tables of rope and waves."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np


class Positions(NamedTuple):
    """Some positions, as the model needs them."""

    index: slice  # or an array: which they are
    rows: tuple  # of the model's tables for positions that are not learned
    masks: dict  # {window: mask} for every window a layer of the model has


def positions_of(config, tables, start, time, dtype):
    """The positions from `start` on, for sequences that are all as long."""
    if start + time > config.block_size:
        raise ValueError(f"{start + time} tokens do not fit in a block of {config.block_size}")
    rows = tuple([table[start : start + time] for table in tables])
    masks = {window: causal_mask(start, time, window, dtype) for window in windows_of(config)}
    return Positions(slice(start, start + time), rows, masks)


def windows_of(config):
    """The different windows that the layers of a model have."""
    return dict.fromkeys(config.window_of(i) for i in range(config.n_layer))


@lru_cache(32)  # every layer and every step asks for the same few
def causal_mask(start, time, window, dtype):
    """(T, start + T): 0 where a position may look, -inf at what comes later or is too old."""
    here = np.arange(start, start + time)[:, None]
    there = np.arange(start + time)
    hidden = there > here
    if window is not None:
        hidden |= there < here - window
    return np.where(hidden, -np.inf, 0).astype(dtype)


def position_tables(config, dtype):
    """What positions need that is not learned: one table to add, or cos and sin to turn by."""
    place = np.arange(config.block_size)[:, None]
    if config.positions == "sinusoidal":
        turn = place * 10_000.0 ** -(np.arange(0, config.n_embd, 2) / config.n_embd)
        waves = np.stack([np.sin(turn), np.cos(turn)], -1).reshape(place.size, -1)
        return (waves.astype(dtype),)
    if config.positions != "rope":
        return ()
    turn = place * rope_frequencies(config)
    sign = -1 if config.rope_reverse else 1
    return tuple(table[:, None].astype(dtype) for table in (np.cos(turn), sign * np.sin(turn)))


def rope_frequencies(config):
    """How far each pair of a head turns from one position to the next.

    With a factor (Llama 3.1) the slow pairs, which turn less than once in the original context,
    are slowed down by it; the fast ones (over four turns) stay; between them it is mixed.
    """
    pairs = np.arange(0, config.head_size, 2) / config.head_size
    frequencies = config.rope_base**-pairs
    if config.rope_factor == 1:
        return frequencies
    turns = config.rope_original * frequencies / (2 * np.pi)
    low, high = 1, 4
    fast = np.clip((turns - low) / (high - low), 0, 1)
    return frequencies * (fast + (1 - fast) / config.rope_factor)
