"""Writing for the page: one token a call, and what the next one might be."""

import random
import time
from dataclasses import asdict

from ..errors import UserError
from ..inference.engine import Engine, Row
from ..inference.generate import generate, next_tokens
from ..inference.previews import TEXT_LENGTH
from ..inference.prompt import fit_prompt
from ..inference.sampling import Sampling
from .json_api import page_request

MOST_BARS = 64
MOST_TOKENS = 100_000
MOST_TEXTS = 1000
AT_ONCE = 2000  # tokens of a text, where no length is asked for; then the reader may go on


class Writing:
    """What the page asks to be written with the current model."""

    def __init__(self, current):
        self._current = current
        self._writer = self._cache = None
        self._engines = {}  # with a cache and without: what one has recorded is used again
        current.when_replaced(self._drop)

    def _drop(self):
        self._close()
        self._writer, self._engines = None, {}

    def _close(self):
        """What is being written leaves its engine, which others use after it."""
        if self._writer:
            self._writer.close()

    def _engine(self, cache):
        model, _ = self._current.shown()
        known = self._engines.get(cache)
        if not known or known.model is not model:
            own = model is self._current.model
            machine = self._current.machine if own else None
            self._engines[cache] = Engine(model, 1, machine, cache)
        return self._engines[cache]

    @page_request
    def start_writing(self, prompt="", sampling=None, max_tokens=None, count=1, cache=None):
        """Begin; then `write_token` until all is done.

        Where the cache is switched on or off, how fast it writes is measured in the end.
        """
        _, tokenizer = self._current.shown()
        self._close()
        engine = self._engine(cache is None or bool(cache))
        self._writer = Writer(engine, tokenizer, prompt, sampling, max_tokens, count)
        self._cache = cache
        return {"prompt": self._writer.prompt, "note": self._writer.note}

    @page_request
    def write_token(self):
        """{token} or, at the end, {written}."""
        token = self._writer.step()
        if token:
            return {"token": token}
        written = self._written()
        if self._cache is not None:
            cache = bool(self._cache)
            written |= {"cache": cache, "speed": speed(self._engine(cache))}
        return {"written": written}

    @page_request
    def stop_writing(self):
        self._close()
        return {"written": {**self._written(), "reason": "halted"}}

    def _written(self):
        result = self._writer.result()
        return {**result, "new": [self._current.is_new(text) for text in result["texts"]]}

    @page_request
    def next_tokens(self, prompt="", sampling=None):
        """The likeliest next tokens; `p` is before the cuts, `kept` says what survives them."""
        model, tokenizer = self._current.shown()
        sampling, _ = read_sampling(sampling)
        prompt, note = fit_prompt(tokenizer, prompt)
        tokens = likeliest(next_tokens(model, tokenizer, prompt, sampling), MOST_BARS)
        return {"prompt": prompt, "note": note, "tokens": tokens}


def likeliest(tokens, count):
    """The first so many of `inference.next_tokens`, as tables."""
    return [asdict(token) for token in sorted(tokens, key=lambda token: -token.p)[:count]]


def read_sampling(values):
    """(Sampling, seed or None) from the page's table."""
    values = dict(values or {})
    seed = values.pop("seed", None)
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise UserError("The seed must be a whole number; leave it empty for chance.")
    return Sampling.from_dict(values), seed


class Writer:
    """Writes some texts, one token a call, with dice of its own: a run is never disturbed."""

    def __init__(self, engine, tokenizer, prompt="", sampling=None, max_tokens=None, count=1):
        self.sampling, seed = read_sampling(sampling)
        _whole("The number of texts", count, MOST_TEXTS)
        if max_tokens is not None:
            _whole("The greatest length", max_tokens, MOST_TOKENS)
        length = max_tokens or (AT_ONCE if count == 1 else TEXT_LENGTH)
        prompt, self.note = fit_prompt(tokenizer, prompt)
        self._again = lambda: generate(
            engine.model, tokenizer, self._rng, prompt, self.sampling, length, engine
        )
        self._rng = random.Random(seed)
        self._tokens, self.prompt, self.count = self._again(), prompt, count
        stream = tokenizer.stream()
        self._prompt_pieces = ["", *map(stream.push, tokenizer.encode(prompt))]  # "" is the mark
        self._pieces = list(self._prompt_pieces)  # of the text, a token each
        self.texts, self.ended = [prompt], False
        self.made, self.seconds = 0, 0.0

    def step(self):
        """The next token as a table, or None when all is written."""
        began = time.perf_counter()
        token = next(self._tokens, None)
        self.seconds += time.perf_counter() - began
        if token is None:
            if len(self.texts) == self.count:
                return None
            self.texts.append(self.prompt)
            self._tokens, self._pieces = self._again(), list(self._prompt_pieces)
            return self.step()
        self.made += 1
        self.texts[-1] += token.text
        self._pieces.append(token.text)
        self.ended = token.end
        return {
            "text": token.text,
            "probability": token.probability,
            "end": token.end,
            "index": len(self.texts) - 1,
            # Characters at the beginning that the model no longer saw.
            "unseen": sum(map(len, self._pieces[: token.unseen])),
        }

    def close(self):
        self._tokens.close()

    def result(self):
        return {
            "texts": self.texts,
            "tokensPerSecond": self.made / self.seconds if self.seconds else None,
            "reason": "end" if self.ended else "length",
        }


def speed(engine, seconds=0.1):
    """Tokens a second at the end of the block, where there is most to read; for about so long.

    Which tokens they are does not matter to the time.
    """
    config, made, spent = engine.model.config, 0, 0.0
    size = config.block_size
    room = max(1, min(8, size // 2))
    ids = [i % config.vocab_size for i in range(max(1, size - room))]
    _timed(engine, ids, 1, seconds)  # the first time it is recorded
    while spent < seconds:
        count, time_taken = _timed(engine, ids, room, seconds)
        made, spent = made + count, spent + time_taken
    return {"tokensPerSecond": made / spent, "context": size}


def _timed(engine, ids, room, seconds):
    """(tokens, seconds): of so many tokens after these, or of fewer if they take longer."""
    row = engine.join(Row(ids, random.Random(0), Sampling(greedy=True)))
    engine.step()  # the prompt
    began, made = time.perf_counter(), 0
    while made < room and time.perf_counter() - began <= seconds:
        engine.step()
        made += 1
    engine.leave(row)
    return made, max(time.perf_counter() - began, 1e-6)


def _whole(what, value, most):
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise UserError(f"{what} must be a whole number from 1 to {most:,}.")
