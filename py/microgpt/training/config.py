"""How a model is trained: every setting of a run that is not the model's own."""

from dataclasses import dataclass

from ..settings import Settings, setting
from .schedule import SCHEDULES

OPTIMIZERS = ("adam", "adamw", "muon")  # muon: for the blocks' matrices, with AdamW for the rest


@dataclass(frozen=True)
class TrainConfig(Settings):
    """How a model is trained."""

    steps: int = setting(1000, "how many times the weights are moved", low=0)
    batch_size: int = setting(
        1, "documents, or stretches of text, a step looks at", low=1, high=65_536
    )
    accumulate: int = setting(
        1, "batches whose gradients are added up for one step", low=1, high=65_536
    )
    shards: int = setting(
        0, "parts of a batch that threads share; 0: by model and batch", low=0, high=64
    )
    lr: float = setting(0.01, "learning rate: how far a step moves", low=0)
    optimizer: str = setting("adam", "how a gradient moves the weights", choices=OPTIMIZERS)
    beta1: float = setting(0.85, "how long Adam remembers the direction", low=0, below=1)
    beta2: float = setting(0.99, "how long Adam remembers the size", low=0, below=1)
    eps: float = setting(1e-8, "keeps Adam's division finite", above=0, high=1)
    weight_decay: float = setting(0.0, "how strongly weights are pulled to zero", low=0, high=1e6)
    schedule: str = setting("linear", "how the learning rate falls", choices=SCHEDULES)
    warmdown: float = setting(0.65, "schedule warmdown: the part that falls", above=0, high=1)
    warmup: int = setting(0, "steps over which the learning rate first rises", low=0)
    final_lr: float = setting(0.0, "the last learning rate, as a part of the first", low=0, high=1)
    clip: float = setting(0.0, "longest gradient allowed; 0 is no limit", low=0)
    recompute: bool = setting(False, "compute blocks twice to save memory")
    windows: str = setting(
        "random", "where stretches of a running text begin", choices=("random", "sequential")
    )
    val_fraction: float = setting(0.1, "part of the data held out of training", low=0, high=0.9)
    eval_every: int = setting(250, "steps between looks at held-out data; 0: at the end", low=0)
    eval_tokens: int = setting(20_000, "how much held-out data a look takes", low=1)
    seed: int = setting(42, "the same seed gives the same run", low=0, high=2**64 - 1)
    dtype: str = setting("float64", "precision", choices=("float32", "float64"))

    @classmethod
    def from_dict(cls, values):
        """Kept before there were shards, a run has one: it goes on with the same sums."""
        return super().from_dict({"shards": 1, **values} if isinstance(values, dict) else values)
