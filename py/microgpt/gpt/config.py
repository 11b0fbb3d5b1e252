"""What a model is made of: the sizes and switches of a GPT.

Every part of the four families is a switch of its own and can be combined with any other, so that
a reader can change one and compare. The named combinations are in `presets.py`.
"""

from dataclasses import dataclass

from ..errors import UserError
from ..settings import Settings, setting


@dataclass(frozen=True)
class GPTConfig(Settings):
    """What a model is made of."""

    # sizes
    vocab_size: int = setting(
        27, "how many tokens there are, with the one for begin and end", low=1, high=1 << 24
    )
    block_size: int = setting(16, "how many tokens back the model can look", low=1, high=1 << 20)
    n_layer: int = setting(
        1, "blocks of attention and feed-forward, one after the other", low=1, high=1024
    )
    n_head: int = setting(4, "attention heads in a block", low=1, high=1024)
    n_kv_head: int = setting(
        0, "heads for keys and values, shared by groups; 0: as many as heads", low=0, high=1024
    )
    n_embd: int = setting(16, "numbers that stand for one position: the width", low=1, high=65_536)
    head_dim: int = setting(
        0, "width of a head; 0: the width shared out among the heads", low=0, high=4096
    )
    mlp_hidden: int = setting(
        0, "width of the feed-forward; 0: four times the width", low=0, high=1 << 20
    )
    # where a token stands
    positions: str = setting(
        "learned",
        "how a token knows its place",
        choices=("learned", "sinusoidal", "rope", "none"),
    )
    rope_base: float = setting(10_000.0, "rope: how slowly the slowest pair turns", above=1)
    rope_reverse: bool = setting(False, "rope: turn by minus the angle, as nanochat does")
    rope_factor: float = setting(1.0, "rope: stretch for long contexts; 8 in Llama 3.1", low=1)
    rope_original: int = setting(8192, "rope: the context before stretching", low=1, high=1 << 20)
    rope_scaling: str = setting(
        "llama3",
        "how rope_factor stretches: slow pairs (llama3, yarn), or all (linear)",
        choices=("llama3", "linear", "yarn"),
    )
    rope_low: float = setting(1.0, "turns in rope_original up to which a pair is slow", above=0)
    rope_high: float = setting(4.0, "turns from which on it is fast; 32 in yarn", above=0)
    # norms
    norm: str = setting(
        "rms",
        "how rows are scaled; rms-gain and layer also learn",
        choices=("rms", "rms-gain", "layer"),
    )
    norm_eps: float = setting(1e-5, "keeps the norm of a row of zeros finite", above=0, high=1)
    norm_embedding: bool = setting(True, "norm right after the embedding")
    norm_final: bool = setting(False, "norm before the head")
    # blocks
    bias: bool = setting(False, "linear layers add a learned vector")
    activation: str = setting(
        "relu",
        "the bend in the feed-forward",
        choices=("relu", "relu2", "gelu", "gelu-tanh", "swiglu"),
    )
    dropout: float = setting(0.0, "part of the activations silenced in training", low=0, below=1)
    tied_head: bool = setting(False, "the head reuses the embedding")
    # attention
    window: str = setting("L", "pattern of layers that see all (L) or a short window (S)")
    window_tile: int = setting(
        128, "S sees a quarter of the block, rounded up to this", low=1, high=1 << 20
    )
    qk_norm: bool = setting(False, "norm queries and keys of each head")
    qk_scale: float = setting(1.0, "then multiply both by this", above=0)
    # nanochat's own
    smear: bool = setting(False, "mix a little of the token before into each embedding")
    layer_scales: bool = setting(False, "learned scales of the stream and of the embedding in it")
    value_embeddings: bool = setting(False, "every other layer adds token values, gated")
    backout: bool = setting(False, "take back part of the middle layer at the end")
    softcap: float = setting(0.0, "bend scores to stay below this; 0: leave them", low=0)
    # the start
    init: str = setting(
        "microgpt", "how weights are drawn", choices=("microgpt", "normal", "nanochat")
    )
    init_std: float = setting(
        0.08, "their standard deviation (init microgpt, normal)", low=0, high=1000
    )

    def __post_init__(self):
        super().__post_init__()
        heads, kv_heads = self.n_head, self.kv_heads
        if self.n_embd % heads and not self.head_dim:
            raise UserError(
                f"The width, {self.n_embd}, does not divide evenly among the {heads} heads (n_embd,"
                " n_head); change one, or give the head width (head_dim)."
            )
        if heads % kv_heads:
            raise UserError(
                f"The {heads} heads (n_head) share keys and values in equal groups: their number"
                f" must be a multiple of the key heads (n_kv_head), which are {kv_heads}."
            )
        if self.positions == "rope" and self.head_size % 2:
            raise UserError(
                f"With positions rope a head must have an even width, for"
                f" rope turns pairs of numbers; it has {self.head_size}."
            )
        if self.positions == "sinusoidal" and self.n_embd % 2:
            raise UserError("Sinusoidal positions come in pairs: the width (n_embd) must be even.")
        if not self.window or set(self.window) - set("LS"):
            raise UserError(
                "The setting window must be a pattern of L and S, such as SSSL, not"
                f" {self.window[:60]!r}."
            )
        if self.rope_factor > 1 and self.positions != "rope":
            raise UserError("Only rope can be stretched (rope_factor): it needs positions rope.")
        if self.rope_low >= self.rope_high:
            raise UserError("Slow pairs (rope_low) must turn less than fast pairs (rope_high).")
        if self.smear and self.n_embd < SMEAR_CHANNELS:
            raise UserError(
                f"Smear reads {SMEAR_CHANNELS} numbers of a token: the width (n_embd) must be at"
                " least that."
            )
        if self.value_embeddings and self.n_embd < VALUE_CHANNELS:
            raise UserError(
                f"Value embeddings read {VALUE_CHANNELS} numbers of a token: the width (n_embd)"
                " must be at least that."
            )

    @property
    def head_size(self):
        return self.head_dim or self.n_embd // self.n_head

    @property
    def kv_heads(self):
        return self.n_kv_head or self.n_head

    @property
    def hidden(self):
        return self.mlp_hidden or 4 * self.n_embd

    def window_of(self, layer):
        """How many tokens before itself a position of this layer sees; None is all of them."""
        if layer == self.n_layer - 1 or self.window[layer % len(self.window)] == "L":
            return None
        tile = self.window_tile
        return -(-self.block_size // (4 * tile)) * tile

    @property
    def turns_queries(self):
        """Whether queries and keys are compared otherwise than their matrices make them."""
        return self.positions == "rope" or self.qk_norm or self.qk_scale != 1

    def has_value_embedding(self, layer):
        return self.value_embeddings and layer % 2 == (self.n_layer - 1) % 2


SMEAR_CHANNELS, VALUE_CHANNELS = 24, 12  # how much of a row the gates read
