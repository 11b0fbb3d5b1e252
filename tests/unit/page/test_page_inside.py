"""Looking inside: attention, and the tokens as points."""

import numpy as np
import pytest
from microgpt.inference.inspect import tsne
from microgpt.page.settings import presets
from page_caller import NAMES, Caller
from thorough import some

OFFERED = tuple(presets())
SIZES = {"n_layer": 2, "n_head": 4, "n_embd": 48, "block_size": 16, "batch_size": 2}


@pytest.fixture
def caller():
    return Caller()


@pytest.fixture(params=some(("small", "nanochat"), OFFERED))
def trained(request, caller):
    """A session whose run of an offered model has made two steps."""
    settings = {**presets()[request.param], **SIZES, "steps": 2, "eval_every": 1}
    about = caller("new", settings=settings)
    assert "refused" not in about
    caller.train(2)
    return caller


def test_attention_of_every_layer_and_head(trained):
    about = trained("attention", prompt="anna")
    config = trained.model.config
    assert (about["layers"], about["heads"]) == (config.n_layer, config.n_head)
    assert len(about["tokens"]) == 5
    weights = about["weights"]
    assert weights.dtype == np.float32
    weights = weights.reshape(config.n_layer, config.n_head, 5, 5)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert not np.triu(weights, 1).any()


def test_a_text_that_cannot_be_looked_at_is_refused(caller):
    caller("new", settings={"n_embd": 8, "n_head": 2, "steps": 1})
    assert "shorter" in caller("attention", prompt="a" * 20)["refused"]
    assert "at most 63" in caller("attention", prompt="a" * 64)["refused"]
    assert "refused" in caller("attention", prompt="Ω")


def test_without_a_model_there_is_nothing_inside(caller):
    for method in ("attention", "embeddings"):
        assert "no model yet" in caller(method)["refused"]
    assert "no model yet" in caller("move_points", milliseconds=10)["refused"]


def test_embeddings_by_pca(trained):
    about = trained("embeddings", method="pca")
    assert about["done"]
    assert 0 < about["share"][1] <= about["share"][0] < 1
    assert about["points"].shape == (2 * trained.session.current.tokenizer.vocab_size,)


def test_embeddings_by_tsne_come_step_by_step(caller):
    caller("new", settings={"n_embd": 8, "n_head": 2, "steps": 1})
    about = caller("embeddings", method="tsne")
    assert (about["step"], about["done"]) == (0, False)
    seen = {0}
    while not about["done"]:
        about = caller("move_points", milliseconds=5)
        seen.add(about["step"])
    assert len(seen) > 2
    assert about["step"] == about["steps"]
    x = np.array(caller.model.weights.named()["wte"], np.float64)
    np.testing.assert_array_equal(
        about["points"].reshape(-1, 2), tsne(x, about["perplexity"], about["steps"])
    )


def test_embeddings_that_cannot_be_placed_are_refused(caller):
    caller("new", settings={"n_embd": 8, "n_head": 2, "steps": 1})
    assert "perplexity" in caller("embeddings", method="tsne", perplexity=500)["refused"]
    assert "number" in caller("embeddings", method="tsne", perplexity="few")["refused"]
    assert "pca and tsne" in caller("embeddings", method="umap")["refused"]


def test_another_model_ends_the_placing(caller):
    caller("new", settings={"n_embd": 8, "n_head": 2, "steps": 1})
    caller("embeddings", method="tsne")
    caller("new", settings={"n_embd": 8, "n_head": 2, "steps": 1})
    assert "refused" in caller("move_points", milliseconds=5)


def test_points_come_in_the_order_of_how_frequent_their_tokens_are(caller):
    caller("new", settings={"n_embd": 8, "n_head": 2, "steps": 1, "val_fraction": 0})
    caller.train(1)
    about = caller("embeddings")
    text = "".join(about["tokens"][i] for i in about["order"] if len(about["tokens"][i]) == 1)
    often = {letter: NAMES.count(letter) for letter in text}
    assert [often[letter] for letter in text] == sorted(often.values(), reverse=True)

    settings = {"tokenizer": "bpe", "vocab": 270, "n_embd": 8, "n_head": 2, "steps": 1}
    caller.prepared("new", settings=settings)
    caller.train(1)
    about = caller("embeddings")
    used = [about["tokens"][i] for i in about["order"]]
    assert len(used) < len(about["tokens"]) == 270  # bytes that the data do not use are left out
    assert "\\xff" in about["tokens"] and "\\xff" not in used
