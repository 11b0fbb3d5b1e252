"""Will it fit? What a text or a model would take, compared with the memory there is."""

import os

from ..convert.memory import available_memory
from ..errors import UserError
from ..training.memory import least_bytes, training_bytes
from .announce import amount, announce

# Bytes of memory for each byte of a text: itself, its tokens, and where they begin and end.
A_BYTE = {"line": 4, "blank": 4, "none": 3}


def check_text(path, split, progress):
    """Say that a large text is being read; refuse one that memory has no room for."""
    size = os.path.getsize(path) if os.path.isfile(path) else 0
    need, there = size * A_BYTE[split or "line"], available_memory()
    if there is not None and need > there:
        raise UserError(
            f"{path} has {amount(size)}: to train on it as text takes about {amount(need)} of"
            f" memory, and there are {amount(there)}; `tokenize encode --data {path} --out"
            " FILE.tk` makes a token file of it, which is read from the disk as it is used."
        )
    announce(path, progress)


def check_model(model, training, tuning=None):
    """What a run will need, in words; refused where memory has no room even for the least."""
    need, there = training_bytes(model, training, tuning), available_memory()
    if there is not None and least_bytes(model, training, tuning) > there:
        raise UserError(
            f"This run would take about {amount(need)} of memory, and there are {amount(there)};"
            " choose a smaller width, fewer layers, a shorter block or a smaller batch, or"
            " --dtype float32."
        )
    return f"about {amount(need)} of memory"
