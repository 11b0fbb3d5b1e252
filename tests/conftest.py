"""Fixtures that more than one folder of tests needs."""

import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

# A machine that is busy with something else must not fail a test of what is computed.
settings.register_profile("microgpt", deadline=None)
settings.load_profile("microgpt")

ROOT = Path(__file__).resolve().parent.parent
NAMES_SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"


def cache_folder():
    """Where the package keeps its downloads."""
    if "MICROGPT_CACHE" in os.environ:
        return Path(os.environ["MICROGPT_CACHE"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "microgpt"
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"]) / "microgpt"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "microgpt"


@pytest.fixture(scope="session")
def names_file():
    """The full names file, as published; a test that wants it is skipped where it is not."""
    if "MICROGPT_NAMES" in os.environ:
        # Named on purpose: a wrong file is a mistake to be told of, not passed over.
        path = Path(os.environ["MICROGPT_NAMES"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == NAMES_SHA256
        return path
    for path in (ROOT.parent / "shared" / "data" / "names.txt", cache_folder() / "names.txt"):
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == NAMES_SHA256:
            return path
    pytest.skip(
        "the full names file is not here: `python -m py.microgpt` downloads it, "
        "or set MICROGPT_NAMES to its path"
    )


@pytest.fixture(scope="session")
def torch():
    """PyTorch, the second opinion of the parity tests."""
    return pytest.importorskip(
        "torch",
        reason="PyTorch is not installed: `python3 build.py test` installs it where it can",
        exc_type=ImportError,
    )


@pytest.fixture(scope="session")
def tools():
    """build.py, and the modules of web/build as it finds them."""
    spec = importlib.util.spec_from_file_location("microgpt_build_py", ROOT / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    keep = sys.dont_write_bytecode
    assemble, runtime, server = build.site_tools()
    sys.dont_write_bytecode = keep
    return SimpleNamespace(build=build, assemble=assemble, runtime=runtime, server=server)
