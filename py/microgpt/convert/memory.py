"""How much memory there is, and whether a model fits into it."""

import os
import sys
from pathlib import Path

from ..errors import UserError
from ..gpt.parameters import count_parameters


def check_fits(checkpoint, path):
    """Refuse a model whose weights alone are more than the memory there is."""
    count = count_parameters(checkpoint.model_config())
    need, there = count * checkpoint.dtype.itemsize, available_memory()
    if there is not None and need > there:
        raise UserError(
            f"{path} has {count:,} weights: as {checkpoint.dtype} they take {need / 1e9:,.1f} GB of"
            f" memory, and there are {there / 1e9:,.1f} GB; use a smaller model."
        )


def available_memory():
    """How many bytes this program can still have, or None where the system does not say."""
    known = [_from_proc(), _from_cgroup(), _from_limit(), _from_windows()]
    known = [value for value in known if value is not None]
    if not known and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        known = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    return min(known, default=None)


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
