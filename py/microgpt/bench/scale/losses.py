"""What it costs to agree seldom: the loss at equal tokens, all workers in this one process."""

from dataclasses import replace

from ...data.builtin import load_stories
from ...gpt.parameters import count_parameters
from ...presets import preset
from ...training.loop import train
from ...training.machines.outer import OuterConfig
from ...training.run import Run

WORKERS, EVERY = (2, 4, 8), (1, 10, 50, 200)
STEPS, ROWS = 1000, 16  # stretches of text that a step reads in all
PRESET, SMALL = "classic", {"n_embd": 32, "block_size": 32}  # so that all take a few minutes
OUTER = {"outer_lr": 0.7, "outer_momentum": 0.9}


def compare_losses(say, workers=WORKERS, every=EVERY, steps=STEPS):
    """{"synchronous": loss, "rows": [{"workers", "sync_every", "loss", "worse"}], ...} on stories.

    Every run reads the same number of tokens in the same number of steps: the rows of a step are
    shared out among the workers, so each has a smaller batch where they are more.
    """
    corpus = load_stories()
    together = _held_out(corpus, steps, ROWS, None)
    say(f"synchronous: held out {together:.4f}")
    rows = []
    for count in workers:
        for h in every:
            outer = OuterConfig(sync_every=h, replicas=count, **OUTER)
            loss = _held_out(corpus, steps, ROWS // count, outer)
            say(f"{count} workers, every {h} steps: held out {loss:.4f}")
            rows.append(
                {"workers": count, "sync_every": h, "loss": loss, "worse": loss / together - 1}
            )
    return {
        "data": corpus.source,
        "preset": PRESET,
        "parameters": count_parameters(replace(preset(PRESET).model, **SMALL)),
        "outer": f"outer learning rate {OUTER['outer_lr']}, momentum {OUTER['outer_momentum']}",
        "steps": steps,
        "rows_a_step": ROWS,
        "synchronous": together,
        "rows": rows,
    }


def _held_out(corpus, steps, rows, outer):
    found = preset(PRESET)
    config = replace(found.training, steps=steps, batch_size=rows, eval_every=0)
    run = Run.start(corpus, replace(found.model, **SMALL), config, outer=outer)
    run.use_threads(1)
    for _ in train(run):
        pass
    return run.evaluations[-1].loss
