"""Recipes: how each preset is trained makes it learn, on running text and on short documents."""

from dataclasses import replace

import pytest
from microgpt.data import load
from microgpt.data.builtin import shipped
from microgpt.presets import FIRST, PRESETS
from microgpt.training.loop import evaluate, take_step, train
from microgpt.training.run import Run

# Narrower and shorter than the presets, so that a minute is not needed: the recipe is what counts.
NARROW = {"n_layer": 2, "n_head": 2, "n_embd": 32, "block_size": 32}
STEPS = {"stories": 250, "names": 150}


def held_out(preset, data):
    """(held-out loss, that of letter pairs) after the first steps of the recipe, made short."""
    corpus = load(data, offline=True)
    steps = STEPS[data] * (4 if preset == "microgpt" else 1)  # it takes one document a step
    model = replace(PRESETS[preset].model, **NARROW)
    if preset.startswith("llama"):
        model = replace(model, n_kv_head=1, mlp_hidden=96)
    run = Run.start(corpus, model, replace(PRESETS[preset].training, steps=steps, eval_tokens=5000))
    for _ in range(steps):
        take_step(run)
    *_, result = evaluate(run)
    return result.loss, run.bigram_loss


@pytest.mark.slow
@pytest.mark.parametrize("data", STEPS)
@pytest.mark.parametrize("preset", ["microgpt", "classic", "llama", "nanochat"])
def test_a_recipe_beats_counting_letter_pairs(preset, data, monkeypatch):
    loss, pairs = held_out(preset, data)
    assert loss < pairs, f"{loss:.3f} against {pairs:.3f}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [42, 2])
def test_the_first_run_of_the_page_clearly_beats_counting_pairs(seed, monkeypatch):
    """On the names that come with it, and it gets better to the end."""
    monkeypatch.delenv("MICROGPT_NAMES", raising=False)
    corpus = shipped("names")
    training = replace(FIRST, seed=seed, eval_every=FIRST.steps // 10)
    run = Run.start(corpus, PRESETS["microgpt"].model, training)
    for _ in train(run):
        pass
    held_out = [each.loss for each in run.evaluations]
    assert held_out[-1] <= run.bigram_loss - 0.22
    assert min(held_out) == min(held_out[-3:]) < held_out[4] < held_out[1]
