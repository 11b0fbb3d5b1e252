"""Recipes: each preset's training makes it learn, on running text and on short documents."""

import itertools
from dataclasses import replace

from microgpt.data import load
from microgpt.data.builtin import shipped
from microgpt.presets import FIRST, PRESETS
from microgpt.training.loop import evaluate, take_step, train
from microgpt.training.run import Run

# Narrower and shorter than the presets, so that a minute is not needed: the recipe is what counts.
NARROW = {"n_layer": 2, "n_head": 2, "n_embd": 32, "block_size": 32}
STEPS = {"stories": 250, "names": 150}
FAMILIES = ("microgpt", "classic", "llama", "nanochat")
# For the suite, beside the page's first run, which is of microgpt.
SAMPLE = [*zip(FAMILIES, itertools.cycle(("names", "stories")))][1:]
COUNT = len(FAMILIES) * len(STEPS) + 3  # each on each, then first runs of the page


def prove(count, seed):
    pairs = [*itertools.product(FAMILIES, STEPS)]
    for number in range(count):
        if number < len(pairs):
            beats_letter_pairs(*pairs[number])
        else:
            first_run_learns(seed + number)
        yield number + 1
    return "Every recipe beats counting letter pairs, and so does the page's first run."


def beats_letter_pairs(preset, data):
    """The first steps of the recipe, made short."""
    corpus = load(data, offline=True)
    steps = STEPS[data] * (4 if preset == "microgpt" else 1)  # it takes one document a step
    model = replace(PRESETS[preset].model, **NARROW)
    if preset.startswith("llama"):
        model = replace(model, n_kv_head=1, mlp_hidden=96)
    run = Run.start(corpus, model, replace(PRESETS[preset].training, steps=steps, eval_tokens=5000))
    for _ in range(steps):
        take_step(run)
    *_, result = evaluate(run)
    pairs = run.bigram_loss
    assert result.loss < pairs, f"{preset} on {data}: {result.loss:.3f} against {pairs:.3f}"


def first_run_learns(seed):
    """The page's first run, on the names that come with it, gets better to the end."""
    training = replace(FIRST, seed=seed, eval_every=FIRST.steps // 10)
    run = Run.start(shipped("names"), PRESETS["microgpt"].model, training)
    for _ in train(run):
        pass
    held_out = [each.loss for each in run.evaluations]
    assert held_out[-1] <= run.bigram_loss - 0.22, f"seed {seed}: {held_out[-1]:.3f}"
    assert min(held_out) == min(held_out[-3:]) < held_out[4] < held_out[1], f"seed {seed}"
