"""Every number on the way through a model, by name, and what some of them say.

Nothing here is a second model: the numbers are shown by the model itself while it computes (see
`watch` in gpt/model.py).
"""

import random

import numpy as np

from ..autograd import Tensor, no_grad
from ..autograd.attention import attention_weights
from ..autograd.ops import softmax
from ..data.batches import eval_batches
from ..errors import UserError

REPEATED = 16  # texts of random tokens by which heads are judged
LONGEST_HALF = 32  # tokens of such a text, which come twice


def ids_of(model, tokenizer, text, end=False):
    """The ids (1, T) that a model reads of a text, the start in front; with `end` it follows."""
    ids = [tokenizer.bos, *tokenizer.encode(text), *([tokenizer.bos] if end else [])]
    most = model.config.block_size + end
    if len(ids) > most:
        raise UserError(
            f"This model sees {most - end} tokens at a time, and the text has {len(ids) - end},"
            " the start counted; give a shorter one."
        )
    return np.array([ids])


def activations(model, ids, watch=None):
    """{name: array}: every number that a model computes for ids (1, T), a row for each position.

    | name                   | shape             | what it is                                   |
    |------------------------|-------------------|----------------------------------------------|
    | token                  | (T, C)            | the row of the embedding                     |
    | place                  | (T, C)            | what is added for the place, if anything is  |
    | sum                    | (T, C)            | both together                                |
    | norm_embedding, smear  | (T, C)            | after that switch, where it is on            |
    | smear_gate             | (T, 1)            | how much of the token before is mixed in     |
    | layerN.in, middle, out | (T, C)            | the line before, between and after its parts |
    | layerN.norm1, norm2    | (T, C)            | what its heads, and its MLP, read            |
    | layerN.query_raw, ...  | (T, H, size)      | as the matrix makes it, where that is not    |
    | layerN.query           | (T, H, size)      | as it is compared: turned, normed, scaled    |
    | layerN.key, value      | (T, KV, size)     | of each head for keys and values             |
    | layerN.value_row, gate | (T, KV, size), (T, KV) | nanochat's embedding in the values      |
    | layerN.weights         | (H, T, T)         | how much each position looks at each         |
    | layerN.heads           | (T, H, size)      | what each head brings                        |
    | layerN.attention, mlp  | (T, C)            | what is added to the line                    |
    | layerN.bend, units     | (T, hidden)       | units before and after the bend; of SwiGLU   |
    |                        |                   | the gates and the values stand side by side  |
    | backout, norm_final    | (T, C)            | the end of the line, where the switch is on  |
    | scores, logits         | (T, V)            | for every next token; softcap bends scores   |
    | turn_cos, turn_sin     | (T, size/2)       | rope: by what each pair of a head is turned  |

    `watch` may change them on the way: see interventions.py.
    """
    seen = {}

    def look(name, x):
        x = watch(name, x) if watch else x
        seen[name] = x.data
        return x

    with no_grad():
        seen["logits"] = model.logits(ids, watch=look).data
    config, (_, time) = model.config, ids.shape
    positions = model.positions(0, time)
    if config.positions == "learned":
        seen["place"] = model.weights.named()["wpe"][:time]
    elif config.positions == "sinusoidal":
        seen["place"] = positions.rows[0]
    elif config.positions == "rope":
        seen["turn_cos"], seen["turn_sin"] = (table[:, 0] for table in positions.rows)
    for i in range(config.n_layer):
        name = f"layer{i}."
        q, k = seen[name + "query"], seen[name + "key"]
        mask = positions.masks[config.window_of(i)]
        seen[name + "weights"] = attention_weights(q, k, mask)[0]
        for kind in ("query", "key", "value"):
            for key in (name + kind, name + kind + "_raw"):
                if key in seen:
                    seen[key] = seen[key][0]
        heads = seen[name + "heads"]
        seen[name + "heads"] = heads.reshape(time, config.n_head, config.head_size)
        if name + "value_row" in seen:
            row = seen[name + "value_row"]
            seen[name + "value_row"] = row.reshape(time, config.kv_heads, config.head_size)
    return seen


def logit_lens(model, ids):
    """[chances (T, V)]: what would come next if the line ended here.

    The first is before all layers, one follows after each layer, the last is the model's own.
    """
    seen = activations(model, ids)
    names = ["layer0.in", *(f"layer{i}.out" for i in range(model.config.n_layer))]
    with no_grad():
        early = [model.early_logits(Tensor(seen[name])).data for name in names]
    return [softmax(scores) for scores in (*early, seen["logits"])]


def strongest(model, rows, layer, unit, count=10, most=20_000):
    """[(value, ids up to there)]: where a unit of an MLP is highest in some rows of tokens.

    Of every row only its highest place counts, and the same beginning only once; `most` tokens
    are looked at.
    """
    *_, (found, _) = [([], 0), *strongest_so_far(model, rows, layer, unit, count, most)]
    return found


def strongest_so_far(model, rows, layer, unit, count=10, most=20_000, batch_size=64):
    """As `strongest`, batch after batch: what is found by then, and how many rows were read."""
    found, name, read = {}, f"layer{layer}.units", 0
    config = model.config
    for batch in eval_batches(rows, batch_size, config.block_size, model.dtype, most):
        values = _shown(model, batch.ids, name)[:, unit].reshape(batch.ids.shape)
        values = np.where(batch.weights > 0, values, -np.inf)
        for row, at in enumerate(values.argmax(1)):
            found[tuple(batch.ids[row, : at + 1].tolist())] = float(values[row, at])
        read += len(batch.ids)
        ordered = sorted(found.items(), key=lambda pair: -pair[1])
        yield [(value, list(ids)) for ids, value in ordered[:count]], read


def _shown(model, ids, name):
    """What a model shows under a name, for ids (B, T)."""
    seen = {}
    with no_grad():
        model.hidden(ids, watch=lambda name, x: seen.setdefault(name, x))
    return seen[name].data


def head_scores(model, seed=0):
    """How much each head is a previous-token head and an induction head: (layers, heads) each.

    Measured on random tokens that come twice, start A B C ... A B C ...: the mean share of
    attention that goes to the token before (at all places but the first), and, in the second half,
    to the token that followed the same token in the first half. `even` is what a head would score
    that looks at all it sees alike.
    """
    *_, found = head_scores_so_far(model, seed)
    return found


def head_scores_so_far(model, seed=0):
    """As `head_scores`, after each of its texts; `read` says how many that are."""
    config = model.config
    length = min((config.block_size - 1) // 2, LONGEST_HALF)
    if length < 2:
        raise UserError("Heads are judged on repeated tokens: the block must have 5 tokens.")
    draw = random.Random(seed).randrange  # numpy's own takes a browser long to import
    second = np.arange(length + 1, 2 * length + 1)
    later = np.arange(1, 2 * length + 1)
    even = {
        "previous": float((1 / (later + 1)).mean()),
        "induction": float((1 / (second + 1)).mean()),
    }
    previous, induction = np.zeros((2, config.n_layer, config.n_head))
    for read in range(1, REPEATED + 1):
        half = [draw(config.vocab_size) for _ in range(length)]
        seen = activations(model, np.array([[config.vocab_size - 1, *half, *half]]))
        for layer in range(config.n_layer):
            weights = seen[f"layer{layer}.weights"]
            previous[layer] += weights[:, later, later - 1].mean(1)
            induction[layer] += weights[:, second, second - length + 1].mean(1)
        means = {"previous": previous / read, "induction": induction / read}
        yield {**means, "even": even, "read": read}
