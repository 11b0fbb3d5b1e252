"""`train`: make or resume a run, follow it to the end, and show what came of it."""

import contextlib
import shlex
import sys
from dataclasses import replace

import numpy as np

from ... import checkpoint as checkpoints
from ...data.novelty import about_twins
from ...data.text import context_for
from ...errors import UsageError, UserError
from ...gpt.config import GPTConfig
from ...gpt.parameters import count_parameters
from ...inference.sampling import Sampling
from ...presets import MOST_DEPTH, PRESETS, preset
from ...tokenizer import CharTokenizer
from ...training.config import TrainConfig
from ...training.loop import Diverged
from ...training.run import Run
from ..args import add_data, add_number, add_pattern, add_settings, add_word, given
from ..config_file import KINDS, FileSettings, read_config, write_config
from ..find import choose_tokenizer, corpus_of, find_corpus
from ..follow import Follower, save_elsewhere, save_run
from ..memory import check_model
from ..outputs import add_force, check_outputs, same_file, try_place
from ..profiling import profiled_memory, profiled_time
from ..progress import Progress
from ..signals import Stop

DESCRIPTION = """\
Train a model and print samples of it. A preset gives all settings, a file of settings changes
some, and flags change single ones. In parentheses is what the preset microgpt has; `info NAME`
shows another preset."""

MANY_PARAMETERS = 1_000_000  # from here on to make a model takes a moment
# The many settings in groups with a title; a group begins at the field that is named.
TRAINING = {
    "steps": "training: how long, on how much",
    "optimizer": "training: how a gradient moves the weights",
    "schedule": "training: how the learning rate goes up and down",
    "clip": "training: clipping and memory",
    "val_fraction": "training: what is held out to judge by",
    "seed": "training: chance and precision",
}
MODEL = {
    "block_size": "model: sizes",
    "positions": "model: where a token stands",
    "norm": "model: norms",
    "bias": "model: layers",
    "window": "model: attention",
    "smear": "model: what only nanochat has",
    "init": "model: how it begins",
}


def add(parser):
    parser.description = DESCRIPTION
    start = parser.add_argument_group("where to start")
    add_word(start, "--preset", list(PRESETS), "a named model and its training (microgpt)")
    help = "nanochat's one dial: layers, each making it 64 wider (2)"
    add_number(start, "--depth", None, help, low=1, high=MOST_DEPTH)
    start.add_argument("--config", metavar="FILE", help="settings from a .json or .toml file")
    start.add_argument(
        "--write-config", metavar="FILE", help="write this run's settings, as .json or .toml"
    )
    start.add_argument(
        "--resume",
        metavar="FILE",
        help="go on with a saved run, exactly, with its own settings; --steps can make it longer,"
        " and without --out it is saved in the same file",
    )
    add_data(parser)
    tokenizer = parser.add_argument_group("tokenizer")
    tokenizer.add_argument(
        "--tokenizer",
        metavar="chars|bpe|FILE",
        help="every character a token, byte pairs learned now, or a tokenizer's file (chars)",
    )
    add_number(tokenizer, "--vocab", None, "bpe: how many tokens to learn (512)", low=1)
    add_pattern(tokenizer)
    keep = parser.add_argument_group("keeping")
    keep.add_argument("--out", metavar="FILE", help="save the trained model here")
    keep.add_argument(
        "--link", metavar="FILE", help="write the trained model as a link for the page to open"
    )
    add_number(keep, "--save-every", 0, "also save after every N steps; 0: at the end (0)")
    add_force(keep)
    show = parser.add_argument_group("showing")
    add_number(show, "--samples", 20, "how many samples at the end (20)")
    add_number(show, "--sample-every", 0, "a few samples every N steps; 0: none (0)")
    show.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    show.add_argument("--quiet", action="store_true", help="no progress, only the result")
    show.add_argument("--report", metavar="FILE.html", help="write a page about the run")
    show.add_argument(
        "--record", metavar="FILE.json", help="write the run as the web page shows it"
    )
    show.add_argument("--profile", metavar="FILE", help="say where the time went, and save it")
    show.add_argument("--profile-memory", action="store_true", help="say where the memory went")
    add_settings(parser, TrainConfig, TRAINING)
    add_settings(parser, GPTConfig, MODEL, skip=("vocab_size",))
    add_settings(parser, Sampling, {"temperature": "samples: how tokens are chosen"})


def run(args):
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
                    follower.save(last=True)
            except Diverged as trouble:
                progress.clear()
                raise UserError(f"{trouble} {_after_divergence(follower)}") from None
            except OSError:  # nobody reads what is printed, as in `| head`
                follower.save(last=True)
                raise
            if stop.asked:
                _keep_interrupted(run, args, progress)
                return 128 + stop.number
    follower.finish()
    return 0


def _check(args):
    """Find out before training, not after it, that a result cannot be written."""
    if args.save_every and not (args.out or args.resume):
        raise UsageError("--save-every needs --out FILE, to know where.")
    if args.depth and args.preset not in (None, "nanochat"):
        raise UsageError("--depth is nanochat's dial; other presets have --n-layer and --n-embd.")
    if args.write_config is not None and not args.write_config.endswith(KINDS):
        raise UsageError("--write-config needs a name that ends with .json or .toml.")
    outputs = {
        "--out": (args.out, "a model"),
        "--link": (args.link, "a link"),
        "--report": (args.report, "a page"),
        "--record": (args.record, "the record of a run"),
        "--profile": (args.profile, "a profile"),
        "--write-config": (args.write_config, "a file of settings"),
    }
    inputs = {"--data": args.data, "--config": args.config, "--tokenizer": args.tokenizer}
    if args.resume and not args.out:
        try_place("--resume", args.resume)
    if args.resume and not (args.out and same_file(args.out, args.resume)):
        inputs["--resume"] = args.resume  # a run may be saved where it came from
    check_outputs(outputs, inputs, args.force)


def _start(args, progress):
    name, model, config = configs(args)
    chosen = "block_size" in _settings(args)[1]
    check_model(model, config)  # before the data are read, and once more when all is known
    corpus = find_corpus(args, progress)
    if advice := corpus.advice:
        progress.say(advice)
    tokenizer = choose_tokenizer(args, corpus, progress)
    tokenizer = tokenizer or CharTokenizer.from_documents(corpus.documents)
    model = replace(model, vocab_size=tokenizer.vocab_size)
    if not (chosen or args.preset or args.depth or args.file_settings.preset):
        block_size = context_for(corpus, model.block_size, tokenizer)
        if block_size > model.block_size:
            progress.say(_longer_context(block_size, model.block_size))
            model = replace(model, block_size=block_size)
    need = check_model(model, config)
    if count_parameters(model) > MANY_PARAMETERS:
        progress.say(f"Making a model of {count_parameters(model):,} parameters: {need}.")
    if args.write_config:
        write_config(args.write_config, name, model, config)
    return Run.start(corpus, model, config, tokenizer)


def _longer_context(block_size, usual):
    return (
        f"These documents are longer than {usual} tokens, so the model looks {block_size} back, not"
        f" {usual}: a step reads {block_size / usual:g} times as much (--block-size {usual} for"
        " less)."
    )


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
    kept = checkpoint.model_config().to_dict()
    if fixed := [name for name, value in model.items() if kept[name] != value]:
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
    args.encoding = args.encoding or checkpoint.meta["data"].get("encoding")
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
        f"{model.weights.count:,} parameters, {config.dtype}, {check_model(model.config, config)};"
        f" {config.steps:,} steps of"
        f" {config.batch_size * config.accumulate}"
        + (f", going on from step {run.step:,}" if run.step else "")
    )
    if warning := about_twins(*run.twins()):
        progress.say(warning)


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
