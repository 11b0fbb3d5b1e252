"""Models of other programs: recognised by their files, read as a checkpoint of ours, and written.

One module a format, each with `reads(path)`: is this one of mine?, `read(path)`: a Checkpoint whose
tensors are read when they are asked for, and `write(checkpoint, path)`. What a format or our model
has no place for is refused by name, and never left out.
"""

from importlib import import_module

from .. import checkpoint as checkpoints
from ..errors import UserError, guess
from .memory import check_fits

OWN = "microgpt"
FORMATS = {  # each is a module of this name
    "huggingface": "a folder of the Llama or the GPT-2 family",
    "nanochat": "a folder with model_STEP.pt",
    "gonanochat": "a folder with model.bin",
    "llama2c": "a folder with model.bin of llama2.c",
    "gguf": "a file of llama.cpp and Ollama, Llama or GPT-2",
}


def recognise(path):
    """The name of the foreign format of a file or folder, or None."""
    if path in checkpoints.SHIPPED:
        return None
    return next((name for name in FORMATS if module_of(name).reads(path)), None)


def open_checkpoint(path):
    """The checkpoint at a path, whatever program wrote it; its tensors are read one by one."""
    name = recognise(path)
    return module_of(name).read(path) if name else checkpoints.load(path)


def load(path):
    """The same of a model that is to be used, and so must fit into memory."""
    checkpoint = open_checkpoint(path)
    check_fits(checkpoint, path)
    return checkpoint


def save(checkpoint, path, name):
    """Write a checkpoint in a format by its name."""
    if name == OWN:
        checkpoints.save(checkpoint, path)
    elif name in FORMATS:
        module_of(name).write(checkpoint, path)
    else:
        known = [OWN, *FORMATS]
        raise UserError(
            f"There is no format {name!r}; there is {', '.join(known)}{guess(name, known)}."
        )


def module_of(name):
    return import_module(f".{name}", __package__)
