"""Other programs that train the same model on the same batches, each on several threads, too."""

from ..training.threads import cores
from .plain_c import has_compiler


def counts():
    """How many threads are tried: 1, 2, 4 ... and all processors."""
    return sorted({n for n in (1, 2, 4, 8, 16, 32, 64) if n < cores()} | {cores()})


def named(count):
    return f"{count} thread{'s'[count == 1 :]}"


def installed(say):
    """A function that makes {name: one step, which returns its tokens} of the programs that are
    here; it is given a function that makes a run. What is missing is said once."""
    makers = [maker for maker in (_torch(say), _jax(say)) if maker]
    return lambda make_run: {name: step for m in makers for name, step in m(make_run).items()}


def _torch(say):
    try:
        import torch

        from .torch_eager import Trainer
    except ImportError:
        return None  # which the other parts of the benchmark have said
    compiles = has_compiler()
    if not compiles:
        say("There is no C compiler, so compiled PyTorch is not compared with")

    def on(count, trainer):
        def step():
            torch.set_num_threads(count)
            tokens = trainer.train(1)
            torch.set_num_threads(1)  # as everybody else expects it
            return tokens

        return step

    def make(make_run):
        found = {}
        for name, fused in ("pytorch", False), ("pytorch fused Adam", True):
            for count in counts():
                found[name, count] = on(count, Trainer(make_run(), fused))
        for count in sorted({1, cores()} if compiles else ()):
            trainer = Trainer(make_run(), fused=True)
            trainer.model.compile()
            step = found["pytorch compiled", count] = on(count, trainer)
            try:
                step()  # it is compiled now
            except RuntimeError as error:
                del found["pytorch compiled", count]
                say(f"PyTorch cannot be compiled here: {str(error).splitlines()[0]}")
        return {f"{name}, {named(count)}": step for (name, count), step in found.items()}

    return make


def _jax(say):
    try:
        from .jax_jit import Trainer
    except ImportError:
        say("JAX is not installed, so it is not compared with")
        return None

    def make(make_run):
        trainer = Trainer(make_run())
        return {"jax": lambda: trainer.train(1)}

    return make
