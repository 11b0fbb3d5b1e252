"""What a model is made of: the sizes and switches of a GPT, and the named presets."""

from dataclasses import dataclass

from ..errors import UserError
from ..settings import Settings, setting


@dataclass(frozen=True)
class GPTConfig(Settings):
    vocab_size: int = setting(
        27, "how many tokens there are, with the one for begin and end", low=1
    )
    block_size: int = setting(16, "how many tokens back the model can look", low=1, high=8192)
    n_layer: int = setting(1, "blocks of attention and feed-forward, one after the other", low=1)
    n_head: int = setting(4, "attention heads in a block", low=1)
    n_embd: int = setting(16, "numbers that stand for one position: the width", low=1)
    mlp_ratio: int = setting(4, "how many times wider the feed-forward is", low=1)
    init_std: float = setting(0.08, "standard deviation of the weights at the start", low=0)
    norm_eps: float = setting(1e-5, "keeps the norm of a row of zeros finite", above=0)

    def __post_init__(self):
        super().__post_init__()
        if self.n_embd % self.n_head:
            raise UserError(
                f"The width n_embd, {self.n_embd}, must divide evenly among the n_head heads, which"
                f" are {self.n_head}."
            )

    @property
    def head_size(self):
        return self.n_embd // self.n_head


PRESETS = {
    "microgpt": GPTConfig(),  # Karpathy's microgpt.py: 4,192 parameters on 27 letters
}
