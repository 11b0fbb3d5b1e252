"""Decoding: sequences in the slots of a KV cache, each at its own position, read token by token."""

import numpy as np

from ..autograd import no_grad
from ..errors import UserError
from ..gpt.cache import Cache, MixedCache, TracedCache
from ..gpt.model import check_ids
from ..gpt.positions import Positions, windows_of
from ..recorder.record import Machine, Recorded

# How many positions of the cache are looked at: the first of these that will do. Each is recorded
# by itself, which takes long in a browser; finer ones gain something for several rows alone.
SPANS = [16, 32, *[n << i for i in range(5, 20) for n in (2, 3)]]
FINE_SPANS = [16, 32, 64, 96, *[n << i for i in range(5, 18) for n in (4, 5, 6, 7)]]
# How wide a position's keys are in a layer where reading those behind a sequence's end is dear.
WIDE = 256
# There one product for all, which reads the whole span of every sequence, is faster than one for
# each, until it reads so many times as much, and so many positions more.
WASTE, SHORT = 1.3, 32
# Numbers of a model from which on its weights are worth fetching once for those who write and for
# a prompt. In smaller ones the recorded step gains more. From there on threads are worth it, too.
LARGE = 2_000_000
# Sequences that a thread reads at least: with fewer all would only wait for the weights.
FEWEST = 8


class Decoder:
    """Slots for sequences. Those in use are the first ones, in any order.

    Prompts are read by themselves (`prefill`, one also in pieces) and then take a slot (`admit`).
    `read` reads one more token in each of the first slots: recorded once for each number of slots
    and each span of positions, and then replayed for any positions.

    With `threads` (see training/threads.py) several of them share the sequences of a large model,
    and one reads a prompt meanwhile. The library's own threads would share each product alone, and
    wait for one another at every one: where another program needs a processor, too, that is long.
    """

    def __init__(self, model, slots, machine=None, threads=None):
        config = model.config
        self.model, self.slots, self.lengths = model, slots, [0] * slots
        self._machine = machine or (threads.machines[0] if threads else Machine())
        self._cache, self._prompts = Cache(config, slots, model.dtype), None
        # How many slots are read for so many that are in use: all, or half, a quarter, ... of them.
        sizes = [-(-slots // 2**i) for i in range(slots.bit_length() + 1)]
        self._sizes = [min(n for n in sizes if n >= count) for count in range(slots + 1)]
        # In a browser the kernel makes products; it knows only those of one length.
        wide = config.kv_heads * config.head_size >= WIDE
        self._reads_each = wide and self._machine.kernel is None
        self.mixes = model.flat.size >= LARGE and self._machine.kernel is None
        self._threads = threads if self.mixes and threads and threads.count > 1 else None
        self.reads_beside = bool(self._threads)
        self._ids = np.zeros((slots, 1), np.intp)
        self._steps = {}  # {(size, first slot): the recorded step}
        self._singles = {}  # {position: the step there and its inputs}, for the first slot alone
        self._masks, self._spans = _mask_rows(config, model.dtype), {}
        # Where the first position of every head lies, (layer, slot, head).
        layers, heads = config.n_layer, config.kv_heads
        starts = np.arange(slots * layers * heads).reshape(slots, layers, heads) * config.block_size
        self._starts = starts.swapaxes(0, 1)

    # ---- prompts

    def prefill(self, prompts, fresh=True, tokens=()):
        """Read prompts side by side, or with `fresh` False the next piece of one; scores (n, V).

        With tokens these are read as well, as `read` does, and their scores come first.
        """
        cache, lengths = self._prompts_of(len(prompts)), [len(prompt) for prompt in prompts]
        if fresh:
            cache.clear()
        ids = np.zeros((len(prompts), max(lengths)), np.intp)  # shorter ones are filled up
        for row, prompt in zip(ids, prompts):
            row[: len(prompt)] = prompt
        cache.ends = np.array(lengths) - 1 if len(prompts) > 1 else None
        self._prompt_lengths = [cache.length + length for length in lengths]
        if tokens and self._threads:
            scores = self._threads.run([self._part(0, 0, tokens), lambda: self._prompt_scores(ids)])
            self._count(len(tokens))
            return np.concatenate([scores[0][: len(tokens)], scores[1]])
        if tokens and self.mixes:
            return self._mixed(ids, cache, tokens)
        written = [self.read(tokens)] if tokens else []
        scores = self._prompt_scores(ids)
        return np.concatenate([*written, scores]) if written else scores

    def _prompt_scores(self, ids):
        with no_grad():
            return self.model.last_logits(ids, self._prompts)

    def _mixed(self, ids, cache, tokens):
        """One more token in each of the first slots and the ids (n, T) of prompts, in one pass."""
        count, time, own = len(tokens), ids.shape[1], self._cache
        self._check(tokens)
        inputs = self._inputs(np.array(self.lengths[:count]), count)
        slots = own.keys[:count], own.values[:count], own.last[:count]
        mixed = MixedCache(_traced(self.model, *slots, *inputs), cache, time)
        rows = np.concatenate([tokens, ids.reshape(-1)])[:, None]
        with no_grad():
            scores = self.model.last_logits(rows, mixed)
        cache.length += time
        self._count(count)
        return scores

    def _prompts_of(self, count):
        if self._prompts is None or len(self._prompts.last) != count:
            self._prompts = Cache(self.model.config, count, self.model.dtype)
        return self._prompts

    def recall(self, ids, keys, values):
        """Begin a prompt with ids that were read before: (layers, heads, T, size) keys, values."""
        cache, length = self._prompts_of(1), len(ids)
        for own, known in ((cache.keys, keys), (cache.values, values)):
            own[0, :, :, :length] = known[:, :, :length]
        cache.length = length
        if self.model.config.smear:
            with no_grad():
                last = self.model.embed(np.array([ids[-1:]]), self.model.positions(length - 1, 1))
            cache.last[...] = last.data

    def prompt(self, source=0):
        """The keys and values of one of the prompts that were read."""
        return _taken(self._prompts, source, self._prompt_lengths[source])

    def sequence(self, slot):
        """The keys and values of the sequence in a slot."""
        return _taken(self._cache, slot, self.lengths[slot])

    def admit(self, slot, source=0):
        """One of the prompts that were read takes a slot."""
        self._copy(self._prompts, source, slot, self._prompt_lengths[source])

    def move(self, source, slot):
        """A sequence takes another slot."""
        self._copy(self._cache, source, slot, self.lengths[source])

    def _copy(self, cache, source, slot, length):
        own = self._cache
        for theirs, ours in ((cache.keys, own.keys), (cache.values, own.values)):
            ours[slot, :, :, :length] = theirs[source, :, :, :length]
        own.last[slot] = cache.last[source]
        self.lengths[slot] = length

    # ---- one token more

    def read(self, tokens):
        """Scores (n, V) after one more token in each of the first n slots."""
        count, lengths = len(tokens), self.lengths
        self._check(tokens)
        ids = self._ids[:count]
        ids[:, 0] = tokens
        if self._sizes[count] == 1:
            step, inputs = self._singles.get(lengths[0]) or self._single(lengths[0])
            lengths[0] += 1
            return step(ids, *inputs)
        each = self._each(count)
        if each < count:
            starts = range(0, count, each)
            parts = [self._part(i, n, tokens[n : n + each]) for i, n in enumerate(starts)]
            scores = self._threads.run(parts)
            scores = np.concatenate([own[: count - n] for n, own in zip(starts, scores)])
        else:
            step, inputs = self.step_at(ids, lengths[:count])
            scores = step(*inputs)
        self._count(count)
        return scores if len(scores) == count else scores[:count]

    def _count(self, tokens):
        """So many of the first slots have read a token."""
        for slot in range(tokens):
            self.lengths[slot] += 1

    def _each(self, count):
        """How many of so many sequences each thread reads."""
        each = size = self._sizes[count]
        while self._threads and each >= 2 * FEWEST and 2 * -(-size // each) <= self._threads.count:
            each = -(-each // 2)
        return each

    def _part(self, thread, start, tokens):
        """What one thread does, ready to be called: it reads a token in each of these slots."""
        self._check(tokens)
        count = len(tokens)
        size = min(self._sizes[count], self.slots - start)
        ids = np.resize(np.array(tokens, np.intp), (size, 1))
        positions = np.resize(self.lengths[start : start + count], size)
        inputs = self._inputs(positions, count)
        machine = self._threads.machines[thread]
        return self._step(size, start, machine).ready(ids, *inputs)

    def _check(self, tokens):
        if min(tokens) < 0 or max(tokens) >= self.model.config.vocab_size:
            check_ids(np.array(tokens), self.model.config.vocab_size)

    def _single(self, position):
        step, (ids, *inputs) = self.step_at(self._ids[:1], [position])
        self._singles[position] = step.like(ids, *inputs), inputs
        return self._singles[position]

    def step_at(self, ids, positions):
        """The recorded step that reads ids (n, 1) at these positions, and its inputs."""
        count, size = len(ids), self._sizes[len(ids)]
        if count < size:  # the slots between are free: what is read there does no harm
            ids, positions = np.resize(ids, (size, 1)), np.resize(positions, size)
        return self._step(size), (ids, *self._inputs(np.array(positions), count))

    def _inputs(self, positions, count):
        """What the step is given of positions (n,), of which the first `count` matter: places in
        the cache, how many keys each has, masks, table rows."""
        block, furthest = self.model.config.block_size, positions.max()
        if furthest >= block:
            raise UserError(f"The context is full: this model looks back at most {block} tokens.")
        size, read = len(positions), positions[:count].sum() + count
        fine = size > 1 and self._machine.kernel is None
        span = min(next(n for n in (FINE_SPANS if fine else SPANS) if n > furthest), block)
        each = self._reads_each and size > 1 and (span - SHORT) * size > WASTE * read
        if span not in self._spans:
            self._spans[span] = np.lib.stride_tricks.sliding_window_view(self._masks, span, axis=1)
        masks = self._spans[span][:, block - 1 - positions]
        places = self._starts[:, :size] + positions[:, None]
        lengths = positions[: size * each] + 1  # none: all read the whole span
        lengths[count:] = 1
        return positions, places, lengths, masks, *self.model.table_rows(positions)

    def _step(self, size, start=0, machine=None):
        key = size, start
        if key not in self._steps:
            cache, own = self._cache, slice(start, start + size)
            state = {"weights": self.model.flat, "keys": cache.keys[own]}
            state |= {"values": cache.values[own], "last": cache.last[own]}
            if start:  # recorded once for all places
                self._steps[key] = self._step(size).on(state, machine)
            else:
                self._steps[key] = Recorded(reading(self.model), state, self._machine)
        return self._steps[key]


def _taken(cache, row, length):
    return cache.keys[row, :, :, :length].copy(), cache.values[row, :, :, :length].copy()


def reading(model):
    """Reading one token in each sequence as a function of arrays only."""

    def read(weights, keys, values, last, ids, *inputs):
        cache = _traced(model, keys, values, last, *inputs)
        with no_grad():
            return model.bind(weights, weights).logits(ids, cache).data

    return read


def _traced(model, keys, values, last, index, places, lengths, masks, *rows):
    """The cache for one token more of each sequence, from what `_inputs` says of its position."""
    count, span = masks.shape[1], masks.shape[-1]
    masks = {w: masks[i].reshape(count, 1, span) for i, w in enumerate(windows_of(model.config))}
    positions = Positions(index, rows, masks, lengths if len(lengths) else None)
    return TracedCache(keys, values, last, positions, places, span)


def _mask_rows(config, dtype):
    """(windows, 2 · block): from block - 1 - p on, such a row is the mask of position p."""
    block = config.block_size
    away = np.arange(2 * block) - (block - 1)  # from the position that reads
    rows = [(away > 0) | (away < (-block if w is None else -w)) for w in windows_of(config)]
    return np.where(rows, -np.inf, 0).astype(dtype)


class Rereader:
    """The same without a cache: everything in view is read anew for every token.

    So that a reader can see what the cache saves.
    """

    reads_beside = False

    def __init__(self, model, slots):
        self.model, self.slots, self.lengths = model, slots, [0] * slots
        self._ids, self._prompts = [[] for _ in range(slots)], []

    def prefill(self, prompts, fresh=True, tokens=()):
        self._prompts = prompts if fresh else [[*self._prompts[0], *prompts[0]]]
        return np.array([*self.read(tokens), *map(self._scores, self._prompts)])

    def admit(self, slot, source=0):
        self._ids[slot] = list(self._prompts[source])
        self.lengths[slot] = len(self._ids[slot])

    def move(self, source, slot):
        self._ids[slot], self.lengths[slot] = self._ids[source], self.lengths[source]

    def read(self, tokens):
        for slot, token in enumerate(tokens):
            self._ids[slot].append(token)
            self.lengths[slot] += 1
        return np.array([self._scores(ids) for ids in self._ids[: len(tokens)]])

    def _scores(self, ids):
        with no_grad():
            return self.model.last_logits(np.array([ids]))[0]
