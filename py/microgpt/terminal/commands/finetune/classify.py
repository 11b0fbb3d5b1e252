"""`finetune classify`: a trained model learns to sort texts, from texts with labels."""

from dataclasses import replace

from ....data.labels.corpus import LABELLED
from ....errors import UsageError
from ....gpt.lora import Tuning
from ....presets import CLASSIFY_TUNING
from ....training.config import TrainConfig
from ....training.finetune import finetune
from ...args import add_settings, add_word, given
from ...drive import TRAINING, add_keeping, add_showing
from ...find import check_alphabet, find_labelled
from ...memory import check_model
from .base import add_base, begin, changed, load_base
from .lora import add_lora, lora_of

DESCRIPTION = """\
Teach a trained model to sort texts like those it is shown. It gets a head with an output for each
label, which reads what the model has made of a text at its last token; the head, the last block and
the final norm are trained (--all: everything; --lora-rank: adapters). Every label is met equally
often. Unless you say otherwise: {settings}."""
NOT_LABELLED = "is no run on texts with labels; without --resume it is a BASE to begin with."


def add(parser):
    parser.usage = "%(prog)s BASE --data FILE [options]"
    parser.description = DESCRIPTION.format(settings=changed(CLASSIFY_TUNING))
    start = add_base(parser)
    start.add_argument(
        "--data",
        metavar="topics|FILE",
        help="texts with labels: messages of five topics that microgpt makes up, a table (.csv,"
        " with or without a header), or JSON lines with text and label",
    )
    add_columns(start)
    what = parser.add_argument_group("what is trained")
    what.add_argument("--all", action="store_true", help="all weights, not the last block only")
    add_lora(parser)
    add_keeping(parser, link=False)
    add_showing(parser, samples=5)
    add_settings(parser, TrainConfig, TRAINING, skip=("windows",))
    parser.set_defaults(record=None, include=None, link=None, windows=None)


def add_columns(group):
    """The flags that say how a table is read."""
    from ....data.encoding import ENCODINGS

    help = "the column, or key, of the texts where its name is none of text, message, ..."
    group.add_argument("--text-column", metavar="NAME", help=help)
    help = "the same of the labels: label, class, category, ..."
    group.add_argument("--label-column", metavar="NAME", help=help)
    add_word(group, "--encoding", tuple(ENCODINGS), "how the text is kept as bytes (utf-8)")


def run(args):
    if args.all and args.lora_rank:
        raise UsageError("--all trains the weights and --lora-rank adapters; choose one of them.")
    if args.all and args.resume:
        raise UsageError("A resumed run trains what it trained before; leave out --all.")
    return begin(args, _start, LABELLED, NOT_LABELLED)


def _start(args, progress):
    if not args.data:
        raise UsageError("Name the texts with labels: --data FILE.csv, or --data topics.")
    base = load_base(args)
    config = replace(CLASSIFY_TUNING, **given(args, TrainConfig))
    tuning = lora_of(args) or Tuning(whole="all" if args.all else "last")
    check_model(base.model_config(), config, tuning)
    corpus = find_labelled(args.data, progress, args)
    tokenizer = base.tokenizer()
    check_alphabet(tokenizer, corpus)
    tuning = replace(tuning, classes=len(corpus.labels))
    return finetune(base, corpus, config, tokenizer, tuning=tuning, file=args.base)
