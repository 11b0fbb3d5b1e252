"""The scores of a model beside those that PyTorch's transformers give for its folder."""

from typing import NamedTuple

import numpy as np

from ..autograd import no_grad
from ..errors import Missing

TOKENS = 32  # so many are read


class Compared(NamedTuple):
    """How far our scores are from theirs."""

    tokens: int
    difference: float  # the largest
    largest: float  # score


def compare(checkpoint, folder):
    """Our scores for some tokens beside those of transformers for a Hugging Face folder."""
    model = checkpoint.model()
    ids = np.arange(TOKENS)[None] * 7919 % model.config.vocab_size
    ids = ids[:, : model.config.block_size]
    with no_grad():
        ours = model.logits(ids).data
    theirs = _scores_of_transformers(folder, ids)[:, : ours.shape[1]]
    return Compared(ids.size, float(np.abs(ours - theirs).max()), float(np.abs(theirs).max()))


def _scores_of_transformers(folder, ids):
    try:
        import torch
        from transformers import AutoModelForCausalLM
    except ImportError as problem:
        raise Missing(
            f"--check needs the packages torch and transformers, and {problem.name} is not"
            " installed: `pip install torch transformers` adds them.",
            needs=problem.name,
        ) from None
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        return model(torch.tensor(ids)).logits[0].numpy()
