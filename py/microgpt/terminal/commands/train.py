"""`train`: make or resume a run, follow it to the end, and show what came of it."""

from dataclasses import replace

from ...data.text import context_for
from ...errors import UsageError
from ...gpt.config import GPTConfig
from ...gpt.parameters import count_parameters
from ...inference.sampling import Sampling
from ...presets import MOST_DEPTH, PRESETS, preset
from ...tokenizer import CharTokenizer
from ...training.config import TrainConfig
from ...training.machines.outer import OuterConfig, shared_at_first
from ...training.run import Run
from ..args import add_data, add_number, add_pattern, add_settings, add_word, given
from ..config_file import KINDS, FileSettings, read_config, write_config
from ..drive import TRAINING, add_keeping, add_resume, add_showing, check_files, drive, restore
from ..find import choose_tokenizer, find_corpus
from ..machines import is_launched
from ..machines.launch import add_launch, check_launch, launch
from ..machines.worker import leads, leave_to_first, load_for_all, take_restart
from ..memory import check_model
from ..progress import Progress

DESCRIPTION = """\
Train a model and print samples of it. A preset gives all settings, a file of settings changes
some, and flags change single ones. In parentheses is what the preset microgpt has; `info NAME`
shows another preset."""

MANY_PARAMETERS = 1_000_000  # from here on to make a model takes a moment
OUTER = {"sync_every": "training: models that agree now and then"}
# The many settings of a model in groups with a title, as those of training.
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
    add_resume(start)
    add_data(parser)
    tokenizer = parser.add_argument_group("tokenizer")
    tokenizer.add_argument(
        "--tokenizer",
        metavar="chars|bpe|FILE",
        help="every character a token, byte pairs learned now, or a tokenizer's file (chars)",
    )
    add_number(tokenizer, "--vocab", None, "bpe: how many tokens to learn (512)", low=1)
    add_pattern(tokenizer)
    add_keeping(parser, copies=False)
    show = add_showing(parser, samples=20)
    show.add_argument(
        "--record", metavar="FILE.json", help="write the run as the web page shows it"
    )
    add_settings(parser, TrainConfig, TRAINING)
    add_settings(parser, OuterConfig, OUTER)
    add_launch(parser)
    add_settings(parser, GPTConfig, MODEL, skip=("vocab_size",))
    add_settings(parser, Sampling, {"temperature": "samples: how tokens are chosen"})


def run(args):
    check_launch(args)
    if (args.workers or 1) > 1 and not is_launched():
        return launch(args)
    take_restart(args)
    leave_to_first(args)
    progress = Progress(quiet=args.quiet)
    if leads(args):
        _check(args)
    run = _resume(args, progress) if args.resume else _start(args, progress)
    return drive(run, args, progress)


def _check(args):
    if args.depth and args.preset not in (None, "nanochat"):
        raise UsageError("--depth is nanochat's dial; other presets have --n-layer and --n-embd.")
    if args.write_config is not None and not args.write_config.endswith(KINDS):
        raise UsageError("--write-config needs a name that ends with .json or .toml.")
    more = {
        "--record": (args.record, "the record of a run"),
        "--write-config": (args.write_config, "a file of settings"),
    }
    inputs = {"--data": args.data, "--config": args.config, "--tokenizer": args.tokenizer}
    check_files(args, inputs, more)


def _start(args, progress):
    name, model, config = configs(args)
    base = preset(name)  # where it has data and a tokenizer of its own, they are for both
    args.data, args.tokenizer = args.data or base.data, args.tokenizer or base.tokenizer
    args.pattern = args.pattern or base.pattern
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
    outer = OuterConfig(**given(args, OuterConfig))
    if args.ranks and not outer.replicas:
        outer = replace(outer, replicas=args.ranks.count)
    if outer.sync_every and args.sync_after is None:
        outer = replace(outer, sync_after=shared_at_first(config.steps))
    return Run.start(corpus, model, config, tokenizer, outer=outer)


def _longer_context(block_size, usual):
    return (
        f"These documents are longer than {usual} tokens, so the model looks {block_size} back, not"
        f" {usual}: a step reads {block_size / usual:g} times as much (--block-size {usual} for"
        " less)."
    )


def configs(args):
    """(preset, model, training): a preset, changed by a file of settings, changed by flags."""
    name, model, training = _settings(args)
    _check_outer(args)
    base = preset(name, _depth(args))
    return name, replace(base.model, **model), replace(base.training, **training)


def _check_outer(args):
    """Refuse what would be without effect."""
    typed = given(args, OuterConfig)
    if not typed.pop("sync_every", 0) and typed:
        flag = next(iter(typed)).replace("_", "-")
        raise UsageError(f"--{flag} is for workers that agree now and then; add --sync-every H.")


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
    checkpoint = load_for_all(args.resume, args.ranks)
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
    run = restore(checkpoint, args, progress, {**training, **given(args, OuterConfig)})
    if args.write_config:
        write_config(args.write_config, name, run.model.config, run.config)
    return run
