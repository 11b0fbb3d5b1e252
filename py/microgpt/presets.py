"""The presets: four published families, each as settings of the one GPT and of its training."""

from dataclasses import replace
from typing import NamedTuple

from .errors import UserError
from .gpt.config import GPTConfig
from .training.config import TrainConfig

# ---- the models

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


# ---- how each is trained unless the reader says otherwise

REFERENCE = TrainConfig()  # a document a step, float64: exact to the reference

# What the page trains first: the same model, but in some seconds clearly better than counting
# letter pairs (on the built-in names by 0.24 to 0.26 in four seeds, where REFERENCE has 0.09).
FIRST = replace(REFERENCE, steps=3000, batch_size=32, dtype="float32")

# Adam as the textbooks have it: clipped, warmed up, half a cosine down to a tenth.
CLASSIC_TRAINING = TrainConfig(
    batch_size=16,
    lr=0.003,
    optimizer="adam",
    beta1=0.9,
    beta2=0.999,
    schedule="cosine",
    warmup=10,
    final_lr=0.1,
    clip=1.0,
    dtype="float32",
)

# AdamW as large models are trained; so large a one wants a small rate, and its blocks are long.
LLAMA_85M_TRAINING = TrainConfig(
    batch_size=4,
    lr=0.0006,
    optimizer="adamw",
    beta1=0.9,
    beta2=0.95,
    weight_decay=0.1,
    schedule="cosine",
    warmup=100,
    final_lr=0.1,
    clip=1.0,
    dtype="float32",
)

# Muon for the matrices of the blocks, its rate for all; up, level, and down over the last 65%.
NANOCHAT_TRAINING = TrainConfig(
    steps=500,
    batch_size=16,
    lr=0.04,
    optimizer="muon",
    weight_decay=0.0,
    schedule="warmdown",
    warmup=40,
    final_lr=0.05,
    dtype="float32",
)

# The same for a small LLaMA: on the stories (seed 42) it ends at 1.08 bits a byte held out; AdamW,
# which trained it before, at 1.59 with the best of three rates.
LLAMA_TRAINING = replace(NANOCHAT_TRAINING, steps=1000, lr=0.01)


# A small chat model's base: it reads stories and copies what it reads. Then it is fine-tuned.
# Its first layer looks back 64 tokens only: what stands before a word is near.
CHAT = replace(nanochat(depth=2, block_size=256), n_embd=64, n_head=4, window="SL")
CHAT_TRAINING = replace(
    NANOCHAT_TRAINING, steps=250, batch_size=8, lr=0.02, warmup=20, warmdown=0.5, final_lr=0.1
)
# Level for half of the steps, then down to nothing; clipped, because at this rate a batch out of
# the ordinary would throw it off.
CHAT_TUNING = replace(
    CHAT_TRAINING, steps=2000, lr=0.018, final_lr=0.0, clip=0.5, eval_every=1000, eval_tokens=8000
)

# Sorting texts: AdamW for a head with labels and the last block, or for adapters.
CLASSIFY_TUNING = replace(
    CHAT_TUNING,
    steps=400,
    batch_size=16,
    lr=0.003,
    optimizer="adamw",
    beta1=0.9,
    beta2=0.99,
    eval_every=100,
)


class Preset(NamedTuple):
    """A model and its training; some have data and a tokenizer that belong to them."""

    model: GPTConfig
    training: TrainConfig
    data: str | None = None
    tokenizer: str | None = None
    pattern: str | None = None


PRESETS = {
    "microgpt": Preset(MICROGPT, REFERENCE),
    "classic": Preset(CLASSIC, CLASSIC_TRAINING),
    "llama": Preset(LLAMA, LLAMA_TRAINING),
    "llama-85m": Preset(LLAMA_85M, LLAMA_85M_TRAINING),
    "nanochat": Preset(nanochat(depth=2), NANOCHAT_TRAINING),
    "chat": Preset(CHAT, CHAT_TRAINING, data="chat", tokenizer="bpe", pattern="digits"),
}
# Larger models of the first family, which the page offers.
SIZES = {
    "small": Preset(
        replace(MICROGPT, n_layer=2, n_embd=32),
        replace(REFERENCE, batch_size=32, dtype="float32"),
    ),
    "medium": Preset(
        replace(MICROGPT, n_layer=3, n_embd=64, block_size=64),
        replace(REFERENCE, batch_size=16, lr=0.005, dtype="float32"),
    ),
}


class Recipe(NamedTuple):
    """The whole path to a chat model with fixed sizes, steps and seed: `speedrun --recipe`."""

    model: GPTConfig
    base: TrainConfig
    tuning: TrainConfig
    vocab: int
    talks: str = "chat"  # the mixture of made-up conversations


# The small model that comes with the package, and the smaller one that a browser tab makes: sums
# first, in conversations of its own mixture. Of 400 held-out sums 98.0 % are right (seed 42; 97.8 %
# with seed 7) after 164 CPU seconds on one thread, tokens and base included; the questions at the
# end take 31 more. Made in a tab of the same machine it took 421 of the processor's seconds. At so
# high a rate a run is easily thrown off: so it is clipped early, the rate falls nearly from the
# beginning, and there is no backout, whose one number moves too far in so small a batch. Two wide
# heads learn faster than four.
RECIPES = {
    "story-chat": Recipe(
        replace(CHAT, n_embd=112, n_head=4),
        replace(CHAT_TRAINING, steps=350, eval_every=350),
        replace(CHAT_TUNING, steps=8000, lr=0.016, eval_every=8000),
        vocab=512,
    ),
    "small-chat": Recipe(
        replace(CHAT, n_head=2, backout=False),
        replace(CHAT_TRAINING, steps=150, eval_every=50, eval_tokens=6000),
        replace(
            CHAT_TUNING,
            steps=2100,
            lr=0.03,
            warmdown=0.85,
            clip=0.2,
            eval_every=350,
            eval_tokens=4000,
        ),
        vocab=512,
        talks="small-chat",
    ),
}

MOST_DEPTH = 64


def preset(name, depth=None):
    """The preset of a name; `depth` is for nanochat alone."""
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
    return PRESETS[name]._replace(model=nanochat(depth))
