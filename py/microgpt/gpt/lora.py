"""LoRA and frozen weights: a GPT of which only a few numbers are trained, the rest is its base's.

LoRA (Hu et al. 2021) leaves a matrix W as it is and learns a change of it that is the product of
two thin ones: the model computes with W + B A · alpha / rank. B begins at zero, so a run begins as
its base. What is trained is a small flat array of its own, with its own gradient and optimizer.
"""

from dataclasses import dataclass

import numpy as np

from ..autograd import Tensor
from ..autograd.layers import linear
from ..settings import Settings, setting
from .model import GPT
from .parameters import Parameters, parameter_shapes

ADAPTED = ("wq", "wk", "wv", "wo", "fc_gate", "fc1", "fc2")  # the matrices that get an adapter
GROWN = ("wte", "lm_head", "value")  # weights that have a row for each token
MOST_CLASSES = 1000


@dataclass(frozen=True)
class Tuning(Settings):
    """What of a model is trained, where that is not all of it."""

    rank: int = setting(0, "rank of the LoRA adapters; 0: none", low=0, high=1024)
    alpha: float = setting(16.0, "LoRA: B A counts alpha / rank", above=0, high=1e6)
    known: int = setting(
        0, "tokens the base knows, if fewer: rows of later ones are trained", low=0
    )
    classes: int = setting(0, "outputs of a head for labels", low=0, high=MOST_CLASSES)
    whole: str = setting(
        "none", "weights of the base that are trained as they are", choices=("none", "last", "all")
    )

    def trains(self, name, config):
        """Is this weight of the base trained as it is? The last block, or all that is used."""
        if self.whole == "last":
            return name.startswith((f"layer{config.n_layer - 1}.", "norm_final."))
        return self.whole == "all" and not (self.classes and name == "lm_head")


def tuning_shapes(config, tuning):
    """Name and shape of all that is trained, in the order in which it stands in memory."""
    shapes = {}
    if tuning.classes:
        shapes["class_head"] = (tuning.classes, config.n_embd)
    for name, shape in parameter_shapes(config).items():
        kind = name.rpartition(".")[2]
        if tuning.trains(name, config):
            shapes[name] = shape
        elif kind in GROWN and 0 < tuning.known < config.vocab_size:
            shapes[f"rows.{name}"] = (config.vocab_size - tuning.known, *shape[1:])
        elif kind in ADAPTED and tuning.rank:
            rows, columns = shape
            shapes[f"{name}.lora_A"] = (tuning.rank, columns)
            shapes[f"{name}.lora_B"] = (rows, tuning.rank)
    return shapes


class TunedGPT(GPT):
    """A GPT whose `weights` are only what is trained; `frozen` has all weights of its base."""

    def __init__(self, config, tuning, dtype=np.float32, recompute=False):
        self.tuning = tuning
        super().__init__(config, dtype, recompute)

    def _make_parameters(self, dtype):
        frozen = self.frozen = Parameters(parameter_shapes(self.config), dtype)
        trained = Parameters(tuning_shapes(self.config, self.tuning), dtype)
        # Side by side in one array, so that a recorded step is given both.
        self._flat = np.zeros(frozen.count + trained.count, dtype)
        frozen.flat, trained.flat = self._flat[: frozen.count], self._flat[frozen.count :]
        return trained

    @property
    def flat(self):
        return self._flat

    def _make_leaves(self, flat, grad):
        count = self.frozen.count
        trained = super()._make_leaves(flat[count:], grad)
        return _Leaves(self.frozen, flat[:count], self.tuning, trained)

    def init_weights(self, rng):
        """What is trained, as a run begins: `frozen` is filled, and has first values of new rows.

        A is drawn evenly from ±1/√columns; B and the head for labels are zero.
        """
        random, start = np.random.default_rng(rng.getrandbits(64)), self.frozen.named()
        for name, view in self.weights.named().items():
            if name.endswith(".lora_A"):
                bound = view.shape[1] ** -0.5
                view[...] = random.uniform(-bound, bound, view.shape)
            elif name.startswith("rows."):
                view[...] = start[name.removeprefix("rows.")][self.tuning.known :]
            else:
                view[...] = start.get(name, 0)

    def head(self, x, watch=None):
        if self.tuning.classes:
            return linear(x, self.leaves["class_head"])
        return super().head(x, watch)

    def kept(self):
        """{name: array} of a file's weights: adapters are kept apart from their base."""
        own = self.weights.named()
        return own if self.tuning.rank else {**self.frozen.named(), **own}

    def merged(self):
        """The same model as a plain GPT: what was learned is added to the weights."""
        model = GPT(self.config, self.dtype, self.recompute)
        for name, view in model.weights.named().items():
            view[...] = merged_weight(name, self.frozen.named()[name], self.weights.named(),
                                      self.tuning)  # fmt: skip
        return model


def merged_weight(name, base, learned, tuning):
    """A weight of the base with what was learned of it; `learned` is by the tuning's names."""
    if name in learned:
        return learned[name]
    if (rows := learned.get(f"rows.{name}")) is not None:
        return np.concatenate([base[: tuning.known], rows])
    if (a := learned.get(f"{name}.lora_A")) is not None:
        return base + np.asarray(learned[f"{name}.lora_B"]) @ np.asarray(a) * _scale(tuning)
    return base


def _scale(tuning):
    return tuning.alpha / tuning.rank


class _Leaves:
    """{leaf: what the forward computes with}, computed at each use from the weights as they are."""

    def __init__(self, frozen, flat, tuning, trained):
        self._frozen, self._flat, self._tuning, self._trained = frozen, flat, tuning, trained

    def __getitem__(self, leaf):
        trained, frozen = self._trained, self._frozen
        if leaf in trained:
            return trained[leaf]
        names = frozen.leaves[leaf]
        base = frozen.joined(self._flat, names)
        if f"rows.{leaf}" in trained:
            return with_rows(base[: self._tuning.known], trained[f"rows.{leaf}"])
        if f"{names[0]}.lora_A" in trained:
            pairs = [(trained[f"{name}.lora_A"], trained[f"{name}.lora_B"]) for name in names]
            return adapted(base, pairs, _scale(self._tuning))
        return Frozen(base)

    def get(self, leaf):
        return self[leaf] if leaf in self._frozen.leaves else None

    def values(self):
        return self._trained.values()


class Frozen(Tensor):
    """A leaf that needs no gradient."""

    __slots__ = ()

    def accumulate(self, g):
        pass


def with_rows(base, rows):
    """A frozen matrix and, below it, rows that are trained."""
    known = len(base)
    return Tensor(np.concatenate([base, rows.data]), (rows,), lambda g: (g[known:],))


def adapted(base, pairs, scale):
    """A frozen matrix plus B A times a scale: a pair (A, B) for each of the parts it is joined of.

    >>> from ..autograd import Tensor
    >>> adapted(np.eye(2), [(Tensor([[1.0, 2.0]]), Tensor([[0.5], [0.0]]))], 2.0).data
    array([[2., 2.],
           [0., 1.]])
    """
    changes = [(b.data @ a.data) * scale for a, b in pairs]
    change = np.concatenate(changes) if len(changes) > 1 else changes[0]

    def vjp(g):
        shares, start = [], 0
        for a, b in pairs:
            end = start + len(b.data)
            own = g[start:end] * scale
            shares += [b.data.T @ own, own @ a.data.T]
            start = end
        return tuple(shares)

    return Tensor(base + change, tuple(leaf for pair in pairs for leaf in pair), vjp)
