"""Parts of a model as the page asks for them: off, patched, early guesses, neurons, heads."""

import numpy as np
import pytest
from microgpt import link
from microgpt.microscope.activations import head_scores
from microgpt.microscope.interventions import all_parts, intervene, without_each
from microgpt.page.settings import presets
from page_caller import Caller

SIZES = {"n_layer": 2, "n_head": 4, "n_embd": 32, "block_size": 16, "batch_size": 2}


@pytest.fixture(scope="module", params=("microgpt", "classic", "llama", "nanochat"))
def trained(request):
    """A session whose run of an offered model has made two steps."""
    caller = Caller()
    caller("new", settings={**presets()[request.param], **SIZES, "steps": 4, "eval_every": 0})
    caller.train(1)
    return caller


@pytest.fixture
def small():
    caller = Caller()
    caller.new(steps=6)
    caller.train(3)
    return caller


def finished(caller, name, **request):
    about = caller(name, **request)
    while not about["done"]:
        about = caller("go_on_looking", milliseconds=5)
    return about


def test_what_becomes_of_the_next_token(trained):
    model, tokenizer = trained.session.current.shown()
    about = trained("intervene", text="anna", off=["layer1.mlp"])
    expected = intervene(model, tokenizer, "anna", ["layer1.mlp"])
    assert np.array_equal(about["after"], expected["after"])
    assert len(about["surprise"]) == len(about["surpriseAfter"]) == 5
    shown = sum(token["after"] for token in about["next"])
    assert shown + about["othersAfter"] == pytest.approx(1)
    most = max(max(about["before"]), max(about["after"]))
    assert max(about["next"][0]["before"], about["next"][0]["after"]) == most
    about = trained("intervene", text="anna", patched=["layer1"], other="bela")
    assert "surprise" not in about and about["after"].sum() == pytest.approx(1)


def test_each_part_off_one_after_the_other(trained):
    model, tokenizer = trained.session.current.shown()
    begun = trained("start_without", text="anna")
    assert (begun["share"], begun["done"], begun["parts"]) == (0, False, [])
    about = finished(trained, "start_without", text="anna")
    (_, whole, loss), *rows = without_each(model, tokenizer, "anna")
    assert [part["part"] for part in about["parts"]] == all_parts(model.config)
    assert [part["loss"] for part in about["parts"]] == [lost for _, _, lost in rows]
    assert about["loss"] == loss and about["next"]["p"] == whole.max()
    top = int(whole.argmax())
    assert [part["p"] for part in about["parts"]] == [chances[top] for _, chances, _ in rows]


def test_early_guesses_and_heads(trained):
    assert [len(layer) for layer in trained("lens", text="anna")["layers"]] == [5] * 4
    assert trained("start_heads")["share"] == 1 / 16
    about = finished(trained, "start_heads")
    scores = head_scores(trained.model)
    assert about["previous"] == scores["previous"].tolist()
    assert about["induction"] == scores["induction"].tolist() and about["even"] == scores["even"]


def test_a_neuron_over_a_text_and_over_the_data(trained):
    about = finished(trained, "start_neuron", part="layer0.unit3", text="anna")
    assert len(about["values"]) == len(about["tokens"]) == 5
    assert about["read"] == about["of"] and len(about["texts"]) == 10
    values = [text["value"] for text in about["texts"]]
    assert values == sorted(values, reverse=True)
    # Read by itself, the text that excites it most excites it as much.
    text = "".join(about["texts"][0]["tokens"][1:])
    assert trained("start_neuron", part="layer0.unit3", text=text)["values"][-1] == pytest.approx(
        values[0], rel=1e-4, abs=1e-6
    )
    highest = trained("start_neuron", text="anna")
    others = (
        trained("start_neuron", part=f"layer{i}.unit{unit}", text="anna")["values"][-1]
        for i in range(2)
        for unit in range(0, highest["units"], 9)
    )
    assert highest["values"][-1] >= max(others)


def test_a_model_without_a_run_reads_the_data_at_hand(small):
    text = link.pack(small.model, small.session.current.tokenizer, {})
    small("open_link", text=text)
    assert "look again" in small("go_on_looking", milliseconds=5)["refused"]
    assert len(finished(small, "start_neuron", part="layer0.unit3", text="anna")["texts"]) == 10
    small.session.data.corpus = None
    assert finished(small, "start_neuron", part="layer0.unit3", text="anna")["texts"] == []


@pytest.mark.parametrize(
    ("name", "request_", "sentence"),
    [
        ("intervene", {"text": "a" * 64}, "at most 63"),
        ("intervene", {"text": "anna", "patched": ["layer0"], "other": "Ω"}, "never seen"),
        ("intervene", {"text": "anna", "patched": ["layer0"]}, "name one"),
        ("start_without", {"text": "Ω"}, "never seen"),
        ("start_neuron", {"part": "layer0"}, "not a single neuron"),
        ("start_neuron", {"part": "layer0.unit32"}, "counted from 0 to 31"),
    ],
)
def test_refused_parts(small, name, request_, sentence):
    assert sentence in small(name, **request_)["refused"]


def test_without_a_model_there_are_no_parts():
    caller = Caller()
    for name in ("intervene", "lens", "start_heads", "start_without", "start_neuron"):
        assert "no model yet" in caller(name)["refused"]
