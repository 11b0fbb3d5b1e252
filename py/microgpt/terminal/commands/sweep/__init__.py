"""`sweep`: which settings train best; many short runs, one after the other or side by side."""

import json
import shlex
import sys
from dataclasses import fields
from pathlib import Path

from ....errors import Interrupted, UsageError, UserError
from ...args import add_data, add_force, add_number, add_pattern
from ...drive import TRAINING
from ...outputs import check_outputs, same_file
from ...progress import Progress, duration
from ...signals import Stop
from .. import train
from .base import Base, words_typed
from .choose import has_optuna, load_optuna
from .jobs import Pool, command_of, only_failures, owner
from .journal import COMPLETE, RUNNING, Journal
from .report import write_sweep_report
from .space import CLASSES, SETTINGS, Choices, Range, combinations, grid, parse, words_of

TRIALS, BEST = 20, 5
DESCRIPTION = """\
Which settings train best: a range or a list for any setting of a run, tried out and judged by the
loss on held-out data. LOW:HIGH is a range, LOW:HIGH:log one for numbers of every size, A,B,C a
list. All is kept in the study; where it is stopped or killed, the same command goes on, and several
processes or machines that share the file work on it together. The best trial is shown as the
command that gives its loss again, to the last digit."""


def add(parser):
    parser.usage = "%(prog)s --study FILE --SETTING RANGE ... [options]"
    parser.description = DESCRIPTION
    parser.add_argument("--study", metavar="FILE", required=True, help="what is kept of it")
    add_number(parser, "--trials", None, f"how many settings to try in all ({TRIALS})", low=1)
    jobs = "how many to try at a time, each on one thread (1)"
    add_number(parser, "--jobs", 1, jobs, low=1, high=256)
    parser.add_argument(
        "--grid",
        action="store_true",
        help="every combination; of a range as many values as --trials allows",
    )
    parser.add_argument(
        "--random",
        action="store_true",
        help="drawn by chance, as where Optuna, which asks more cleverly, is not installed",
    )
    parser.add_argument("--report", metavar="FILE.html", help="write a page about the study")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    parser.add_argument("--quiet", action="store_true", help="no progress, only the result")
    add_force(parser)
    base = parser.add_argument_group("what all trials share")
    for flag in ("preset", "depth", "config", "tokenizer", "vocab"):
        base.add_argument(f"--{flag}", metavar="WORD", help="as in train")
    add_pattern(base)
    add_data(parser)
    for cls in CLASSES:
        _add_settings(parser, cls, {**TRAINING, **train.OUTER, **train.MODEL})


def _add_settings(parser, cls, titles):
    group = None
    for f in fields(cls):
        if f.name in titles:
            group = parser.add_argument_group(titles[f.name])
        if f.name in SETTINGS:
            many = "LOW:HIGH" if f.type in (int, float) else "on,off" if f.type is bool else "A,B"
            flag = "--" + f.name.replace("_", "-")
            group.add_argument(flag, metavar=many, help=f.metadata["help"])


def run(args):
    progress = Progress(quiet=args.quiet)
    space, fixed = _typed(args)
    _check(args, space, fixed)
    base = Base(fixed, space, args.parser.prog) if space else None
    begun = Path(args.study).exists() and Path(args.study).stat().st_size
    if not begun:  # before there is a file
        base.check(progress)
    digest = None if begun else base.find_data(progress)
    journal = Journal.open(args.study, owner())
    with journal.lock():
        if not journal.facts:
            if not base:  # it was empty, or gone just now
                raise UserError(f"{args.study} has no study in it; choose another file.")
            digest = digest or base.find_data(progress)
            journal.begin(_first_facts(args, space, base, digest, progress))
        else:
            _go_on(journal, args, space, fixed)
    facts = journal.facts
    if facts["method"] == "random" and not (args.random or has_optuna()):
        progress.say(
            "Settings are drawn by chance; Optuna asks more cleverly: pip install '.[sweep]'"
            " in the project's folder."
        )
    space = _space_of(facts)
    base = Base(facts["words"], space, args.parser.prog)
    if facts["method"] == "optuna":
        load_optuna()
    if digest is None:
        base.check_data(facts["digest"], progress)
    stop = Stop()
    pool = Pool(journal, space, base, args.jobs, stop, progress.say)
    with stop.listening():
        try:
            _follow(pool, args, progress)
        except Interrupted:
            progress.clear()
            progress.say("Stopped; the same command goes on.")
            raise
    progress.clear()
    return _finish(journal, space, base, args, progress)


def _typed(args):
    """({name: text} of what is tried, the words that all trials share)."""
    space, fixed = {}, words_typed(args)
    for name in SETTINGS:
        text = getattr(args, name)
        if text is None:
            continue
        value = parse(name, text)
        if isinstance(value, Range | Choices):
            space[name] = value
        else:
            fixed += words_of({name: value})
    return space, fixed


def _check(args, space, fixed):
    if args.grid and args.random:
        raise UsageError("--grid and --random exclude each other; leave one out.")
    if not space and (fixed or not Path(args.study).exists()):
        raise UsageError(
            "Nothing is to be tried: give a setting a range or a list, as in --lr 1e-4:1e-1:log."
        )
    if args.grid:
        grid(space, args.trials)  # raises if that is too few
    inputs = {"--data": args.data, "--config": args.config, "--tokenizer": args.tokenizer}
    for flag, path in inputs.items():
        if path and same_file(path, args.study):
            raise UsageError(f"--study is the file that {flag} reads; choose another name.")
    inputs["--study"] = args.study
    check_outputs({"--report": (args.report, "a page")}, inputs, args.force)


def _first_facts(args, space, base, digest, progress):
    """What a study is begun with, and all who join it keep to."""
    trials, more = args.trials or TRIALS, {}
    if args.grid or (not args.random and 0 < combinations(space) <= trials):
        points = grid(space, args.trials)  # so few that all are tried
        refused = [refusal for refusal in map(base.refusal, points) if refusal]
        method, trials = "grid", len(points) - len(refused)
        if refused:
            more["points"] = len(points)
            progress.say(
                f"{len(refused):,} of {len(points):,} combinations cannot be built and are left"
                f" out: {refused[0]}"
            )
    else:
        method = "optuna" if has_optuna() and not args.random else "random"
    return {
        "space": {name: getattr(args, name) for name in space},
        "words": base.words,
        "method": method,
        "seed": base.seed,
        "trials": trials,
        "digest": digest,
        **more,
    }


def _go_on(journal, args, space, fixed):
    """Join a study: with its settings, which need not be typed again, and perhaps more trials."""
    facts = journal.facts
    typed = {name: getattr(args, name) for name in space}
    if (typed or fixed) and (typed != facts["space"] or fixed != facts["words"]):
        known = " ".join(
            [*(f"--{n.replace('_', '-')} {t}" for n, t in facts["space"].items()), *facts["words"]]
        )
        raise UsageError(
            f"{args.study} is a study of other settings ({known}); leave them out to go on with"
            " it, or choose another file."
        )
    wanted = "grid" if args.grid else "random" if args.random else facts["method"]
    if wanted != facts["method"]:
        raise UsageError(
            f"{args.study} was begun with the method {facts['method']}; leave out --{wanted}."
        )
    if not args.trials or args.trials == facts["trials"]:
        return
    if facts["method"] == "grid":
        found = len(grid(space or _space_of(facts), args.trials))
        if found != facts.get("points", facts["trials"]):
            raise UsageError(f"A grid keeps its {facts['trials']:,} points; leave out --trials.")
        return
    begun = sum(trial.again is None for trial in journal.trials)
    if args.trials < begun:
        raise UsageError(
            f"{begun:,} trials of {args.study} were begun already; --trials must be at least that."
        )
    journal.note("trials", args.trials)


def _space_of(facts):
    return {name: parse(name, text) for name, text in facts["space"].items()}


# ---- what is shown


def _follow(pool, args, progress):
    journal = pool.journal
    for trial in pool.work():
        if trial:
            _tell(trial, args, progress)
            if sentence := only_failures(journal.trials):
                raise UserError(f"No trial could be trained; the last one says: {sentence}")
        if progress.due():
            ended = sum(t.state != RUNNING and t.how not in AGAIN for t in journal.trials)
            known = best(journal.trials)
            text = f"best {known.loss:.4f}" if known else "no loss yet"
            shown = f"{ended} of {journal.facts['trials']} trials  {text}"
            progress.bar(ended / journal.facts["trials"], shown)


AGAIN = ("killed", "interrupted")  # so is tried once more


def _tell(trial, args, progress):
    if args.json:
        print(json.dumps(as_record(trial)), flush=True)
    settings = "  ".join(f"{name} {value}" for name, value in trial.settings.items())
    reached = f"held out {trial.loss:.4f}" if trial.loss is not None else trial.how
    why = f"  {trial.why}" if trial.how in ("failed", "killed") else ""
    took = duration(trial.seconds)
    progress.say(f"trial {trial.number}: {reached}  {settings}  ({took}){why}")


def as_record(trial):
    return {
        "type": "trial",
        "trial": trial.number,
        "how": trial.how,
        "loss": trial.loss,
        "settings": trial.settings,
        "seconds": trial.seconds,
        **({"again": trial.again} if trial.again is not None else {}),
        **({"why": trial.why} if trial.why else {}),
    }


def best(trials):
    """The trial with the lowest loss, or None."""
    done = [trial for trial in trials if trial.state == COMPLETE]
    return min(done, key=lambda trial: (trial.loss, trial.number), default=None)


def _finish(journal, space, base, args, progress):
    winner = best(journal.trials)
    if not winner:
        raise UserError("No trial came to its end, so none is the best; look at the study.")
    command = shlex.join(command_of(base.words_for(winner.settings)))
    if args.json:
        record = {**as_record(winner), "type": "best", "command": command}
        print(json.dumps(record))
    else:
        done = sorted((t for t in journal.trials if t.state == COMPLETE), key=lambda t: t.loss)
        for trial in done[:BEST]:
            settings = "  ".join(f"{name} {value}" for name, value in trial.settings.items())
            print(f"{trial.loss:.4f}  trial {trial.number}: {settings}")
        print(
            f"\nThe best held-out loss is {winner.loss!r}; this command gives it again:\n{command}"
        )
    sys.stdout.flush()
    if args.report:
        write_sweep_report(journal, space, winner, command, args.report)
        progress.say(f"The report is in {args.report}.")
    kinds = {}
    for trial in journal.trials:
        kinds[trial.how] = kinds.get(trial.how, 0) + 1
    told = ", ".join(f"{count} {how}" for how, count in kinds.items())
    progress.say(f"{len(journal.trials)} trials: {told}. The study is in {args.study}.")
    return 0
