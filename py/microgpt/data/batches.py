"""Token rows into batches to train and evaluate on: the same every time, and resumable.

A row is the tokens of one document, with the token that marks its ends on both sides. Each
token but the first is a target: the model shall predict it from those before it.
"""

from typing import NamedTuple

import numpy as np

from ..errors import UserError
from ..tokenizer.rows import Rows, lengths_of
from .documents import Documents


class Batch(NamedTuple):
    """What one step sees. B rows of T positions; positions without a target are all 0.

    `ids` and `targets` may share their memory. Whoever puts others in their place sets `below`.
    """

    # intp: whole numbers as wide as this machine's indices; in a tab those have 32 bits.
    ids: np.ndarray  # (B, T) intp: the tokens the model is given
    targets: np.ndarray  # (B, T) intp: the token that follows each of them
    weights: np.ndarray  # (B, T) float: what each target counts; they sum to 1
    tokens: int  # how many real targets there are
    below: int = 0  # every id is less than this, if that is known
    masked: bool = False  # much of it is not learned: it is a conversation


def split_documents(documents, val_fraction):
    """(documents to train on, documents held out): the last part is held out.

    Of ten documents or more at least one is held out. Where there are too few, the end of the
    last one is, so that a single long text can be judged as well.
    """
    if not 0 <= val_fraction < 1:
        raise UserError(
            f"The fraction to hold out must be at least 0 and below 1, not {val_fraction}."
        )
    count = int(len(documents) * val_fraction)
    if count == 0 and val_fraction > 0 and len(documents) >= 10:
        count = 1
    if count:
        return documents[:-count], documents[-count:]
    lengths = lengths_of(documents)
    cut = int(int(lengths.sum()) * val_fraction)
    if cut < 100 or cut >= lengths[-1]:
        return documents, []
    if isinstance(documents, Documents):
        return documents.cut_last(cut)
    last = documents[-1]
    return [*documents[:-1], last[:-cut]], [last[-cut:]]


def choose_rows(rows, block_size):
    """How to train on these rows: "documents" one by one, or "crops" of them as one text.

    Conversations, which are packed, and texts with labels are neither: they say what they are.
    """
    if hasattr(rows, "batches"):
        return rows.kind
    lengths = np.sort(lengths_of(rows))  # np.median would load all of numpy.ma
    fits = not len(rows) or lengths[len(rows) // 2] - 1 <= block_size
    return "documents" if fits else "crops"


def join_rows(rows):
    """All rows as one running text, with a single mark between two documents."""
    if isinstance(rows, Rows):
        return rows.stream
    if len(rows) < 2:
        return rows[0] if rows else np.empty(0, np.int32)
    return np.concatenate([rows[0], *(row[1:] for row in rows[1:])])


def first_targets(rows, count):
    """The first rows, cut so that they hold at most `count` targets."""
    chosen = []
    for row in rows:
        if count < 1:
            break
        chosen.append(row[: count + 1])
        count -= len(row) - 1
    return chosen


def make_batches(rows, batch_size, block_size, dtype, seed=0, round_to=1, windows="random"):
    """The endless batches that suit these rows; `windows` of a text are random or sequential."""
    if hasattr(rows, "batches"):  # conversations and texts with labels make their own
        return rows.batches(batch_size, block_size, dtype, seed)
    if choose_rows(rows, block_size) == "documents":
        return DocumentBatches(rows, batch_size, block_size, dtype, round_to)
    kind = SequentialBatches if windows == "sequential" else CropBatches
    return kind(join_rows(rows), batch_size, block_size, dtype, seed)


class DocumentBatches:
    """Endless batches of whole documents of one length, every document once a pass.

    Rows are walked in order, each into the bucket of its length; a full bucket is a batch. What
    is left in the buckets at the end of a pass is sorted by length and padded. A row longer than
    the block is cut into windows that overlap by one token, so that each target comes once.

    Every pass is the same, so the position in the data is one number. `round_to` makes the
    buckets wider (multiples of so many targets): a little padding, but fewer different shapes.
    """

    def __init__(self, rows, batch_size, block_size, dtype, round_to=1):
        _check_sizes(batch_size, block_size)
        self._windows = _Windows(rows, block_size, dtype, round_to)
        if not len(self._windows):
            raise UserError("There are no documents to train on; give a text with some.")
        self._batch_size = batch_size
        self._order = self._windows.order(batch_size)
        self._count = -(-len(self._windows) // batch_size)
        self._made = 0

    tokens_per_pass = property(lambda self: self._windows.total)

    def __iter__(self):
        return self

    def __next__(self):
        start = self._made % self._count * self._batch_size
        self._made += 1
        if self._batch_size == 1:
            return self._windows.single(self._order.item(start))
        return self._windows.batch(self._order[start : start + self._batch_size])

    def state(self):
        """The position in the data, for `restore` to continue at."""
        return {"kind": "documents", "batches": self._made}

    def restore(self, state):
        self._made = _position(state, "documents")


class CropBatches:
    """Endless batches of random windows of one running text."""

    kind = "crops"
    rows = None  # a slice of those that are read, where others read the rest; the rest is zeros

    def __init__(self, tokens, batch_size, block_size, dtype, seed):
        _check_sizes(batch_size, block_size)
        if len(tokens) < 2:
            raise UserError("The text has fewer than two tokens; give a longer one.")
        self._tokens = np.asarray(tokens)
        self._length = min(block_size, len(tokens) - 1)
        self._batch_size = batch_size
        self._weights = _even_weights((batch_size, self._length), dtype)
        self._seed = seed
        self._made = 0

    tokens_per_pass = property(lambda self: len(self._tokens) - 1)

    def __iter__(self):
        return self

    def __next__(self):
        starts = self._starts()
        self._made += 1
        index = starts[self.rows or slice(None), None] + np.arange(self._length + 1)
        window = self._tokens[index].astype(np.intp, copy=False)
        if self.rows:
            read, window = window, np.zeros((self._batch_size, self._length + 1), np.intp)
            window[self.rows] = read
        return Batch(
            np.ascontiguousarray(window[:, :-1]),
            np.ascontiguousarray(window[:, 1:]),
            self._weights,
            self._weights.size,
        )

    def _starts(self):
        # A generator of its own for each batch: the random state is just their number.
        random = np.random.Generator(np.random.PCG64([self._seed, self._made]))
        return random.integers(0, len(self._tokens) - self._length, self._batch_size)

    def state(self):
        """The position in the sequence of batches, for `restore` to continue at."""
        return {"kind": self.kind, "batches": self._made}

    def restore(self, state):
        self._made = _position(state, self.kind)


class SequentialBatches(CropBatches):
    """Endless batches of the windows of one running text in turn, each token once a pass.

    Only the last window of a pass reaches back a little, so that it is as long as the others.
    """

    kind = "windows"

    def _starts(self):
        last = len(self._tokens) - 1 - self._length
        count = -(-(len(self._tokens) - 1) // self._length)
        number = self._made * self._batch_size + np.arange(self._batch_size)
        return np.minimum(number % count * self._length, last)


def eval_batches(rows, batch_size, block_size, dtype, max_tokens=None, round_to=1):
    """A list of batches that holds each of these rows once, up to `max_tokens` targets.

    Their means are of different weight: the loss of all is sum(loss * tokens) / sum(tokens).
    """
    _check_sizes(batch_size, block_size)
    if hasattr(rows, "eval_batches"):
        return list(rows.eval_batches(batch_size, block_size, dtype, max_tokens))
    if max_tokens is not None:
        rows = first_targets(rows, max_tokens + block_size)
    windows = _Windows(rows, block_size, dtype, round_to, max_tokens)
    order = windows.order(batch_size)
    return [windows.batch(order[i : i + batch_size]) for i in range(0, len(order), batch_size)]


def scaled(batch, total):
    """A batch that is one of several whose gradients are added up: all their targets count alike.

    `total` is how many targets they have together.
    """
    if batch.tokens == total:
        return batch
    share = batch.weights.dtype.type(batch.tokens / total)
    return batch._replace(weights=batch.weights * share)


class _Windows:
    """All rows in one flat array, and the windows of at most a block that cover them."""

    def __init__(self, rows, block_size, dtype, round_to, max_tokens=None):
        self.block_size, self.dtype, self.round_to = block_size, np.dtype(dtype), round_to
        if isinstance(rows, Rows):  # which stand in one array already
            self.tokens, first, targets = rows.stream, rows.edges[:-1], np.diff(rows.edges)
        else:
            rows = [row for row in rows if len(row) > 1]
            self.tokens = np.concatenate(rows or [[]]).astype(np.int32, copy=False)
            targets = np.fromiter(map(len, rows), np.intp, len(rows)) - 1
            first = np.cumsum(targets + 1) - targets - 1
        if not len(targets) or targets.max() <= block_size:  # nothing to cut
            self.starts, self.counts = first, targets.astype(np.int32)
        else:
            pieces = -(-targets.astype(np.intp) // block_size)
            row = np.repeat(np.arange(len(targets)), pieces)
            piece = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
            self.starts = first[row] + piece * block_size
            self.counts = np.minimum(block_size, targets[row] - piece * block_size)
        if max_tokens is not None:
            keep = max(1, int(np.searchsorted(np.cumsum(self.counts), max_tokens, "right")))
            self.starts, self.counts = self.starts[:keep], self.counts[:keep]
        self.total = int(self.counts.sum(dtype=np.int64))
        self._flat = self.tokens[None, :]
        self.below = _limit(self.tokens)
        self._weights = {}

    def __len__(self):
        return len(self.starts)

    def width(self, count):
        """How wide a window of so many targets is made."""
        return np.minimum(-(-count // self.round_to) * self.round_to, self.block_size)

    def order(self, batch_size):
        """The windows of one pass, batch after batch; only the last batch may be smaller."""
        if batch_size == 1:
            return np.arange(len(self))
        widths = self.width(self.counts)
        by_width = np.argsort(widths, kind="stable")
        buckets = np.split(by_width, np.flatnonzero(np.diff(widths[by_width])) + 1)
        full = [b[: len(b) // batch_size * batch_size].reshape(-1, batch_size) for b in buckets]
        full = np.concatenate(full)
        full = full[np.argsort(full[:, -1])]  # in the order in which they become full
        left = np.concatenate([b[len(b) // batch_size * batch_size :] for b in buckets])
        left = left[np.argsort(self.counts[left], kind="stable")]
        return np.concatenate([full.ravel(), left]).astype(np.int32)

    def single(self, i):
        """The batch of one window, without padding if `round_to` is 1."""
        if self.round_to > 1:
            return self.batch(np.array([i]))
        start, count = self.starts.item(i), self.counts.item(i)
        tokens = self._flat[:, start : start + count + 1].astype(np.intp)
        weights = self.even_weights((1, count))
        return Batch(tokens[:, :-1], tokens[:, 1:], weights, count, self.below)

    def batch(self, chosen):
        """The batch of some windows."""
        counts = self.counts[chosen]
        width = int(self.width(counts.max()))
        # intp, because a 32-bit browser refuses to narrow int64 indices.
        index = self.starts[chosen].astype(np.intp)[:, None] + np.arange(width)
        total = int(counts.sum())
        if total == index.size:  # no padding
            weights = self.even_weights(index.shape)
            ids, targets = self.tokens[index], self.tokens[index + 1]
        else:
            real = np.arange(width) < counts[:, None]
            weights = (real / total).astype(self.dtype)
            ids = self.tokens.take(index, mode="clip") * real
            targets = self.tokens.take(index + 1, mode="clip") * real
        return Batch(ids.astype(np.intp), targets.astype(np.intp), weights, total, self.below)

    def even_weights(self, shape):
        if shape not in self._weights:
            self._weights[shape] = _even_weights(shape, self.dtype)
        return self._weights[shape]


def _limit(tokens):
    """A number that every token is below, or 0: not every one of them is an id."""
    return int(tokens.max()) + 1 if len(tokens) and tokens.min() >= 0 else 0


def _even_weights(shape, dtype):
    weights = np.full(shape, 1 / (shape[0] * shape[1]), dtype)
    weights.flags.writeable = False  # shared by many batches
    return weights


def _check_sizes(batch_size, block_size):
    for name, value in (("batch size", batch_size), ("block size", block_size)):
        if value < 1:
            raise UserError(f"The {name} must be at least 1, not {value}.")


def _position(state, kind):
    """The number of batches made, out of a saved state."""
    made = state.get("batches") if isinstance(state, dict) else None
    if not isinstance(made, int) or made < 0 or state.get("kind") != kind:
        raise UserError(
            "The saved position belongs to other data than this;"
            " resume with the data the run began with, or begin a new run."
        )
    return made
