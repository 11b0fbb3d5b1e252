"""One number's story: a weight forward, back, checked, clipped, remembered and moved, in one step.

All answers are dicts of plain numbers and texts, as JSON has them; arrays where it says so.
"""

import random  # numpy's own takes a browser a third of a second to import
from functools import cached_property

import numpy as np

from ..errors import UserError
from ..training.optim import Adam, groups_of
from .gradient import ExactStep, operation_of
from .interventions import surprise
from .one_step import make
from .slope import measure
from .weights import about, find_weight, weight_at

SHOWN = 12  # parts of a gradient
FINE = 1e-7  # of the largest part: how well a slope is measured

# The vector-Jacobian product of each operation, for one number of the weights. g is the gradient
# of what the operation gives, x what it is given; the sums go over all positions.
FORMULAS = {
    "linear": ("y[r] = Σ w[r,c] · x[c]", "dw[r,c] = Σ g[r] · x[c]"),
    "linear, bias": ("y[r] = … + b[r]", "db[r] = Σ g[r]"),
    "embedding": ("y = the row of the token", "dw[r,c] = Σ g[c] where the token is r"),
    "add_positions": ("y = x + the row of the place", "dw[r,c] = Σ g[c] where the place is r"),
    "scaled": ("y = s · x", "ds = Σ g · x, over all numbers of the line"),
    "rms_norm": ("y[c] = gain[c] · x[c] / rms(x)", "dgain[c] = Σ g[c] · x[c] / rms(x)"),
    "layer_norm": (
        "y[c] = gain[c] · (x[c] - mean) / deviation + bias[c]",
        "dgain[c] = Σ g[c] · (x[c] - mean) / deviation",
    ),
    "layer_norm, bias": ("y[c] = … + bias[c]", "dbias[c] = Σ g[c]"),
}


class Microscope:
    """A step of a source, and what can be asked about any of its numbers."""

    def __init__(self, source):
        self.source, self.weights = source, source.model.weights

    @cached_property
    def made(self):
        return make(self.source)

    @cached_property
    def exact(self):
        return ExactStep(self.source)

    # ---- which number

    def weight(self, text):
        return find_weight(self.weights, text)

    def largest(self):
        """The weight with the largest gradient."""
        return weight_at(self.weights, int(np.abs(self.made.gradient).argmax()))

    def another(self, seed=None):
        """Any weight; a seed always gives the same one."""
        return weight_at(self.weights, random.Random(seed).randrange(self.weights.count))

    # ---- its story

    def story(self, weight):
        made, exact = self.made, self.exact
        config, tokenizer, place = exact.config, self.source.tokenizer, weight.place
        uses = exact.uses(weight)
        gradient = float(exact.gradient[place])
        largest = max((use.largest for use in uses), default=0.0)
        what, touches = about(weight, config, tokenizer)
        shape = self.weights.shapes[weight.name]
        return {
            "weight": str(weight),
            "name": weight.name,
            "index": list(weight.index),
            "shape": list(shape),
            "count": self.weights.count,
            "value": float(made.before[place]),
            "what": what,
            "touches": touches,
            "step": self.about_step(),
            "operations": [self._forward(use, weight) for use in uses],
            "gradient": {
                "own": float(made.gradient[place]),
                "exact": gradient,
                "difference": float(made.gradient[place]) - gradient,
                "dtype": str(self.source.model.dtype),
                "largest": largest,
                **self._parts(uses),
            },
            "slope": self._slope(weight, gradient, largest),
            "clipping": self._clipping(place),
            "optimizer": self._optimizer(weight),
            "move": {
                "before": float(made.before[place]),
                "after": float(made.after[place]),
                "move": float(made.move[place]),
            },
        }

    def about_step(self):
        source, step = self.source, self.made.step
        return {
            "step": step.step,
            "loss": step.loss,
            "exactLoss": self.exact.loss,
            "lr": step.lr,
            "tokens": step.tokens,
            "examples": sum(len(batch.ids) for batch in source.batches),
            "remembers": source.remembers,
        }

    def _forward(self, use, weight):
        """What the operation does with the weight where it matters most, and its gradient."""
        kind = use.operation
        if kind in ("linear", "layer_norm") and len(weight.index) == 1:
            bias = kind == "linear" or weight.name.endswith(".bias")
            kind += ", bias" if bias else ""
        forward, backward = FORMULAS[kind]
        row = int(np.abs(use.parts).argmax())
        column = weight.index[-1] if use.operation != "linear" else weight.index[0]
        output = use.node.data
        if use.operation == "linear":  # the weights of some arrays are rows of a joined one
            column += self._rows_before(weight)
        value, given = float(self.exact.model.flat[weight.place]), float(use.input[row])
        facts = {
            "operation": use.operation,
            "forward": forward,
            "backward": backward,
            "at": self._where(use, row),
            "weight": value,
            "input": given,
            "term": value * given,
            "slope": float(use.slope[row]),
            "part": float(use.parts[row]),
            "total": use.total,
        }
        if use.operation != "scaled":
            facts["output"] = float(output[row, column])
        return facts

    def _rows_before(self, weight):
        names = next(n for n in self.weights.leaves.values() if weight.name in n)
        before = names[: names.index(weight.name)]
        return sum(self.weights.shapes[name][0] for name in before)

    def _parts(self, uses):
        """The largest parts of the gradient, and what the others come to."""
        every = [(use, row) for use in uses for row in np.flatnonzero(use.parts).tolist()]
        every.sort(key=lambda pair: -abs(pair[0].parts[pair[1]]))
        shown = [
            {
                **self._where(use, row),
                "operation": use.operation,
                "slope": float(use.slope[row]),
                "input": float(use.input[row]),
                "part": float(use.parts[row]),
            }
            for use, row in every[:SHOWN]
        ]
        rest = float(sum(use.parts[row] for use, row in every[SHOWN:]))
        return {"parts": shown, "count": len(every), "rest": rest}

    def _where(self, use, row):
        """The place in the text that a row stands for: what was read, and what came next."""
        ids, targets, *_ = self.exact.inputs[use.batch]
        example, position = self.exact.where(use.batch, use.rows[row])
        text = self.source.tokenizer.token_text
        return {
            "example": example,
            "position": position,
            "read": [text(i) for i in ids[example, : position + 1].tolist()],
            "next": text(int(targets[example, position])),
        }

    def _slope(self, weight, gradient, largest):
        found = measure(self.exact, weight, FINE * largest)
        return {
            "value": found.value,
            "step": found.step,
            "down": found.near[0],
            "up": found.near[1],
            "farDown": found.far[0],
            "farUp": found.far[1],
            "kinks": found.kinks,
            "error": found.error,
            "difference": found.value - gradient,
        }

    def _clipping(self, place):
        made, limit = self.made, self.source.config.clip
        norm = made.step.grad_norm
        return {
            "limit": limit,
            "norm": norm,
            "factor": limit / norm if limit and norm > limit else 1.0,
            "before": float(made.gradient[place]),
            "after": float(made.clipped[place]),
        }

    def _optimizer(self, weight):
        """What the optimizer remembers of the weight, before and after, and the rule it follows."""
        source, made = self.source, self.made
        config, shapes = source.config, self.weights.shapes
        group = groups_of(config, source.model.config, shapes)[weight.name]
        lr, made_before = made.step.lr * group.lr, source.optimizer.steps
        facts = {"group": group.name, "lr": lr, "weightDecay": group.weight_decay}
        if group.muon:
            return facts | self._muon(weight)
        beta1, beta2 = group.betas
        # They are kept divided by 1 - beta; see training/optim.py.
        mean, square = 1 - beta1, 1 - beta2
        rate, eps, keep = Adam.factors(group, lr, made_before + 1)
        return facts | {
            "rule": config.optimizer if config.optimizer != "muon" else "adamw",
            "betas": [beta1, beta2],
            "eps": group.eps,
            "made": made_before,
            "mean": float(made.memory["mean"][weight.place]) * mean,
            "meanAfter": float(made.memory_after["mean"][weight.place]) * mean,
            "square": float(made.memory["square"][weight.place]) * square,
            "squareAfter": float(made.memory_after["square"][weight.place]) * square,
            "factors": [rate, eps, keep],
        }

    def _muon(self, weight):
        """Muon's memory of the matrix that the weight stands in, and how even its move is."""
        made, name = self.made, weight.name
        own = (weight.index[0], 0) if self._tall(name) else (0, weight.index[1])
        arrays = self.matrices(weight)
        return {
            "rule": "muon",
            "momentum": float(made.memory["mean"][weight.place]),
            "momentumAfter": float(made.memory_after["mean"][weight.place]),
            "balance": float(made.memory[f"second.{name}"][own]),
            "balanceAfter": float(made.memory_after[f"second.{name}"][own]),
            "singularValues": {
                which: np.linalg.svd(arrays[which].astype(np.float64), compute_uv=False).tolist()
                for which in ("gradient", "move")
            },
        }

    def _tall(self, name):
        rows, columns = self.weights.shapes[name]
        return rows >= columns

    def matrices(self, weight):
        """{name: array}: the whole matrix (or vector) that a weight stands in, in this step."""
        view = self.weights.view
        flat = {
            "weights": self.made.before,
            "gradient": self.made.gradient,
            "move": self.made.move,
            "memory": self.made.memory_after["mean"],
        }
        return {which: view(array, weight.name) for which, array in flat.items()}

    # ---- the whole step

    def one_step(self):
        """The step as a whole: each token's surprise before and after, and every number's move.

        Of the first texts, in float64; "before", "gradient" and "move" are flat arrays, their
        layout is in "arrays".
        """
        source, made = self.source, self.made
        if not source.batches:
            raise UserError("There is nothing to learn from; give a text.")
        texts = []
        flat, kept = self.exact.model.flat, self.exact.model.flat.copy()
        for batch in source.batches:
            for ids, targets, counts in zip(batch.ids, batch.targets, batch.weights):
                length = int(np.flatnonzero(counts)[-1]) + 1 if counts.any() else 0
                if not length:
                    continue
                row = np.append(ids[:length], targets[length - 1])[None]
                before = surprise(self.exact.model, row)
                flat[...] = made.after
                after = surprise(self.exact.model, row)
                flat[...] = kept
                tokens = [source.tokenizer.token_text(i) for i in row[0].tolist()]
                texts.append({"tokens": tokens, "before": before.tolist(), "after": after.tolist()})
        facts = {
            **self.about_step(),
            "texts": texts,
            "largest": str(self.largest()),
            "still": int((made.gradient == 0).sum()),
            "layout": [
                {"name": name, "shape": list(shape), "start": self.weights.place(name).start}
                for name, shape in self.weights.shapes.items()
            ],
        }
        return facts, {"before": made.before, "gradient": made.gradient, "move": made.move}

    def graph(self, batch=0):
        """The operations of the step, from the leaves to the loss, as a graph to walk.

        Each has the numbers of those that it was computed from, its shape, and its seconds
        forward and back; a leaf has the names of its weights.
        """
        graph = self.exact.graphs[batch]
        numbers = {node: number for number, node in enumerate(graph.nodes)}
        leaves = {leaf: names for names, leaf in self._leaf_names()}
        return [
            {
                "id": numbers[node],
                "operation": operation_of(node) or ("weights" if node in leaves else "constant"),
                "name": graph.names.get(node, ""),
                "weights": leaves.get(node, []),
                "from": [numbers[parent] for parent in node.parents],
                "shape": list(node.shape),
                "seconds": graph.seconds[node],
                "secondsBack": graph.seconds_back.get(node, 0.0) if node.vjp else 0.0,
                "size": root_mean_square(node.data),
                "slope": root_mean_square(graph.gradients.get(node)),
            }
            for node in graph.nodes
        ]

    def _leaf_names(self):
        model = self.exact.model
        return [(model.weights.leaves[name], leaf) for name, leaf in model.leaves.items()]


def root_mean_square(array):
    """How large the numbers of an array are; of several pieces, together."""
    if array is None:
        return 0.0
    arrays = list(array.values()) if isinstance(array, dict) else [array]
    count = sum(each.size for each in arrays)
    return float(np.sqrt(sum(float((each * each).sum()) for each in arrays) / max(1, count)))
