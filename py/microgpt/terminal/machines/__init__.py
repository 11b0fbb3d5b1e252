"""Several processes that train together: how they are started, who prints, and how all end."""

import os

RANKS = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")  # what MPI's launchers set


def is_launched():
    """Was this process started by MPI's launcher, or by Slurm's beside others?"""
    if any(name in os.environ for name in RANKS):
        return True
    return int(os.environ.get("SLURM_STEP_NUM_TASKS") or 1) > 1 and "SLURM_PROCID" in os.environ


def is_first():
    """Is this process the first of its job, as the launcher numbers them?"""
    names = (*RANKS, "SLURM_PROCID")
    return next((os.environ[name] == "0" for name in names if os.environ.get(name)), True)
