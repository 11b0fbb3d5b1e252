"""The session of one browser tab: the data at hand, the current model, and what is asked of it.

Answers are JSON text (see `answers`); what is large is fetched by a second call, `take_losses()`
or `take_file()`, as numpy numbers or bytes. Nothing here knows of JavaScript.
"""

import platform
from dataclasses import astuple, replace

import numpy as np

from .. import __version__, checkpoint, kernels, link
from ..data.batches import choose_rows, split_documents
from ..data.builtin import NAMES_SHA256, NAMES_SIZE, NAMES_URL
from ..errors import UserError
from ..recorder.record import Machine
from ..tokenizer import BPETokenizer, CharTokenizer
from ..training.run import Run
from .benchmark import Benchmark
from .bpe_learning import about
from .data import about_data, read_data, rows_of
from .estimate import seconds_per_step
from .inside import Places, attention
from .json_api import answers, read
from .run import Follower
from .settings import (
    check_memory,
    command,
    configs,
    count_parameters,
    family_of,
    flat,
    learning_command,
    memory,
    presets,
)
from .tokenizers import FILE, Tokens, Workbench, ready
from .writing import Writer, next_tokens, speed

NO_DATA = "There is no data yet; choose some first."
NO_MODEL = "There is no model yet; train one or open one first."


class Session(Tokens):
    def __init__(self):
        self.workbench = Workbench()
        self.corpus = self._data_tokenizer = None  # the data at hand, for the next run
        self._terminal_data = "names"
        self.run = self.model = self.tokenizer = None  # the current model; no run if only a link
        self.origin = None
        self._follower = self._writer = self._places = None
        self._numbers = np.empty(0)
        self._known, self._looks_inside = frozenset(), False
        self._past = []  # the losses of a checkpoint that can only write
        self._file = b""
        self._speeds = {}
        self._benchmark = None
        self.kernel = kernels.load()
        self.machine = Machine(self.kernel)  # what the current model runs on

    @answers
    def versions(self):
        return {
            "microgpt": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "kernel": self.kernel is not None,
        }

    @answers
    def presets(self):
        """The models the page offers, each with all of its settings."""
        return {"presets": presets()}

    # ---- data

    @answers
    def names_address(self):
        """Where the full names file is, for whoever fetches it."""
        return {"url": NAMES_URL, "bytes": NAMES_SIZE, "sha256": NAMES_SHA256}

    @answers
    def open_data(self, data, options):
        """Take the bytes of a text as the data at hand; {kind, name?, split?}."""
        options = read(options)
        corpus, terminal = read_data(bytes(data), options)
        self._data_tokenizer = CharTokenizer.from_documents(corpus.documents)
        self.corpus, self._terminal_data, self._speeds = corpus, terminal, {}
        return {"kind": options.get("kind", "text"), **about_data(corpus, self._data_tokenizer)}

    # ---- settings

    @answers
    def describe(self, settings):
        """What a run with these settings would be; the time only where it can be measured."""
        settings = read(settings)
        model_config, config = configs(settings)
        corpus, tokenizer = self.corpus, None
        if corpus:
            tokenizer = self.workbench.choose(settings, corpus, self._data_tokenizer)
            model_config = replace(model_config, vocab_size=tokenizer.vocab_size)
        parameters = count_parameters(model_config)
        answer = {
            "parameters": parameters,
            "bytes": parameters * np.dtype(config.dtype).itemsize,
            "memory": memory(model_config, config),
            "settings": flat(model_config, config),
        }
        check_memory(model_config, config)
        if corpus:
            seconds = self._seconds_per_step(tokenizer, model_config, config)
            trained, held_out = split_documents(corpus.documents, config.val_fraction)
            answer["trained"], answer["heldOut"] = len(trained), len(held_out)
            answer["rows"] = rows_of(corpus, model_config.block_size, tokenizer)
            answer["vocabSize"] = tokenizer.vocab_size
            answer["secondsPerStep"] = seconds
            answer["seconds"] = seconds and seconds * config.steps
        return answer

    def _seconds_per_step(self, tokenizer, model_config, config):
        key = (
            *(tokenizer, model_config),
            *(config.batch_size, config.accumulate, config.dtype),
            *(config.optimizer, config.recompute),
        )
        if key not in self._speeds:
            self._speeds[key] = seconds_per_step(
                tokenizer, self.corpus.documents, model_config, config, self.kernel
            )
        return self._speeds[key]

    @answers
    def command(self, settings):
        """How the terminal is asked for the same run."""
        split = self.corpus.split if self.corpus else "line"
        data = {"data": self._terminal_data, "split": split}
        settings = read(settings)
        learn = learning_command(data)
        before, flags = self.workbench.words(settings, self.corpus, learn)
        text = command(settings, data, flags)
        return {"text": f"{before} && {text}" if before else text}

    # ---- the current run

    @answers
    def new(self, settings):
        if not self.corpus:
            raise UserError(NO_DATA)
        settings = read(settings)
        model_config, config = configs(settings)
        tokenizer = self.workbench.choose(settings, self.corpus, self._data_tokenizer)
        model_config = replace(model_config, vocab_size=tokenizer.vocab_size)
        check_memory(model_config, config)
        machine = Machine(self.kernel)
        self._take_run(Run.start(self.corpus, model_config, config, tokenizer, machine), "new")
        self._kind = settings.get("tokenizer") or "chars"
        return self._about_run()

    @answers
    def advance(self, milliseconds, until, end=0):
        return self._following().advance(milliseconds, int(until), int(end))

    def take_losses(self):
        """The losses of the steps since the last call, as float64."""
        return self._follower.untold_losses() if self._follower else np.empty(0)

    def past_losses(self):
        """The losses of all steps so far, of a run that was opened."""
        return np.array(self.run.losses if self.run else self._past, np.float64)

    def _following(self):
        if not self._follower:
            raise UserError("This model can only write; it has no run to go on with.")
        return self._follower

    def _take_run(self, run, origin):
        self._take_model(run.model, run.tokenizer, origin)
        self.run, self.machine = run, run.machine
        self._known = frozenset(run.corpus.documents)
        # Where training saw pieces of documents, so are the samples.
        self._looks_inside = choose_rows(run.rows, run.model.config.block_size) == "crops"
        self._follower = Follower(run, self._is_new)

    def _take_model(self, model, tokenizer, origin):
        self.run = self._follower = self._writer = self._places = None
        self.model, self.tokenizer, self.origin = model, ready(tokenizer), origin
        self.machine = Machine(self.kernel)
        self._kind = "chars"
        if isinstance(tokenizer, BPETokenizer) and origin != "new":
            # A model brings its tokenizer along: it is there to look at, and for another run.
            self._kind, self.workbench.file = "file", tokenizer
            self.workbench.file_name = FILE
        self._known, self._past = frozenset(), []

    def _is_new(self, text):
        if not self._known:
            return None
        if self._looks_inside:
            return not any(text in document for document in self._known)
        return text not in self._known

    def _about_run(self):
        run = self.run
        return {
            "origin": self.origin,
            "step": run.step,
            "settings": self._settings(run.config),
            "parameters": run.model.weights.count,
            "vocabSize": run.tokenizer.vocab_size,
            "vocabulary": alphabet(run.tokenizer),
            "tokenizer": self._about_tokenizer(),
            "uniformLoss": run.uniform_loss,
            "bigramLoss": run.bigram_loss,
            "heldOut": len(run.held_out),
            "trained": len(run.rows),
            "rows": choose_rows(run.rows, run.model.config.block_size),
            "evaluations": [told(*astuple(e)) for e in run.evaluations],
            "canTrain": True,
            "tokens": run.tokens,
            "data": {"name": run.corpus.name, "digest": run.corpus.digest},
        }

    # ---- writing

    @answers
    def start_writing(self, request):
        """{prompt?, sampling?, maxTokens?, count?, cache?}; then `write_token()` until all is done.

        Where the cache is switched on or off, how fast it writes is measured in the end.
        """
        request = read(request)
        self._need_model()
        self._writer = Writer(
            self.model,
            self.tokenizer,
            request.get("prompt") or "",
            request.get("sampling"),
            request.get("maxTokens"),
            request.get("count") or 1,
            bool(request.get("cache", True)),
            self.machine,
        )
        self._measure = request.get("cache")  # asked for: then how fast it is belongs to the answer
        return {"prompt": self._writer.prompt}

    @answers
    def write_token(self):
        """{token} or, at the end, {written}."""
        token = self._writer.step()
        if token:
            return {"token": token}
        written = self._written()
        if self._measure is not None:
            cache = bool(self._measure)
            written |= {"cache": cache, "speed": speed(self.model, cache, self.machine)}
        return {"written": written}

    @answers
    def stop_writing(self):
        return {"written": {**self._written(), "reason": "halted"}}

    def _written(self):
        result = self._writer.result()
        return {**result, "new": [self._is_new(text) for text in result["texts"]]}

    @answers
    def next_tokens(self, request):
        request = read(request)
        self._need_model()
        prompt = request.get("prompt") or ""
        return {"tokens": next_tokens(self.model, self.tokenizer, prompt, request.get("sampling"))}

    # ---- looking inside

    @answers
    def attention(self, request):
        """{prompt?}: what each head looks at; `take_numbers()` has the shares, a float32 each.

        They stand as layers, heads, reading positions, and positions looked at.
        """
        self._need_model()
        prompt = read(request).get("prompt") or ""
        about, self._numbers = attention(self.model, self.tokenizer, prompt)
        return about

    @answers
    def embeddings(self, request):
        """{method: pca | tsne, perplexity?}: the tokens as points, for `take_numbers()`: x, y, …

        t-SNE is not done at once: `place()` goes on until it says so.
        """
        self._need_model()
        self._places = Places(self.model, self.tokenizer, read(request))
        return self._placed(0)

    @answers
    def place(self, milliseconds):
        return self._placed(milliseconds)

    def _placed(self, milliseconds):
        if not self._places:
            raise UserError(NO_MODEL)
        about, self._numbers = self._places.go_on(milliseconds)
        return about

    def take_numbers(self):
        """The array that belongs to the last answer about the inside."""
        return self._numbers

    def _need_model(self):
        if not self.model:
            raise UserError(NO_MODEL)

    # ---- how fast it is

    @answers
    def start_benchmark(self, request):
        """{works?: names}; then `benchmark()` until it is done."""
        self._benchmark = Benchmark(self.kernel, read(request).get("works"))
        return {"works": self._benchmark.works, "kernel": self.kernel is not None}

    @answers
    def benchmark(self, milliseconds):
        """{done, kernel, results: [{work, way, stepsPerSecond, tokensPerSecond, gflops}]}."""
        if not self._benchmark:
            raise UserError("There is no benchmark yet; start one first.")
        answer = self._benchmark.advance(milliseconds)
        if answer["done"]:
            self._benchmark = None  # its models take memory
        return answer

    # ---- keeping

    @answers
    def save(self):
        """Make a checkpoint; `take_file()` hands it over."""
        if not self.run:
            self._need_model()
            raise UserError("This model came in a link and can only write; the link is its file.")
        run = self.run
        self._file = checkpoint.to_bytes(run.checkpoint())
        return {
            "name": f"microgpt-step-{run.step}.safetensors",
            "step": run.step,
            "steps": run.config.steps,
            "parameters": run.model.weights.count,
            "settings": flat(run.model.config, run.config),
        }

    def take_file(self):
        file, self._file = self._file, b""
        return file

    @answers
    def open(self, data, name, origin):
        """A checkpoint becomes the current run, or only the model where its data is not at hand."""
        found = checkpoint.from_bytes(bytes(data), name)
        known = found.meta["data"]
        if self.corpus and self.corpus.digest == known["digest"]:
            run = Run.restore(found, self.corpus, Machine(self.kernel))
            self._take_run(run, origin)
            return {**self._about_run(), "name": name}
        self._take_model(found.model(), found.tokenizer(), origin)
        self._past = found.losses
        wanted = f"{known['source']} ({known['documents']:,} documents)"
        return {
            **self._about_model(name),
            "step": found.meta["progress"]["step"],
            "settings": {**self._settings(None), **found.meta["training"]},
            "evaluations": [told(*each) for each in found.meta["progress"]["evaluations"]],
            "data": {"name": known["name"], "digest": known["digest"], "split": known["split"]},
            "message": f"It can write now. To train it further, choose the data it learned from,"
            f" {wanted}, and open it again.",
        }

    def _about_model(self, name):
        return {
            "origin": self.origin,
            "name": name,
            "settings": self._settings(None),
            "parameters": self.model.weights.count,
            "vocabSize": self.tokenizer.vocab_size,
            "vocabulary": alphabet(self.tokenizer),
            "tokenizer": self._about_tokenizer(),
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

    def _about_tokenizer(self):
        """The tokenizer of the current model; a file's is also the workbench's."""
        kind = "chars" if isinstance(self.tokenizer, CharTokenizer) else "bpe"
        return {"kind": kind, **about(self.tokenizer)}

    @answers
    def link(self):
        """The current model as text for an address."""
        self._need_model()
        note = link.note_of(self.run) if self.run else {}
        text = link.pack(self.model, self.tokenizer, note)
        return {"text": text, "bytes": len(text), "note": note}

    @answers
    def open_link(self, text):
        model, tokenizer, note = link.unpack(text)
        self._take_model(model, tokenizer, "link")
        return {**self._about_model(note.get("data")), "step": note.get("step", 0), "note": note}


def alphabet(tokenizer):
    """The characters it knows, or None: byte pairs know all."""
    return tokenizer.chars if isinstance(tokenizer, CharTokenizer) else None


def told(step, loss, bits_per_byte):
    return {"step": step, "loss": loss, "bitsPerByte": bits_per_byte}
