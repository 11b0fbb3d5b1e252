"""What a sweep tries next, and which trials it gives up: by Optuna, by chance, or on a grid."""

import json
from importlib.util import find_spec
from random import Random
from statistics import median

from ....errors import UserError
from .journal import COMPLETE, NAME
from .space import grid

ATTEMPTS = 20  # to find settings that were not tried before
DRAWS = 200  # to find some that can be built
ENOUGH = 5  # trials that have ended before one is given up
WARM_UP = 0.25  # of a run, in which none is given up


def has_optuna():
    return find_spec("optuna") is not None


def next_settings(journal, space, count, refusal=lambda settings: None):
    """{name: value} of a new trial, which is the so many-th but for those that are tried again.

    What `refusal` has an error for cannot be built, and is left out where it can be.
    """
    facts = journal.facts
    if facts["method"] == "grid":
        points = grid(space, facts.get("points", facts["trials"]))
        if "points" in facts:
            points = [settings for settings in points if not refusal(settings)]
        return points[count]
    draw = _ask_optuna if facts["method"] == "optuna" else _draw
    known = [trial.settings for trial in journal.trials]
    for attempt in range(DRAWS):
        # Seeded by the trial, too: several processes do not draw the same, and one can be repeated.
        settings = draw(journal, space, Random(f"{facts['seed']} {count} {attempt}"))
        again = settings in known and attempt < ATTEMPTS  # which would give the same loss
        if not again and not refusal(settings):
            break
    return settings


def _draw(journal, space, random):
    return {name: choice.draw(random) for name, choice in space.items()}


def _ask_optuna(journal, space, random):
    optuna = load_optuna()
    sampler = optuna.samplers.TPESampler(seed=random.getrandbits(32))
    study = _study(optuna, journal, sampler=sampler)
    asked = study.ask({name: _distribution(optuna, choice) for name, choice in space.items()})
    return {name: choice.fit(asked.params[name]) for name, choice in space.items()}


def is_hopeless(journal, trial, steps):
    """Is a trial worse than half of those before it at the same step? Then it can be given up."""
    step = max(trial.curve, default=0)
    if step < WARM_UP * steps:
        return False
    if journal.facts["method"] == "optuna":
        optuna = load_optuna()
        study = _study(optuna, journal, pruner=optuna.pruners.MedianPruner(ENOUGH, 1))
        return optuna.trial.Trial(study, trial.number).should_prune()
    whole = [other for other in journal.trials if other.state == COMPLETE]
    others = [other.curve[step] for other in whole if step in other.curve]
    return len(whole) >= ENOUGH and bool(others) and min(trial.curve.values()) > median(others)


def importances(journal, space):
    """({name: its share of what decides the loss}, by what this is told)."""
    done = [trial for trial in journal.trials if trial.state == COMPLETE]
    if journal.facts["method"] == "optuna" and has_optuna() and len(done) > 2:
        optuna = load_optuna()
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        found = optuna.importance.get_param_importances(
            _study(optuna, journal), evaluator=evaluator
        )
        return dict(found), "PED-ANOVA, by Optuna"
    found = {name: _explained([t.settings[name] for t in done], done) for name in space}
    return found, "how much of the spread of the losses each explains alone"


def _explained(values, trials, groups=4):
    """The share of the variance of the losses that lies between groups of like values."""
    losses = [trial.loss for trial in trials]
    if len(losses) < 3 or len(set(losses)) == 1:
        return 0.0
    kinds = sorted(set(values), key=lambda value: (isinstance(value, str), value))
    if len(kinds) > groups:
        ranks = {value: i * groups // len(kinds) for i, value in enumerate(kinds)}
    else:
        ranks = {value: i for i, value in enumerate(kinds)}
    mean = sum(losses) / len(losses)
    parts = {}
    for value, loss in zip(values, losses):
        parts.setdefault(ranks[value], []).append(loss)
    between = sum(len(part) * (sum(part) / len(part) - mean) ** 2 for part in parts.values())
    return between / sum((loss - mean) ** 2 for loss in losses)


def load_optuna():
    try:
        import optuna
    except ImportError:
        raise UserError(
            "This study goes on with Optuna, which is not installed here: pip install"
            " '.[sweep]' in the project's folder."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _study(optuna, journal, **options):
    """The study as Optuna reads it from the file. What it would add there is not kept: a trial is
    written whole, in one line, so that a kill leaves no half of one."""

    class Overlay(optuna.storages.journal.BaseJournalBackend):
        def __init__(self):
            self.lines = list(journal.lines)

        def read_logs(self, log_number_from):
            return self.lines[log_number_from:]

        def append_logs(self, logs):
            self.lines += json.loads(json.dumps(logs))

    storage = optuna.storages.JournalStorage(Overlay())
    return optuna.load_study(study_name=NAME, storage=storage, **options)


def _distribution(optuna, choice):
    kind, attributes = choice.distribution()
    return getattr(optuna.distributions, kind)(**attributes)
