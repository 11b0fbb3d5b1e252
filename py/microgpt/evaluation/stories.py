"""How well a chat model goes on with stories that its base has not read.

A model that was taught to answer may have forgotten how to go on with a text: that shows here.
"""

import numpy as np

from ..data.batches import eval_batches, split_documents
from ..data.chat.base import base_parts, mixed
from ..tokenizer.patterns import valid
from ..training.config import TrainConfig
from ..training.loop import Surprise
from ..training.step import LossStep

NAME = "stories it has not read"


def held_out_stories(stories):
    """A generator whose value are the stories that a base is never trained on: those that are
    whole in the part of `data.chat.base.base_text` that is held out. It yields how many parts of
    that text are made.
    """
    parts = []
    for part in base_parts(stories):
        parts.append(part)
        yield len(parts)
    _, held_out = split_documents([mixed(parts)], TrainConfig().val_fraction)
    text = "".join(held_out)
    return [story for story in stories if story in text]


def story_loss(model, tokenizer, stories, machine=None):
    """A generator of how many stories were looked at so far; its value is the `Surprise`.

    They are looked at one by one: that is what a browser does between two looks at Stop.
    """
    seen, loss, token_bytes = Surprise(), LossStep(model, machine), tokenizer.token_bytes
    for number, story in enumerate(stories):
        ids = [tokenizer.bos, *tokenizer.encode_ordinary(valid(story)), tokenizer.bos]
        rows = [np.array(ids, np.int32)]
        for batch in eval_batches(rows, 1, model.config.block_size, model.dtype):
            yield number
            seen.add(batch, loss(batch), token_bytes)
    return seen
