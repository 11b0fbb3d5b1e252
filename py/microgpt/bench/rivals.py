"""Other programs that train the same model on the same batches, each on several threads, too."""

from ..training.threads import cores
from .plain_c import has_compiler


def counts():
    """How many threads are tried: 1, 2, 4 ... and all processors."""
    return sorted({n for n in (1, 2, 4, 8, 16, 32, 64) if n < cores()} | {cores()})


def rivals_of(make_run, say):
    """{name: a function that takes one step and returns its tokens} of those that are installed."""
    return {**_torch(make_run, say), **_jax(make_run, say)}


def _torch(make_run, say):
    try:
        import torch

        from .torch_eager import Trainer
    except ImportError:
        return {}

    def on(trainer, count):
        def step():
            torch.set_num_threads(count)
            tokens = trainer.train(1)
            torch.set_num_threads(1)  # as everybody else expects it
            return tokens

        return step

    found = {}
    for name, fused in ("pytorch", False), ("pytorch fused Adam", True):
        for count in counts():
            step = on(Trainer(make_run(), fused), count)
            found[f"{name}, {count} thread{'s'[count == 1 :]}"] = step
    if not has_compiler():
        say("There is no C compiler, so compiled PyTorch is not compared with")
        return found
    for count in sorted({1, cores()}):
        trainer = Trainer(make_run(), fused=True)
        trainer.model.compile()  # when it is called first
        found[f"pytorch compiled, {count} thread{'s'[count == 1 :]}"] = on(trainer, count)
    return found


def _jax(make_run, say):
    try:
        from .jax_jit import Trainer
    except ImportError:
        say("JAX is not installed, so it is not compared with")
        return {}
    trainer = Trainer(make_run())
    return {"jax": lambda: trainer.train(1)}
