"""`classify`: sort texts with a model that `finetune classify` made, or count how well it does."""

import json
import sys
from types import SimpleNamespace

from ... import checkpoint as checkpoints
from ...data.text import read_text, split_text
from ...errors import UsageError, UserError
from ...evaluation.exact_match import result_of
from ...evaluation.sorting import sort_all
from ...inference.labels import TOGETHER, chances
from ...inference.prompt import fit_prompt
from ..find import find_labelled
from ..follow import print_table
from ..progress import Progress
from .finetune.classify import add_columns

DESCRIPTION = """\
Say which label a model gives each line of a file, or of stdin, and how sure it is. Where the file
is a table or JSON lines with labels of its own, the model is measured by it instead: how many it
sorts right, and which it takes for which. A model sorts texts like those it was taught with."""
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")


def add(parser):
    parser.usage = "%(prog)s MODEL [FILE] [options]"
    parser.description = DESCRIPTION
    parser.add_argument("checkpoint", metavar="MODEL", help="saved by finetune classify --out")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a text, a table, or topics (stdin)"
    )
    parser.add_argument("--text", metavar="TEXT", help="sort this one text")
    add_columns(parser.add_argument_group("how a file is read"))
    parser.add_argument("--json", action="store_true", help="one JSON object a text, or of a table")
    parser.add_argument("--quiet", action="store_true", help="nothing on stderr")


def run(args):
    if args.text is not None and args.file:
        raise UsageError("--text is one text and FILE many; leave one of them out.")
    checkpoint = checkpoints.load(args.checkpoint)
    if not checkpoint.labels:
        raise UserError(
            f"{args.checkpoint} was not taught to sort texts: finetune classify {args.checkpoint}"
            " --data FILE."
        )
    work = SimpleNamespace(
        model=checkpoint.classifier(), tokenizer=checkpoint.tokenizer(), labels=checkpoint.labels
    )
    if args.file and (args.file == "topics" or args.file.endswith(TABLES)):
        return _measure(args, work)
    if args.text is not None:
        texts = [args.text]
    elif args.file:
        texts = split_text(read_text(args.file, args.encoding))
    else:
        texts = filter(None, map(str.strip, sys.stdin))
    _sort(args, work, texts)


def _sort(args, work, texts):
    """Print a label for each text; those of a pipe as they come."""
    waiting = []
    for text in texts:
        waiting.append(text)
        if len(waiting) == (TOGETHER if args.file else 1):
            _print(args, work, waiting)
            waiting = []
    if waiting:
        _print(args, work, waiting)


def _print(args, work, texts):
    fitted = []
    for text in texts:
        text, note = fit_prompt(work.tokenizer, text)
        if note and not args.quiet:
            print(note, file=sys.stderr)
        fitted.append(text)
    for text, row in zip(texts, chances(work.model, work.tokenizer, fitted)):
        best = int(row.argmax())
        if args.json:
            every = {label: round(float(p), 6) for label, p in zip(work.labels, row)}
            record = {"text": text, "label": work.labels[best], "chances": every}
            print(json.dumps(record, ensure_ascii=False), flush=True)
        else:
            print(f"{work.labels[best]}\t{row[best]:.0%}\t{text}", flush=True)


def _measure(args, work):
    corpus = find_labelled(args.file, Progress(quiet=args.quiet), args)
    if unknown := sorted(set(corpus.labels) - set(work.labels)):
        raise UserError(
            f"{args.file} has labels that the model does not know: {', '.join(unknown[:6])}; it"
            f" knows {', '.join(work.labels[:6])}."
        )
    parts = corpus.tests or {"all": corpus.pairs}
    found = {
        part: result_of(sort_all(work.model, work.tokenizer, work.labels, pairs))
        for part, pairs in parts.items()
    }
    if args.json:
        records = {
            part: {**_score(table.score), **table.to_dict()} for part, table in found.items()
        }
        print(json.dumps({"file": args.file, **(records.get("all") or records)}))
        return
    for part, table in found.items():
        words = "" if part == "all" else f", {part}"
        print(f"Texts like these{words}: {table.score.text} right")
        print_table(_with_shares(table))


def _score(score):
    low, high = score.interval
    return {**score._asdict(), "share": score.share, "low": low, "high": high}


def _with_shares(table):
    """The rows of the confusion, at the end of each how many of its texts were sorted right."""
    head, *rows = table.lines()
    yield [*head, "right"]
    for label, row in zip(table.labels, rows):
        score = table.of(label)
        yield [*row, f"{score.share:.0%}" if score.tries else "-"]
