"""A verdict on data before a run: how much it is, how often it will be read, what to change."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from ..tokenizer.rows import lengths_of
from .baselines import bigram_loss, uniform_loss
from .batches import choose_rows
from .novelty import about_twins, among, count_twins, hashes_of

OFTEN = 30  # passes over the data from which a model begins to know it by heart
ENOUGH = 10  # passes to advise instead
LITTLE = 2000  # tokens
LITTLE_HELD_OUT = 200
RARE = 10  # a character that occurs less often is hardly learned
SOME = 2_000_000  # tokens of which pairs are counted
SHOWN = 40  # characters of a line that is named


class Plan(NamedTuple):
    """What the data are to be used for."""

    parameters: int
    block_size: int
    rows: int  # documents or windows a step
    steps: int
    seed: int
    val_fraction: float

    @classmethod
    def of(cls, parameters, model, training):
        """Of the configurations of a model, with so many parameters, and of its training."""
        rows = training.batch_size * training.accumulate
        steps, seed, fraction = training.steps, training.seed, training.val_fraction
        return cls(parameters, model.block_size, rows, steps, seed, fraction)


class Verdict(NamedTuple):
    """What was counted, and in sentences what to change; without any, all is well."""

    facts: dict
    advice: list


def check(corpus, tokenizer, rows, held_out, plan):
    """The Verdict on a corpus whose rows were split and encoded as a run does it."""
    kind = choose_rows(rows, plan.block_size)
    if kind == "conversations":
        return _conversations(corpus, rows, held_out, plan)
    lengths = lengths_of(rows).astype(np.int64) - 1  # targets
    tokens, tested = int(lengths.sum()), int(sum(map(len, held_out)) - len(held_out))
    per_step = plan.rows if kind == "documents" else plan.rows * plan.block_size
    passes = per_step * plan.steps / max(1, len(rows) if kind == "documents" else tokens)
    counted = _first(rows), _first(held_out or rows)
    facts = {
        "documents": len(corpus.documents),
        "tokens": tokens,
        "held_out_tokens": tested,
        "vocabulary": tokenizer.vocab_size,
        "longest": int(lengths.max()) if len(lengths) else 0,
        "rows": kind,
        "passes": passes,
        "guessing": uniform_loss(tokenizer.vocab_size),
        "pairs": bigram_loss(*counted, tokenizer.vocab_size),
        "doubled": 0,
        "twins": 0,
    }
    advice = [corpus.advice] if corpus.advice else []
    if kind == "documents" and len(corpus.documents):
        facts["doubled"], doubled = _doubled(corpus.documents)
        advice += doubled
    if len(corpus.documents):
        twins = count_twins(corpus.documents, plan.seed, plan.val_fraction)
        facts["twins"] = twins[0]
        advice += filter(None, [about_twins(*twins)])
    advice += _rare(corpus.documents, tokenizer)
    advice += _cut(lengths, plan, kind)
    advice += _amount(tokens, tested, passes, plan)
    return Verdict(facts, advice)


def _first(rows):
    """The first rows, up to so many tokens."""
    chosen, left = [], SOME
    for row in rows:
        if left < 2:
            break
        chosen.append(row[:left])
        left -= len(row)
    return chosen


def _doubled(documents):
    """(how many documents repeat an earlier one, a sentence about it)."""
    hashes = hashes_of(documents)
    kinds, counts = np.unique(hashes, return_counts=True)
    # Different documents may share a hash: see `count_twins`.
    times = Counter(documents[i] for i in among(hashes, kinds[counts > 1]))
    repeats = sum(times.values()) - len(times)
    if not repeats:
        return 0, []
    which, most = times.most_common(1)[0]
    which = which if len(which) <= SHOWN else which[:SHOWN] + "…"
    return repeats, [
        f"{repeats:,} of {len(documents):,} documents repeat{'s'[repeats > 1 :]} an earlier one:"
        f" “{which}” stands there {most:,} times. Keep each once, unless how often it occurs"
        " matters."
    ]


def _rare(documents, tokenizer):
    """Characters that occur so seldom that a model cannot learn them."""
    if not hasattr(tokenizer, "chars") or not len(documents):
        return []
    counts = Counter()
    for document in documents[:100_000]:
        counts.update(document)
    rare = sorted(letter for letter, count in counts.items() if count < RARE)
    if len(rare) < 3 or len(rare) < len(counts) / 10:
        return []
    shown = " ".join("␣" if letter.isspace() else letter for letter in rare[:12]) + (
        " …" if len(rare) > 12 else ""
    )
    return [
        f"{len(rare)} of {len(counts)} characters occur fewer than {RARE} times ({shown}): a model"
        " hardly learns them. Byte pairs in place of characters, or simpler text, avoid that."
    ]


def _cut(lengths, plan, kind):
    if kind != "documents" or not len(lengths):
        return []
    share = float((lengths > plan.block_size).mean())
    if share < 0.02:
        return []
    return [
        f"{share:.0%} of the documents are longer than the {plan.block_size} tokens a model looks"
        f" back; they are cut. A context (block_size) of"
        f" {int(np.quantile(lengths, 0.98))} holds most of them."
    ]


def _amount(tokens, tested, passes, plan):
    advice = []
    if tokens < LITTLE:
        advice.append(
            f"{tokens:,} tokens are very little to learn from; a few thousand are a beginning."
        )
    if plan.val_fraction and tested < LITTLE_HELD_OUT:
        advice.append(
            f"{tested:,} tokens are held out, too few: their loss says little. Hold out a larger"
            " part, or bring more text."
        )
    if passes >= OFTEN:
        steps = max(1, round(plan.steps * ENOUGH / passes))
        more = (
            f" The model has {plan.parameters:,} numbers for {tokens:,} tokens, enough to hold it."
            if plan.parameters > tokens
            else ""
        )
        advice.append(
            f"{plan.steps:,} steps read everything {passes:,.0f} times: the model may learn it by"
            f" heart.{more} Try {steps:,} steps, a smaller model, dropout, or more text."
        )
    return advice


def _conversations(corpus, rows, held_out, plan):
    """The same of conversations: a sample of them is rendered."""
    looked = min(len(rows), 2000)
    rendered = [rows.rendered(i) for i in range(looked)]
    sizes = np.array([len(ids) for ids, _ in rendered])
    learned = np.array([int(marks[1:].sum()) for _, marks in rendered])
    turns = [
        sum(message.role == "user" for message in rows.source[int(rows.order[i])])
        for i in range(looked)
    ]
    long = float((sizes > plan.block_size + 1).mean())
    mute = int((learned == 0).sum())
    tokens = int(sizes.mean() * len(rows))
    passes = plan.rows * plan.steps * (plan.block_size + 1) / max(1, tokens)
    facts = {
        "documents": len(rows) + len(held_out),
        "tokens": tokens,
        "held_out": len(held_out),
        "vocabulary": rows.tokenizer.vocab_size,
        "longest": int(sizes.max()),
        "rows": "conversations",
        "passes": passes,
        "turns": sum(turns) / looked,
        "typical_length": int(np.sort(sizes)[looked // 2]),
        "learned_share": float(learned.sum() / sizes.sum()),
    }
    advice = []
    if long > 0.02:
        advice.append(
            f"{long:.0%} of the conversations are longer than the {plan.block_size} tokens the"
            f" model looks back, and lose their end; the longest has {facts['longest']:,}."
        )
    if mute:
        advice.append(f"{mute:,} conversations have no answer to learn from and are left out.")
    if passes >= OFTEN:
        advice += _amount(tokens, LITTLE_HELD_OUT, passes, plan)
    if len(rows) < 100:
        advice.append(
            f"{len(rows)} conversations teach little more than their own words; a few hundred of"
            " different wording are a beginning."
        )
    return Verdict(facts, advice)
