"""`train`: make or resume a run, follow it to the end, and show what came of it."""

import contextlib
import json
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

from .. import checkpoint as checkpoints
from ..errors import UserError
from ..gpt.config import PRESETS, GPTConfig
from ..inference.generate import write
from ..inference.sampling import Sampling
from ..run import Run
from ..training.config import TrainConfig
from ..training.train import Diverged, Step, smoothed, train
from .find_data import corpus_of, find_corpus
from .find_tokenizer import choose_tokenizer
from .profiling import profiled_memory, profiled_time
from .progress import Progress, duration, short
from .record import record_run
from .report import write_report

# The samples shown along the way come from a generator of their own: looking at a run must not
# change it.
PREVIEW_SEED = 1


def train_command(args):
    progress = Progress(quiet=args.quiet)
    _check(args)
    run = _resume(args, progress) if args.resume else _start(args, progress)
    sampling = Sampling(**given(args, Sampling))
    _introduce(run, progress)
    with contextlib.ExitStack() as stack:
        if args.profile:
            stack.enter_context(profiled_time(args.profile, progress.say))
        if args.profile_memory:
            stack.enter_context(profiled_memory(progress.say))
        follower = Follower(run, args, progress, sampling)
        try:
            follower.follow()
        except KeyboardInterrupt:
            _interrupted(run, args, progress)
            return 130
        except Diverged as trouble:
            path = _save(run, args, fallback=True)
            raise UserError(f"{trouble} The last good weights are in {path}.") from None
    follower.finish()
    return 0


def given(args, cls):
    """The settings of a dataclass that were typed on the command line."""
    values = {f.name: getattr(args, f.name, None) for f in fields(cls)}
    return {name: value for name, value in values.items() if value is not None}


def _check(args):
    """Find out before training, not after it, that a result cannot be written."""
    for flag in ("save_every", "samples", "sample_every"):
        if getattr(args, flag) < 0:
            raise UserError(f"--{flag.replace('_', '-')} must be at least 0.")
    if args.save_every and not (args.out or args.resume):
        raise UserError("--save-every needs --out FILE, to know where.")
    for flag in ("out", "report", "record", "profile"):
        path = getattr(args, flag)
        if path and Path(path).is_dir():
            raise UserError(f"--{flag} {path} is a folder; give the name of a file.")


def _start(args, progress):
    corpus = find_corpus(args, progress)
    model = replace(PRESETS[args.preset or "microgpt"], **given(args, GPTConfig))
    config = TrainConfig(**given(args, TrainConfig))
    if advice := corpus.advice:
        progress.say(advice)
    return Run.start(corpus, model, config, choose_tokenizer(args, corpus, progress))


def _resume(args, progress):
    checkpoint = checkpoints.load(args.resume)
    if fixed := sorted(given(args, GPTConfig)) or (["preset"] if args.preset else []):
        flags = ", ".join("--" + name.replace("_", "-") for name in fixed)
        raise UserError(f"A resumed run keeps its model; leave out {flags}.")
    run = Run.restore(checkpoint, corpus_of(checkpoint, args, progress), **given(args, TrainConfig))
    if args.tokenizer or args.vocab:
        raise UserError("A resumed run keeps its tokenizer; leave out --tokenizer and --vocab.")
    args.data = args.data or checkpoint.meta["data"].get("path")
    args.include = args.include or checkpoint.meta["data"].get("include")
    if run.step >= run.config.steps:
        progress.say(
            f"This run is already at its last step, {run.step:,}; --steps N makes it longer."
        )
    return run


def _introduce(run, progress):
    corpus, config, model = run.corpus, run.config, run.model
    held_out = f"{sum(map(len, run.held_out)):,} tokens held out"
    progress.say(
        f"{corpus.size} from {corpus.source}; a vocabulary of {run.tokenizer.vocab_size:,};"
        f" {held_out}"
    )
    progress.say(
        f"{model.weights.count:,} parameters, {config.dtype}; {config.steps:,} steps of"
        f" {config.batch_size * config.accumulate}"
        + (f", going on from step {run.step:,}" if run.step else "")
    )


class Follower:
    """Watches a run: prints, saves and samples as the flags ask."""

    def __init__(self, run, args, progress, sampling):
        self.run, self.args, self.progress, self.sampling = run, args, progress, sampling
        self.known = set(run.corpus.documents)
        self.previews = []  # (step, [samples]) along the way
        self.first, self.tokens, self.seconds = run.step, run.tokens, 0.0

    def emit(self, kind, **values):
        if self.args.json:
            print(json.dumps({"type": kind, **values}), flush=kind != "step")

    def follow(self):
        run, args = self.run, self.args
        self._preview_if(args.record)
        began = time.perf_counter()
        for event in train(run):
            if isinstance(event, Step):
                self._stepped(event, began)
            else:
                self.emit("eval", step=event.step, loss=event.loss)
                if not self.progress.live:
                    self.progress.say(f"step {event.step:,}: held out {event.loss:.4f}")
        self.seconds = time.perf_counter() - began
        self.progress.clear()

    def _stepped(self, event, began):
        args = self.args
        if args.json:
            self.emit("step", step=event.step, loss=event.loss, lr=event.lr, tokens=event.tokens)
        if self.progress.due():
            self._draw(event, time.perf_counter() - began)
        if args.save_every and event.step % args.save_every == 0:
            _save(self.run, args)
        if args.sample_every and event.step % args.sample_every == 0:
            self._preview(show=True)
        elif args.record:
            self._preview_if(event.step % max(1, self.run.config.steps // 5) == 0)

    def _draw(self, event, seconds):
        run = self.run
        done = event.step - self.first
        left = seconds / done * (run.config.steps - event.step)
        held = f"  held out {run.evaluations[-1].loss:.3f}" if run.evaluations else ""
        rate = (run.tokens - self.tokens) / seconds
        self.progress.bar(
            event.step / run.config.steps,
            f"step {event.step:,}  loss {event.loss:.3f}  smoothed {smoothed(run.losses):.3f}{held}"
            f"  {short(rate)} tokens/s  {duration(left)} left",
        )

    def _preview_if(self, wanted):
        if wanted:
            self._preview(show=False)

    def _preview(self, show):
        import random

        texts = self._write(random.Random(PREVIEW_SEED), 6 if show else 20)
        self.previews.append((self.run.step, texts))
        if show and not self.args.json:
            self.progress.say(f"step {self.run.step:,}: " + "  ".join(text for text, _ in texts))
        for text, new in texts if show else ():
            self.emit("sample", text=text, new=new, step=self.run.step)

    def _write(self, rng, count):
        run = self.run
        texts = [write(run.model, run.tokenizer, rng, "", self.sampling) for _ in range(count)]
        return [(text, text not in self.known) for text in texts]

    def finish(self):
        """Samples, the result, and the files that were asked for."""
        run, args = self.run, self.args
        path = _save(run, args) if args.out or args.resume else None
        # From the run's own generator, right after training, as the reference does.
        texts = self._write(run.rng, args.samples)
        self._print(texts)
        loss = smoothed(run.losses, 100)
        self.emit(
            "done", seconds=round(self.seconds, 6), loss=run.losses[-1] if run.losses else None
        )
        if args.report:
            write_report(run, texts, self.seconds, args.report)
        if args.record:
            record_run(self, texts, args.record)
        progress = self.progress
        if run.step > self.first:
            steps = run.step - self.first
            held = f", held out {run.evaluations[-1].loss:.4f}" if run.evaluations else ""
            progress.say(
                f"loss {run.losses[-1]:.4f}, mean of the last 100 {loss:.4f}{held}"
                f" (guessing is {run.uniform_loss:.3f}, counting letter pairs"
                f" {run.bigram_loss:.3f})"
            )
            rate = (run.tokens - self.tokens) / self.seconds
            progress.say(
                f"{steps:,} steps in {duration(self.seconds)}: {short(steps / self.seconds)}"
                f" steps/s, {short(rate)} tokens/s"
            )
        for what, where in (("model", path), ("report", args.report), ("record", args.record)):
            if where:
                progress.say(f"The {what} is in {where}.")

    def _print(self, texts):
        if self.args.json:
            for text, new in texts:
                self.emit("sample", text=text, new=new)
            return
        style = Progress(quiet=True, stream=sys.stdout).style
        for text, new in texts:
            print(f"{style('1', '+ ' + text)}" if new else f"= {text}")
        if texts:
            new = sum(new for _, new in texts)
            self.progress.say(f"+ new: {new} of {len(texts)}; = in the data")


def _save(run, args, fallback=False):
    """Save the run where the flags say; with `fallback`, under a free name if they do not."""
    path = args.out or args.resume
    if not path:
        if not fallback:
            return None
        path = f"microgpt-step-{run.step}.safetensors"
    checkpoint = run.checkpoint()
    if args.data and args.data not in ("names", "stories"):
        checkpoint.meta["data"]["path"] = args.data
        checkpoint.meta["data"]["include"] = args.include or []
    checkpoints.save(checkpoint, path)
    return path


def _interrupted(run, args, progress):
    progress.clear()
    path = _save(run, args, fallback=True)
    print(
        f"Stopped at step {run.step:,}; kept in {path}. Go on with: train --resume {path}",
        file=sys.stderr,
    )
