"""`gradient` and `inside`: on the terminal, as JSON and as a page; mistakes are one sentence."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.cli import main
from microgpt.data import load
from microgpt.microscope.interventions import intervene
from microgpt.training.loop import take_step
from microgpt.training.run import Run
from program import NAMES, call

TEXT = "\n".join(NAMES * 3)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    (folder / "names.txt").write_text(TEXT, encoding="utf-8")
    flags = ["--preset", "llama", "--n-embd", 16, "--block-size", 16, "--steps", 3, "--quiet"]
    flags += ["--data", folder / "names.txt", "--samples", 0, "--link", folder / "link"]
    flags += ["--out", folder / "m"]
    assert main([str(flag) for flag in ["train", *flags]]) == 0
    return folder / "m"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def told_by(capsys, *words):
    """(exit code, what it printed, what it complained about) of a command."""
    answer = call(capsys, *words)
    return answer.code, answer.out, answer.err


def story(capsys, model, *flags):
    code, out, _ = told_by(capsys, "gradient", model, "--json", *flags)
    assert code == 0
    return json.loads(out)


def test_a_weight_in_words(capsys, model):
    code, out, error = told_by(
        capsys, "gradient", model, "--weight", "layer0.wq[3,5]", "--text", NAMES[0]
    )
    assert code == 0 and not error
    told = story(capsys, model, "--weight", "layer0.wq[3,5]", "--text", NAMES[0])
    assert out.startswith(f"layer0.wq[3,5]  {told['value']:+.6f}\n")
    assert "what head 0 looks for in layer 0, from number 5 of the line" in out
    parts = told["gradient"]["parts"]
    total = sum(part["part"] for part in parts) + told["gradient"]["rest"]
    assert total == pytest.approx(told["gradient"]["exact"], abs=1e-15)
    for title in ("Forward: linear", "Back: its gradient", "Check: the slope", "Muon", "Move"):
        assert title in out


def test_without_a_text_it_is_the_next_step_of_the_run(capsys, model):
    """The run's own batch; the step that it makes is the one that is told of."""
    saved = checkpoints.load(model)
    run = Run.restore(saved, load(model.parent / "names.txt"))
    run.step -= 1  # it is at its end: the last step is shown
    weight, told = run.model.weights.flat.copy(), story(capsys, model)
    step = take_step(run)
    assert told["step"]["loss"] == step.loss and told["step"]["lr"] == step.lr
    place = run.model.weights.place(told["name"]).start
    place += int(np.ravel_multi_index(told["index"], told["shape"]))
    assert told["move"]["before"] == weight[place]
    assert told["move"]["after"] == run.model.weights.flat[place]
    assert abs(told["gradient"]["own"]) == np.abs(run.model.weights.flat_grad).max()


def test_any_weight_and_the_graph(capsys, model):
    one, same, other = (story(capsys, model, "--random", seed)["weight"] for seed in (1, 1, 2))
    assert one == same != other
    code, out, _ = told_by(capsys, "gradient", model, "--text", "anna", "--graph")
    assert code == 0 and re.search(r"cross_entropy +one", out) and "layer1.units" in out


def test_a_page(capsys, model):
    code, out, error = told_by(
        capsys, "gradient", model, "--text", "anna", "--html", "g.html", "--graph"
    )
    assert (code, out, error) == (0, "", "The page is in g.html.\n")
    with open("g.html", encoding="utf-8") as file:
        source = file.read()
    headings = []

    class Headings(HTMLParser):
        def handle_starttag(self, tag, attributes):
            headings.append(tag) if tag in ("h1", "h2", "table") else None

    Headings().feed(source)
    assert headings.count("h2") == 8 and headings.count("table") == 2
    assert "<edge>" not in source and "&lt;edge&gt;" in source


def test_the_path_of_a_weight_over_checkpoints(capsys, model, tmp_path):
    saved = checkpoints.load(model)
    run = Run.restore(saved, load(model.parent / "names.txt"))
    weights = {}
    for step in (4, 5):
        run.config = dataclasses.replace(run.config, steps=step)
        take_step(run)
        weights[step] = run.model.weights.named()["wte"][2, 1]
        checkpoints.save(run.checkpoint(), tmp_path / f"at{step}")
    flags = ["--weight", "wte[2,1]", "--text", "anna", "--before", model, "--before", "at4"]
    known = dict(story(capsys, "at5", *flags)["path"])
    assert list(known) == [3, 4, 5]
    assert [known[step] for step in (4, 5)] == [weights[step] for step in (4, 5)]
    _, out, _ = told_by(capsys, "gradient", "at5", *flags)
    assert "Its path over the run" in out and f"{weights[4]:+.6f}" in out
    other = ["--before", model.parent / "other"]
    small = ["--data", model.parent / "names.txt", "--n-embd", 4, "--n-head", 1, "--steps", 1]
    small += ["--samples", 0, "--quiet", "--out", other[1]]
    assert main([str(flag) for flag in ["train", *small]]) == 0
    code, _, error = told_by(capsys, "gradient", model, "--text", "anna", *other)
    assert code == 2 and "is of another model" in error


def test_a_link_has_no_memory(capsys, model):
    told = story(capsys, model.parent / "link", "--text", "anna", "--lr", "0.5")
    assert not told["step"]["remembers"] and told["step"]["lr"] == 0.5
    code, _, error = told_by(capsys, "gradient", model.parent / "link")
    assert code == 2 and "give --text" in error


@pytest.mark.parametrize(
    ("flags", "code", "sentence"),
    [
        (["--weight", "layer0.wz[0,0]"], 1, "did you mean layer0.w"),
        (["--weight", "layer0.wq[99,0]"], 1, "has rows 0 to 15 and columns 0 to 15"),
        (["--weight", "layer0.wq"], 1, "is named by two whole numbers"),
        (["--text", ""], 1, "nothing to learn from in an empty text"),
        (["--text", "ABC"], 1, "is not one this model knows"),
        (["--weight", "wte[0,0]", "--random", "1"], 2, "give one of them"),
    ],
)
def test_mistakes(capsys, model, flags, code, sentence):
    found, _, error = told_by(capsys, "gradient", model, *flags)
    assert found == code and sentence in error and error.count("\n") == 1


# ---- inside


def inside(capsys, model, *flags):
    code, out, _ = told_by(capsys, "inside", model, "--prompt", "anna", "--json", *flags)
    assert code == 0
    return json.loads(out)


def test_lens_and_each_part(capsys, model):
    found = inside(capsys, model)
    assert [layer["after"] for layer in found["lens"]] == [
        *("before all", "layer0", "layer1"),
        "the model",
    ]
    assert len(found["without"]["parts"]) == 2 * (1 + 4 + 1)
    code, out, _ = told_by(capsys, "inside", model, "--prompt", "anna")
    assert code == 0 and "layer1.head3" in out and "before all" in out


def test_without_a_head(capsys, model):
    saved = checkpoints.load(model)
    expected = intervene(saved.model(), saved.tokenizer(), "anna", ["layer0.head1"])
    found = inside(capsys, model, "--without", "layer0.head1")["changed"]
    assert found["lossAfter"] == pytest.approx(float(expected["surprise_after"].mean()))
    assert found["tokens"][0]["after"] in expected["after"]
    assert (
        "loss of the prompt"
        in told_by(capsys, "inside", model, "--prompt", "a", "--without", "layer0")[1]
    )


def test_patched_neurons_and_heads(capsys, model):
    patch = ("--patch", "layer1", "--patch-from", "bert")
    found = inside(capsys, model, *patch, "--unit", "layer0.unit3", "--heads", "--top", "2")
    assert len(found["changed"]["tokens"]) == 2 and "loss" not in found["changed"]
    assert len(found["unit"]["values"]) == 5 and 0 < len(found["unit"]["texts"]) <= 2
    assert np.shape(found["heads"]["induction"]) == (2, 4)
    code, out, _ = told_by(
        capsys, "inside", model, "--prompt", "anna", "--unit", "layer0.unit3", "--heads"
    )
    assert code == 0 and "highest, at the end of these texts" in out and "layer1.head3" in out


def test_a_model_alone_wants_a_text(capsys):
    code, _, err = told_by(capsys, "gradient", "story-chat")
    assert code == 2 and "story-chat is a model alone" in err and "give --text" in err
    code, out, _ = told_by(capsys, "gradient", "story-chat", "--text", "One day", "--json")
    assert code == 0 and json.loads(out)["gradient"]["largest"] != 0


@pytest.mark.parametrize(
    ("flags", "code", "sentence"),
    [
        (["--without", "layer9"], 1, "There is no layer9"),
        (["--without", "wq"], 1, "There is no part 'wq'"),
        (["--patch", "layer0"], 1, "name one"),
        (["--everywhere"], 2, "--everywhere is for --patch"),
        (["--unit", "layer0.mlp"], 1, "is not a single neuron"),
        (["--prompt", "x" * 40], 1, "is not one this model knows"),
        (["--prompt", "a" * 40], 1, "sees 16 tokens at a time, and the text has 41"),
    ],
)
def test_mistakes_inside(capsys, model, flags, code, sentence):
    found, _, error = told_by(capsys, "inside", model, "--prompt", "anna", *flags)
    assert found == code and sentence in error and error.count("\n") == 1
