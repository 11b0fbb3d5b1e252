"""The stages of a speedrun: each is kept as it goes on, and goes on where it was when it is begun
again."""

import random
import time
from functools import cached_property
from itertools import islice

from .... import checkpoint as checkpoints
from ....data.builtin import load_chat
from ....data.chat.base import TALKS, as_text, base_text
from ....data.text import Corpus
from ....dialogue import example_answers
from ....errors import Interrupted
from ....evaluation.card import Doing, measure
from ....gpt.config import GPTConfig
from ....inference.engine import Engine
from ....inference.sampling import Sampling
from ....presets import RECIPES
from ....quantization import quantized
from ....recorder.record import Machine
from ....tokenizer.bpe import BPETokenizer
from ....tokenizer.patterns import Splitter
from ....tokenizer.special import with_chat_tokens
from ....tokenizer.train import count_words, learn_merges, merge_count
from ....training.config import TrainConfig
from ....training.finetune import finetune
from ....training.loop import Evaluation, Step, smoothed, train
from ....training.run import Run
from ...drive import use_threads
from ...find import find_conversations, find_corpus, load_tokenizer, save_tokenizer
from ...progress import duration
from .plan import BASE_TRIES

STAGES = ("tokenizer", "pre-train", "fine-tune", "evaluate")
FILES = {
    "tokenizer": "tokenizer.json",
    "pre-train": "base.safetensors",
    "fine-tune": "chat.safetensors",
}
SAVE_EVERY = 10  # seconds
MOST_TEXT = 20_000_000  # characters of the reader's text; in minutes no more is read
SAMPLE = 0.1  # of the text, by which the time for a tokenizer is estimated
TRANSCRIPTS = 3


class Job:
    """What all stages of one speedrun share."""

    def __init__(self, folder, journal, args, progress, stop):
        self.folder, self.journal, self.args = folder, journal, args
        self.progress, self.stop = progress, stop
        self.vocab = journal.asked["vocab"]

    def path(self, stage):
        return str(self.folder / FILES[stage])

    @cached_property
    def conversations(self):
        asked = self.journal.asked
        known = RECIPES[asked["recipe"]].talks if asked["recipe"] else "chat"
        return find_conversations(asked["chat_data"] or known, self.progress)

    @cached_property
    def corpus(self):
        """The text to begin with: the reader's, or stories, with talk and copied lines in it."""
        asked, chat_data = (self.journal.asked[name] for name in ("data", "chat_data"))
        if not asked and not chat_data:
            return load_chat()
        self.args.data = asked or "stories"
        own = find_corpus(self.args, self.progress)
        texts, room = [], MOST_TEXT
        for text in own.documents:
            texts.append(text)
            if (room := room - len(text)) < 0:
                self.progress.say(f"Of {own.source} the first {MOST_TEXT:,} characters are used.")
                break
        talks = None
        if chat_data:
            trained = self.conversations.trained
            talks = [as_text(trained[i]) for i in range(min(TALKS, len(trained)))]
        text = base_text(texts, talks)
        return Corpus(own.name, [text], f"{own.source}, with talk in it", "none")

    @cached_property
    def tokenizer(self):
        return load_tokenizer(self.path("tokenizer"))

    @property
    def asks(self):
        """Are the made-up questions asked at the end? Not a model that learned other answers."""
        return not self.journal.asked["chat_data"]


# ---- the tokenizer


def estimate_tokenizer(job):
    """Seconds, by a part of the text."""
    (text,) = job.corpus.documents
    began = time.perf_counter()
    words = count_words([text[: int(len(text) * SAMPLE)]], Splitter("digits"))
    counted = time.perf_counter() - began
    few = max(1, merge_count(job.vocab) // 8)
    list(islice(learn_merges(words), few))
    return counted / SAMPLE + 3 * (time.perf_counter() - began - counted) * 8


def make_tokenizer(job, clock):
    words = count_words(job.corpus.documents, Splitter("digits"))
    merges = islice(learn_merges(words), merge_count(job.vocab))
    pairs = [(merge.left, merge.right) for merge in merges]
    tokenizer = with_chat_tokens(BPETokenizer.from_merges(pairs, "digits"))
    save_tokenizer(tokenizer, job.path("tokenizer"))
    sample = job.corpus.documents[0][:200_000]
    size = len(sample.encode()) / max(1, len(tokenizer.encode(sample)))
    return {"tokens": tokenizer.vocab_size, "bytes a token": round(size, 2), "before": 1.0}


# ---- the two trainings


def pre_train(job, clock):
    plan = job.journal.plan
    model, config = GPTConfig.from_dict(plan["model"]), TrainConfig.from_dict(plan["base"])

    def begin():
        return Run.start(job.corpus, model, config, job.tokenizer)

    return _train(job, clock, "pre-train", job.corpus, begin)


def fine_tune(job, clock):
    config = TrainConfig.from_dict(job.journal.plan["tuning"])

    def begin():
        base = checkpoints.load(job.path("pre-train"))
        run = finetune(base, job.conversations, config, job.tokenizer)
        run.index_copies()
        return run

    return _train(job, clock, "fine-tune", job.conversations, begin)


def _train(job, clock, stage, corpus, begin):
    """Train to the end, keeping the run now and then; its losses before and after."""
    path = job.path(stage)

    def keep():
        checkpoint = run.checkpoint()
        if corpus is not job.corpus and (own := job.journal.asked["chat_data"]):
            checkpoint.meta["data"]["path"] = own  # to be found again, as by evaluate
        checkpoints.save(checkpoint, path)

    if (job.folder / FILES[stage]).exists():
        run = Run.restore(checkpoints.load(path), corpus)
    else:
        run = begin()
    use_threads(run, job.args.threads, job.progress)
    for event in train(run):
        if isinstance(event, Step):
            clock.tick(keep)
            if job.progress.due():
                left = (run.config.steps - event.step) * clock.seconds / max(1, event.step)
                job.progress.bar(
                    event.step / run.config.steps,
                    f"{stage}: loss {smoothed(run.losses):.3f}  {duration(left)} left",
                    f"step {event.step:,}",
                )
        elif isinstance(event, Evaluation) and not job.progress.live:
            job.progress.say(f"{stage}, step {event.step:,}: held out {event.loss:.4f}")
        if job.stop.asked:
            clock.stop(keep)
            raise Interrupted(job.stop.number)
    clock.stop(keep)
    looks = run.evaluations
    return {
        "parameters": run.model.weights.count,
        "steps": run.step,
        "tokens": run.tokens,
        "held-out loss": looks[-1].loss if looks else None,
        "before": looks[0].loss if looks else None,
    }


class Clock:
    """Counts a stage's seconds in the journal, together with those before it was killed."""

    def __init__(self, journal, stage):
        self._journal, self._entry = journal, journal.stage(stage)
        self._before, self._began = self._entry["seconds"], time.perf_counter()
        self._saved = self._began

    @property
    def seconds(self):
        return self._before + time.perf_counter() - self._began

    def tick(self, keep):
        """Keep what there is, if it is time."""
        if time.perf_counter() - self._saved >= SAVE_EVERY:
            self.stop(keep)

    def stop(self, keep=lambda: None):
        keep()
        self._entry["seconds"] = round(self.seconds, 3)
        self._journal.save()
        self._saved = time.perf_counter()


# ---- what came of it


def estimate_evaluation(job):
    """Seconds, by a few of the questions."""
    if not job.asks:
        return job.journal.plan["seconds"]["evaluate"]
    seconds = 0.0
    for name, checkpoint in _models(job).items():
        taken, tries = [], _tries(job, name)
        for few in (1, 4):
            began = time.perf_counter()
            _card(job, name, checkpoint, few)
            taken.append(time.perf_counter() - began)
        seconds += taken[0] + (tries - 1) * (taken[1] - taken[0]) / 3
    return max(seconds, 0.1)


def evaluate(job, clock):
    """The card of the base and of the chat model, and what both say to the same questions."""
    reached, models = {}, _models(job)
    if "int8" in models:
        checkpoints.save(models["int8"], job.folder / f"{job.journal.asked['recipe']}.safetensors")
    for name, checkpoint in models.items():
        reached[name] = _card(job, name, checkpoint, _tries(job, name)) if job.asks else {}
        reached[name]["says"] = _transcripts(job, checkpoint)
    return reached


def _models(job):
    """The checkpoints that are measured; of a recipe the small file, too."""
    models = {name: checkpoints.load(job.path(name)) for name in ("pre-train", "fine-tune")}
    if job.journal.asked["recipe"]:
        models["int8"] = quantized(models["fine-tune"], "int8")
    return models


def _tries(job, name):
    tries = job.journal.plan["tries"]
    return min(tries, BASE_TRIES) if name == "pre-train" else tries


def _card(job, name, checkpoint, tries):
    rows = {}
    for event in measure(checkpoint.model(), job.tokenizer, tries=tries, machine=Machine()):
        if job.stop.asked:
            raise Interrupted(job.stop.number)
        if isinstance(event, Doing):
            if job.progress.due():
                job.progress.bar(event.done, f"{name}: {event.name}")
        elif event.score:  # how well it goes on with stories is no share
            rows[event.name] = list(event.score)
    return {"rows": rows}


def _transcripts(job, checkpoint):
    """[(question, answer)] of some conversations, held out where some are."""
    known = TrainConfig.from_dict(job.journal.plan["tuning"])
    rng = random.Random(known.seed)
    trained, held_out = job.conversations.rows(job.tokenizer, rng, known.val_fraction)
    engine, greedy = Engine(checkpoint.model()), Sampling(greedy=True)
    return list(example_answers(held_out or trained, job.tokenizer, engine, greedy, TRANSCRIPTS))


WORK = {
    "tokenizer": make_tokenizer,
    "pre-train": pre_train,
    "fine-tune": fine_tune,
    "evaluate": evaluate,
}
