"""One model at work: its engine writes for all requests side by side.

It works in the event loop, and lets the connections have their turn between two tokens. In a thread
of its own it would be slower: both sides would wait for Python's lock at every product.
"""

import asyncio
import math
import time
import traceback
from collections import OrderedDict, defaultdict, deque
from statistics import median

import numpy as np

from ..autograd import no_grad
from ..errors import UserError
from ..inference.engine import FIXED, PIECE, Engine
from ..inference.prefixes import Prefixes
from ..training.threads import BlasThreads
from .refusals import Refused
from .writing import Choice, Piece

LONGEST_RETRY = 60  # seconds
SHORTEST_PIECE = 32  # tokens of a prompt
READING = 1.0  # time for prompts between two tokens, as a share of what a token takes
TURNS = 3  # of the event loop between two tokens: a request arrives in about so many
SAMPLES = 15  # of times, of which the median counts


class FairQueue:
    """Items by client; `take` goes round the clients.

    A client may have at most as many waiting as there are places left: one alone fills half of the
    queue, and whoever comes next still finds room.
    """

    def __init__(self, limit):
        self.limit, self._size = limit, 0
        self._lines = OrderedDict()  # client -> its items

    def __len__(self):
        return self._size

    def check(self, client, count, seconds_each):
        """Refuse so many items more of a client if there is no room for them."""
        own = len(self._lines.get(client, ())) + count
        if own > self.limit - self._size:
            seconds = min(LONGEST_RETRY, max(1, math.ceil(seconds_each * max(1, self._size))))
            raise Refused(
                f"Too many requests wait here already; try again in {seconds} s.",
                status=429,
                code="queue_full",
                headers={"Retry-After": str(seconds)},
            )

    def add(self, client, item):
        self._lines.setdefault(client, deque()).append(item)
        self._size += 1

    def take(self):
        """The next item, of the client whose turn it is."""
        client, line = next(iter(self._lines.items()))
        item = line.popleft()
        self._size -= 1
        del self._lines[client]
        if line:
            self._lines[client] = line  # at the end of the round
        return item

    def drop(self, client, is_gone):
        """Forget the items of a client that are wanted no more."""
        line = self._lines.pop(client, deque())
        kept = deque(item for item in line if not is_gone(item))
        self._size -= len(line) - len(kept)
        if kept:
            self._lines[client] = kept


class Job:
    """A request while it is worked on: what comes of it arrives here."""

    def __init__(self, client):
        self.client, self.began = client, time.perf_counter()
        self.gone = False  # nobody waits for it any more
        self._arrived, self._there = deque(), asyncio.Event()
        self.choices = []
        self.taker = None  # takes a piece at once, without waking anybody, or answers False

    def put(self, thing):
        if self.taker and not self._arrived and isinstance(thing, Piece) and self.taker(thing):
            return
        self._arrived.append(thing)
        self._there.set()

    async def next(self):
        """All that has arrived since, as soon as there is something; raises what went wrong."""
        await self._there.wait()
        self._there.clear()
        found = []
        while self._arrived:
            found.append(self._arrived.popleft())
            if isinstance(found[-1], Exception):
                raise found[-1]
        return found


class Reading:
    """A text of which the mean of the final hidden states is wanted."""

    def __init__(self, job, index, ids, bos):
        self.job, self.index, self.ids, self._bos = job, index, ids, bos

    def read(self, model):
        """The mean (C,) over the text's tokens; the mark in front is read and not counted."""
        with no_grad():
            return model.hidden(np.array([[self._bos, *self.ids]])).data[1:].mean(0)


class Batcher:
    """Takes orders, shares the engine's slots out among them, and hands over what is written."""

    def __init__(self, model, tokenizer, slots, queue, prefix_bytes, counted, threads=None):
        self.model, self.tokenizer, self._counted = model, tokenizer, counted
        self._threads = threads or BlasThreads()
        self._shown = {}  # what this model adds to the worker's numbers
        self._queue, self._slots = FairQueue(queue), slots
        self._prefixes = Prefixes(prefix_bytes) if prefix_bytes else None
        self._choices, self._readings = {}, deque()  # choices by row
        self._seconds_each = 1.0  # between two ends of choices, as it is at the moment
        self._last_end = None
        # Seconds that steps took, by how many wrote, and those for a token of prompts.
        self._step_times = defaultdict(lambda: deque(maxlen=SAMPLES))
        self._token_times = deque(maxlen=SAMPLES)
        self._task = None
        self._new_engine()

    def order(self, job, orders):
        """Have these written; raises `Refused` where the queue has no room."""
        job.choices = [Choice(job, i, order, self.tokenizer) for i, order in enumerate(orders)]
        self._enter(job, job.choices)

    def read(self, job, texts):
        """Have these token ids read, for their embeddings."""
        self._enter(job, [Reading(job, i, ids, self.tokenizer.bos) for i, ids in enumerate(texts)])

    def _enter(self, job, items):
        free = self._slots - len(self._choices) - len(self._queue)
        if len(items) > free:
            self._queue.check(job.client, len(items), self._seconds_each)
        for item in items:
            self._queue.add(job.client, item)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, job):
        """Nobody waits for this any more: its slots are free."""
        job.gone = True
        self._queue.drop(job.client, lambda item: item.job is job)
        for choice in job.choices:
            self._end(choice)
        self._readings = deque(r for r in self._readings if r.job is not job)

    # ---- the work

    async def _run(self):
        """Step after step, as long as there is something to do."""
        while self._choices or self._readings or len(self._queue):
            try:
                self._begin(self._take())
                self._step()
            except Exception as error:
                self._fail(error)
            self._count()
            for _ in range(TURNS):
                await asyncio.sleep(0)
        self._threads.use(self._threads.most)
        self._count()

    def _take(self):
        """Those who wait, as many as there are slots."""
        free = self._slots - len(self._choices)
        return [self._queue.take() for _ in range(min(free, len(self._queue)))]

    def _begin(self, new):
        for item in new:
            if isinstance(item, Reading):
                self._readings.append(item)
            else:
                row = item.begin(self.model.config.vocab_size)
                self._choices[row] = item
                self._engine.join(row)
        if self._readings:
            reading = self._readings.popleft()
            self._hand_over(reading.job, (reading.index, reading.read(self.model)))

    def _step(self):
        if not self._choices:
            return
        engine = self._engine
        before = engine.prompt_tokens, engine.prompt_pieces
        engine.piece = self._next_piece()
        writing = self._writing()
        self._threads.use(1)  # ours share the rows; the library's would be in their way
        began = time.perf_counter()
        written = engine.step()
        now = time.perf_counter()
        self._time(
            now - began, writing, engine.prompt_tokens - before[0], engine.prompt_pieces - before[1]
        )
        self._counted.add("engine_steps")
        for each in written:
            choice = self._choices[each.row]
            since, choice.since = choice.since, now
            if since:
                self._counted.time("between_tokens", now - since)
            else:
                self._counted.time("first_token", now - choice.job.began)
            if piece := choice.hear(each):
                self._hand_over(choice.job, piece)
                if piece.reason:
                    self._end(choice, now)

    def _end(self, choice, now=None):
        row = getattr(choice, "row", None)
        if self._choices.pop(row, None):
            self._engine.leave(row)
            if now and self._last_end:
                self._seconds_each += 0.1 * (now - self._last_end - self._seconds_each)
            self._last_end = now or self._last_end

    # ---- how much of prompts is read between two tokens

    def _writing(self):
        """How many write already."""
        return sum(choice.since is not None for choice in self._choices.values())

    def _time(self, seconds, writing, tokens, pieces):
        """Hear what a step took in which so many wrote, and so many tokens of prompts were read.

        These are read in one pass with those who write: what is more than usual is theirs. Where
        another thread reads them meanwhile, all of it may be theirs.
        """
        usual = self._step_times[writing]
        if not tokens:
            usual.append(seconds)
        elif usual and seconds > (others := 0 if self._engine.reads_beside else median(usual)):
            # Without what each piece costs for itself short ones would look dear for their size,
            # and the next ones would be shorter still.
            self._token_times.append((seconds - others) / (tokens + FIXED * pieces))

    def _next_piece(self):
        """Nobody who writes shall wait for a prompt much longer than for a token of their own."""
        writing = self._writing()
        if not (writing and self._engine.is_reading):
            return PIECE
        if not (self._step_times[writing] and self._token_times):
            return SHORTEST_PIECE if self._token_times else PIECE
        share = READING + 1 if self._engine.reads_beside else READING
        usual = median(self._step_times[writing])
        fitting = int(share * usual / median(self._token_times)) - FIXED
        return max(SHORTEST_PIECE, min(PIECE, fitting))

    # ---- what goes wrong, and what goes out

    def _fail(self, error):
        """Everyone whose text is being written is told, and a new engine begins."""
        if isinstance(error, UserError):
            told = Refused(str(error), status=500)
        else:
            traceback.print_exception(error)
            told = Refused("Something went wrong here; the server's log has more.", status=500)
        jobs = {id(item.job): item.job for item in (*self._choices.values(), *self._readings)}
        self._choices, self._readings = {}, deque()
        for job in jobs.values():
            self._hand_over(job, told)
        self._new_engine()

    def _new_engine(self):
        self._engine = Engine(
            self.model, self._slots, prefixes=self._prefixes, threads=self._threads.own
        )

    def _hand_over(self, job, thing):
        if not job.gone:
            job.put(thing)

    def _count(self):
        self._show("active", len(self._choices))
        self._show("waiting", len(self._queue))
        if self._prefixes:
            self._show("prefix_bytes", self._prefixes.size)

    def _show(self, name, value):
        """How much there is at the moment; other models of the worker have theirs beside it."""
        self._counted.add(name, value - self._shown.get(name, 0))
        self._shown[name] = value
