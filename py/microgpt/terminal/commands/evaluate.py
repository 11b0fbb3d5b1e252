"""`evaluate`: what models can do, counted, one beside the other."""

import json
from html import escape

from ... import convert
from ...data import load
from ...data.builtin import is_task
from ...data.copied import CopyIndex
from ...data.labels.corpus import LABELLED
from ...data.questions import read_questions
from ...dialogue import NOT_TAUGHT
from ...errors import UserError
from ...evaluation.card import Doing, Wrong, measure, measure_sorting
from ...evaluation.talk import TRIES
from ...recorder.record import Machine
from ...tokenizer.special import has_chat_tokens
from ...training.config import TrainConfig
from ..args import add_data, add_force, add_number
from ..find import (
    corpus_of,
    find_labelled,
    find_text_or_conversations,
    is_link,
    open_link,
)
from ..html import write_page
from ..outputs import check_outputs
from ..progress import Progress

DESCRIPTION = """\
Measure what saved models can do: the loss on text that was held out, and for a model that was
taught to talk its answers to held-out questions of every kind, with and without its tools, and how
much of what it says stands word for word in its data; of one that sorts texts, how many right. Each
share comes with the interval that holds the true one 95 times of a hundred."""


def add(parser):
    parser.usage = "%(prog)s FILE [FILE ...] [options]"
    parser.description = DESCRIPTION
    parser.add_argument("checkpoints", metavar="FILE", nargs="+", help="saved by train or finetune")
    add_data(parser)
    add_number(parser, "--tries", TRIES, f"questions of each kind ({TRIES})", low=1, high=100_000)
    parser.add_argument(
        "--questions",
        metavar="FILE",
        help="ask these, each line `question | answer`; what is answered wrongly is shown",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object on stdout")
    parser.add_argument("--report", metavar="FILE.html", help="write a page with the table")
    parser.add_argument("--quiet", action="store_true", help="no progress, only the result")
    add_force(parser)


def run(args):
    inputs = {f"the model {path}": path for path in args.checkpoints}
    inputs |= {"--data": args.data, "--questions": args.questions}
    check_outputs({"--report": (args.report, "a page")}, inputs, args.force)
    progress = Progress(quiet=args.quiet)
    args.own = read_questions(args.questions) if args.questions else ()
    cards = {path: _card(path, args, progress) for path in args.checkpoints}
    if args.json:
        print(
            json.dumps({path: {r.name: _fields(r) for r in rows} for path, rows in cards.items()})
        )
    else:
        _print(cards)
    if args.report:
        write_page(args.report, "What " + " and ".join(cards) + " can do", _table(cards))
        progress.say(f"The page is in {args.report}.")
    return 0


def _card(path, args, progress):
    rows = []
    for event in _measuring(path, args, progress):
        if isinstance(event, Wrong):
            question, answer = event.question
            progress.say(f"{question} | {answer}\n  → {event.said}")
        elif not isinstance(event, Doing):
            rows.append(event)
        elif progress.due():
            progress.bar(event.done, f"{path}: {event.name}")
    progress.clear()
    if not rows:
        raise UserError(f"There is nothing to measure {path} by; give text by --data.")
    return rows


def _measuring(path, args, progress):
    """What is measured of the model in a file."""
    if is_link(path):
        model, tokenizer, note = open_link(path)
        corpus, training, copies = _data_of_link(note, args, progress), None, None
    else:
        checkpoint, corpus, training = convert.load(path), None, None
        if args.data or not args.own:
            corpus, training = held_out_of(checkpoint, args, progress)
        tokenizer = checkpoint.tokenizer()
        if checkpoint.labels:
            return sorting(path, checkpoint, tokenizer, corpus, training)
        model, copies = checkpoint.model(), CopyIndex.kept_in(checkpoint)
    if args.own and not has_chat_tokens(tokenizer):
        raise UserError(NOT_TAUGHT.format(path, path))
    return measure(model, tokenizer, corpus, training, args.tries, Machine(), args.own, copies)


def sorting(path, checkpoint, tokenizer, corpus, training):
    """What is measured of a model that sorts texts."""
    labels = checkpoint.labels
    if corpus is None:
        return ()
    if corpus.split != LABELLED or set(corpus.labels) - set(labels):
        raise UserError(
            f"{path} sorts texts into {', '.join(labels[:6])}; give --data with texts that have"
            " these labels."
        )
    tests = corpus.tests_of(training) if training else corpus.tests or {"all": corpus.pairs}
    return measure_sorting(checkpoint.classifier(), tokenizer, labels, tests)


def held_out_of(checkpoint, args, progress):
    """(corpus, how it was split): what the run held out; all of it where --data names another."""
    known = TrainConfig.from_dict(checkpoint.meta["training"])
    if args.data and checkpoint.labels:
        corpus = find_labelled(args.data, progress, args)
    elif args.data:
        corpus = find_text_or_conversations(args, progress, checkpoint.meta["data"]["split"])
    else:
        try:
            return corpus_of(checkpoint, args, progress), known
        except UserError as trouble:
            progress.say(f"No held-out text: {trouble}")
            return None, None
    same = corpus.digest == checkpoint.meta["data"]["digest"]
    return corpus, known if same else None


def _data_of_link(note, args, progress):
    """What a link's model is measured by: a link says neither how its data were split, nor all of
    where they are. The questions of a task are the same for everybody.
    """
    if args.data:
        return find_text_or_conversations(args, progress)
    name = None if args.own else note.get("data")
    return load(name) if isinstance(name, str) and is_task(name) else None


def _fields(row):
    if not row.score:
        return {"value": row.value}
    low, high = row.score.interval
    return {**row.score._asdict(), "share": row.value, "low": low, "high": high}


def _print(cards):
    """A row for each measurement, a column for each model."""
    columns = [{row.name: row.text for row in rows} for rows in cards.values()]
    lines = [[name, *(column.get(name, "") for column in columns)] for name in _names(cards)]
    if len(cards) > 1:
        lines.insert(0, ["", *cards])
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def _names(cards):
    """All rows, in the order in which they first occur."""
    return list(dict.fromkeys(row.name for rows in cards.values() for row in rows))


def _table(cards):
    found = {path: {row.name: row.text for row in rows} for path, rows in cards.items()}
    head = "".join(f'<th scope="col">{escape(path)}</th>' for path in cards)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(found[path].get(name, ''))}</td>" for path in cards)
        + "</tr>\n"
        for name in _names(cards)
    )
    return f"""<p>Of every kind of question: how many of those asked were answered right, and in
brackets the interval that holds the true share 95 times of a hundred.</p>
<table><tr><td></td>{head}</tr>
{body}</table>"""
