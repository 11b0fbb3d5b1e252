"""Every number of the machine's picture, against what it is by definition; lens, neurons, heads."""

import numpy as np
import pytest
from family import FAMILIES, FEW, configuration, new_model
from microgpt.autograd.ops import softmax
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.inference.inspect import attention_maps
from microgpt.microscope.activations import (
    activations,
    head_scores,
    ids_of,
    logit_lens,
    strongest,
)
from microgpt.tokenizer import CharTokenizer

LETTERS = CharTokenizer("abcdefghij")
TEXT = "abcabca"


def seen_by(name):
    model = new_model(configuration(name))
    ids = ids_of(model, LETTERS, TEXT)
    return model, ids, activations(model, ids)


@pytest.mark.parametrize("name", FEW)
def test_the_numbers_follow_from_one_another(name):
    """Each block is computed once more from what stands before it, number by number."""
    model, ids, seen = seen_by(name)
    config, w, time = model.config, model.weights.named(), ids.shape[1]
    close = lambda a, b: np.abs(a - b).max() <= 1e-12  # noqa: E731
    assert close(seen["token"], w["wte"][ids[0]])
    large = config.n_embd**0.5 if config.positions == "sinusoidal" else 1
    assert close(seen["sum"], seen["token"] * large + seen.get("place", 0))
    assert ("place" in seen) == (config.positions in ("learned", "sinusoidal"))
    group = config.n_head // config.kv_heads
    for i in range(config.n_layer):
        p = f"layer{i}."
        shape = (time, config.n_head, config.head_size)
        assert seen[p + "query"].shape == seen[p + "heads"].shape == shape
        assert seen[p + "key"].shape == (time, config.kv_heads, config.head_size)
        for head in range(config.n_head):
            q, k = seen[p + "query"][:, head], seen[p + "key"][:, head // group]
            scores = q @ k.T / config.head_size**0.5
            window = config.window_of(i)
            allowed = np.tri(time) if window is None else np.tri(time) - np.tri(time, k=-window - 1)
            shares = softmax(np.where(allowed > 0, scores, -np.inf))
            assert close(shares, seen[p + "weights"][head])
            assert close(shares @ seen[p + "value"][:, head // group], seen[p + "heads"][:, head])
        heads = seen[p + "heads"].reshape(time, -1)
        assert close(heads @ w[p + "wo"].T + w.get(p + "bo", 0), seen[p + "attention"])
        assert close(seen[p + "in"] + seen[p + "attention"], seen[p + "middle"])
        assert close(seen[p + "units"] @ w[p + "fc2"].T + w.get(p + "b2", 0), seen[p + "mlp"])
        assert close(seen[p + "middle"] + seen[p + "mlp"], seen[p + "out"])
        if config.activation == "relu":
            assert close(np.maximum(seen[p + "bend"], 0), seen[p + "units"])
        if config.has_value_embedding(i):
            assert seen[p + "value_gate"].shape == (time, config.kv_heads)
            assert close(seen[p + "value_row"].reshape(time, -1), w[p + "value"][ids[0]])
    last = seen[f"layer{config.n_layer - 1}.out"]
    last = seen["norm_final"] if config.norm_final else seen["backout"] if config.backout else last
    head = w["wte"] if config.tied_head else w["lm_head"]
    assert close(last @ head.T, seen["scores"])
    cap = config.softcap
    assert close(np.tanh(seen["scores"] / cap) * cap if cap else seen["scores"], seen["logits"])
    assert np.array_equal(seen["logits"], model.logits(ids).data)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_maps_are_those_of_attention(name):
    model, _, seen = seen_by(name)
    _, layers = attention_maps(model, LETTERS, TEXT)
    assert all(np.array_equal(seen[f"layer{i}.weights"], layer) for i, layer in enumerate(layers))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_lens_ends_with_the_model(name):
    model, ids, seen = seen_by(name)
    lens = logit_lens(model, ids)
    assert len(lens) == model.config.n_layer + 2
    assert all(chances.sum(-1) == pytest.approx(1) for chances in lens)
    assert np.array_equal(lens[-1], softmax(seen["logits"]))
    if not model.config.backout:
        assert np.abs(lens[-1] - lens[-2]).max() <= 1e-12
    assert np.abs(lens[0] - lens[-1]).max() > 0.01


def test_texts_that_excite_a_neuron():
    model = new_model(FAMILIES["classic"])
    texts = ["abc", "jigfedcba", "fad", "beef"]
    rows = [[10, *LETTERS.encode(text), 10] for text in texts]
    found = strongest(model, rows, 1, 5, count=9)
    assert [value for value, _ in found] == sorted((v for v, _ in found), reverse=True)
    for value, ids in found:
        seen = activations(model, np.array([ids]))
        units = seen["layer1.units"][:, 5]
        assert units[-1] == pytest.approx(value, abs=1e-12) and units.max() == units[-1]
    assert len(strongest(model, rows, 1, 5, count=2)) == 2


def test_heads_that_are_made_to_do_it():
    """A head that adds up places by hand: the one that looks at the token before scores 1."""
    config = GPTConfig(vocab_size=8, block_size=9, n_head=1, n_embd=16, norm_embedding=False)
    model = GPT(config, np.float64)
    named = model.weights.named()
    named["wpe"][:, :9] = np.eye(9)
    named["layer0.wk"][:9, :9] = np.eye(9) * 10
    named["layer0.wq"][:9, :9] = np.eye(9, k=1) * 10  # place t asks for place t - 1
    scores = head_scores(model)
    assert scores["previous"].shape == (1, 1)
    assert scores["previous"][0, 0] > 0.99 and scores["induction"][0, 0] < 0.01
    named["layer0.wq"][:9, :9] = np.eye(9, k=3) * 10  # halves of 4: what followed is 3 before
    scores = head_scores(model)
    assert scores["induction"][0, 0] > 0.99 and scores["previous"][0, 0] < 0.2
    named["layer0.wq"][...] = 0
    scores = head_scores(model)
    for kind in ("previous", "induction"):
        assert scores[kind][0, 0] == pytest.approx(scores["even"][kind])


def test_a_block_too_short_to_judge_heads():
    model = GPT(GPTConfig(block_size=4), np.float64)
    with pytest.raises(UserError, match="the block must have 5 tokens"):
        head_scores(model)
