"""A single weight by its name, such as `layer0.wq[3,5]`: which number it is, and what it is for."""

import re
from dataclasses import dataclass

import numpy as np

from ..errors import UserError


@dataclass(frozen=True)
class Weight:
    """One number of a model."""

    name: str  # of the array it stands in
    index: tuple
    place: int  # in the flat array of all weights

    def __str__(self):
        return f"{self.name}[{','.join(map(str, self.index))}]"


def find_weight(weights, text):
    """The weight of that name, or a sentence about what is wrong with it."""
    match = re.fullmatch(r"\s*([^\[\]\s]+)\s*(?:\[\s*([^\[\]]*)\]\s*)?", str(text))
    name, inside = match.groups() if match else (str(text)[:60], None)
    if name not in weights.shapes:
        import difflib  # a page does without it until a name is wrong

        close = difflib.get_close_matches(name, weights.shapes, 1, 0.5)
        known = f"did you mean {close[0]}?" if close else f"the first are {_some(weights.shapes)}."
        raise UserError(f"This model has no weights called {name[:60]!r}; {known}")
    shape = weights.shapes[name]
    numbers = [part.strip() for part in inside.split(",")] if inside else []
    if len(numbers) != len(shape) or not all(re.fullmatch(r"\d{1,9}", n) for n in numbers):
        example = ",".join("0" * len(shape))
        what = "two whole numbers, its row and its column" if len(shape) == 2 else "a whole number"
        raise UserError(f"A weight of {name} is named by {what}, such as {name}[{example}].")
    index = tuple(map(int, numbers))
    if any(i >= n for i, n in zip(index, shape)):
        sizes = " and ".join(
            f"{what} 0 to {n - 1}" for what, n in zip(_dimensions(shape), shape, strict=True)
        )
        raise UserError(f"There is no {name}[{','.join(numbers)}]: {name} has {sizes}.")
    return _weight(weights, name, index)


def weight_at(weights, place):
    """The weight at a place of the flat array."""
    for name, shape in weights.shapes.items():
        own = weights.place(name)
        if own.start <= place < own.stop:
            index = np.unravel_index(int(place) - own.start, shape)
            return _weight(weights, name, tuple(map(int, index)))
    raise UserError(f"There is no weight {place}: the model has {weights.count:,}.")


def _weight(weights, name, index):
    shape = weights.shapes[name]
    return Weight(name, index, weights.place(name).start + int(np.ravel_multi_index(index, shape)))


def _dimensions(shape):
    return ("rows", "columns") if len(shape) == 2 else ("numbers",)


def _some(shapes):
    return ", ".join(list(shapes)[:4])


# ---- in words


def about(weight, config, tokenizer):
    """What a weight is and what it touches, in two phrases."""
    scope, _, kind = weight.name.rpartition(".")
    layer = f"layer {scope[5:]}" if re.fullmatch(r"layer\d+", scope) else ""
    row = weight.index[0]
    column = weight.index[-1]
    if kind in ("gain", "bias"):
        where = weight.name.rpartition(".")[0]
        does = "is multiplied by it" if kind == "gain" else "has it added"
        return f"number {row} of the {kind} of {where}", f"number {row} {does} at every position"
    if kind in ("wte", "lm_head", "value"):
        token = _token(tokenizer, row)
        if kind == "wte":
            tied = ", and the score of that token" if config.tied_head else ""
            return (
                f"number {column} of the embedding of {token}",
                f"number {column} of the line at every {token}{tied}",
            )
        if kind == "value":
            head = column // config.head_size
            return (
                f"number {column} of the value embedding of {token}, {layer}",
                f"what key-value head {head} passes on of every {token}",
            )
        return (
            f"how strongly number {column} of the line counts for {token}",
            f"the score of {token} as the next token, at every position",
        )
    if kind == "wpe":
        return (f"number {column} of place {row}", f"number {column} of the line at place {row}")
    if kind in ("wq", "wk", "wv", "bq", "bk", "bv"):
        head = row // config.head_size
        name, what = {
            "q": ("query", f"what head {head} looks for"),
            "k": ("key", f"what a position offers to head {head}"),
            "v": ("value", f"what head {head} passes on"),
        }[kind[1]]
        own = "" if kind[1] == "q" or config.kv_heads == config.n_head else "key-value "
        what = what.replace("head", f"{own}head")
        source = f", from number {column} of the line" if kind[0] == "w" else ""
        return f"{what} in {layer}{source}", f"number {row % config.head_size} of its {name}"
    if kind == "wo":
        head = column // config.head_size
        return (
            f"the weight from head {head} of {layer} to number {row} of the line",
            f"what number {column % config.head_size} of that head adds",
        )
    if kind in ("fc1", "fc_gate", "b1", "b_gate"):
        what = "the gate of unit" if "gate" in kind else "unit"
        source = f", from number {column} of the line" if kind[0] == "f" else ""
        into = "the weight into" if source else "the bias of"
        return f"{into} {what} {row} of {layer}{source}", f"{what} {row}, at every position"
    if kind == "fc2":
        return (
            f"the weight from unit {column} of {layer} to number {row} of the line",
            f"what unit {column} adds",
        )
    if kind in ("bo", "b2"):
        after = "heads" if kind == "bo" else "units"
        return (
            f"what is added after the {after} of {layer} to number {row} of the line",
            f"number {row} of the line, at every position",
        )
    return _switches(weight, layer)


def _switches(weight, layer):
    """The weights that only nanochat has."""
    row, column = weight.index[0], weight.index[-1]
    return {
        "smear.gate": (
            f"the weight from number {column} of a token to its gate for the token before",
            "how far the gate is open, at every position",
        ),
        "smear.scale": ("how much of the token before is mixed in", "the line of every position"),
        "scales.stream": (f"what the line is multiplied by before layer {row}", "the whole line"),
        "scales.embedding": (
            f"how much of the embedding is added again before layer {row}",
            "the whole line",
        ),
        "backout.scale": ("how much of the middle layer is taken back", "the end of the line"),
    }.get(
        weight.name,
        (
            f"the weight from number {column} of the line to the gate of value embeddings, {layer}",
            f"how much key-value head {row} takes of them",
        ),
    )


def _token(tokenizer, id):
    return f"“{tokenizer.token_text(id)}”"
