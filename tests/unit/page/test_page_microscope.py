"""The microscope as the page asks for it: facts as JSON, many numbers in arrays beside them."""

import os
import subprocess
import sys
from pathlib import Path

import microgpt
import numpy as np
import page_caller
import pytest
from microgpt import link
from microgpt.checkpoint import to_bytes
from microgpt.microscope.activations import activations, ids_of
from microgpt.microscope.picture import laid_out, picture
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


def named(about):
    """{name: array} of an answer with a layout."""
    return {
        each["name"]: about["numbers"][each["start"] :][: int(np.prod(each["shape"]))].reshape(
            each["shape"]
        )
        for each in about["layout"]
    }


def test_the_numbers_of_the_machine(trained):
    about = trained("machine", text="anna")
    assert about["tokens"][1:] == [*"anna"] and not about["summarised"]
    current = trained.session.current
    seen = activations(*(current.model, ids_of(current.model, current.tokenizer, "anna")))
    found = named(about)
    assert set(found) == set(seen)
    assert all(np.array_equal(found[name], seen[name]) for name in seen)


def test_a_part_switched_off(trained):
    whole, without = (
        named(trained("machine", text="anna", off=off)) for off in ([], ["layer1.mlp"])
    )
    assert np.abs(whole["layer1.mlp"]).max() >= 0 and not without["layer1.mlp"].any()
    about = trained("without_parts", text="anna")
    parts = [part["part"] for part in about["parts"]]
    rows = about["chances"].reshape(len(parts), -1)
    scores = without["logits"][-1] - without["logits"][-1].max()
    expected = np.exp(scores) / np.exp(scores).sum()
    assert np.abs(rows[parts.index("layer1.mlp")] - expected).max() <= 1e-6


def test_one_step_and_a_story(trained):
    about = trained("one_step", texts=["anna"])
    count = trained.model.weights.count
    if not about["summarised"]:
        assert about["move"].shape == about["gradient"].shape == about["before"].shape == (count,)
    story = trained("weight_story", texts=["anna"])
    assert story["weight"] == about["largest"]
    assert story["slope"]["difference"] <= 1e-6 * story["gradient"]["largest"]
    nodes = trained("step_graph", texts=["anna"])["nodes"]
    assert nodes[-1]["operation"] == "cross_entropy"


def test_the_run_does_not_go_on(small):
    before = to_bytes(small.run.checkpoint())
    small("one_step")
    small("weight_story", seed=3)
    small("weight_story", weight="wte[0,0]", texts=["anna", "bela"], lr=0.5)
    assert to_bytes(small.run.checkpoint()) == before
    story = small("weight_story", weight="wte[0,0]")
    assert story["step"]["step"] == 4
    small.train(4)
    assert small("weight_story", weight="wte[0,0]")["step"]["step"] == 5, "not the step before"


def test_a_step_is_prepared_in_pieces_and_then_at_hand(small):
    assert [small("prepare_step", texts=["anna"])["done"] for _ in range(3)] == [False, False, True]
    scope = small.session.microscope._scope
    small("one_step", texts=["anna"])
    assert small.session.microscope._scope is scope
    small.train(4)
    small("one_step", texts=["anna"])
    assert small.session.microscope._scope is not scope, "the run has gone on"


def test_one_number_of_any(small):
    story = small("weight_story", weight="layer0.wq[3,5]")
    assert small.model.weights.named()["layer0.wq"][3, 5] == story["value"]
    other = small("weight_story", seed=1)
    assert other["weight"] == small("weight_story", seed=1)["weight"]


def test_the_way_of_a_number_over_the_run(small):
    flats = {}
    for step in (3, 4, 5):
        small.train(step)
        flats[step] = small.model.flat.copy()
    story = small("weight_story", weight="wte[1,2]")
    place = small.model.weights.place("wte").start + 1 * 8 + 2
    assert story["path_steps"].tolist() == [0, 1, 2, 3, 4, 5] and story["pathSince"] == 0
    assert story["path_values"][3:].tolist() == [float(flats[n][place]) for n in (3, 4, 5)]
    assert story["path_values"][-1] == story["value"]


def test_a_model_without_a_run(small):
    text = link.pack(small.model, small.session.current.tokenizer, {})
    small("open_link", text=text)
    assert "type a text" in small("one_step")["refused"]
    story = small("weight_story", texts=["anna"])
    assert not story["step"]["remembers"] and not story["path_steps"].size


@pytest.mark.parametrize(
    ("name", "request_", "sentence"),
    [
        ("machine", {"text": "a" * 64}, "at most 63"),
        ("machine", {"text": "a" * 20}, "shorter"),
        ("machine", {"text": "Ω"}, "never seen"),
        ("machine", {"text": "anna", "off": ["layer7"]}, "There is no layer7"),
        ("machine", {"text": "anna", "whole": "nothing"}, "no numbers called"),
        ("weight_story", {"weight": "nothing[0]"}, "no weights called"),
        ("weight_story", {"texts": [""]}, "an empty text"),
        ("weight_story", {"texts": ["Ω"]}, "never seen"),
    ],
)
def test_refusals(small, name, request_, sentence):
    assert sentence in small(name, **request_)["refused"]


def test_looking_inside_needs_no_more_of_python_than_a_start():
    """What it imports besides would have the page bring a second archive."""
    code = (
        "import sys; from microgpt.page import Session; s = Session(); before = set(sys.modules);"
        " s.call('attention'); print(*{m.split('.')[0] for m in set(sys.modules) - before})"
    )
    path = {"PYTHONPATH": str(Path(microgpt.__file__).parents[1])}
    words = subprocess.check_output([sys.executable, "-c", code], env={**os.environ, **path})
    assert words.split() == [b"microgpt"]


def test_stories_and_heads_do_without_numpys_random_numbers():
    """A browser takes a third of a second to import them: the first story would wait for it."""
    code = (
        "import sys; from page_caller import Caller; c = Caller(); c.new(); c.train(1);"
        " c('weight_story', seed=1, texts=['anna']); c('start_heads'); c('start_neuron');"
        " print('numpy.random' in sys.modules)"
    )
    folders = [str(Path(microgpt.__file__).parents[1]), str(Path(page_caller.__file__).parent)]
    path = {"PYTHONPATH": os.pathsep.join(folders)}
    words = subprocess.check_output([sys.executable, "-c", code], env={**os.environ, **path})
    assert words.split() == [b"False"]


def test_without_a_model_there_is_no_microscope():
    caller = Caller()
    for name in ("machine", "weight_story", "one_step"):
        assert "no model yet" in caller(name)["refused"]


def test_large_models_are_summarised():
    caller = Caller()
    sizes = {"n_layer": 4, "n_embd": 128, "block_size": 64, "n_head": 4, "batch_size": 1}
    caller("new", settings={**presets()["classic"], **sizes, "steps": 2})
    about = caller("machine", text="anna" * 15)
    assert about["summarised"] and about["numbers"].size < 400_000
    found = named(about)
    assert found["layer3.units"].shape == (61, 64) and "logits" not in found
    assert found["here logits"].size > 3 and found["here layer3.units"].shape == (512,)
    whole = named(caller("machine", text="anna" * 15, whole="layer3.units"))["layer3.units"]
    assert whole.shape == (61, 512)
    assert np.allclose(whole[:, :8].mean(1), found["layer3.units"][:, 0], atol=1e-6)
    step = caller("one_step", texts=["anna"])
    assert step["summarised"] and "before" not in step
    shapes = {each["name"]: (each["shape"], each["of"]) for each in step["layout"]}
    assert shapes["layer0.fc1"] == ([64, 64], [512, 128])
    story = caller("weight_story", texts=["anna"])
    assert len(story["path_steps"]) == 1


def test_pictures_are_means_of_neighbours():
    array = np.arange(24.0).reshape(2, 3, 4)
    assert np.array_equal(picture(array, most=4), array)
    assert np.array_equal(picture(array, axes=(-1,), most=2), array.reshape(2, 3, 2, 2).mean(-1))
    uneven = picture(np.arange(7.0), axes=(-2, -1), most=2)
    assert uneven.tolist() == [1.0, 4.5]
    layout, flat = laid_out({"a": np.ones((2, 2)), "b": np.zeros(3)})
    assert [each["start"] for each in layout] == [0, 4] and flat.tolist() == [1] * 4 + [0] * 3
