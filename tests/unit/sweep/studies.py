"""Studies of sweeps for their tests: begun, and with trials of a given loss."""

from microgpt.terminal.commands.sweep import jobs
from microgpt.terminal.commands.sweep.journal import Journal
from microgpt.terminal.commands.sweep.space import Choices, Range

TINY = ["--data", "names.txt", "--n-embd", 8, "--n-head", 2, "--block-size", 8, "--steps", 10]


LR = Range(1e-4, 1e-1, True, float)


SPACE = {"lr": LR, "n_layer": Choices((1, 2))}


FACTS = {"space": {"lr": "1e-4:1e-1:log", "n_layer": "1,2"}, "words": [], "seed": 42, "trials": 4}


def begun(path, method, **facts):
    journal = Journal.open(path, jobs.owner())
    with journal.lock():
        journal.begin({**FACTS, "method": method, **facts})
    return journal


def tried(journal, loss, how="done", **settings):
    with journal.lock():
        trial = journal.claim(SPACE, {"lr": 0.01, "n_layer": 1, **settings})
        for step in (5, 10):
            journal.report(trial, step, loss + (10 - step) * 0.1)
        journal.end(trial, how, loss=loss if how == "done" else None)
    return trial
