"""Which label a model gives a text, and how sure it is."""

import numpy as np

from ..autograd import Tensor, no_grad

TOGETHER = 64  # texts that are read side by side


def chances(model, tokenizer, texts):
    """(texts, labels): how likely each label is for some texts; they are cut to the block."""
    ids = [[tokenizer.bos, *tokenizer.encode(text)][: model.config.block_size] for text in texts]
    found = np.zeros((len(ids), model.tuning.classes))
    # Those of like length side by side: little of a batch is filling.
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    for start in range(0, len(order), TOGETHER):
        chosen = order[start : start + TOGETHER]
        found[chosen] = _softmax(_scores(model, [ids[i] for i in chosen], tokenizer.bos))
    return found


def _scores(model, rows, filling):
    ends = np.array(list(map(len, rows))) - 1
    ids = np.full((len(rows), ends.max() + 1), filling, np.intp)
    for row, own in zip(ids, rows):
        row[: len(own)] = own
    with no_grad():
        x = model.hidden(ids).data.reshape(*ids.shape, -1)
        return model.head(Tensor(x[np.arange(len(rows)), ends])).data


def _softmax(scores):
    e = np.exp(scores.astype(np.float64) - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
