"""What it costs to agree seldom: the loss at equal tokens, all workers in this one process."""

from dataclasses import replace

from ...data.builtin import load_stories
from ...presets import preset
from ...training.loop import train
from ...training.machines.outer import OuterConfig
from ...training.run import Run

WORKERS, EVERY = (2, 4, 8), (1, 10, 50, 200)
# As DiLoCo's authors do: all learn together first, and then from one beginning in each way.
TOGETHER, STEPS, ROWS = 2000, 600, 16  # steps, and the stretches of text that each reads in all
LR = 0.001  # after the beginning
FROM_THE_START = 4, 50  # and so many workers, which agree every so many steps, from the first on
PRESET, SMALL = "classic", {"n_embd": 32, "block_size": 32}  # so that all take a few minutes
OUTER = {"outer_lr": 0.7, "outer_momentum": 0.9}


def compare_losses(say, workers=WORKERS, every=EVERY, together=TOGETHER, steps=STEPS):
    """{"base": loss, "synchronous": loss, "rows": [{"workers", "sync_every", "loss", "worse"}]...}

    On stories. Every run reads the same number of tokens in the same number of steps: the rows of a
    step are shared out among the workers, so each has a smaller batch where they are more.
    """
    corpus = load_stories()
    base = _train(corpus, together, ROWS)
    say(f"{together:,} steps together: held out {_loss(base):.4f}")

    def go_on(rows, outer=None):
        return _loss(_train(corpus, steps, rows, outer, base.model.flat, lr=LR))

    synchronous = go_on(ROWS)
    say(f"{steps:,} more: held out {synchronous:.4f}")
    outer = OuterConfig(sync_every=FROM_THE_START[1], replicas=FROM_THE_START[0], **OUTER)
    outer = replace(outer, sync_after=together // 4)  # as `train` does
    alone = _loss(_train(corpus, together, ROWS // FROM_THE_START[0], outer))
    say(f"from the start {FROM_THE_START}: held out {alone:.4f}")
    rows = []
    for count in workers:
        for h in every:
            outer = OuterConfig(sync_every=h, replicas=count, **OUTER)
            loss = go_on(ROWS // count, outer)
            say(f"{count} workers, every {h} steps: held out {loss:.4f}")
            rows.append(
                {"workers": count, "sync_every": h, "loss": loss, "worse": loss / synchronous - 1}
            )
    return {
        "data": corpus.source,
        "preset": PRESET,
        "parameters": base.model.weights.count,
        "outer": f"outer learning rate {OUTER['outer_lr']}, momentum {OUTER['outer_momentum']}",
        "together": together,
        "steps": steps,
        "rows_a_step": ROWS,
        "base": _loss(base),
        "from_the_start": [*FROM_THE_START, alone],
        "synchronous": synchronous,
        "rows": rows,
    }


def _train(corpus, steps, rows, outer=None, weights=None, **changes):
    """A run from its beginning, or from weights, to its end."""
    found = preset(PRESET)
    config = replace(found.training, steps=steps, batch_size=rows, eval_every=0, **changes)
    run = Run.start(corpus, replace(found.model, **SMALL), config, outer=outer)
    run.use_threads(1)
    if weights is not None:
        run.model.flat[...] = weights
    for _ in train(run):
        pass
    return run


def _loss(run):
    return run.evaluations[-1].loss
