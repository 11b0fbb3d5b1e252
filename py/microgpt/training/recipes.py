"""How each family is trained unless the reader says otherwise."""

from dataclasses import replace

from .config import TrainConfig

REFERENCE = TrainConfig()  # a document a step, float64: exact to the reference

# Adam as the textbooks have it: clipped, warmed up, half a cosine down to a tenth.
CLASSIC = TrainConfig(
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

LLAMA = TrainConfig(
    batch_size=16,
    lr=0.004,
    optimizer="adamw",
    beta1=0.9,
    beta2=0.95,
    weight_decay=0.1,
    schedule="cosine",
    warmup=50,
    final_lr=0.1,
    clip=1.0,
    dtype="float32",
)

# So large a model wants a smaller rate, and its blocks are long.
LLAMA_85M = replace(LLAMA, batch_size=4, lr=0.0006, warmup=100)

# Muon for the matrices of the blocks, its rate for all; up, level, and down over the last 65%.
NANOCHAT = TrainConfig(
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

RECIPES = {
    "microgpt": REFERENCE,
    "classic": CLASSIC,
    "llama": LLAMA,
    "llama-85m": LLAMA_85M,
    "nanochat": NANOCHAT,
}
