"""Will it fit? What a text or a model would take, compared with the memory there is."""

import os
import sys
from pathlib import Path

from ..errors import UserError
from ..training.memory import least_bytes, training_bytes
from .announce import amount, announce

# Bytes of memory for each byte of a text: itself, its tokens, and where they begin and end.
A_BYTE = {"line": 4, "blank": 4, "none": 3}


def available_memory():
    """How many bytes this program can still have, or None where the system does not say."""
    known = [_from_proc(), _from_cgroup(), _from_limit(), _from_windows()]
    known = [value for value in known if value is not None]
    if not known and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        known = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    return min(known, default=None)


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


def _from_proc():
    try:
        with open("/proc/meminfo") as file:
            table = dict(line.split(":", 1) for line in file)
        return int(table["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError):
        return None


def _from_cgroup():
    """What is left of a container's share."""
    try:
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        return max(0, limit - used)
    except (OSError, ValueError):  # no container, or one without a limit
        return None


def _from_limit():
    """What `ulimit -v` allows."""
    try:
        import resource
    except ImportError:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def _from_windows():
    if sys.platform != "win32":
        return None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong) for name in ("total", "there", "c", "d", "e", "f", "g")
        ]

    status = Status(length=ctypes.sizeof(Status))
    done = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return status.there if done else None
