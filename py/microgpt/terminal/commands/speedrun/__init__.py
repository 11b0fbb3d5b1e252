"""`speedrun`: from a text to a model that answers, as one command; each stage can be resumed."""

import json
import shlex
import time
from pathlib import Path

from ....errors import Interrupted, UsageError
from ....files import write_whole
from ....presets import RECIPES
from ...args import add_data, add_number, add_threads, add_word
from ...outputs import try_place
from ...progress import Progress, duration
from ...signals import Stop
from .card import report_card
from .journal import FILE, Journal
from .plan import fixed_plan, make_plan
from .stages import FILES, STAGES, WORK, Clock, Job, estimate_evaluation, estimate_tokenizer

MINUTES, VOCAB, SEED = 10.0, 512, 42
TEXT = ("data", "include", "split", "encoding")  # the flags that say what is read, and how
DESCRIPTION = """\
The whole path: a tokenizer is learned, a base is trained on a text, the base is taught to answer,
and what came of it is measured. How large the model is and how long each stage takes follows from
the minutes there are and from a short measurement on this machine. All is kept in the folder; where
it is stopped or killed, the same command goes on."""


def add(parser):
    parser.usage = "%(prog)s --out DIR [options]"
    parser.description = DESCRIPTION
    parser.add_argument("--out", metavar="DIR", required=True, help="the folder for all files")
    minutes = f"how long it may take in all ({MINUTES:g})"
    add_number(parser, "--minutes", None, minutes, low=0.01, high=100_000, kind=float)
    add_word(parser, "--recipe", list(RECIPES), "fixed sizes and steps instead of minutes")
    parser.add_argument(
        "--chat-data",
        metavar="FILE",
        help="conversations as JSON lines (those that microgpt makes up)",
    )
    add_number(parser, "--vocab", None, f"how many tokens to learn ({VOCAB})", low=265)
    add_number(parser, "--seed", None, f"the same seed gives the same run ({SEED})", high=2**64 - 1)
    add_threads(parser)
    parser.add_argument("--json", action="store_true", help="the card as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress, only the card")
    add_data(parser)


def run(args):
    progress, folder = Progress(quiet=args.quiet), Path(args.out)
    try_place("--out", folder / FILE)
    journal = Journal.open(folder, _asked(args))
    _fill(journal.asked)
    for name in TEXT:  # as it was begun, if it goes on
        setattr(args, name, journal.asked[name])
    stop = Stop()
    job = Job(folder, journal, args, progress, stop)
    with stop.listening():
        try:
            for stage in STAGES:
                if not journal.stage(stage)["done"]:
                    _do(job, stage)
        except Interrupted:
            progress.say("Stopped; the same command goes on.")
            raise
    progress.clear()
    lines = list(report_card(journal))
    write_whole(folder / "card.txt", ("\n".join(lines) + "\n").encode())
    print(json.dumps(journal.stages) if args.json else "\n".join(lines))
    recipe = journal.asked["recipe"]
    file = f"{recipe}.safetensors" if recipe else FILES["fine-tune"]
    chat = shlex.quote(str(folder / file))
    progress.say(f"The card is in {folder / 'card.txt'}. Talk to it: microgpt chat {chat}")
    return 0


def _asked(args):
    if args.recipe and (args.minutes or args.vocab or args.data or args.chat_data or args.seed):
        raise UsageError("A recipe is fixed: with --recipe leave the other settings out.")
    names = ("minutes", "recipe", "chat_data", "vocab", "seed", *TEXT)
    return {name: getattr(args, name) for name in names}


def _fill(asked):
    """What nobody has said yet."""
    recipe = RECIPES.get(asked["recipe"])
    if recipe:
        asked.update(vocab=recipe.vocab, seed=recipe.base.seed)
        return
    usual = {"minutes": MINUTES, "vocab": VOCAB, "seed": SEED}
    asked.update({name: value for name, value in usual.items() if asked[name] is None})


def _do(job, stage):
    """One stage: what it will take, then its work, then what it took."""
    journal, entry, progress = job.journal, job.journal.stage(stage), job.progress
    if stage == "tokenizer" and not entry["estimate"]:
        entry["estimate"] = estimate_tokenizer(job)
    elif stage != "tokenizer" and journal.plan is None:
        progress.say("Measuring how fast this machine is.")
        journal.plan = _plan(job)
        for name, seconds in journal.plan["seconds"].items():
            journal.stage(name)["estimate"] = seconds
        progress.say(_about(journal.plan))
    elif stage == "evaluate":
        entry["estimate"] = estimate_evaluation(job)
    journal.save()
    progress.say(f"{stage}: about {duration(entry['estimate'])}")
    clock = Clock(journal, stage)
    entry["reached"] = WORK[stage](job, clock)
    clock.stop()
    entry["done"] = True
    journal.save()
    progress.clear()
    progress.say(f"{stage}: took {duration(entry['seconds'])}")


def _about(plan):
    model, base, tuning = plan["model"], plan["base"], plan["tuning"]
    return (
        f"A model of {model['n_layer']} layers, {model['n_embd']} wide: {base['steps']:,} steps on"
        f" the text, {tuning['steps']:,} on conversations."
    )


def _plan(job):
    asked, began = job.journal.asked, time.perf_counter()
    corpora = job.corpus, job.conversations, job.tokenizer
    spent = job.journal.stage("tokenizer")["seconds"] + time.perf_counter() - began
    threads = job.args.threads
    if recipe := RECIPES.get(asked["recipe"]):
        return fixed_plan(recipe, *corpora, threads)
    return make_plan(asked["minutes"], spent, *corpora, asked["seed"], job.asks, threads)
