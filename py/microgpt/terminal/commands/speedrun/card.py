"""The report card of a speedrun: what each stage cost and reached, against the stage before."""

from ....evaluation.score import Score
from ....evaluation.talk import ABILITIES
from ...progress import duration
from .stages import STAGES

LONGEST = 90  # characters of an answer that are shown
# Of all that is measured: what a model can do, not how that comes about.
SHOWN = (*ABILITIES, "second and third turns", "known, but refused", "sums without the tool")
NAMES = {"pre-train": "base", "fine-tune": "chat", "int8": "int8"}


def report_card(journal):
    """The card as lines of text."""
    yield from _table([["stage", "estimated", "took", "reached"], *map(_row(journal), STAGES)])
    evaluated = journal.stages["evaluate"]["reached"]
    if rows := _scores(evaluated):
        yield ""
        yield from _table(rows)
    yield ""
    spoken = {NAMES[name]: card["says"] for name, card in evaluated.items()}
    for i, (question, _) in enumerate(spoken["chat"]):
        yield f"> {question}"
        for name, says in spoken.items():
            if name != "int8" or says[i] != spoken["chat"][i]:
                yield f"  {name}: {_cut(says[i][1]) or '(nothing)'}"


def _cut(text):
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _row(journal):
    def row(stage):
        entry = journal.stages[stage]
        took, reached = entry["seconds"], _reached(stage, entry["reached"])
        return [stage, duration(entry["estimate"]), duration(took), reached]

    return row


def _reached(stage, reached):
    if stage == "tokenizer":
        return (
            f"{reached['tokens']:,} tokens of {reached['bytes a token']:.2f} bytes (before"
            f" {reached['before']:.2f})"
        )
    if stage == "evaluate":
        return "see below"
    text = f"{reached['steps']:,} steps, {reached['parameters']:,} parameters"
    if reached["held-out loss"] is not None:
        text += f", held out {reached['held-out loss']:.3f} (before {reached['before']:.3f})"
    return text


def _scores(evaluated):
    """A row for each measurement, a column for each model."""
    cards = {NAMES[name]: card.get("rows") for name, card in evaluated.items()}
    if not cards["chat"]:
        return []
    rows = [["", *cards]]
    for name in filter(cards["chat"].get, SHOWN):
        rows.append([name, *(_share(card.get(name)) for card in cards.values())])
    return rows


def _share(score):
    return f"{100 * Score(*score).share:.1f} % of {score[1]:,}" if score else ""


def _table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
