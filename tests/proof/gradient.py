"""Random weights of every family: parts, measured slope, optimizer and move of a real step."""

from dataclasses import replace

import numpy as np
from family import FAMILIES
from microgpt.data import corpus_from_bytes
from microgpt.microscope.gradient import ExactStep
from microgpt.microscope.one_step import make, source_of_run
from microgpt.microscope.slope import measure
from microgpt.microscope.weights import weight_at
from microgpt.presets import PRESETS
from microgpt.training.loop import take_step
from microgpt.training.muon import Muon
from microgpt.training.optim import Adam, groups_of
from microgpt.training.run import Run

COUNT = 800  # 200 of each family
STEPS = 25  # made before the one that is looked at
PEOPLE = ["anna", "bert", "carla", "dan", "eve", "frank", "gina", "hal", "ida", "jan", "kim"]


def prove(count, seed):
    each, done, kinks, problems = count // len(FAMILIES), 0, 0, []
    for name in FAMILIES:
        for problem in tried(name, each, seed):
            if problem == KINK:
                kinks += 1
            elif problem:
                problems.append(f"{name}: {problem}")
            done += 1
            if done % 100 == 0:
                yield done
    assert not problems, f"{len(problems)} of {done}; the first: {problems[0]}"
    return (
        f"gradient: {done} weights of {len(FAMILIES)} families; parts sum to the gradient, the"
        f" measured slope agrees, and the move is the optimizer's; {kinks} nudges crossed a kink"
    )


KINK = "the nudge crosses a kink"


def tried(name, count, seed):
    """Yield for each of some random weights what is wrong with its story, or ""."""
    rng = np.random.default_rng([seed, *name.encode()])
    run = a_run(name, seed)
    source = source_of_run(run)
    exact, made = ExactStep(source), make(source)
    moved = hand_made_move(run, made)
    for key, array in moved.items():
        theirs = made.after if key == "weights" else made.memory_after[key]
        assert np.array_equal(array, theirs), f"{name}: {key} is not what the rule gives"
    take_step(run)
    assert np.array_equal(run.model.weights.flat, made.after), f"{name}: the run moves otherwise"
    for _ in range(count):
        weight = weight_at(run.model.weights, int(rng.integers(run.model.weights.count)))
        yield check_weight(exact, made, weight)


def a_run(name, seed):
    corpus = corpus_from_bytes("\n".join(PEOPLE * 4).encode(), "people.txt")
    recipe = replace(
        PRESETS[name].training, steps=100, batch_size=4, eval_every=0, seed=seed, clip=0.5
    )
    run = Run.start(corpus, FAMILIES[name], recipe)
    # Rows are added up as they stand: what the rule gives by hand is then the same to the last bit.
    run.optimizer._recorded.fast_row_sums = False
    for _ in range(STEPS):
        take_step(run)
    return run


def check_weight(exact, made, weight):
    """What is wrong with the story of a weight, or ""."""
    uses, gradient = exact.uses(weight), exact.gradient[weight.place]
    parts = np.concatenate([use.parts for use in uses])
    largest = max(use.largest for use in uses)
    if abs(parts.sum() - gradient) > 1e-12 * largest:
        return f"the parts of {weight} sum to {parts.sum()}, the gradient is {gradient}"
    slope = measure(exact, weight, 1e-7 * largest)
    if slope.kinks:
        return KINK
    if abs(slope.value - gradient) > 1e-6 * largest:
        return f"{weight}: slope {slope.value} by {slope.step}, gradient {gradient}"
    own = made.gradient[weight.place]
    most = np.abs(exact.gradient).max()
    if abs(own - gradient) > 1e-4 * most:
        return f"{weight}: {own} in the run's precision, {gradient}"
    return ""


def hand_made_move(run, made):
    """{name: array}: weights and memory after the step, by the rules from what is told of it."""
    weights, config = run.model.weights, run.config
    flat, grad = made.before.copy(), made.clipped
    memory = {name: array.copy() for name, array in made.memory.items()}
    groups = groups_of(config, run.model.config, weights.shapes)
    decay, momentum = muon_schedule(run)
    for name, group in groups.items():
        place, lr = weights.place(name), made.step.lr * group.lr
        if group.muon:
            rule = Muon(weights.view(memory["mean"], name), memory[f"second.{name}"])
            factors = np.array([lr, momentum, group.weight_decay * decay], flat.dtype)
            rule.update(weights.view(flat, name), weights.view(grad, name), *factors)
            continue
        mean, square, own = memory["mean"][place], memory["square"][place], flat[place]
        rate, eps, keep = np.array(Adam.factors(group, lr, run.optimizer.steps + 1), flat.dtype)
        beta1, beta2 = group.betas
        if group.weight_decay:
            own *= keep
        mean[...] = mean * beta1 + grad[place]
        square[...] = square * beta2 + grad[place] * grad[place]
        own -= mean / (np.sqrt(square) + eps) * rate
    return {"weights": flat, **memory}


def muon_schedule(run):
    from microgpt.training.schedule import muon_decay, muon_momentum

    config, made = run.config, run.optimizer.steps
    return (
        muon_decay(run.step, config.steps),
        muon_momentum(run.step, config.steps, config.warmdown, made),
    )
