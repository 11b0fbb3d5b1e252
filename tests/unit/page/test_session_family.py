"""The session as the page asks it about the family: every preset, its parts, and its inside."""

import json
from pathlib import Path

import numpy as np
import pytest
from microgpt.gpt.config import GPTConfig
from microgpt.inference.inspect import tsne, tsne_steps
from microgpt.page import Session
from microgpt.page.__main__ import as_module
from microgpt.page.settings import FAMILIES, configs, family_of, first_run, presets
from microgpt.presets import PRESETS
from microgpt.training.loop import take_step
from microgpt.training.run import Run

WEB = Path(__file__).resolve().parents[3] / "web"
NAMES = "\n".join(
    first + second
    for first in ("an", "be", "car", "dor", "el", "fa", "gi", "ha", "is", "jo")
    for second in ("a", "la", "na", "ra", "ria", "lia", "nora", "bel")
)
OFFERED = tuple(presets())
SIZES = {"n_layer": 2, "n_head": 4, "n_embd": 48, "block_size": 16, "batch_size": 2}


class Caller:
    def __init__(self):
        self.session = Session()
        self("open_data", NAMES.encode(), json.dumps({"kind": "text"}))

    def __call__(self, method, *arguments):
        return json.loads(getattr(self.session, method)(*arguments))

    def ask(self, name, /, **request):
        return self(name, json.dumps(request))

    def numbers(self):
        return np.array(self.session.take_numbers())


@pytest.fixture
def caller():
    return Caller()


@pytest.fixture(params=OFFERED)
def trained(request, caller):
    """A session whose run of an offered model has made two steps."""
    settings = {**presets()[request.param], **SIZES, "steps": 2, "eval_every": 1}
    about = caller.ask("new", **settings)
    assert "refused" not in about
    while caller("advance", 1000, 2)["state"] == "going":
        pass
    return caller


# The table of models


def test_the_page_carries_the_table_that_python_has():
    module = (WEB / "settings" / "models.js").read_text(encoding="utf-8")
    assert module == as_module(presets(), first_run()), (
        "python -m py.microgpt.page > web/settings/models.js"
    )


def test_the_session_says_the_presets(caller):
    table = caller("presets")["presets"]
    assert set(table) == {"microgpt", "small", "medium", *FAMILIES}
    assert table == json.loads(json.dumps(presets()))


@pytest.mark.parametrize("name", ("microgpt", *FAMILIES))
def test_an_offered_family_is_the_preset_with_its_recipe(name):
    assert configs(presets()[name]) == (PRESETS[name].model, PRESETS[name].training)


@pytest.mark.parametrize("name", OFFERED)
def test_every_offered_model_is_described_with_its_time(caller, name):
    answer = caller.ask("describe", **presets()[name])
    assert answer["parameters"] > 3000
    assert answer["secondsPerStep"] > 0
    assert answer["settings"].items() >= {"steps": presets()[name]["steps"], "seed": 42}.items()


def test_a_large_batch_is_measured_in_part(caller):
    settings = {**presets()["medium"], "batch_size": 512}
    small = caller.ask("describe", **presets()["medium"])["secondsPerStep"]
    large = caller.ask("describe", **settings)["secondsPerStep"]
    assert large > 4 * small


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"window": "SX"}, "pattern of L and S"),
        ({"rope_factor": 8}, "needs positions rope"),
        ({"smear": True}, "smear reads 24 channels"),
        ({"n_kv_head": 3}, "multiple of n_kv_head"),
        ({"positions": "rope", "n_head": 16}, "even width"),
        ({"optimizer": "sgd"}, "one of adam, adamw, muon"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(caller, settings, words):
    refused = caller.ask("describe", **settings)["refused"]
    assert words in refused
    assert refused.endswith(".")
    assert caller.ask("new", **settings)["refused"] == refused


def test_a_model_says_which_family_it_is_nearest_to(trained):
    settings = trained("open_link", trained("link")["text"])["settings"]
    wanted = trained.session.model.config
    assert configs(settings)[0] == GPTConfig.from_dict({**wanted.to_dict(), "vocab_size": 27})
    assert settings["preset"] == family_of(wanted)


@pytest.mark.parametrize("name", ("microgpt", *FAMILIES))
def test_the_nearest_family_of_a_preset_is_itself(name):
    assert family_of(PRESETS[name].model) == name


def test_a_step_of_the_session_is_a_step_of_a_run(trained):
    run = trained.session.run
    twin = Run.start(run.corpus, run.model.config, run.config)
    for _ in range(2):
        take_step(twin)
    assert twin.losses == run.losses


# Writing with the cache and without


def written(caller, **request):
    caller.ask("start_writing", prompt="an", sampling={"seed": 3}, **request)
    while "written" not in (answer := caller("write_token")):
        pass
    return answer["written"]


def test_without_the_cache_it_writes_the_same_and_both_are_measured(trained):
    usual, cached, bare = (written(trained, **c) for c in ({}, {"cache": True}, {"cache": False}))
    assert usual["texts"] == cached["texts"] == bare["texts"]
    assert "speed" not in usual
    size = trained.session.model.config.block_size
    for answer, cache in ((cached, True), (bare, False)):
        assert answer["cache"] is cache
        assert answer["speed"]["tokensPerSecond"] > 0
        assert answer["speed"]["context"] == size


def test_a_block_of_one_letter_can_be_measured(caller):
    caller.ask("new", n_embd=8, n_head=2, block_size=1, steps=1)
    assert written(caller, cache=False)["speed"]["context"] == 1


# Looking inside


def test_attention_of_every_layer_and_head(trained):
    about = trained.ask("attention", prompt="anna")
    config = trained.session.model.config
    assert (about["layers"], about["heads"]) == (config.n_layer, config.n_head)
    assert len(about["tokens"]) == 5
    weights = trained.numbers()
    assert weights.dtype == np.float32
    weights = weights.reshape(config.n_layer, config.n_head, 5, 5)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert not np.triu(weights, 1).any()
    assert sum(token["p"] for token in about["next"]) <= 1.0001
    assert all(a["p"] >= b["p"] for a, b in zip(about["next"], about["next"][1:]))


def test_a_text_that_cannot_be_looked_at_is_refused(caller):
    caller.ask("new", n_embd=8, n_head=2, steps=1)
    assert "shorter" in caller.ask("attention", prompt="a" * 20)["refused"]
    assert "at most 63" in caller.ask("attention", prompt="a" * 64)["refused"]
    assert "refused" in caller.ask("attention", prompt="Ω")


def test_without_a_model_there_is_nothing_inside(caller):
    for method in ("attention", "embeddings"):
        assert "no model yet" in caller.ask(method, prompt="")["refused"]
    assert "no model yet" in caller("place", 10)["refused"]


def test_embeddings_by_pca(trained):
    about = trained.ask("embeddings", method="pca")
    assert about["done"]
    assert 0 < about["share"][1] <= about["share"][0] < 1
    assert trained.numbers().shape == (2 * trained.session.tokenizer.vocab_size,)


def test_embeddings_by_tsne_come_step_by_step(caller):
    caller.ask("new", n_embd=8, n_head=2, steps=1)
    about = caller.ask("embeddings", method="tsne")
    assert (about["step"], about["done"]) == (0, False)
    seen = {0}
    while not about["done"]:
        about = caller("place", 5)
        seen.add(about["step"])
    assert len(seen) > 2
    assert about["step"] == about["steps"]
    x = np.array(caller.session.model.weights.named()["wte"], np.float64)
    np.testing.assert_array_equal(
        caller.numbers().reshape(-1, 2), tsne(x, about["perplexity"], about["steps"])
    )


def test_embeddings_that_cannot_be_placed_are_refused(caller):
    caller.ask("new", n_embd=8, n_head=2, steps=1)
    assert "perplexity" in caller.ask("embeddings", method="tsne", perplexity=500)["refused"]
    assert "number" in caller.ask("embeddings", method="tsne", perplexity="few")["refused"]
    assert "pca and tsne" in caller.ask("embeddings", method="umap")["refused"]


def test_another_model_ends_the_placing(caller):
    caller.ask("new", n_embd=8, n_head=2, steps=1)
    caller.ask("embeddings", method="tsne")
    caller.ask("new", n_embd=8, n_head=2, steps=1)
    assert "refused" in caller("place", 5)


def test_tsne_checks_before_it_is_asked_for_a_step():
    with pytest.raises(Exception, match="at least four points"):
        tsne_steps(np.zeros((3, 2)))
