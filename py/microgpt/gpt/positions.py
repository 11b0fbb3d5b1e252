"""Positions: which the model is at, what they may look at, and the tables of rope and waves."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..autograd.attention import attend, attend_each


class Positions(NamedTuple):
    """Some positions, as the model needs them."""

    index: slice  # or an array: which they are
    rows: tuple  # of the model's tables for positions that are not learned
    masks: dict  # {window: mask} for every window a layer of the model has
    lengths: object = None  # (B,): how many keys each sequence has, where that is worth a look


def positions_of(config, tables, start, time, dtype):
    """The positions from `start` on, for sequences that are all as long."""
    if start + time > config.block_size:
        raise ValueError(f"{start + time} tokens do not fit in a block of {config.block_size}")
    rows = tuple([table[start : start + time] for table in tables])
    masks = {window: causal_mask(start, time, window, dtype) for window in windows_of(config)}
    return Positions(slice(start, start + time), rows, masks)


def attend_at(q, k, v, positions, window):
    """What each of these positions takes from those that it may look at."""
    mask, lengths = positions.masks[window], positions.lengths
    return attend(q, k, v, mask) if lengths is None else attend_each(q, k, v, mask, lengths)


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
    size = rope_size(config)
    sign = -1 if config.rope_reverse else 1
    tables = size * np.cos(turn), sign * size * np.sin(turn)
    return tuple(table[:, None].astype(dtype) for table in tables)


def rope_frequencies(config):
    """How far each pair of a head turns from one position to the next.

    With a factor the model reads contexts so many times longer. linear slows all pairs down by it.
    llama3 (Llama 3.1) and yarn slow those that turn less than `rope_low` times in the original
    context; those that turn more than `rope_high` times stay; between them it is mixed, by the
    turns (llama3) or by the number of the pair (yarn).
    """
    pairs = np.arange(0, config.head_size, 2) / config.head_size
    frequencies, factor = config.rope_base**-pairs, config.rope_factor
    if factor == 1:
        return frequencies
    if config.rope_scaling == "linear":
        return frequencies / factor
    low, high = config.rope_low, config.rope_high
    if config.rope_scaling == "llama3":
        turns = config.rope_original * frequencies / (2 * np.pi)
        fast = np.clip((turns - low) / (high - low), 0, 1)
    else:
        first, last = np.floor(_pair_of(high, config)), np.ceil(_pair_of(low, config))
        first, last = max(first, 0), min(last, config.head_size - 1)
        numbers = np.arange(len(pairs))
        fast = 1 - np.clip((numbers - first) / max(last - first, 1e-3), 0, 1)
    return frequencies * (fast + (1 - fast) / factor)


def _pair_of(turns, config):
    """The number of the pair that turns so often in the original context; not a whole one."""
    size, base = config.head_size, config.rope_base
    return size * np.log(config.rope_original / (turns * 2 * np.pi)) / (2 * np.log(base))


def rope_size(config):
    """What yarn multiplies queries and keys by: attention over more positions is sharpened."""
    stretched = config.rope_scaling == "yarn" and config.rope_factor > 1
    return 0.1 * np.log(config.rope_factor) + 1 if stretched else 1.0
