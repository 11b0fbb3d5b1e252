"""The current run or model: begun here, or opened from a file or a link; trained, kept, passed on.

A model without its data, or from a link, can only write: then there is no run. Until the reader's
own has learned something, a small one that comes with the page is there to write and to look into.
"""

import gc
from dataclasses import astuple, replace

import numpy as np

from .. import checkpoint, link
from ..data.novelty import about_twins
from ..errors import UserError
from ..microscope.path import WeightPaths
from ..recorder.record import Machine
from ..tokenizer import BPETokenizer, CharTokenizer
from ..training.shared import SharedRun
from .bpe_learning import about
from .json_api import Answer, page_request
from .run import Follower, about_evaluation, about_exact
from .settings import check_memory, configs, family_of, flat
from .tokenizers import ready

NO_MODEL = "There is no model yet; train one or open one first."


class Current:
    def __init__(self, data, tokenizers, kernel):
        self._data, self._tokenizers, self._kernel = data, tokenizers, kernel
        self.run = self.model = self.tokenizer = self.origin = None
        self.paths = None  # what the weights of the run were
        self._shipped = None  # (model, tokenizer) of the page itself
        self.machine = None  # what the model runs on
        self._kind = "chars"  # which of the tokenizers it is, by its name in the settings
        self._follower = self._helps = None
        self._listeners = []

    def when_replaced(self, action):
        """Call it when another model takes this one's place."""
        self._listeners.append(action)

    def needed(self):
        """(model, tokenizer), or a sentence that there is none."""
        if not self.model:
            raise UserError(NO_MODEL)
        return self.model, self.tokenizer

    def shown(self):
        """(model, tokenizer) to write with and to look into.

        The reader's own; while that has learned nothing yet, the one that comes with the page.
        """
        learned = self.model and (self.run is None or self.run.step)
        return self.needed() if learned or not self._shipped else self._shipped

    def token_counts(self):
        """How often each token of the model that is shown stands in its data, or None."""
        return self.run.token_counts if self.run and self.run.step else None

    def rows_at_hand(self, tokenizer, most):
        """Some texts of the data at hand, as a tokenizer reads them; those that it can read."""
        documents = self._data.corpus.documents[:most] if self._data.corpus else []
        known = set(getattr(tokenizer, "chars", ""))
        return [
            [tokenizer.bos, *tokenizer.encode(text), tokenizer.bos]
            for text in documents
            if not known or set(text) <= known
        ]

    def is_new(self, text):
        """Whether a text is not in the data; None where that is not known."""
        return self.run.is_new(text) if self.run else None

    def _take_run(self, run, origin):
        self._take_model(run.model, run.tokenizer, origin, run.machine)
        self.run, self.paths = run, WeightPaths(run.model.weights, run.step)
        self._follower = Follower(run, self.paths)

    def _let_go(self):
        had_run = self.run is not None
        self.run = self.model = self.tokenizer = self._follower = self.paths = None
        self.machine = None
        for action in self._listeners:
            action()
        if had_run:
            gc.collect()  # a run refers to itself, and its memory is what the next one shall have

    def _take_model(self, model, tokenizer, origin, machine=None):
        self._let_go()
        self.model, self.tokenizer, self.origin = model, ready(tokenizer), origin
        self.machine = machine or Machine(self._kernel)
        self._kind = "chars"
        if isinstance(tokenizer, BPETokenizer) and origin != "new":
            # A model brings its tokenizer along: it is there to look at, and for another run.
            self._kind = "file"
            self._tokenizers.keep_file(tokenizer)

    @page_request
    def ship(self, text):
        """Take the small model that comes with the page, as a link, to have one to show."""
        model, tokenizer, note = link.unpack(text)
        self._shipped = model, ready(tokenizer)
        settings = {"preset": family_of(model.config), **flat(model.config, None)}
        return {**facts_of(model, tokenizer), "settings": settings, "note": note}

    # ---- training

    @page_request
    def new(self, settings):
        """Begin a run on the data at hand; where that cannot be, there is none."""
        self._let_go()
        corpus = self._data.needed()
        model_config, config = configs(settings)
        tokenizer = self._tokenizers.choose(settings)
        model_config = replace(model_config, vocab_size=tokenizer.vocab_size)
        check_memory(model_config, config)
        machine = Machine(self._kernel)
        self._take_run(SharedRun.start(corpus, model_config, config, tokenizer, machine), "new")
        self._kind = settings.get("tokenizer") or "chars"
        return self._about_run()

    @page_request
    def advance(self, milliseconds, until, end=0, fresh=False):
        """Train for about so long; see `Follower.advance`."""
        if not self._follower:
            raise UserError("This model can only write; it has no run to go on with.")
        return self._follower.advance(milliseconds, until, end, fresh)

    @page_request
    def share(self, count):
        """Share the steps to come among so many workers; 1 where the others are gone."""
        if others := self._others():
            others.share(count)
        return {}

    @page_request
    def receive(self, data, **facts):
        """What another worker has worked out."""
        if others := self._others():
            others.receive(data, **facts)
        return {}

    def _others(self):
        return self.run.others if self.run else None

    @page_request
    def help(self, data, **facts):
        """Be the worker that helps with another one's run: do what that says."""
        from .helper import Helper  # a start does without

        self._helps = self._helps or Helper(self._kernel)
        told = self._helps.hear(data, **facts)
        return Answer(told[0], {"data": told[1]}) if told else {}

    @page_request
    def outcome(self):
        """What can be said of the run by now, or {kind: null}."""
        found = self.run.outcome() if self.run else None
        return about_outcome(found)

    # ---- keeping

    @page_request
    def save(self):
        """A checkpoint of the run, as the bytes of a file."""
        if not self.run:
            self.needed()
            raise UserError("This model came in a link and can only write; the link is its file.")
        run = self.run
        facts = {
            "name": f"microgpt-step-{run.step}.safetensors",
            "step": run.step,
            "steps": run.config.steps,
            "parameters": run.model.weights.count,
            "settings": flat(run.model.config, run.config),
        }
        return Answer(facts, {"bytes": checkpoint.to_bytes(run.checkpoint())})

    @page_request
    def open(self, data, name, origin):
        """A checkpoint becomes the current run, or only the model where its data is not at hand."""
        found = checkpoint.from_bytes(bytes(data), name)
        known = found.meta["data"]
        corpus = self._data.corpus
        if corpus and corpus.digest == known["digest"]:
            self._take_run(SharedRun.restore(found, corpus, Machine(self._kernel)), origin)
            return self._about_run(name=name)
        self._take_model(found.model(), found.tokenizer(), origin)
        wanted = f"{known['source']} ({known['documents']:,} documents)"
        progress = found.meta["progress"]
        facts = {
            **self._about_model(name),
            "step": progress["step"],
            "settings": {**self._settings(None), **found.meta["training"]},
            "evaluations": [about_evaluation(*each) for each in progress["evaluations"]],
            "data": {"name": known["name"], "digest": known["digest"], "split": known["split"]},
            "message": f"It can write now. To train it further, choose the data it learned from,"
            f" {wanted}, and open it again.",
        }
        return Answer(facts, {"losses": np.array(found.losses, np.float64)})

    @page_request
    def link(self):
        """The current model as text for an address."""
        self.needed()
        note = link.note_of(self.run) if self.run else {}
        text = link.pack(self.model, self.tokenizer, note)
        return {"text": text, "bytes": len(text), "note": note}

    @page_request
    def open_link(self, text):
        model, tokenizer, note = link.unpack(text)
        self._take_model(model, tokenizer, "link")
        facts = {**self._about_model(note.get("data")), "step": note.get("step", 0), "note": note}
        return Answer(facts, {"losses": np.empty(0)})

    # ---- in words

    def _about_run(self, **more):
        run = self.run
        facts = {
            "origin": self.origin,
            "step": run.step,
            "settings": self._settings(run.config),
            **facts_of(run.model, run.tokenizer),
            "uniformLoss": run.uniform_loss,
            "bigramLoss": run.bigram_loss,
            "heldOut": len(run.held_out),
            "trained": len(run.rows),
            "rows": run.kind_of_rows,
            "shards": run.can_share,
            "longest": run.corpus.longest,
            "evaluations": [about_evaluation(*astuple(e)) for e in run.evaluations],
            "exact": [about_exact(score) for score in run.exact],
            "question": next((prompt for prompt, _ in run.corpus.questions), ""),
            "canTrain": True,
            "tokens": run.tokens,
            "twins": about_twins(*run.twins()),
            "outcome": about_outcome(run.outcome()) if run.step else None,
            "data": {"name": run.corpus.name, "digest": run.corpus.digest},
        }
        return Answer({**facts, **more}, {"losses": np.array(run.losses, np.float64)})

    def _about_model(self, name):
        return {
            "origin": self.origin,
            "name": name,
            "settings": self._settings(None),
            **facts_of(self.model, self.tokenizer),
            "uniformLoss": float(np.log(self.tokenizer.vocab_size)),
            "bigramLoss": None,
            "heldOut": 0,
            "trained": 0,
            "canTrain": False,
        }

    def _settings(self, config):
        model_config = self.model.config
        chosen = {"tokenizer": self._kind}
        if self._kind == "bpe":
            chosen["vocab"] = self.tokenizer.vocab_size
        return {"preset": family_of(model_config), **flat(model_config, config), **chosen}


def facts_of(model, tokenizer):
    """What can be said of a model whether or not it is being trained."""
    kind = "chars" if isinstance(tokenizer, CharTokenizer) else "bpe"
    return {
        "parameters": model.weights.count,
        "vocabSize": tokenizer.vocab_size,
        "vocabulary": alphabet(tokenizer),
        "tokenizer": {"kind": kind, **about(tokenizer)},
    }


def about_outcome(outcome):
    if not outcome:
        return {"kind": None, "text": ""}
    return {"kind": outcome.kind, "text": outcome.text, "bestStep": outcome.best_step}


def alphabet(tokenizer):
    """The characters it knows, or None: byte pairs know all."""
    return tokenizer.chars if isinstance(tokenizer, CharTokenizer) else None
