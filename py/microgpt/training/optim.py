"""Optimizers: how a gradient moves the weights. They work in place on flat arrays.

`Optimizer` splits the weights of a model into groups, each with its own rule and settings.
"""

import copy
from dataclasses import dataclass

import numpy as np

from ..gpt.parameters import Parameters
from ..recorder.record import Recorded
from .muon import Muon


@dataclass(frozen=True)
class Group:
    """Weights that are treated alike. Rates are parts of the run's learning rate."""

    name: str
    lr: float = 1.0
    betas: tuple = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    decoupled: bool = True
    muon: bool = False


class Adam:
    """Adam (Kingma & Ba 2014): steps scaled by running means of the gradient and of its square.

    With `decoupled` weight decay it is AdamW (Loshchilov & Hutter 2017): the weights shrink by
    themselves; otherwise the decay is added to the gradient, as in the original.

    `mean` and `square` are its state, given and changed in place. They are kept divided by
    1 - beta, which saves a pass over each.
    """

    def __init__(self, mean, square, group):
        self.mean, self.square, self.group = mean, square, group

    @staticmethod
    def factors(group, lr, step):
        """What changes from step to step (the first is 1, for the bias correction)."""
        beta1, beta2 = group.betas
        # m̂ / (√v̂ + eps), with both corrections and both factors (1 - beta) moved to the scalars
        root = ((1 - beta2) / (1 - beta2**step)) ** 0.5
        rate = lr * (1 - beta1) / (1 - beta1**step) / root
        return rate, group.eps / root, 1 - lr * group.weight_decay

    def update(self, weights, grad, rate, eps, keep):
        group, m, v = self.group, self.mean, self.square
        if group.weight_decay and group.decoupled:
            weights *= keep
        elif group.weight_decay:
            grad = grad + group.weight_decay * weights
        beta1, beta2 = group.betas
        m *= beta1
        m += grad
        v *= beta2
        v += grad * grad
        weights -= m / (np.sqrt(v) + eps) * rate


def adam_groups(config, shapes):
    """{weight: group} for Adam and AdamW: decay pulls on matrices, not on gains and biases."""
    common = {
        "betas": (config.beta1, config.beta2),
        "eps": config.eps,
        "decoupled": config.optimizer == "adamw",
    }
    decayed = Group("matrices", weight_decay=config.weight_decay, **common)
    plain = Group("vectors", **common) if config.weight_decay else decayed
    return {name: decayed if len(shape) > 1 else plain for name, shape in shapes.items()}


def nanochat_groups(config, shapes, width, tokens):
    """{weight: group} for nanochat's mixture: Muon for the blocks' matrices, AdamW for the rest.

    The rates of its table, as parts of Muon's 0.02; most shrink with the root of the batch.
    """
    batch = (tokens / 2**19) ** 0.5
    narrow = (width / 768) ** -0.5

    def group(name, lr, beta1, beta2, decay):
        return Group(name, lr / 0.02, (beta1, beta2), 1e-10, decay)

    head = group("head", 0.008 * narrow * batch, 0.8, 0.96, 0.01)
    embedding = group("embedding", 0.3 * narrow * batch, 0.8, 0.995, 0.001)
    values = group("values", 0.15 * narrow * batch, 0.8, 0.995, 0.01)
    stream = group("stream", 0.005 * batch, 0.8, 0.95, 0.05)
    first = group("first", 0.5 * batch, 0.96, 0.95, 0.0)
    gates = group("gates", 0.2, 0.8, 0.95, 0.0)
    matrices = Group("matrices", 1.0, muon=True, weight_decay=config.weight_decay)

    def choose(name, shape):
        kind = name.rpartition(".")[2]
        if kind in ("lm_head", "class_head", "wte", "wpe", "value"):
            heads = {"lm_head": head, "class_head": head, "value": values}
            return heads.get(kind, embedding)
        if name.startswith(("smear.", "backout.")):
            return gates
        if name.startswith("scales."):
            return stream if kind == "stream" else first
        return matrices if len(shape) > 1 else gates

    return {name: choose(name, shape) for name, shape in shapes.items()}


def groups_of(config, sizes, shapes):
    """{weight: group} as the settings ask; `sizes` is the model's configuration."""
    if config.optimizer != "muon":
        return adam_groups(config, shapes)
    tokens = config.batch_size * config.accumulate * sizes.block_size
    return nanochat_groups(config, shapes, sizes.n_embd, tokens)


FLUSH_EVERY = 64  # steps


def flush_denormals(array):
    """Set to zero what has faded out: the means of weights without a gradient.

    They would end as the smallest numbers there are, with which a processor is a hundred times
    slower, and stay there. So far from one they change nothing.
    """
    array[np.abs(array) < np.finfo(array.dtype).tiny * 1e5] = 0


class Optimizer:
    """Every group's rule over its part of a model's flat weights.

    It counts its own steps, because Adam's corrections need to know how much it has seen: that is
    not the step of the run when its state comes from another run.
    """

    def __init__(self, weights, groups, machine=None, threads=None):
        self._weights, self._rules = weights, _Rules(weights, groups)
        self._threads, self._shares = threads, {}  # {threads: [(rules, recorded)], one for each}
        self.mean = np.zeros_like(weights.flat)
        self.square = np.zeros_like(weights.flat)
        self._seconds = Parameters(self._rules.second_shapes(), weights.flat.dtype)
        self.steps = 0
        self._recorded = Recorded(self._rules.move, self._state(weights.flat_grad), machine)

    def _state(self, grad):
        return {
            "weights": self._weights.flat,
            "gradient": grad,
            "mean": self.mean,
            "square": self.square,
            "second": self._seconds.flat,
        }

    def update(self, grad, lr, momentum=0.95, decay=1.0):
        """One step; `momentum` and `decay` (a part of Muon's weight decay) follow a schedule.

        Nothing is returned, or what there is still to be done, as an iterator of its pieces.
        """
        at = lr, self.steps + 1, momentum, decay
        if grad is not self._weights.flat_grad:
            self._rules.move(*self._state(grad).values(), self._factors(self._rules, at))
        elif self._threads and self._threads.count > 1:
            calls = [each.ready(self._factors(rules, at)) for rules, each in self._shared()]
            self._threads.run(calls)
        else:
            self._recorded(self._factors(self._rules, at))
        self._made()  # not sooner: while a step is recorded it may be stopped

    def _made(self):
        self.steps += 1
        if self.steps % FLUSH_EVERY == 0:
            flush_denormals(self.mean)
            flush_denormals(self.square)

    def _factors(self, rules, at):
        return np.array(rules.factors(*at), self.mean.dtype)

    def _shared(self):
        """[(rules, recorded)]: what each thread does of a step."""
        count = self._threads.count
        if count not in self._shares:
            state = self._state(self._weights.flat_grad)
            pairs = zip(self._rules.divided(count), self._threads.machines)
            self._shares = {count: [(r, Recorded(r.move, state, m)) for r, m in pairs]}
        return self._shares[count]

    def clip(self, grad, limit, norm):
        """Shorten the gradient that the next update gets."""
        clip_gradient(grad, limit, norm)

    def step_at(self, lr=0.01, step=1):
        """The recorded step and its inputs, to look at."""
        return self._recorded, (self._factors(self._rules, (lr, step, 0.95, 1.0)),)

    def state(self):
        """The arrays a checkpoint keeps, and fills again."""
        seconds = {f"second.{name}": array for name, array in self._seconds.named().items()}
        return {"mean": self.mean, "square": self.square, **seconds}


class PiecewiseMove(Optimizer):
    """An optimizer whose work on Muon's matrices can be done in pieces, and by several workers."""

    def __init__(self, weights, groups, machine=None, threads=None):
        super().__init__(weights, groups, machine, threads)
        self.matrices = self.parts(1)[0]
        self.turned_bytes = 0
        if self.matrices:
            self._turned = np.zeros_like(weights.flat)
            self._turn = Recorded(_turn, {}, machine)  # of each shape: other matrices are like it
            state = {**self._state(weights.flat_grad), "turned": self._turned}
            self._settle = Recorded(self._rules.settle, state, machine)
            self.turned_bytes = sum(array.nbytes for array in self.turned(self.matrices))

    def parts(self, count, first_has_none=False):
        """The names of the matrices, in a list for each worker; the first may have other work."""
        muons = self._rules.muons_in(count - first_has_none)
        return [[]] * first_has_none + [[name for name, *_ in some] for some in muons]

    def turn(self, name, momentum):
        """Do the long part of a move of a matrix; nothing is moved yet."""
        weights = self._weights
        given = weights.view(self.mean, name), weights.view(weights.flat_grad, name)
        found = self._turn(*given, np.array([momentum], self.mean.dtype))
        weights.view(self._turned, name)[...] = found

    def turned(self, names):
        return [self._weights.view(self._turned, name) for name in names]

    def settle(self, lr, momentum, decay):
        """The move, when all matrices are turned."""
        recorded = self._settle if self.matrices else self._recorded
        recorded(self._factors(self._rules, (lr, self.steps + 1, momentum, decay)))
        self._made()


def _turn(momentum, grad, factors):
    return Muon.turned(momentum, grad, factors[0])


class _Rules:
    """Which rule moves which part of the weights; neighbours alike are one part."""

    def __init__(self, weights, groups):
        self._weights, self._muons, self._adams = weights, [], []
        parts, start = self._adams, 0
        for name, group in groups.items():
            place = weights.place(name)
            if group.muon:
                size = max(Muon.second_shape(weights.shapes[name]))
                self._muons.append((name, group, slice(start, start + size)))
                start += size
            elif parts and parts[-1][1] == group and parts[-1][0].stop == place.start:
                parts[-1] = (slice(parts[-1][0].start, place.stop), group)
            else:
                parts.append((place, group))

    def second_shapes(self):
        """Of Muon's second state, by weight."""
        return {name: Muon.second_shape(self._weights.shapes[name]) for name, *_ in self._muons}

    def divided(self, count):
        """These rules in so many parts of about as much work: whole matrices, stretches of the
        rest. Each number is moved as it was."""
        parts = [copy.copy(self) for _ in range(count)]
        for i, (part, part._muons) in enumerate(zip(parts, self.muons_in(count))):
            part._adams = []
            for place, group in self._adams:
                size = place.stop - place.start
                edges = [place.start + n * size // count for n in (i, i + 1)]
                if edges[0] < edges[1]:
                    part._adams.append((slice(*edges), group))
        return [part for part in parts if part._adams or part._muons]

    def muons_in(self, count):
        """Muon's matrices in so many lists of about as much work."""
        lists, work = [[] for _ in range(count)], [0.0] * count
        for muon in sorted(self._muons, key=self._muon_work, reverse=True):
            least = work.index(min(work))
            lists[least].append(muon)
            work[least] += self._muon_work(muon)
        return lists

    def _muon_work(self, muon):
        rows, columns = self._weights.shapes[muon[0]]
        return rows * columns * min(rows, columns)

    def factors(self, lr, step, momentum, decay):
        """What changes from step to step: three numbers for each part."""
        adams = [Adam.factors(group, lr * group.lr, step) for _, group in self._adams]
        muons = [
            (lr * group.lr, momentum, group.weight_decay * decay) for _, group, _ in self._muons
        ]
        return adams + muons

    def move(self, flat, grad, mean, square, second, factors):
        """A step as a function of arrays only."""
        row = self._move_adams(flat, grad, mean, square, factors)
        for name, rule in self._rules_of_muons(mean, second):
            rule.update(*(self._weights.view(each, name) for each in (flat, grad)), *next(row))

    def settle(self, flat, grad, mean, square, second, turned, factors):
        """The same where the matrices were turned before; see `Muon.turned`."""
        row = self._move_adams(flat, grad, mean, square, factors)
        for name, rule in self._rules_of_muons(mean, second):
            arrays = (self._weights.view(each, name) for each in (flat, grad, turned))
            rule.settle(*arrays, *next(row))

    def _move_adams(self, flat, grad, mean, square, factors):
        row = iter(factors)
        for place, group in self._adams:
            rule = Adam(mean[place], square[place], group)
            rule.update(flat[place], grad[place], *next(row))
        return row

    def _rules_of_muons(self, mean, second):
        for name, _, place in self._muons:
            own = second[place].reshape(Muon.second_shape(self._weights.shapes[name]))
            yield name, Muon(self._weights.view(mean, name), own)


def clip_gradient(grad, limit, norm):
    """Scale a gradient in place so that its norm is at most the limit."""
    if norm > limit:
        grad *= limit / norm
