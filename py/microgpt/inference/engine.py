"""Generation by slots: sequences written side by side, that come and go (continuous batching)."""

from collections import deque
from itertools import islice
from typing import NamedTuple

import numpy as np

from .decode import Decoder, Rereader
from .sampling import Sampling, choose, log_probabilities

PIECE = 256  # tokens of prompts that are read between two tokens of those who write
# A piece of a prompt costs something for itself, about what so many more tokens would: of large
# weights most of the time goes into fetching them.
FIXED = 32


class Row:
    """One sequence: what was read and written, how it goes on, and when it ends.

    `ids` begins with the prompt. `forced` is a queue of tokens to write next in place of drawn
    ones; whoever holds the row may add to it between two steps. The row ends with a token of
    `stops`, with its `max_tokens`-th, or, unless it slides on, where the model's block is full:
    `ended` is then "stop", "length" or "full".

    A `shift` changes the scores before a token is drawn. With `tops`, a number, every token comes
    with its log-probability and so many of the likeliest, as the model itself has them.
    """

    __slots__ = (
        *("ended", "forced", "ids", "limit", "recalled", "rng", "sampling", "shift", "slides"),
        *("stops", "tops", "view"),
    )

    def __init__(
        self, ids, rng, sampling=None, stops=(), max_tokens=None, forced=(), slides=True,
        shift=None, tops=None,
    ):  # fmt: skip
        self.ids, self.rng, self.sampling = list(ids), rng, sampling or Sampling()
        self.shift, self.tops, self.recalled = shift, tops, 0  # tokens that were not read again
        self.stops, self.forced, self.slides = frozenset(stops), deque(forced), slides
        self.limit = None if max_tokens is None else len(self.ids) + max_tokens
        self.view = None  # how many of its last tokens are to be read before it goes on
        self.ended = None

    @property
    def prompt(self):
        """What is to be read before it goes on."""
        return self.ids[-self.view :]


class Written(NamedTuple):
    """A token that was written in a row."""

    row: Row
    id: int
    probability: float | None  # how likely it was; None if it was forced
    unseen: int  # how many tokens at the beginning the model no longer saw when it chose this
    logs: tuple | None = None  # (its log-probability, [(id, that of it), ...]), if the row asked


class Engine:
    """Writes up to `slots` sequences at a time; more of them wait until a slot is free.

    Each `step` writes one token in every row that has been read. Rows join and leave between two
    steps. A row draws from a generator of its own: its text is the same whatever its neighbours.
    When the model's block is full, the last half of it is read anew and the rest forgotten.
    Without `remember` there is no cache, and all that is in view is read anew for every token.
    With `prefixes` what was read is kept, and a prompt that begins like it goes on from there.
    With `threads` several of them write the rows of a large model.
    """

    def __init__(
        self, model, slots=1, machine=None, remember=True, piece=PIECE, prefixes=None, threads=None
    ):
        self.model, self.slots, self.piece = model, slots, piece
        self._prefixes = prefixes
        if remember:
            self._decoder = Decoder(model, slots, machine, threads)
        else:
            self._decoder = Rereader(model, slots)
        self.machine = machine
        self._active, self._waiting = [], deque()  # active: by slot
        # For the next token of each.
        self._scores = np.zeros((slots, model.config.vocab_size), model.dtype)
        self._prefilled = 0  # tokens of the first who waits
        self.prompt_tokens, self.prompt_pieces = 0, 0  # what was read of prompts, in how many
        self._samplings = {}  # one object for all settings that are equal

    @property
    def rows(self):
        """All rows that have not ended."""
        return [*self._active, *self._waiting]

    @property
    def reads_beside(self):
        """Does another thread read prompts while rows are written?"""
        return self._decoder.reads_beside

    @property
    def is_reading(self):
        """Are there prompts that are still to be read?"""
        return bool(self._waiting)

    def join(self, row):
        """A row takes part from the next step on, or as soon as a slot is free."""
        row.view = min(len(row.ids), self.model.config.block_size)
        # Rows of equal settings draw together.
        row.sampling = self._samplings.setdefault(row.sampling, row.sampling)
        self._waiting.append(row)
        return row

    def leave(self, row):
        """A row takes no part any more."""
        if row in self._waiting:
            if row is self._waiting[0]:
                self._prefilled = 0
            self._waiting.remove(row)
        elif row in self._active:
            slot = self._active.index(row)
            self._keep(slot)
            self._free(slot)

    def step(self):
        """Write one token in every row that is ready: a list of `Written`.

        It is empty while long prompts are being read.
        """
        active, block = self._active, self.model.config.block_size
        if active:
            self._make_room()
        tokens = [row.ids[-1] for row in active]  # what was written last in each row is unread
        if self._waiting:
            tokens = self._admit(tokens)
        if tokens:
            self._scores[: len(tokens)] = self._decoder.read(tokens)
        written, ended = [], []
        for row, token, chance, length in zip(active, *self._choose(), self._decoder.lengths):
            ids, logs = row.ids, None
            if row.tops is not None:
                logs = log_probabilities(self._scores[len(written)], token, row.tops)
            written.append(Written(row, token, chance, len(ids) - length, logs))
            ids.append(token)
            if token in row.stops:
                row.ended = "stop"
            elif len(ids) == row.limit:
                row.ended = "length"
            elif length == block and not row.slides:
                row.ended = "full"
            if row.ended:
                ended.append(len(written) - 1)
        for slot in reversed(ended):
            self._keep(slot)
            self._free(slot)
        return written

    def scores(self, row):
        """The scores (V,) from which a row's last token was chosen, as long as it goes on."""
        return self._scores[self._active.index(row)]

    # ---- the parts of a step

    def _make_room(self):
        """Where the block is full, its last half is read anew before the row goes on."""
        for slot in reversed(self._full()):
            row = self._active[slot]
            row.view = max(1, self.model.config.block_size // 2)
            self._free(slot)
            self._waiting.appendleft(row)
            self._prefilled = 0

    def _admit(self, tokens):
        """Read prompts, as much as fits between two tokens, and give them slots.

        With the first of them the unread tokens of those who write are read; what is left of them.
        """
        left, prefixes = self.piece, self._prefixes
        while self._waiting and len(self._active) < self.slots and left > 0:
            prompts = [] if self._prefilled else self._whole_prompts(left)
            if len(prompts) > 1 or (prompts and not prefixes):
                scores = self._decoder.prefill(prompts, True, tokens)
                count = len(prompts) * max(map(len, prompts))
                for source, prompt in enumerate(prompts if prefixes else ()):
                    prefixes.add(prompt, *self._decoder.prompt(source))
            else:
                prompts = []
                prompt = self._waiting[0].prompt
                if prefixes and not self._prefilled:
                    self._recall(prompt)
                piece = prompt[self._prefilled : self._prefilled + left]
                scores = self._decoder.prefill([piece], self._prefilled == 0, tokens)
                self._prefilled += len(piece)
                count = len(piece)
                if self._prefilled == len(prompt):
                    self._prefilled, prompts = 0, [prompt]
                    if prefixes:
                        prefixes.add(prompt, *self._decoder.prompt())
            written, scores = scores[: len(tokens)], scores[len(tokens) :]
            self._scores[: len(tokens)], tokens = written, []
            left -= count + FIXED  # a few tokens more would cost as much as many
            self.prompt_tokens += count
            self.prompt_pieces += 1
            for source, prompt in enumerate(prompts):
                while self._waiting and len(self._active) < self.slots:
                    if self._waiting[0].prompt != prompt:  # those with the same come along
                        break
                    self._decoder.admit(len(self._active), source)
                    self._scores[len(self._active)] = scores[source]
                    self._active.append(self._waiting.popleft())
        return tokens

    def _recall(self, prompt):
        """Begin a prompt with what is known of it; its last token is always read."""
        length, kept = self._prefixes.find(prompt[:-1])
        if length:
            self._decoder.recall(prompt[:length], *kept)
        self._prefilled = self._waiting[0].recalled = length

    def _keep(self, slot):
        """What a row has read may be the beginning of a prompt to come."""
        if self._prefixes:
            length = self._decoder.lengths[slot]
            ids = self._active[slot].ids[:-1]  # the last one was not read
            self._prefixes.add(ids[len(ids) - length :], *self._decoder.sequence(slot))

    def _whole_prompts(self, left):
        """Of those who wait the first prompts that can be read side by side, each once."""
        prompts, longest = [], 0
        for row in islice(self._waiting, self.slots - len(self._active)):
            prompt = row.prompt
            if prompts and prompt == prompts[-1]:
                continue
            longest = max(longest, len(prompt))
            if (len(prompts) + 1) * longest > left or self._is_known(prompt):
                break
            prompts.append(prompt)
        return prompts

    def _is_known(self, prompt):
        """Whether half of a prompt was read before: then it goes on from there, by itself."""
        prefixes = self._prefixes
        return bool(prefixes) and 2 * prefixes.find(prompt[:-1])[0] >= len(prompt)

    def _choose(self):
        """(tokens, their probabilities) for all active rows; those with equal settings at once."""
        active = self._active
        alike = {id(row.sampling) for row in active}
        if len(alike) == 1 and not any([row.forced or row.shift for row in active]):
            return _chosen(active, self._scores[: len(active)])
        tokens, chances, groups = [None] * len(active), [None] * len(active), {}
        for slot, row in enumerate(active):
            if row.forced:
                tokens[slot] = row.forced.popleft()
            else:
                groups.setdefault(id(row.sampling), []).append(slot)
        for slots in groups.values():
            rows, scores = [active[slot] for slot in slots], self._scores[slots]
            for row, own in zip(rows, scores):
                if row.shift:
                    row.shift.change(own)
            for slot, row, token, chance in zip(slots, rows, *_chosen(rows, scores)):
                tokens[slot], chances[slot] = token, chance
                if row.shift:
                    row.shift.count(token)
        return tokens, chances

    def _full(self):
        """The slots in which the model's block is full."""
        lengths, block = self._decoder.lengths, self.model.config.block_size
        if max(lengths) < block:
            return ()
        return [slot for slot, length in enumerate(lengths) if length == block]

    def _free(self, slot):
        """The last of the slots in use takes the place of this one."""
        last = len(self._active) - 1
        if slot < last:
            self._decoder.move(last, slot)
            self._active[slot], self._scores[slot] = self._active[last], self._scores[last]
        self._active.pop()
        self._decoder.lengths[last] = 0


def _chosen(rows, scores):
    """(tokens, their probabilities) for rows with the same settings."""
    sampling = rows[0].sampling
    # The mark in front was not written: a penalty on it would be one on ending.
    seen = [row.ids[1:] for row in rows] if sampling.looks_back else ()
    return choose(scores, sampling, [row.rng for row in rows], seen)
