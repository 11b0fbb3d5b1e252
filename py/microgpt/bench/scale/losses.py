"""What it costs to agree seldom: the loss at equal tokens, all workers in this one process.

What was found so stands here, too: to find it again takes ten minutes, and it hardly hangs on the
machine.
"""

from dataclasses import replace
from statistics import fmean

from ...data.builtin import load_stories
from ...presets import preset
from ...training.loop import train
from ...training.machines.outer import OuterConfig, shared_at_first
from ...training.run import Run

WORKERS, EVERY = (2, 4, 8), (1, 10, 50, 200)
STEPS, ROWS = 2000, 16  # of a run, and the stretches of text that each step reads in all
SEEDS = 1, 2  # one seed beside another is about as far off as what is measured here
PRESET, SMALL = "classic", {"n_embd": 32, "block_size": 32}  # so that a run takes a minute
OUTER = OuterConfig()
# What was found, by a run for each seed: without other workers, and (workers, every so many steps).
SYNCHRONOUS = [1.5512, 1.5698]
FOUND = [
    (2, 1, 1.5568, 1.5638),
    (2, 10, 1.4594, 1.4757),
    (2, 50, 1.4894, 1.4969),
    (2, 200, 1.5877, 1.5893),
    (4, 1, 1.5444, 1.5549),
    (4, 10, 1.4784, 1.4958),
    (4, 50, 1.5287, 1.5345),
    (4, 200, 1.6415, 1.6422),
    (8, 1, 1.5609, 1.5666),
    (8, 10, 1.5134, 1.5305),
    (8, 50, 1.5960, 1.6222),
    (8, 200, 1.7202, 1.7497),
]


def kept_losses():
    """What `compare_losses` found."""
    rows = [_row(workers, every, found, SYNCHRONOUS) for workers, every, *found in FOUND]
    return _as_facts(load_stories().source, 30272, STEPS, SEEDS, SYNCHRONOUS, rows)


def compare_losses(say, workers=WORKERS, every=EVERY, steps=STEPS, seeds=SEEDS):
    """{"synchronous": [loss of each seed], "rows": [{"workers", "sync_every", "losses", "worse"}]}

    On stories, from the first step on, with the settings that `train` takes unless told others.
    Every run reads the same number of tokens in the same number of steps: the rows of a step are
    shared out among the workers, so each has a smaller batch where they are more.
    """
    corpus = load_stories()

    def losses(rows, outer=None):
        return [_train(corpus, steps, rows, seed, outer) for seed in seeds]

    synchronous = losses(ROWS)
    say(f"all share each step: held out {_shown(synchronous)}")
    rows = []
    for count in workers:
        for h in every:
            outer = replace(OUTER, sync_every=h, replicas=count, sync_after=shared_at_first(steps))
            found = losses(ROWS // count, outer)
            say(f"{count} workers, every {h} steps: held out {_shown(found)}")
            rows.append(_row(count, h, found, synchronous))
    parameters = _start(corpus, steps, ROWS, seeds[0]).model.weights.count
    return _as_facts(corpus.source, parameters, steps, seeds, synchronous, rows)


def _row(workers, every, losses, synchronous):
    worse = fmean(loss / whole - 1 for loss, whole in zip(losses, synchronous))
    return {"workers": workers, "sync_every": every, "losses": losses, "worse": worse}


def _as_facts(data, parameters, steps, seeds, synchronous, rows):
    return {
        "data": data,
        "preset": PRESET,
        "parameters": parameters,
        "outer": f"outer learning rate {OUTER.outer_lr}, momentum {OUTER.outer_momentum}",
        "steps": steps,
        "together": shared_at_first(steps),
        "rows_a_step": ROWS,
        "seeds": list(seeds),
        "synchronous": synchronous,
        "rows": rows,
    }


def _shown(losses):
    return ", ".join(f"{loss:.4f}" for loss in losses)


def _start(corpus, steps, rows, seed, outer=None):
    found = preset(PRESET)
    config = replace(found.training, steps=steps, batch_size=rows, eval_every=0, seed=seed)
    return Run.start(corpus, replace(found.model, **SMALL), config, outer=outer)


def _train(corpus, steps, rows, seed, outer):
    """The held-out loss of a run at its end."""
    run = _start(corpus, steps, rows, seed, outer)
    run.use_threads(1)
    for _ in train(run):
        pass
    return run.evaluations[-1].loss
