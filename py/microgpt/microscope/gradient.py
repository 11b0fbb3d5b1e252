"""The gradient of one weight as a sum of parts, one for each position of each example.

Everything here is computed on a float64 copy of the step, with the model's own operations.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..autograd import Tensor
from ..autograd.layers import layer_norm, rms_norm
from ..autograd.tensor import timed
from ..gpt.model import GPT
from ..training.step import inputs_of


@dataclass(frozen=True)
class Use:
    """An operation of the step that a weight takes part in, and what each row has to do with it.

    The part of a row in the gradient is the product of its factors: `slope`, the gradient of what
    the operation gives, and `input`, what the weight is multiplied by there.
    """

    operation: str
    node: object
    rows: np.ndarray  # which position of which example, flat
    batch: int
    slope: np.ndarray
    input: np.ndarray
    parts: np.ndarray
    largest: float  # number that is added up; a part of `scaled` is a sum over the whole row itself
    total: float  # what the vector-Jacobian product of the operation gives


class ExactStep:
    """A float64 copy of a step: its graph, the gradient of every node, and how long each took."""

    def __init__(self, source):
        self.source, self.config = source, source.model.config
        self.model = GPT(self.config, np.float64)
        self.model.flat[...] = source.model.flat
        self.inputs = [exact(inputs_of(batch)) for batch in source.batches]
        self.graphs, noise = [], source.noise()
        self.model.zero_grad()
        for inputs in self.inputs:
            self.graphs.append(Graph(self.model, inputs, noise))
        self.gradient = self.model.weights.flat_grad.copy()
        self.loss = sum(float(graph.loss.data) for graph in self.graphs)
        # Which units are on, layer by layer: a nudge that changes that crosses a kink.
        self.on = [
            node.data > 0
            for graph in self.graphs
            for node, name in graph.names.items()
            if name.endswith(".bend")
        ]

    def uses(self, weight):
        """Every operation that a weight takes part in."""
        return [use for at, graph in enumerate(self.graphs) for use in graph.uses(weight, at)]

    def where(self, batch, row):
        """(example, position) of a row of a batch."""
        return divmod(int(row), self.inputs[batch][0].shape[1])


def exact(inputs):
    """The inputs of a step, the weights of the targets in float64."""
    ids, targets, counts, *picked = inputs
    return ids, targets, counts.astype(np.float64), *picked


class Graph:
    """The operations of one batch, from its loss back to the embedding."""

    def __init__(self, model, inputs, noise=None):
        self.model, self.inputs = model, inputs
        ids, targets, counts, *picked = inputs
        self.names = {}  # of some nodes, as `watch` calls them

        def look(name, x):
            self.names.setdefault(x, name)
            return x

        with timed():
            start = Tensor(np.zeros(())).birth
            self.loss = model.loss(ids, targets, counts, noise, *(picked or [None]), watch=look)
        self.gradients, self.seconds_back, order = {}, {}, []

        def gather(node, gradient):
            self.gradients[node] = gradient
            order.append((node, Tensor(np.zeros(())).birth))

        with timed():
            model.backward(self.loss, gather)
            order.append((None, Tensor(np.zeros(())).birth))
        for (node, began), (_, ended) in zip(order, order[1:]):
            self.seconds_back[node] = (ended - began) * 1e-9
        self._start = start

    @cached_property
    def nodes(self):
        """All operations and leaves that the loss was computed from, the oldest first."""
        found, stack = {self.loss}, [self.loss]
        while stack:
            for parent in stack.pop().parents:
                if parent not in found:
                    found.add(parent)
                    stack.append(parent)
        return sorted(found, key=lambda node: node.birth)

    @cached_property
    def seconds(self):
        """{node: how long it took}; leaves were there before."""
        births = [node.birth for node in self.nodes if node.birth > self._start]
        before = dict(zip(births, [self._start, *births]))
        return {node: (node.birth - before.get(node.birth, node.birth)) * 1e-9
                for node in self.nodes}  # fmt: skip

    def uses(self, weight, batch):
        """Every operation of this batch that a weight takes part in."""
        weights = self.model.weights
        name, names = next(each for each in weights.leaves.items() if weight.name in each[1])
        leaf = self.model.leaves[name]
        before = names[: names.index(weight.name)]
        first = weight.index[0] + sum(weights.shapes[other][0] for other in before)
        index = (first, *weight.index[1:])
        return [
            self._use(node, number, index, batch)
            for node in self.nodes
            for number, parent in enumerate(node.parents)
            if parent is leaf and node in self.gradients
        ]

    def _use(self, node, number, index, batch):
        """One operation and the parts that its rows have in the gradient of one number."""
        operation, g = operation_of(node), self.gradients[node]
        x, row, column = node.parents[0].data, index[0], index[-1]
        ids, eps = self.inputs[0].reshape(-1), self.model.config.norm_eps
        share = node.vjp(g)[number]
        if operation == "linear":
            slope = g[:, row]
            factor = x[:, column] if number == 1 else np.ones(len(g))
        elif operation == "embedding":
            slope, factor = g[:, column], (ids == row) * 1.0
        elif operation == "add_positions":
            time = self.inputs[0].shape[1]
            slope, factor = g[:, column], (np.arange(len(g)) % time == row) * 1.0
        elif operation == "scaled":
            # One number for the whole row; another number of the same array has no part here.
            own = 1.0 if row in np.flatnonzero(share) else 0.0
            slope, factor = (g * x).sum(-1), np.full(len(g), own)
        elif operation == "rms_norm":
            slope = g[:, column]
            factor = rms_norm(Tensor(x), eps).data[:, column]
        else:  # layer_norm
            slope, ones = g[:, column], np.ones(x.shape[1])
            normed = layer_norm(Tensor(x), Tensor(ones), Tensor(0 * ones), eps)
            factor = normed.data[:, column] if number == 1 else np.ones(len(g))
        rows = np.arange(len(g))
        if len(self.inputs) > 3 and len(g) == len(self.inputs[3]):
            rows = self.inputs[3]
        parts = slope * factor
        largest = float(np.abs(g * x).max() * own if operation == "scaled" else np.abs(parts).max())
        return Use(operation, node, rows, batch, slope, factor, parts, largest, float(share[index]))


def operation_of(node):
    """What an operation is called in the source; a leaf has no name."""
    if node.vjp is None:
        return ""
    return node.vjp.__qualname__.split(".<locals>")[0].rpartition(".")[2].strip("_")
