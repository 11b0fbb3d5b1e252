"""Following a run: what is printed, shown, saved and written while it goes on, and at its end."""

import json
import sys
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

from .. import checkpoint as checkpoints
from .. import link
from ..data.builtin import is_built_in
from ..data.labels.corpus import LABELLED
from ..dialogue import example_answers
from ..errors import UserError
from ..evaluation.exact_match import ASKED, engine_for, exact_match, result_of
from ..evaluation.score import Score
from ..evaluation.sorting import sort_all
from ..files import cache_dir, write_whole
from ..inference.engine import Engine
from ..inference.labels import chances
from ..inference.previews import final_samples, is_preview_due, preview_samples, text_of
from ..training.loop import Evaluation, Step, smoothed, train
from .machines.worker import leads
from .progress import Progress, duration, short
from .record import record_run
from .report import MARKS, write_report

SHOWN, RECORDED = 6, 20  # samples along the way: printed, and kept for the page


class Follower:
    """Watches a run: prints, saves and samples as the flags ask."""

    def __init__(self, run, args, progress, sampling):
        self.run, self.args, self.progress, self.sampling = run, args, progress, sampling
        self._engine = Engine(run.model, machine=run.machine)  # writes the samples
        self._examiner = None  # answers questions
        self.previews = []  # (step, [samples]) along the way
        self.first, self.tokens, self.seconds = run.step, run.tokens, 0.0
        self.saved = (run.step, args.resume) if args.resume else None  # the last (step, path)
        self.trouble = None  # why the last one could not be

    def emit(self, kind, **values):
        if self.args.json:
            print(json.dumps({"type": kind, **values}), flush=kind != "step")

    def follow(self, stop):
        """To the end of the run, or to the step at which it is asked to stop."""
        run, args = self.run, self.args
        self._preview_if(args.record)
        began = time.perf_counter()
        for event in train(run):
            if isinstance(event, Step):
                self._stepped(event, began)
            elif isinstance(event, Evaluation):
                self.emit(
                    "eval",
                    step=event.step,
                    loss=event.loss,
                    bits_per_byte=event.bits_per_byte,
                )
                score = self._ask(event.step)
                if not self.progress.live:
                    right = f", {score.text} right" if score else ""
                    self.progress.say(f"step {event.step:,}: {self._held_out(event)}{right}")
            if stop.asked:
                break
        self.seconds = time.perf_counter() - began
        self.progress.clear()

    def _ask(self, step):
        """How many held-out questions are answered right, or texts sorted so, if there are some."""
        run = self.run
        if not leads(self.args):
            return None
        most = None if step == run.config.steps else ASKED
        if run.kind_of_rows == LABELLED:
            score = self._sort(run.held_out.pairs[:most]).score
        elif questions := run.corpus.questions[:most]:
            self._examiner = self._examiner or engine_for(run.model, run.machine)
            score = result_of(exact_match(run.model, run.tokenizer, questions, self._examiner))
        else:
            return None
        run.exact.append((step, *score))
        self.emit("exact", step=step, right=score.right, tries=score.tries)
        return score

    def _sort(self, pairs):
        run = self.run
        return result_of(sort_all(run.model, run.tokenizer, run.corpus.labels, pairs))

    def _stepped(self, event, began):
        args = self.args
        if args.json:
            self.emit("step", step=event.step, loss=event.loss, lr=event.lr, tokens=event.tokens)
        if self.progress.due():
            self._draw(event, time.perf_counter() - began)
        if args.save_every and event.step % args.save_every == 0:
            self.save()
        if args.sample_every and event.step % args.sample_every == 0:
            self._preview(show=True)
        elif args.record:
            self._preview_if(is_preview_due(event.step, self.run.config.steps))

    def save(self, last=False):
        """Save where the flags say; a full disk must not end the run, only be told: once, and at
        the end. The last time it is saved elsewhere if it must be, and at once where others work
        with this process: they end, too, and do not go on for what nobody keeps.
        """
        path = self.args.out or self.args.resume
        if not path or not leads(self.args):
            return
        try:
            save_run(self.run, self.args, path, last)
            self.saved, self.trouble = (self.run.step, path), None
        except UserError as trouble:
            known, self.trouble = self.trouble, trouble
            shared = bool(self.args.ranks)
            if (last or shared) and (path := save_elsewhere(self.run, self.args)):
                self.saved = self.run.step, path
                self.trouble = UserError(f"{trouble} The run is kept in {path} instead.")
            elif str(trouble) != str(known) and not shared:
                self.progress.warn(trouble)
            if shared:
                raise self.trouble from None

    def _draw(self, event, seconds):
        run = self.run
        done = event.step - self.first
        left = seconds / done * (run.config.steps - event.step)
        rate = (run.tokens - self.tokens) / seconds
        self.progress.bar(
            event.step / run.config.steps,
            f"loss {event.loss:.3f}  smoothed {smoothed(run.losses):.3f}"
            f"  {short(rate)} tokens/s  {duration(left)} left",
            *[f"held out {e.loss:.3f}" for e in run.evaluations[-1:]],
            *[f"{right / tries:.0%} right" for _, right, tries in run.exact[-1:]],
            f"step {event.step:,}",
        )

    def _preview_if(self, wanted):
        if wanted:
            self._preview(show=False)

    def _preview(self, show):
        run = self.run
        texts = self._samples(preview_samples, SHOWN if show else RECORDED)
        self.previews.append((run.step, texts))
        if show and not self.args.json:
            between = "\n  " if self.run.kind_of_rows == "conversations" else "  "
            self.progress.say(f"step {run.step:,}: " + between.join(text for text, _ in texts))
        for text, new in texts if show else ():
            self.emit("sample", text=text, new=new, step=run.step)

    def _samples(self, find, count):
        """(text, whether it is new) of the first samples; of a chat model, held-out questions."""
        if self.run.kind_of_rows == "conversations":
            run = self.run
            rows = run.held_out or run.rows
            examples = example_answers(rows, run.tokenizer, self._engine, self.sampling, count)
            return [(f"{question} → {answer}", None) for question, answer in examples]
        if self.run.kind_of_rows == LABELLED:
            texts = [text for text, _ in (self.run.held_out or self.run.rows).pairs[:count]]
            found = chances(self.run.model, self.run.tokenizer, texts).argmax(-1)
            labels = self.run.corpus.labels
            return [(f"{text} → {labels[i]}", None) for text, i in zip(texts, found)]
        texts = map(text_of, find(self._engine, self.run, self.sampling))
        return [(text, self.run.is_new(text)) for text in islice(texts, count)]

    def finish(self):
        """Samples, the result, and the files that were asked for."""
        run, args = self.run, self.args
        texts = self._samples(final_samples, args.samples)
        self._print(texts)
        if run.kind_of_rows == LABELLED:
            self._print_sorted()
        loss = smoothed(run.losses, 100)
        self.emit(
            "done",
            seconds=round(self.seconds, 6),
            loss=run.losses[-1] if run.losses else None,
            bits_per_byte=run.evaluations[-1].bits_per_byte if run.evaluations else None,
        )
        if args.link:
            text = link.pack(run.model.merged(), run.tokenizer, link.note_of(run))
            write_whole(args.link, f"{text}\n".encode())
        if args.report:
            write_report(run, texts, self.seconds, args.report)
        if args.record:
            command = " ".join(["python -m py.microgpt", *sys.argv[1:]])
            record_run(run, self.previews, texts, self.seconds, self.sampling, command, args.record)
        progress = self.progress
        if run.step > self.first:
            steps = run.step - self.first
            held = f", {self._held_out(run.evaluations[-1])}" if run.evaluations else ""
            pairs = run.bigram_loss
            pairs = "" if pairs is None else f", counting letter pairs {pairs:.3f}"
            progress.say(
                f"loss {run.losses[-1]:.4f}, mean of the last 100 {loss:.4f}{held}"
                f" (guessing is {run.uniform_loss:.3f}{pairs})"
            )
            if run.exact and run.kind_of_rows != LABELLED:
                progress.say(f"Questions answered right: {Score(*run.exact[-1][1:]).text}.")
            if outcome := run.outcome():
                progress.say(outcome.text)
            if run.kind_of_rows == "conversations" and (said := _too_long(run)):
                progress.say(said)
            rate = (run.tokens - self.tokens) / self.seconds
            threads = f" on {run.threads.count} threads" if run.threads.count > 1 else ""
            threads += f" of {run.ranks.count} workers" if threads and run.ranks else ""
            progress.say(
                f"{steps:,} step{'s'[steps == 1 :]} in {duration(self.seconds)}:"
                f" {short(steps / self.seconds)} steps/s, {short(rate)} tokens/s{threads}"
            )
        if self.trouble:
            raise self.trouble
        path = self.saved[1] if self.saved else None
        wrote = {"model": path, "link": args.link, "report": args.report, "record": args.record}
        for what, where in wrote.items():
            if where:
                progress.say(f"The {what} is in {where}.")

    def _print_sorted(self):
        """How many texts of each part that is held out are sorted right, and which as what."""
        run = self.run
        for part, pairs in run.corpus.tests_of(run.config).items():
            table = self._sort(pairs)
            right, tries = table.score
            self.emit("sorted", part=part, right=right, tries=tries, **table.to_dict())
            if not self.args.json:
                print(f"\nSorts texts like these, {part}: {table.score.text} right")
                print_table(table.lines())

    def _held_out(self, evaluation):
        unit = self.run.unit
        return f"held out {evaluation.loss:.4f}, {evaluation.bits_per_byte:.3f} {unit}"

    def _print(self, texts):
        if self.args.json:
            for text, new in texts:
                self.emit("sample", text=text, new=new)
            return
        style = Progress(quiet=True, stream=sys.stdout).style
        for text, new in texts:
            line = f"{MARKS[new]} {text}"
            print(style("1", line) if new else line)
        answers = [new for _, new in texts if new is not None]
        if answers:
            self.progress.say(f"+ new: {sum(answers)} of {len(texts)}; = in the data")
        elif texts and self.run.corpus.split == "tokens":
            self.progress.say("Whether these are new is not known: the data are token ids.")


def _too_long(run):
    """What became of conversations that are longer than the block."""
    cropped, left_out = run.batches.cropped, run.batches.left_out
    if not cropped:
        return ""
    more = (
        f"; of these, {left_out:,} had no answer before that and were left out" if left_out else ""
    )
    times = "once" if cropped == 1 else f"{cropped:,} times"
    return (
        f"A conversation longer than {run.model.config.block_size} tokens lost its end"
        f" {times}{more}."
    )


def print_table(rows):
    """Rows of cells, each column as wide as its widest."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows)]
    for first, *rest in rows:
        cells = [first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(rest, widths[1:]))]
        print("  ".join(cells).rstrip())


def save_run(run, args, path, last=False):
    merge = last and getattr(args, "merge", False)
    checkpoint = run.merged_checkpoint() if merge else run.checkpoint()
    if args.data and not is_built_in(args.data):
        checkpoint.meta["data"]["path"] = args.data
        checkpoint.meta["data"]["include"] = args.include or []
        for name in ("encoding", "text_column", "label_column"):
            if value := getattr(args, name, None):
                checkpoint.meta["data"][name] = value
    checkpoints.save(checkpoint, path)


def save_elsewhere(run, args):
    """Save a run under a free name, here or in another folder; where that was, or None."""
    for find_folder in (Path, Path.home, cache_dir):
        with suppress(UserError, OSError, RuntimeError):  # a full disk, a user without a home
            path = free_name(find_folder(), f"microgpt-step-{run.step}")
            save_run(run, args, path)
            return str(path)
    return None


def free_name(folder, stem):
    """A name for a checkpoint that no file has yet."""
    path, number = folder / f"{stem}.safetensors", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.safetensors"
    return path
