"""One number's story: parts, the measured slope, clipping, memory and move, in all families."""

import random
from dataclasses import replace

import numpy as np
import pytest
from family import COMBINATIONS, DEEP, mixed, new_model
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.errors import UserError
from microgpt.gpt.lora import Tuning
from microgpt.gpt.model import GPT
from microgpt.microscope.gradient import ExactStep
from microgpt.microscope.one_step import (
    make,
    source_of_checkpoint,
    source_of_model,
    source_of_run,
    text_batches,
)
from microgpt.microscope.slope import at_step, measure
from microgpt.microscope.story import Microscope
from microgpt.microscope.weights import find_weight, weight_at
from microgpt.presets import PRESETS
from microgpt.tokenizer import CharTokenizer
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step
from microgpt.training.run import Run
from proof.gradient import tried
from thorough import some

LETTERS = CharTokenizer("abcdefghij")
TEXTS = ["abcabc", "jig", "hide"]
CORPUS = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\n" * 8, "people.txt")


def small_run(name="microgpt", steps=3, **changes):
    """A run of a family, some steps on its way."""
    recipe = replace(PRESETS[name].training, steps=40, batch_size=4, eval_every=0, **changes)
    run = Run.start(CORPUS, DEEP[name], recipe)
    for _ in range(steps):
        take_step(run)
    return run


def state_of(run):
    return to_bytes(run.checkpoint())


# ---- the proof, in small


@pytest.mark.parametrize("name", DEEP)
def test_random_weights(name):
    """What `python -m tests.proof gradient` does for 200 of each family."""
    for problem in tried(name, 4, seed=3):
        assert not problem


@pytest.mark.parametrize("number", some((0, 1, 5), range(len(COMBINATIONS))))
def test_every_kind_of_weight_has_its_parts(number):
    """Mixtures of all switches: a weight of every name, dropout's noise included."""
    config = mixed(**COMBINATIONS[number])
    model = new_model(config)
    exact = ExactStep(source_of_model(model, LETTERS, TEXTS, TrainConfig()))
    rng = np.random.default_rng(number)
    for name, shape in model.weights.shapes.items():
        start = model.weights.place(name).start
        weight = weight_at(model.weights, start + int(rng.integers(np.prod(shape))))
        uses = exact.uses(weight)
        largest = max(use.largest for use in uses)
        total = sum(use.parts.sum() for use in uses)
        assert abs(total - exact.gradient[weight.place]) <= 1e-12 * largest
        assert all(abs(use.total - use.parts.sum()) <= 1e-12 * largest for use in uses)


# ---- a step that is not made


@pytest.mark.parametrize("name", ["microgpt", "nanochat"])
def test_the_step_is_the_one_that_the_run_makes(name):
    """To the last bit; and the run is where it was, and goes on as if nobody had looked."""
    run = small_run(name, steps=2, clip=0.01)
    before = state_of(run)
    made = make(source_of_run(run))
    assert state_of(run) == before
    step = take_step(run)
    assert made.step == step
    assert np.array_equal(made.after, run.model.weights.flat)
    assert np.array_equal(made.clipped, run.model.weights.flat_grad)
    for key, array in run.optimizer.state().items():
        assert np.array_equal(made.memory_after[key], array)


def test_looking_in_the_midst_of_a_step_changes_nothing():
    """A run of the page may have stopped between the batches, or between gradient and move."""
    from microgpt.training.loop import Exchange, make_step

    losses = []
    for look in (False, True):
        run = small_run(steps=1, accumulate=2)
        for _ in range(2):
            for _ in make_step(run, Exchange(run.model.weights.flat_grad)):
                if look:
                    make(source_of_run(run))
                    Microscope(source_of_run(run, ["anna"])).one_step()
        losses.append((run.losses, run.model.weights.flat.tolist()))
    assert losses[0] == losses[1]


def test_a_failure_on_the_way_puts_everything_back(monkeypatch):
    from microgpt.training import loop

    run = small_run()
    before = state_of(run)
    monkeypatch.setattr(loop, "Step", lambda *values: 1 / 0)  # after the move
    with pytest.raises(ZeroDivisionError):
        make(source_of_run(run, ["anna"]))
    assert state_of(run) == before


def test_a_saved_run_has_its_memory():
    run = small_run("classic")
    saved = from_bytes(state_of(run))
    here = Microscope(source_of_run(run, ["anna"]))
    there = Microscope(source_of_checkpoint(saved, ["anna"]))
    weight = here.weight("layer0.wq[3,5]")
    assert here.story(weight) == there.story(weight)
    assert here.story(weight)["step"]["remembers"]


def test_the_last_step_of_a_finished_run_and_another_rate():
    run = small_run(steps=40)
    made = make(source_of_run(run, ["anna"]))
    assert made.step.step == 40 and made.step.lr == pytest.approx(0.01 / 40)
    faster = make(source_of_run(run, ["anna"], lr=0.5))
    assert faster.step.lr == 0.5 and np.array_equal(made.gradient, faster.gradient)


def test_what_cannot_be_looked_at():
    model = new_model(DEEP["microgpt"])
    for texts in ([], [""], None):
        with pytest.raises(UserError, match="an empty text"):
            text_batches(model, LETTERS, texts)
    with pytest.raises(UserError, match="'z'"):
        text_batches(model, LETTERS, ["zebra"])
    with pytest.raises(UserError, match="At most 64"):
        text_batches(model, LETTERS, ["a"] * 65)
    tuned = Run(CORPUS, CORPUS_LETTERS, SMALL, TrainConfig(), tuning=Tuning(rank=2))
    with pytest.raises(UserError, match="merge"):
        source_of_run(tuned)


CORPUS_LETTERS = CharTokenizer.from_documents(CORPUS.documents)
SMALL = replace(DEEP["llama"], vocab_size=CORPUS_LETTERS.vocab_size)


# ---- by name


WRONG = [
    ("layer0.wz[0,0]", "no weights called 'layer0.wz'; did you mean layer0.w"),
    ("nonsense", "no weights called 'nonsense'; the first are wte"),
    ("layer0.wq", "named by two whole numbers, its row and its column, such as layer0.wq"),
    ("layer0.wq[1]", "two whole numbers"),
    ("layer0.wq[1,-1]", "two whole numbers"),
    ("layer0.wq[1,x]", "two whole numbers"),
    ("layer0.wq[24,0]", r"no layer0.wq\[24,0\]: layer0.wq has rows 0 to 23 and columns 0 to 23"),
    ("layer0.wq[0,999999999999999999999]", "two whole numbers"),
    ("layer0.bq[24]", "numbers 0 to 23"),
    ("", "no weights called ''"),
    ("[0,0]", "no weights called"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_wrong_names(text, sentence):
    weights = GPT(DEEP["classic"]).weights
    with pytest.raises(UserError, match=sentence):
        find_weight(weights, text)


def test_names_and_places():
    weights = GPT(DEEP["nanochat"]).weights
    for place in range(0, weights.count, 97):
        weight = weight_at(weights, place)
        assert find_weight(weights, str(weight)) == weight and weight.place == place
    assert find_weight(weights, " layer0.wq[ 3 , 5 ] ").index == (3, 5)
    with pytest.raises(UserError, match="There is no weight"):
        weight_at(weights, weights.count)


def test_the_largest_and_another():
    scope = Microscope(source_of_model(new_model(DEEP["llama"]), LETTERS, TEXTS))
    largest = scope.story(scope.largest())
    assert abs(largest["gradient"]["own"]) == np.abs(scope.made.gradient).max()
    assert scope.another(5) == scope.another(5) != scope.another(6)


# ---- what is told


def test_the_parts_have_their_texts():
    """A weight of the embedding of “g” has a part only where a g was read."""
    scope = Microscope(source_of_model(new_model(DEEP["microgpt"]), LETTERS, TEXTS))
    story = scope.story(scope.weight("wte[6,2]"))
    (part,) = story["gradient"]["parts"]
    assert part["read"] == ["<edge>", "j", "i", "g"] and part["next"] == "<edge>"
    assert (
        part["part"] == part["slope"] * part["input"] == pytest.approx(story["gradient"]["exact"])
    )
    assert story["gradient"]["count"] == 1 and story["gradient"]["rest"] == 0
    unread = scope.story(scope.weight("wpe[7,2]"))  # no text is so long
    assert unread["gradient"]["parts"] == [] and unread["slope"]["value"] == 0
    many = scope.story(scope.weight("layer0.fc2[1,2]"))["gradient"]
    whole = sum(part["part"] for part in many["parts"]) + many["rest"]
    assert whole == pytest.approx(many["exact"], abs=1e-15)


def test_the_forward_numbers_are_those_of_the_model():
    """What is said of a query's weight, by hand: its term, and all that the query adds up to."""
    model = new_model(DEEP["classic"])
    scope = Microscope(source_of_model(model, LETTERS, TEXTS))
    (use,) = scope.story(scope.weight("layer1.wk[3,5]"))["operations"]
    from microgpt.microscope.activations import activations

    ids = np.array([[10, *LETTERS.encode("".join(use["at"]["read"][1:]))]])
    h = activations(model, ids)["layer1.norm1"][-1]
    named = model.weights.named()
    assert use["input"] == pytest.approx(h[5], abs=1e-12)
    assert use["term"] == pytest.approx(named["layer1.wk"][3, 5] * h[5], abs=1e-12)
    expected = named["layer1.wk"][3] @ h + named["layer1.bk"][3]
    assert use["output"] == pytest.approx(expected, abs=1e-12)


def test_a_kink_is_told():
    """A unit that is a hair's breadth from zero at one place: no nudge is small enough."""
    model = new_model(DEEP["microgpt"])
    scope = Microscope(source_of_model(model, LETTERS, ["abc"]))
    weight = scope.weight("layer0.fc1[4,2]")
    from microgpt.microscope.activations import activations

    seen = activations(model, np.array([[10, 0, 1, 2]]))
    x, bend = seen["layer0.norm2"][2, 2], seen["layer0.bend"][2, 4]
    model.flat[weight.place] -= (bend - 1e-9) / x
    scope = Microscope(source_of_model(model, LETTERS, ["abc"]))
    assert scope.story(weight)["slope"]["kinks"] == 1
    model.flat[weight.place] += 1e-3
    scope = Microscope(source_of_model(model, LETTERS, ["abc"]))
    assert scope.story(weight)["slope"]["kinks"] == 0


def test_the_difference_is_of_the_fourth_order():
    """So far from the weight that the loss bends: much better than the two near losses alone."""
    exact = ExactStep(source_of_model(new_model(DEEP["classic"]), LETTERS, TEXTS))
    for place in np.argsort(-np.abs(exact.gradient))[:5]:
        slope = at_step(exact, weight_at(exact.model.weights, place), 0.02)
        plain = (slope.near[1] - slope.near[0]) / (2 * slope.step)
        error, usual = (abs(each - exact.gradient[place]) for each in (slope.value, plain))
        assert usual > 1e-8 and error < 0.05 * usual


def test_a_wrong_gradient_is_seen():
    """The slope is measured, not computed: it does not follow a gradient that was spoiled."""
    exact = ExactStep(source_of_model(new_model(DEEP["llama"]), LETTERS, TEXTS))
    weight = weight_at(exact.model.weights, int(np.abs(exact.gradient).argmax()))
    before = exact.gradient[weight.place]
    exact.gradient *= 1.01
    assert measure(exact, weight).value == pytest.approx(before, rel=1e-8)


def test_muon_tells_of_its_matrix():
    run = small_run("nanochat")
    scope = Microscope(source_of_run(run, ["anna"]))
    story = scope.story(scope.weight("layer0.wq[3,5]"))
    told, arrays = story["optimizer"], scope.matrices(scope.weight("layer0.wq[3,5]"))
    assert told["rule"] == "muon" and arrays["move"].shape == (24, 24)
    assert told["momentumAfter"] == arrays["memory"][3, 5] != told["momentum"]
    gradient, move = (np.array(told["singularValues"][which]) for which in ("gradient", "move"))
    assert gradient[0] / gradient[12] > 2 * move[0] / move[12], "every direction counts alike"
    embedding = scope.story(scope.weight("wte[3,5]"))["optimizer"]
    assert embedding["rule"] == "adamw" and embedding["betas"] == [0.8, 0.995]


# ---- the step as a whole


@pytest.mark.parametrize("name", DEEP)
def test_one_step(name):
    model = new_model(DEEP[name], np.float32)
    scope = Microscope(source_of_model(model, LETTERS, TEXTS, lr=0.001))
    facts, arrays = scope.one_step()
    losses = [loss for text in facts["texts"] for loss in text["before"]]
    assert np.mean(losses) == pytest.approx(facts["exactLoss"], abs=1e-12)
    after = [loss for text in facts["texts"] for loss in text["after"]]
    assert np.mean(after) < np.mean(losses)
    assert sorted("".join(text["tokens"][1:-1]) for text in facts["texts"]) == sorted(TEXTS)
    assert np.array_equal(arrays["before"], model.weights.flat)
    assert np.array_equal(arrays["before"] + arrays["move"], scope.made.after)
    assert facts["still"] == (arrays["gradient"] == 0).sum() > 0
    last = facts["layout"][-1]
    assert last["start"] + np.prod(last["shape"]) == model.weights.count


@pytest.mark.parametrize("name", DEEP)
def test_the_graph_leads_from_the_loss_to_the_embedding(name):
    scope = Microscope(source_of_model(new_model(DEEP[name]), LETTERS, TEXTS))
    graph = scope.graph()
    assert [node["id"] for node in graph] == list(range(len(graph)))
    assert graph[-1]["operation"] == "cross_entropy" and graph[-1]["shape"] == []
    assert all(source < node["id"] for node in graph for source in node["from"])
    reached, stack = set(), [graph[-1]["id"]]
    while stack:
        number = stack.pop()
        if number not in reached:
            reached.add(number)
            stack += graph[number]["from"]
    assert len(reached) == len(graph)
    weights = {name for node in graph for name in node["weights"]}
    assert weights == set(scope.weights.shapes)
    for node in graph:
        if node["from"]:
            assert 0 < node["seconds"] < 5 and 0 < node["secondsBack"] < 5 and node["operation"]
    names = {node["name"] for node in graph}
    assert {"token", "layer0.heads", "layer2.units", "scores"} <= names


def test_random_is_not_used_by_looking():
    """A run draws from its own generator when it ends; a look leaves it alone."""
    run = small_run()
    before, theirs = run.rng.getstate(), random.getstate()
    Microscope(source_of_run(run)).one_step()
    assert run.rng.getstate() == before and random.getstate() == theirs
