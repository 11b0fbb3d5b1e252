"""What four ranks do in a test: each kind of run on 3 and 4 of them, beside the same run alone.

Started by mpiexec; the first rank says what differs, and the exit code is how much did.
"""

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "py"), str(ROOT / "tests" / "helpers")]

import numpy as np  # noqa: E402
from family import FAMILIES  # noqa: E402
from microgpt.checkpoint import from_bytes, to_bytes  # noqa: E402
from microgpt.data import corpus_from_bytes  # noqa: E402
from microgpt.data.tokens import TokenCorpus  # noqa: E402
from microgpt.tokenizer import CharTokenizer  # noqa: E402
from microgpt.training.config import TrainConfig  # noqa: E402
from microgpt.training.loop import train  # noqa: E402
from microgpt.training.machines.mpi import Ranks, WorkerFailed  # noqa: E402
from microgpt.training.machines.outer import OuterConfig  # noqa: E402
from microgpt.training.run import Run  # noqa: E402
from mpi4py import MPI  # noqa: E402

LETTERS = CharTokenizer("abcdefghij")
CORPORA = {  # ragged names, stretches of a text, ids
    "names": corpus_from_bytes(b"abba\ndad\nface\nbeige\nidea\nhead\nbadge\nfig\n" * 7, "a"),
    "text": corpus_from_bytes(b"a bad dad had a hidden jade badge in a big cabbage bed. " * 9, "b"),
    "tokens": TokenCorpus("ids", np.random.default_rng(0).integers(0, 11, 900), "a test"),
}
CASES = [
    ("classic", "names", {"dropout": 0.2, "clip": 0.5, "batch_size": 9, "accumulate": 3}),
    ("nanochat", "tokens", {"optimizer": "muon", "lr": 0.01, "dtype": "float32"}),
    (
        "llama",
        "tokens",
        {"sync_every": 2, "sync_after": 3, "replicas": 5, "exchange": "float16", "shards": 1},
    ),
]  # `python -m tests.proof machines` has all families with all settings, and more steps

SETTINGS = [
    {},
    {"dropout": 0.2, "clip": 0.5, "batch_size": 9},
    {"optimizer": "muon", "lr": 0.01, "dtype": "float32"},
    {"accumulate": 3, "batch_size": 5, "optimizer": "adamw", "weight_decay": 0.1},
    {"sync_every": 7, "replicas": 5, "dropout": 0.2},
    {"sync_every": 10, "replicas": 4, "exchange": "float16", "optimizer": "muon", "lr": 0.01},
]


def started(family, data, settings, steps=5):
    known = {"steps": steps, "batch_size": 7, "shards": 4, "eval_every": 3} | settings
    model = replace(FAMILIES[family], dropout=known.pop("dropout", 0.0), n_layer=1)
    outer = OuterConfig(**{k: known.pop(k) for k in OuterConfig.defaults() if k in known})
    letters = LETTERS if data == "tokens" else None
    return Run.start(CORPORA[data], model, TrainConfig(**known), letters, outer=outer)


def on_ranks(ranks, case, steps=5):
    """A run on these, kept in its middle and gone on with."""
    run = started(*case, steps)
    for end in (steps // 2, steps):
        run.use_ranks(ranks)
        run.use_threads(1)
        if run.replicas:
            run.replicas.gather_every = steps // 2
        for _ in train(run):
            if run.step >= end and end < steps:
                break
        if end < steps:
            ranks.meet("keep")
            kept = ranks.broadcast(to_bytes(run.checkpoint()) if ranks.rank == 0 else None)
            run = Run.restore(from_bytes(kept), CORPORA[case[1]])
    return run


def compare(cases, steps, say, counts):
    """How many kinds of runs differ on four ranks, and on fewer, from one that is alone."""
    wrong, world = 0, MPI.COMM_WORLD
    groups = {4: Ranks(MPI)}
    for count in counts:
        groups[count] = Ranks(MPI, world.Split(world.rank // count, world.rank))
    for case in cases:
        expected = None
        for ranks in groups.values():
            if ranks.count > 1:  # else it is left over
                run = on_ranks(ranks, case, steps)
            if world.rank == 0:
                if expected is None:
                    list(train(alone := started(*case, steps)))
                    expected = to_bytes(alone.checkpoint())
                if to_bytes(run.checkpoint()) != expected:
                    wrong += 1
                    say(f"{case} differs on {ranks.count} ranks")
            groups[4].meet("next")
    return wrong


def fails(ranks):
    """A rank that has failed ends the others, with its own words."""
    try:
        ranks.meet("step", text="The disk is full.", code=1) if ranks.rank == 2 else ranks.meet("x")
    except WorkerFailed as failure:
        return str(failure) == "Worker 2: The disk is full." and failure.code == 1
    return False


def compares(ranks):
    try:
        ranks.same({"data": "a", "version of numpy": "1" if ranks.rank == 3 else "2"})
    except WorkerFailed as failure:
        return str(failure).startswith("Worker 3 has another version of numpy than worker 0: 1, no")
    return False


def every_case():
    """All families with all settings, on data that take turns."""
    for family in FAMILIES:
        for number, settings in enumerate(SETTINGS):
            yield family, list(CORPORA)[(number + len(family)) % 3], settings


def main():
    """The cases of the tests or, given a number of steps, all there are."""
    steps = int(sys.argv[1]) if sys.argv[1:] else 0
    cases = list(every_case()) if steps else CASES
    # A test compares the file of two ranks with that of one.
    wrong, ranks = compare(cases, steps or 5, print, (2, 3) if steps else (3,)), Ranks(MPI)
    for check in (fails, compares):
        if not check(ranks):
            wrong += 1
            print(check.__name__, "on rank", ranks.rank)
    sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(main())
