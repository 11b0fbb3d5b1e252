"""The named models: four published families as settings of the one GPT."""

from dataclasses import replace

from ..errors import UserError
from .config import GPTConfig

# Karpathy's microgpt.py: 4,192 parameters on 27 letters. Exact to the reference.
MICROGPT = GPTConfig()

# The GPT of the textbooks: LayerNorm, GELU, biases, learned positions.
CLASSIC = GPTConfig(
    block_size=64,
    n_layer=2,
    n_head=2,
    n_embd=64,
    norm="layer",
    norm_embedding=False,
    norm_final=True,
    bias=True,
    activation="gelu",
    init="normal",
    init_std=0.02,
)

# LLaMA 3: rope, RMSNorm with gain, grouped queries, SwiGLU.
LLAMA = GPTConfig(
    block_size=64,
    n_layer=2,
    n_head=4,
    n_kv_head=2,
    n_embd=64,
    mlp_hidden=172,
    positions="rope",
    rope_base=500_000.0,
    norm="rms-gain",
    norm_embedding=False,
    norm_final=True,
    activation="swiglu",
    init="normal",
    init_std=0.02,
)

# A LLaMA of the size of GPT-2.
LLAMA_85M = replace(
    LLAMA,
    vocab_size=32_768,
    block_size=2048,
    n_layer=12,
    n_head=12,
    n_kv_head=4,
    n_embd=768,
    mlp_hidden=2048,
)


def nanochat(depth, head_size=None, block_size=64):
    """Karpathy's nanochat, whose one dial is its depth: every layer makes it 64 wider.

    Its heads are 128 wide; here those of a model with fewer than four such heads are smaller.
    """
    head_size = head_size or (128 if depth >= 8 else 64 if depth >= 4 else 32)
    width = -(-64 * depth // head_size) * head_size
    return GPTConfig(
        block_size=block_size,
        n_layer=depth,
        n_head=width // head_size,
        n_embd=width,
        positions="rope",
        rope_base=100_000.0,
        rope_reverse=True,
        norm="rms",
        norm_eps=1.1920929e-07,
        norm_embedding=True,
        norm_final=True,
        activation="relu2",
        window="SSSL",
        window_tile=min(128, max(1, block_size // 4)),  # so that S is short here, too
        qk_norm=True,
        qk_scale=1.2,
        smear=True,
        layer_scales=True,
        value_embeddings=True,
        backout=True,
        softcap=15.0,
        init="nanochat",
    )


PRESETS = {
    "microgpt": MICROGPT,
    "classic": CLASSIC,
    "llama": LLAMA,
    "llama-85m": LLAMA_85M,
    "nanochat": nanochat(depth=2),
}


MOST_DEPTH = 64


def preset(name, depth=None):
    """The configuration of a name; `depth` is for nanochat alone."""
    if name not in PRESETS:
        raise UserError(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.")
    if depth is None:
        return PRESETS[name]
    if name != "nanochat":
        raise UserError(
            "The setting depth is nanochat's one dial; the other presets have n_layer and n_embd."
        )
    if not isinstance(depth, int) or isinstance(depth, bool) or not 1 <= depth <= MOST_DEPTH:
        raise UserError(
            "The setting depth must be a whole number of at least 1 and at most"
            f" {MOST_DEPTH}, not {str(depth)[:60]}."
        )
    return nanochat(depth)
