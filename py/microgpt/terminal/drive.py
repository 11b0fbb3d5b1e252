"""What commands that train have in common: their flags, and a run from its beginning to its end."""

import argparse
import contextlib
import shlex
import sys

import numpy as np

from ..data.conversations.corpus import CONVERSATIONS
from ..data.copied import RUN
from ..data.labels.corpus import LABELLED
from ..data.novelty import about_twins
from ..errors import UsageError, UserError
from ..gpt.parameters import count_parameters
from ..inference.sampling import Sampling
from ..training.loop import Diverged
from ..training.run import Run
from ..training.threads import hold_blas
from .announce import amount
from .args import add_force, add_number, add_threads, given
from .find import corpus_of
from .follow import Follower, save_elsewhere, save_run
from .machines.worker import AgreedStop, facts_of, leads
from .memory import check_model
from .outputs import check_outputs, same_file, try_place
from .profiling import profiled_memory, profiled_time
from .signals import Stop, Stopped

# The many settings of training in groups with a title; a group begins at the field that is named.
TRAINING = {
    "steps": "training: how long, on how much",
    "optimizer": "training: how a gradient moves the weights",
    "schedule": "training: how the learning rate goes up and down",
    "clip": "training: clipping and memory",
    "val_fraction": "training: what is held out to judge by",
    "seed": "training: chance and precision",
}


def add_resume(group):
    group.add_argument(
        "--resume",
        metavar="FILE",
        help="go on with a saved run, exactly, with its own settings; --steps can make it longer,"
        " and without --out it is saved in the same file",
    )


def add_keeping(parser, link=True, copies=None):
    """`copies`: is the index of what may be copied kept unless the flag says otherwise?"""
    keep = parser.add_argument_group("keeping")
    keep.add_argument("--out", metavar="FILE", help="save the trained model here")
    if link:
        keep.add_argument(
            "--link", metavar="FILE", help="write the trained model as a link for the page to open"
        )
    if copies is not None:
        keep.add_argument(
            "--copies",
            action=argparse.BooleanOptionalAction,
            default=copies,
            help="keep an index of the data with the model, by which `evaluate` and `chat` find"
            f" what it says word for word ({'on' if copies else 'off'})",
        )
    add_number(keep, "--save-every", 0, "also save after every N steps; 0: at the end (0)")
    add_force(keep)


def add_showing(parser, samples):
    """`samples` is how many there are at the end; returns the group for more such flags."""
    show = parser.add_argument_group("showing")
    add_number(show, "--samples", samples, f"how many samples at the end ({samples})")
    add_number(show, "--sample-every", 0, "a few samples every N steps; 0: none (0)")
    show.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    show.add_argument("--quiet", action="store_true", help="no progress, only the result")
    show.add_argument("--report", metavar="FILE.html", help="write a page about the run")
    add_threads(show)
    show.add_argument("--profile", metavar="FILE", help="say where the time went, and save it")
    show.add_argument("--profile-memory", action="store_true", help="say where the memory went")
    return show


def check_files(args, inputs, more=None):
    """Find out before training, not after it, that a result cannot be written.

    `inputs` is {flag: path}; `more` are outputs that only this command has, {flag: (path, kind)}.
    """
    if args.save_every and not (args.out or args.resume):
        raise UsageError("--save-every needs --out FILE, to know where.")
    outputs = {
        "--out": (args.out, "a model"),
        "--link": (args.link, "a link"),
        "--report": (args.report, "a page"),
        "--profile": (args.profile, "a profile"),
        **(more or {}),
    }
    if args.resume and not args.out:
        try_place("--resume", args.resume)
    if args.resume and not (args.out and same_file(args.out, args.resume)):
        inputs = {**inputs, "--resume": args.resume}  # a run may be saved where it came from
    check_outputs(outputs, inputs, args.force)


def restore(checkpoint, args, progress, training):
    """The run in a checkpoint, to go on with; `training` are the settings that were typed."""
    step = checkpoint.meta["progress"]["step"]
    if training.get("steps", step) < step:
        raise UsageError(f"This run is already at step {step:,}; --steps must be at least that.")
    run = Run.restore(checkpoint, corpus_of(checkpoint, args, progress), **training)
    for name in ("include", "encoding", "text_column", "label_column"):
        setattr(args, name, getattr(args, name, None) or checkpoint.meta["data"].get(name))
    args.data = args.data or checkpoint.meta["data"].get("path")
    if run.step >= run.config.steps:
        progress.say(
            f"This run is already at its last step, {run.step:,}; --steps N makes it longer."
        )
    return run


def drive(run, args, progress):
    """Follow a run to its end, or until it is interrupted, and keep it; returns the exit code."""
    sampling, ranks = Sampling(**given(args, Sampling)), args.ranks
    if ranks:
        run.use_ranks(ranks)
        ranks.same(facts_of(run))
        if run.replicas:
            run.replicas.gather_every = args.save_every
    use_threads(run, args.threads, progress)
    if leads(args):
        _introduce(run, progress)
    if getattr(args, "copies", False) and args.out and not args.resume:
        _index_copies(run, progress)
    with contextlib.ExitStack() as stack:
        if args.profile:
            stack.enter_context(profiled_time(args.profile, _tell))
        if args.profile_memory:
            stack.enter_context(profiled_memory(_tell))
        follower = Follower(run, args, progress, sampling)
        stop = AgreedStop(ranks) if ranks else Stop()
        run.machine.preparing = stop.at_once
        with stop.listening():
            try:
                with contextlib.suppress(Stopped):
                    follower.follow(stop)
                if not stop.asked:
                    follower.save(last=True)
            except Diverged as trouble:
                progress.clear()
                raise UserError(f"{trouble} {_after_divergence(follower)}") from None
            except OSError:  # nobody reads what is printed, as in `| head`
                follower.save(last=True)
                raise
            if stop.asked:
                if leads(args):
                    _keep_interrupted(run, args, progress)
                return 128 + stop.number
    if leads(args):
        follower.finish()
    return 0


def use_threads(run, count, progress):
    """So many threads for a run; "auto" are those that its first steps show to be fastest."""
    if run.shards > 1 and count == "auto" and not hold_blas():
        progress.say("One thread is used, because threadpoolctl, which more need, is missing.")
    run.use_threads(count)


def _introduce(run, progress):
    corpus, config, model = run.corpus, run.config, run.model
    count = f"{len(run.held_out):,}"  # to count the tokens of a large file would take long
    if corpus.split not in (CONVERSATIONS, LABELLED):
        count = f"{sum(map(len, run.held_out)):,} tokens"
    progress.say(
        f"{corpus.size} from {corpus.source}; a vocabulary of {run.tokenizer.vocab_size:,};"
        f" {count} held out"
    )
    count, trained = count_parameters(model.config), model.weights.count
    need = check_model(model.config, config, run.tuning)
    own = f", {trained:,} of them trained" if run.tuning else ""
    shared = f" on {run.ranks.count} workers" if run.ranks else ""
    progress.say(
        f"{count:,} parameters{own}, {config.dtype}, {need};"
        f" {config.steps:,} steps of"
        f" {config.batch_size * config.accumulate}{shared}"
        + (f", going on from step {run.step:,}" if run.step else "")
    )
    if warning := about_twins(*run.twins()):
        progress.say(warning)


def _index_copies(run, progress):
    """Make the index that is kept with a run; it says how large it is."""
    if run.corpus.split == "tokens":
        raise UsageError("--copies is for text; of token ids no words are known.")
    run.index_copies()
    progress.say(
        f"An index of the {run.copied.runs:,} different runs of {RUN} words that it learns to say"
        f" is kept with the model: {amount(run.copied.bytes)}."
    )


def _after_divergence(follower):
    """Keep what can be kept: a checkpoint that was saved before is better than what is left."""
    run, args = follower.run, follower.args
    if follower.saved:
        step, path = follower.saved
        return (
            f"The last good checkpoint, of step {step:,}, is in {path}; `--resume` goes on there."
        )
    if not args.out:
        return "Nothing was kept; --out with --save-every keeps a run as it goes on."
    if run.ranks and run.replicas:
        return "Nothing was kept: the workers were not at one step."
    if not np.isfinite(run.model.weights.flat).all():
        return "Nothing was kept: the weights are no numbers either."
    save_run(run, args, args.out)
    return f"The weights as they were before that are in {args.out}."


def _keep_interrupted(run, args, progress):
    progress.clear()
    path, trouble = args.out or args.resume, None
    try:
        if path:
            save_run(run, args, path)
    except UserError as error:
        trouble, path = error, None
    path = path or save_elsewhere(run, args)
    if not path:
        raise trouble or UserError(f"Stopped at step {run.step:,}; it could not be kept anywhere.")
    if trouble:
        _tell(f"microgpt: {trouble}")
    _tell(
        f"Stopped at step {run.step:,}; kept in {path}. Go on with: train --resume"
        f" {shlex.quote(path)}"
    )


def _tell(text):
    """Said even where progress is not wanted."""
    print(text, file=sys.stderr)
