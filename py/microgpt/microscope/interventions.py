"""Parts of a model switched off, or given what they computed for another text.

A part is named as in the weights: `layer0.head1`, `layer0.mlp`, `layer0.unit5` (a neuron of the
MLP), `layer0.attention` (all heads), `layer0`.
"""

import re
from dataclasses import dataclass

import numpy as np

from ..autograd import Tensor, no_grad
from ..autograd.ops import softmax
from ..errors import UserError
from .activations import activations, ids_of

ALL = slice(None)


@dataclass(frozen=True)
class Part:
    """What can be switched off: where it is shown on the way, and which columns are its own."""

    name: str
    site: str  # its name in `activations`
    columns: slice


def find_part(name, config):
    """The part of that name, or a sentence that there is none."""
    match = re.fullmatch(r"layer(\d+)(?:\.(?:(attention|mlp)|(head|unit)(\d+)))?", str(name))
    if not match:
        raise UserError(
            f"There is no part {str(name)[:60]!r}; parts are called layer0, layer0.attention,"
            " layer0.mlp, layer0.head1, layer0.unit5."
        )
    layer, whole, kind, number = match.groups()
    _check(layer, config.n_layer, f"layer{layer}", "layers")
    layer = int(layer)
    if number is None:
        return Part(name, f"layer{layer}.{whole or 'out'}", ALL)
    if kind == "head":
        _check(number, config.n_head, name, "heads in a layer")
        start = int(number) * config.head_size
        return Part(name, f"layer{layer}.heads", slice(start, start + config.head_size))
    _check(number, config.hidden, name, "units in a layer")
    return Part(name, f"layer{layer}.units", slice(int(number), int(number) + 1))


def _check(number, count, name, what):
    if len(number) > 9 or int(number) >= count:
        raise UserError(
            f"There is no {name[:60]}: this model has {count} {what}, counted from 0 to"
            f" {count - 1}."
        )


def all_parts(config):
    """The names of all layers, heads and MLPs, in the order of the computation."""
    return [
        f"layer{i}{part}"
        for i in range(config.n_layer)
        for part in ("", *(f".head{h}" for h in range(config.n_head)), ".mlp")
    ]


class Intervention:
    """A `watch` for a model that changes some parts on the way.

    Those in `off` give zeros; a layer, what it was given. Those in `patched` give what they gave
    for another text, {site: array}, in the rows (positions) named; -1 is the last of both.
    """

    def __init__(self, off=(), patched=(), other=None, rows=ALL):
        self._off, self._patched = _by_site(off), _by_site(patched)
        self._other, self._rows, self._given = other, rows, None

    def __call__(self, name, x):
        if name.endswith(".in"):
            self._given = x.data
        for part in self._off.get(name, ()):
            data = x.data.copy()
            data[:, part.columns] = self._given if name.endswith(".out") else 0
            x = Tensor(data)
        for part in self._patched.get(name, ()):
            data = x.data.copy()
            source = self._other[name].reshape(-1, data.shape[1])
            data[self._rows, part.columns] = source[self._rows, part.columns]
            x = Tensor(data)
        return x


def _by_site(parts):
    sites = {}
    for part in parts:
        sites.setdefault(part.site, []).append(part)
    return sites


def intervene(model, tokenizer, text, off=(), patched=(), other=None, everywhere=False):
    """What a text's next token and loss become when parts are switched off or patched.

    `patched` parts give what they give for the text `other`: at the last position of both, or
    `everywhere`, if the two have as many tokens.
    """
    config = model.config
    off, patched = ([find_part(name, config) for name in names] for names in (off, patched))
    seen = None
    if patched:
        seen = _seen_in(model, tokenizer, text, other, everywhere)
    rows = ALL if everywhere else [-1]

    def changed():
        return Intervention(off, patched, seen, rows)

    ids = ids_of(model, tokenizer, text)
    before, after = (next_chances(model, ids, watch) for watch in (None, changed()))
    result = {
        "tokens": [tokenizer.token_text(i) for i in ids[0].tolist()],
        "before": before,
        "after": after,
    }
    if everywhere or not patched:  # else only what follows the text is another
        whole = ids_of(model, tokenizer, text, end=True)
        result["surprise"] = surprise(model, whole)
        result["surprise_after"] = surprise(model, whole, Intervention(off, patched, seen, rows))
    return result


def _seen_in(model, tokenizer, text, other, everywhere):
    """What is shown on the way through the other text."""
    if other is None:
        raise UserError("A part is patched with what it gives for another text; name one.")
    ids, others = ids_of(model, tokenizer, text), ids_of(model, tokenizer, other)
    if everywhere and ids.shape != others.shape:
        raise UserError(
            f"To be patched at every position both texts need as many tokens; they have"
            f" {ids.size} and {others.size}, the start counted."
        )
    return activations(model, others)


def next_chances(model, ids, watch=None):
    """The chances (V) of what follows ids (1, T)."""
    with no_grad():
        return softmax(model.logits(ids, watch=watch).data[-1].astype(np.float64))


def surprise(model, ids, watch=None):
    """-log of the chance of each token of ids (1, T) but the first, in nats."""
    return _chances_and_surprise(model, ids, watch)[1]


def _chances_and_surprise(model, ids, watch=None):
    """The chances (V) of the last of ids (1, T), and the surprise at each but the first."""
    with no_grad():
        scores = model.logits(ids[:, :-1], watch=watch).data.astype(np.float64)
    scores -= scores.max(-1, keepdims=True)
    targets = ids[0, 1:]
    lost = np.log(np.exp(scores).sum(-1)) - scores[np.arange(len(targets)), targets]
    return softmax(scores[-1]), lost


def without_each(model, tokenizer, text):
    """One after the other (part, chances of the next token, mean surprise), that part off alone.

    The first is the whole model, its name is "".
    """
    whole = ids_of(model, tokenizer, text, end=True)
    for name in ("", *all_parts(model.config)):
        watch = Intervention([find_part(name, model.config)]) if name else None
        chances, lost = _chances_and_surprise(model, whole, watch)
        yield name, chances, float(lost.mean())
