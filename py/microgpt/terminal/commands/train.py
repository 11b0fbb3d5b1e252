"""`train`: make or resume a run, follow it to the end, and show what came of it."""

import contextlib
import os
import shlex
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from ... import checkpoint as checkpoints
from ...errors import UsageError, UserError
from ...gpt.config import GPTConfig
from ...inference.sampling import Sampling
from ...presets import preset
from ...training.config import TrainConfig
from ...training.loop import Diverged
from ...training.run import Run
from ..config_file import KINDS, FileSettings, read_config, write_config
from ..find_data import corpus_of, find_corpus
from ..find_tokenizer import choose_tokenizer
from ..follow import Follower, save_run
from ..profiling import profiled_memory, profiled_time
from ..progress import Progress
from ..signals import Stop


def train_command(args):
    progress = Progress(quiet=args.quiet)
    _check(args)
    run = _resume(args, progress) if args.resume else _start(args, progress)
    sampling = Sampling(**given(args, Sampling))
    _introduce(run, progress)
    with contextlib.ExitStack() as stack:
        if args.profile:
            stack.enter_context(profiled_time(args.profile, _tell))
        if args.profile_memory:
            stack.enter_context(profiled_memory(_tell))
        follower = Follower(run, args, progress, sampling)
        stop = Stop()
        with stop.listening():
            try:
                follower.follow(stop)
                if not stop.asked:
                    follower.save()
            except Diverged as trouble:
                progress.clear()
                raise UserError(f"{trouble} {_after_divergence(follower)}") from None
            except OSError:  # nobody reads what is printed, as in `| head`
                follower.save()
                raise
            if stop.asked:
                _interrupted(run, args, progress)
                return 130
    follower.finish()
    return 0


def given(args, cls):
    """The settings of a dataclass that were typed on the command line."""
    values = {f.name: getattr(args, f.name, None) for f in fields(cls)}
    return {name: value for name, value in values.items() if value is not None}


def _check(args):
    """Find out before training, not after it, that a result cannot be written."""
    if args.save_every and not (args.out or args.resume):
        raise UsageError("--save-every needs --out FILE, to know where.")
    if args.depth and args.preset not in (None, "nanochat"):
        raise UsageError("--depth is nanochat's dial; other presets have --n-layer and --n-embd.")
    if args.write_config is not None and not args.write_config.endswith(KINDS):
        raise UsageError("--write-config needs a name that ends with .json or .toml.")
    for flag in ("out", "report", "record", "profile", "write_config"):
        path = getattr(args, flag)
        if path is None:
            continue
        if not path or (os.path.exists(path) and not os.path.isfile(path)):
            flag = flag.replace("_", "-")
            raise UserError(f"--{flag} {path} is not a file; give the name of one to write.")
        folder = Path(os.path.realpath(path)).parent
        while not folder.exists():  # missing folders are made
            folder = folder.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UserError(f"--{flag} {path} cannot be written there; choose another folder.")


def _start(args, progress):
    name, model, config = configs(args)
    if args.write_config:
        write_config(args.write_config, name, model, config)
    corpus = find_corpus(args, progress)
    if advice := corpus.advice:
        progress.say(advice)
    return Run.start(corpus, model, config, choose_tokenizer(args, corpus, progress))


def configs(args):
    """(preset, model, training): a preset, changed by a file of settings, changed by flags."""
    name, model, training = _settings(args)
    base = preset(name, _depth(args))
    return name, replace(base.model, **model), replace(base.training, **training)


def _settings(args):
    """(preset, model settings, training settings): those of a file, changed by flags."""
    file = args.file_settings = read_config(args.config) if args.config else FileSettings()
    name = args.preset or ("nanochat" if args.depth else file.preset) or "microgpt"
    model = dict(file.model)
    if args.depth:  # typed, it is stronger than what a file says of the same
        for size in ("n_layer", "n_head", "n_embd"):
            model.pop(size, None)
    return name, {**model, **given(args, GPTConfig)}, {**file.training, **given(args, TrainConfig)}


def _depth(args):
    return args.depth or args.file_settings.depth


def _resume(args, progress):
    checkpoint = checkpoints.load(args.resume)
    name, model, training = _settings(args)
    if args.preset or _depth(args) or args.file_settings.preset:
        model = {**preset(name, _depth(args)).model.to_dict(), **model}
    model.pop("vocab_size", None)
    if fixed := [name for name, value in model.items() if checkpoint.meta["model"][name] != value]:
        flags = ", ".join("--" + name.replace("_", "-") for name in fixed)
        raise UsageError(f"A resumed run keeps its model; leave out {flags}.")
    if args.tokenizer or args.vocab:
        raise UsageError("A resumed run keeps its tokenizer; leave out --tokenizer and --vocab.")
    step = checkpoint.meta["progress"]["step"]
    if training.get("steps", step) < step:
        raise UsageError(f"This run is already at step {step:,}; --steps must be at least that.")
    run = Run.restore(checkpoint, corpus_of(checkpoint, args, progress), **training)
    args.include = args.include or checkpoint.meta["data"].get("include")
    args.data = args.data or checkpoint.meta["data"].get("path")
    if args.write_config:
        write_config(args.write_config, name, run.model.config, run.config)
    if run.step >= run.config.steps:
        progress.say(
            f"This run is already at its last step, {run.step:,}; --steps N makes it longer."
        )
    return run


def _introduce(run, progress):
    corpus, config, model = run.corpus, run.config, run.model
    progress.say(
        f"{corpus.size} from {corpus.source}; a vocabulary of {run.tokenizer.vocab_size:,};"
        f" {sum(map(len, run.held_out)):,} tokens held out"
    )
    progress.say(
        f"{model.weights.count:,} parameters, {config.dtype}; {config.steps:,} steps of"
        f" {config.batch_size * config.accumulate}"
        + (f", going on from step {run.step:,}" if run.step else "")
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
    if not np.isfinite(run.model.weights.flat).all():
        return "Nothing was kept: the weights are no numbers either."
    return f"The weights as they were before that are in {save_run(run, args)}."


def _interrupted(run, args, progress):
    progress.clear()
    path = save_run(run, args, fallback=True)
    _tell(
        f"Stopped at step {run.step:,}; kept in {path}. Go on with: train --resume"
        f" {shlex.quote(path)}"
    )


def _tell(text):
    """Said even where progress is not wanted."""
    print(text, file=sys.stderr)
