"""The stages of a chat model, made in the tab: its tokens, a base, a model that answers.

Each is long work in small pieces: `stage_make` begins it, `stage_go_on` takes some milliseconds of
it. What is made is kept here and by the page, which gives it back after a reload.
"""

import gc
import hashlib
import json
from dataclasses import replace

from ... import checkpoint as checkpoints
from ...errors import UserError
from ...evaluation.talk import questions
from ...presets import CHAT_TUNING, RECIPES
from ...recorder.record import Machine
from ...tokenizer import from_dict, to_dict
from ...tokenizer.patterns import valid
from ...tokenizer.special import with_chat_tokens
from ...tokenizer.train import merge_count
from ...training.config import TrainConfig
from ...training.finetune import finetune
from ..bpe_learning import Learner, about
from ..json_api import Answer, page_request
from .compare import Side, comparing
from .data import (
    STRETCH,
    OwnTalks,
    checking,
    encoding,
    making_text,
    shown_talks,
    stories_of,
    taught,
)
from .estimate import estimating
from .run import ASKED_LAST, SlicedRun
from .work import Pieces, Training

RECIPE = RECIPES["small-chat"]
STAGES = ("tokens", "base", "chat")
FILES = {
    **{"tokens": "tokenizer.json", "base": "base.safetensors", "chat": "chat.safetensors"},
    "shipped": "story-chat",
}
PATTERN = "digits"
PIECE = 2.0  # milliseconds of learning merges
SAMPLE = 50_000  # characters by which the length of tokens is measured
LOOKS = 6  # at what is held out, on the way of a training
# A model that chats already needs little to learn a few conversations, and shall forget little.
RETUNING = replace(
    CHAT_TUNING, steps=120, batch_size=4, lr=0.008, warmup=10, eval_every=40, eval_tokens=1500
)
MISSING = {
    "tokens": "There are no tokens yet; make the first stage first.",
    "base": "There is no pre-trained base yet; make the second stage first.",
}


class Stages:
    """What the page asks of the ladder."""

    def __init__(self, kernel):
        self._kernel = kernel
        self._lines = self._talks = None  # (lines, name), (OwnTalks, name)
        self._corpus = None  # the text of a base, once it is made
        self._made = {}  # by stage: a tokenizer, or the bytes of a checkpoint
        self._work = None  # what is going on: an object with `go_on`
        self._stage = None  # which it is, if it is one
        self._sides = {}  # models that were compared

    # ---- what they learn from

    @page_request
    def stage_text(self, data, name=None, encoding=None):
        """Take a text for the first two stages: the reader's or, without a name, the stories."""
        lines = stories_of(data, name or "the stories", encoding)
        self._lines, self._corpus = (lines, name), None
        return {"name": name, "lines": len(lines), "characters": sum(map(len, lines))}

    @page_request
    def stage_talks(self, data=None, name=None):
        """Begin to check the reader's conversations, or go back to the made-up ones."""
        found = {"talks": [], "wrong": [], "more": 0}
        if data is None:
            self._talks = None

        def check():
            yield from checking(data, found)
            talks, wrong = found.pop("talks"), found["wrong"]
            if not talks and not wrong:
                raise UserError("There are no conversations in it; write or choose some.")
            if not wrong:
                digest = hashlib.sha256(bytes(data)).hexdigest()
                self._talks = OwnTalks(talks, digest), name
            return {**found, "talks": len(talks), "name": name, "shown": shown_talks(talks)}

        return self._begin(None, Pieces(check() if data is not None else _nothing(), "checking"))

    def _text_at_hand(self):
        if not self._lines:
            raise UserError("There is no text to learn from; choose one.")
        return self._lines

    # ---- what is there

    @page_request
    def stage_put(self, data=None, *, stage):
        """What the page has kept of a stage is here again; without data, it is gone."""
        self._sides.clear()
        self._made.pop(stage, None)
        if data is not None:
            self._made[stage] = self._read(stage, bytes(data))
        return {}

    def _read(self, stage, data):
        if stage == "tokens":
            return from_dict(json.loads(data), FILES[stage])
        return checkpoints.from_bytes(data, FILES[stage])

    def _needed(self, stage):
        if stage not in self._made:
            raise UserError(MISSING.get(stage, "This model is not there yet."))
        return self._made[stage]

    @page_request
    def stage_save(self):
        """The stage that is being made, as it is now, in the bytes of a file."""
        if self._stage == "tokens":
            made = self._made.get("tokens")
            data = json.dumps(to_dict(made)).encode() if made else b""
            return Answer({"stage": "tokens"}, {"bytes": data})
        run = self._work.run if self._stage else None
        if not run:  # its data are still being made ready
            return Answer({"stage": self._stage}, {"bytes": b""})
        checkpoint = run.checkpoint()
        self._made[self._stage] = checkpoint
        facts = {"stage": self._stage, **self._work.about()}
        data = checkpoints.to_bytes(checkpoint)
        return Answer(facts, {"bytes": data, **self._work.losses()})

    @page_request
    def stage_tokenizer(self, stage):
        """The tokenizer of a model, as a file."""
        tokenizer = self._needed(stage).tokenizer()
        return Answer({}, {"bytes": json.dumps(to_dict(tokenizer)).encode()})

    # ---- making

    @page_request
    def stage_make(self, state=None, *, stage, vocab=None, steps=None, start="base", mix=True):
        """Begin a stage, or go on with it where a checkpoint of it (`state`) was kept.

        `vocab` is for tokens, `steps` for the two trainings. `start` is what a fine-tuning begins
        with: "base", or "shipped" for the model that comes with the page.
        """
        if stage not in STAGES:
            raise UserError(f"There is no stage {stage!r}; there are {', '.join(STAGES)}.")
        if state is not None:
            state = checkpoints.from_bytes(bytes(state), FILES[stage])
        self._sides.clear()
        if self._work:
            self._work = None
            gc.collect()  # a run refers to itself, and its memory is what the next one shall have
        if stage == "tokens":
            work = Pieces(self._learning(vocab or RECIPE.vocab), "learning")
        elif stage == "base":
            work = Training(self._pre_training(steps, state))
        else:
            work = Training(self._fine_tuning(steps, state, start, mix))
        return self._begin(stage, work)

    def _begin(self, stage, work):
        self._stage, self._work = stage, work
        return {}

    @page_request
    def stage_go_on(self, milliseconds):
        """Some milliseconds of what was begun last: how far it is."""
        if not self._work:
            raise UserError("Nothing is being made.")
        told = self._work.go_on(milliseconds)
        facts = told.facts if isinstance(told, Answer) else told
        if facts["done"] and self._stage in ("base", "chat"):
            self._made[self._stage] = self._work.run.checkpoint()
        return told

    @page_request
    def stage_share(self, count):
        """Share the steps to come among so many workers; 1 where the others are gone."""
        if others := self._others():
            others.share(count)
        return {}

    @page_request
    def stage_receive(self, data, **facts):
        """What another worker has worked out."""
        if others := self._others():
            others.receive(data, **facts)
        return {}

    def _others(self):
        run = self._work.run if self._stage in ("base", "chat") else None
        return run.others if run else None

    @page_request
    def stage_estimate(self, stages, vocab=None, steps=None, start="base", mix=True, workers=1):
        """Begin to measure how many seconds these stages will take here, where so many workers
        share the steps that take long."""
        stories, _ = self._text_at_hand()
        chat = None if start == "base" else self._needed(start)
        steps = steps or {}
        plans = {
            stage: (RECIPE.model, self._config(stage, steps.get(stage), start))
            for stage in ("base", "chat")
        }
        merges = merge_count(vocab or RECIPE.vocab)
        talks = self._taught(start, mix)
        asked = len(talks.asked) if self._talks else ASKED_LAST
        given = stages, stories, plans, chat, merges, self._kernel, talks, asked
        work = estimating(*given, workers)
        return self._begin(None, Pieces(work, "measuring"))

    def _text(self):
        """A generator whose value is the text to begin with, as a Corpus."""
        if not self._corpus:
            self._corpus = yield from making_text(*self._text_at_hand())
        return self._corpus

    def _learning(self, vocab):
        corpus = yield from _scaled(self._text(), 0.0, 0.4)
        learner = Learner(corpus.documents, PATTERN, merge_count(vocab))
        merges = []
        while not learner.done:
            told = learner.go_on(PIECE)
            merges += [merge[2] for merge in told["merges"]]
            share = (told["counted"] + told["learned"] / max(1, told["count"])) / 2
            yield 0.4 + 0.6 * share
        tokenizer = with_chat_tokens(learner.tokenizer())
        self._made = {**self._made, "tokens": tokenizer}
        sample, count = valid(corpus.documents[0][:SAMPLE]), 0
        for stretch in tokenizer.splitter.stretches(sample, STRETCH):
            count += len(tokenizer.encode_ordinary(stretch))
            yield 1.0
        size = len(sample.encode()) / max(1, count)
        return {**about(tokenizer), "bytesEach": size, "longest": sorted(merges, key=len)[-8:]}

    def _pre_training(self, steps, state):
        if state:
            config, tokenizer = TrainConfig.from_dict(state.meta["training"]), state.tokenizer()
        else:
            config, tokenizer = self._config("base", steps), self._needed("tokens")
        corpus = yield from _scaled(self._text(), 0.0, 0.5)
        machine = Machine(self._kernel)
        corpus = yield from _scaled(encoding(corpus, tokenizer, config.val_fraction), 0.5, 1.0)
        if state:
            return SlicedRun.restore(state, corpus, machine)
        return SlicedRun.start(corpus, RECIPE.model, config, tokenizer, machine)

    def _fine_tuning(self, steps, state, start, mix):
        asked = []
        if not self._talks:
            for each in questions(ASKED_LAST, abilities=("sums",)):
                asked.append(each)
                yield len(asked) / ASKED_LAST
        corpus = self._taught(start, mix, asked)
        machine = Machine(self._kernel)
        if state:
            return SlicedRun.restore(state, corpus, machine)
        base, config = self._needed(start), self._config("chat", steps, start)
        tokenizer = with_chat_tokens(base.tokenizer())
        return finetune(base, corpus, config, tokenizer, machine=machine, kind=SlicedRun)

    def _taught(self, start, mix, questions=()):
        """The conversations; of the made-up ones those that suit the model it begins with."""
        mixture = RECIPE.talks if start == "base" else RECIPES["story-chat"].talks
        own = {"own": self._talks[0], "name": self._talks[1]} if self._talks else {}
        return taught(**own, mix=mix, questions=questions, mixture=mixture)

    def _config(self, stage, steps, start="base"):
        tuning = RECIPE.tuning if start == "base" else RETUNING
        config = RECIPE.base if stage == "base" else tuning
        if steps is None:
            return config
        return replace(config, steps=steps, eval_every=max(1, steps // LOOKS))

    # ---- comparing

    @page_request
    def stage_compare(self, question, sides):
        """Begin to ask several models the same: each side is {model, tool}."""
        if not question.strip():
            raise UserError("There is no question to ask; type one.")
        found = [self._side(**side) for side in sides]
        said = [[] for _ in found]

        def work():
            for i, kind, text in comparing(found, question):
                said[i].append([kind, text])
                yield 0.0

        return self._begin(None, Comparing(work(), said))

    def _side(self, model, tool=True):
        key = model, tool
        if key not in self._sides:
            checkpoint = self._needed(model)
            made, tokenizer = checkpoint.model(), checkpoint.tokenizer()
            machine = Machine(self._kernel)
            self._sides[key] = Side(made, tokenizer, model != "base", tool, machine)
        return self._sides[key]


class Comparing(Pieces):
    """Answers that are being written side by side; `said` has what the page has not heard."""

    def __init__(self, generator, said):
        super().__init__(generator, "answering")
        self._said = said

    def go_on(self, milliseconds):
        facts = super().go_on(milliseconds)
        fresh = [list(side) for side in self._said]
        for side in self._said:
            side.clear()
        return {**facts, "said": fresh}


def _scaled(generator, low, high):
    """The generator, its shares between these."""
    while True:
        try:
            share = next(generator)
        except StopIteration as end:
            return end.value
        yield low + share * (high - low)


def _nothing():
    return {"talks": None, "wrong": [], "more": 0, "name": None, "shown": []}
    yield
