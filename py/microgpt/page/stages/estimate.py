"""How long the stages will take here: each is tried on a little of its data, in pieces."""

import time
from statistics import median

from ...data.chat.base import TALKS, base_parts, mixed, talk
from ...data.text import Corpus
from ...recorder.record import Machine
from ...tokenizer.special import with_chat_tokens
from ...training.finetune import finetune
from ..bpe_learning import Learner
from .data import encoding
from .run import ASKED, ASKED_LAST, SlicedRun

TRIES = 3  # of the tokens' sample: a browser is slow with what it runs for the first time
PART = 10  # the sample is about one part in so many of the text
PIECE = 2.0  # milliseconds of learning merges
STEPS = 8  # that are tried: the first is recorded, and a browser makes the next ones slowly
# Merges of the whole text take so many times as long as those of the sample: it has more words.
MORE_WORDS = 4.0
# Several workers share the rows of steps that take so many seconds (web/helpers.js). Each row then
# takes longer: there is the exchange, and cores are slower when all of them work.
SLOW, TOGETHER = 0.03, 1.5
BESIDE_TOKENS = 1.15  # telling what came of it, and keeping it
# Of a training, beside its steps: keeping it and telling of it is a part of them; a look at what is
# held out, with questions and samples, takes as long as so many rows of a step, the last one more.
BESIDE = 1.06
LOOK, LAST_LOOK = 30, 200
HELD_OUT_PART = 0.1  # of a look; the rest are answers


def estimating(stages, stories, plans, chat, merges, kernel, talks, asked, workers=1):
    """A generator whose value is {"seconds": {stage: seconds}}.

    `plans` are {stage: (model's config, training)}; `chat` is the checkpoint a fine-tuning begins
    with, where that is not a base of these plans; `merges` is how many merges are learned; `talks`
    is the corpus of conversations, of which so many are `asked` at the end. So many `workers` share
    steps that take long.
    """
    tries = []
    for _ in range(TRIES):
        corpus, learner, times = yield from _sampled(stories, merges)
        tries.append(times)
    made, counted, merged = map(min, zip(*tries))
    whole = PART * (made + counted) + MORE_WORDS * merged
    seconds = {"tokens": BESIDE_TOKENS * whole}
    tokenizer = with_chat_tokens(learner.tokenizer())
    for stage in stages:
        if stage == "tokens":
            continue
        model, config = plans[stage]
        if stage == "base":
            watch = Stopwatch()
            text = yield from encoding(corpus, tokenizer, config.val_fraction)
            ready = PART * (made + watch.lap())
            run = SlicedRun.start(text, model, config, tokenizer, Machine(kernel))
        else:
            own, ready = chat.tokenizer() if chat else tokenizer, 0.0
            if chat:
                run = finetune(chat, talks, config, own, machine=Machine(kernel), kind=SlicedRun)
            else:
                run = SlicedRun.start(talks, model, config, own, Machine(kernel))
        yield 0.3
        start, step, row = yield from trying(run, workers)
        count = 2 + config.steps // max(1, config.eval_every)
        looks = LOOK * count if stage == "base" else looks_of(count, asked, bool(chat))
        seconds[stage] = ready + start + BESIDE * step * config.steps + looks * row
    return {"seconds": seconds}


def looks_of(looks, asked, can_talk):
    """So many looks on the way of a fine-tuning and the last one, in rows of a step. Of a reader's
    own conversations there are few questions to ask, and a model that can talk answers in short.
    """
    held_out = looks * HELD_OUT_PART * LOOK
    answers = (looks * LOOK - held_out) * min(1, asked / ASKED)
    answers += LAST_LOOK * min(1, asked / ASKED_LAST)
    return held_out + answers * (0.5 if can_talk else 1)


def _sampled(stories, merges):
    """A generator whose value is (a part of the text, its merges, seconds for each of three works):
    making it, counting its words, and joining pairs.
    """
    parts, watch = [], Stopwatch()
    for part in base_parts(stories[::PART], map(talk, range(TALKS // PART))):
        parts.append(part)
        yield 0.0
    corpus = Corpus("a part", [mixed(parts)], "the data", "none")
    made = watch.lap()
    learner = Learner(corpus.documents, "digits", merges)
    watch.lap()
    while learner.go_on(PIECE)["counted"] < 1:
        yield 0.1
    counted = watch.lap()
    while not learner.done:
        learner.go_on(PIECE)
        yield 0.2
    return corpus, learner, (made, counted, watch.lap())


def trying(run, workers=1):
    """A generator whose value is (seconds to begin, for a step, for a row), by a few steps."""
    watch, times, shared, begun, row = Stopwatch(), [], [], 0.0, 0.0
    for _ in range(STEPS):
        run.draw()
        drawn = watch.lap()
        yield 0.5
        rows = []
        watch.lap()
        for batch in run.next_batches():
            found = run.gradient(batch)
            while found is None:
                found = run.gradient.gathered()
                rows.append(watch.lap())
                yield 0.5
                watch.lap()
        # The learning rate is 0: whatever the optimizer remembers, it moves nothing.
        more = (0.9, 0.0) if run.config.optimizer == "muon" else ()
        moved = 0.0
        for _ in run.optimizer.update(run.model.weights.flat_grad, 0.0, *more):
            moved += watch.lap()
            yield 0.5
            watch.lap()
        moved += watch.lap()
        run.step += 1
        whole = drawn + sum(rows) + moved
        row = median(rows)
        times.append(drawn + len(rows) * row + moved)
        shared.append(drawn + len(rows) * row / workers * TOGETHER + moved)
        begun += whole
        yield 0.5
        watch.lap()
    step = min(times[1:])
    begun -= STEPS * step
    if step > SLOW and workers > 1 and run.can_share >= workers:
        step = min(shared[1:])
    return begun, step, row


class Stopwatch:
    """Seconds between two laps."""

    def __init__(self):
        self._at = time.perf_counter()

    def lap(self):
        before, self._at = self._at, time.perf_counter()
        return self._at - before
