"""How much text that a model has not seen surprises it."""

import numpy as np

from ..data.batches import eval_batches
from ..training.loop import Surprise
from ..training.memory import rows_that_fit
from ..training.step import LossStep


def held_out_loss(model, tokenizer, rows, machine=None, max_tokens=None):
    """A generator of how many tokens were looked at so far; its value is the `Surprise`."""
    config, seen = model.config, Surprise()
    loss, token_bytes = LossStep(model, machine), tokenizer.token_bytes
    sizes = rows_that_fit(config), config.block_size
    for batch in eval_batches(rows, *sizes, model.dtype, max_tokens):
        yield seen.tokens
        with np.errstate(all="ignore"):
            seen.add(batch, loss(batch), token_bytes)
    return seen
