"""The virtual environment `.venv`: made, kept up to date, and what is installed into it."""

import hashlib
import importlib.util
import os
import sys
import tomllib

from . import Failure
from .processes import ROOT, quietly, step

VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)  # as in build.py
TORCH_VERSION = "2.13.0"
UV = "uv==0.13.9"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def require_venv_module(find_spec=importlib.util.find_spec):
    # Debian ships venv without ensurepip, so having the one says nothing of the other.
    if not (find_spec("venv") and find_spec("ensurepip")):
        raise Failure(
            "This Python cannot make virtual environments. "
            "On Debian and Ubuntu, `apt-get install python3-venv` adds what is missing."
        )


def version_of(python):
    """The version of a virtual environment's Python, or None where it cannot be used."""
    if not python.exists():
        return None
    code, output = quietly([python, "-c", "import sys, pip; print(*sys.version_info[:3])"])
    version = tuple(int(part) for part in output.split()) if code == 0 else ()
    return version if version >= OLDEST_PYTHON else None


def ensure_venv():
    """Make `.venv`, or reuse it if it works; return its Python and a key for `once`."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if version_of(python) is None:
        require_venv_module()
        make = [sys.executable, "-m", "venv", "--clear", VENV]
        step("making .venv", make, "The virtual environment could not be made.")
    return python, fingerprint((ROOT / "pyproject.toml").read_bytes(), version_of(python), ROOT)


def fingerprint(pyproject, version, root):
    """What an install depends on: while it stays the same, there is nothing to install."""
    parts = (pyproject, version, str(root), TORCH_VERSION)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def once(name, key, action, venv=None):
    """Do the action unless a stamp says it was done with this key; return what it answered."""
    stamp = (venv or VENV) / ("done-" + name)
    if stamp.exists():
        done, _, answer = stamp.read_text(encoding="utf-8").partition("\n")
        if done == key:
            return answer
    answer = action() or ""
    stamp.write_text(key + "\n" + answer, encoding="utf-8")
    return answer


def pip_install(python, *arguments):
    # What is imported is compiled then; compiling everything takes longer than installing it.
    options = ["--quiet", "--no-input", "--no-compile"]
    return [python, "-m", "pip", "install", *options, *arguments]


PIP_FAILED = "pip could not install this; its own words are above. Is there a network?"


def install_dependencies(python):
    """Only what the package needs: the package itself runs from its folder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    step("installing numpy", pip_install(python, *project["dependencies"]), PIP_FAILED)


def install_test_tools(python):
    """With uv, which takes a fifth of pip's time; with pip, where uv cannot be had or cannot."""
    tools = ["--editable", ".[dev]"]
    quick = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, *tools]
    if step("installing uv", pip_install(python, UV)) and step("installing the test tools", quick):
        return
    step("installing the test tools with pip", pip_install(python, *tools), PIP_FAILED)


def torch_requirement(platform):
    # A plain Linux build brings gigabytes for GPUs; only a CPU build is called "+cpu".
    return "torch==" + TORCH_VERSION + ("+cpu" if platform == "linux" else "")


def install_torch(python):
    """Try to install PyTorch, which only the parity tests want; answer what is missing."""
    wanted = ["--only-binary=:all:", torch_requirement(sys.platform)]
    own_index = ["--index-url", TORCH_CPU_INDEX, "--retries", "0", "--timeout", "15"]
    for name, index in (("its own index", own_index), ("pip's", [])):
        if step("installing PyTorch from " + name, pip_install(python, *index, *wanted)):
            return ""
    return "PyTorch: not installable here, so the parity tests are skipped by name."


def python_with_pip():
    return sys.executable if importlib.util.find_spec("pip") else ensure_venv()[0]
