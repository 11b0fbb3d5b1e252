"""Fixtures that more than one folder of tests needs."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import settings

from web.build import runtime

# A machine that is busy with something else must not fail a test of what is computed.
settings.register_profile("microgpt", deadline=None)
settings.load_profile("microgpt")

ROOT = Path(__file__).resolve().parent
NAMES_SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config, items):
    """With several processes, a file stays in one of them, and so do all tests of the browser.

    These come first: they take the longest, and the others are done in the meantime.
    """
    folder = ROOT / "browser"
    items.sort(key=lambda item: folder not in item.path.parents)
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            group = folder if folder in item.path.parents else item.path
            item.add_marker(pytest.mark.xdist_group(group.relative_to(ROOT).as_posix()))


@pytest.fixture(scope="session")
def names_file():
    """The full names file, as published; a test that wants it is skipped where it is not.

    It is looked for where the package does: $MICROGPT_NAMES, then its cache folder.
    """
    if "MICROGPT_NAMES" in os.environ:
        # Named on purpose: a wrong file is a mistake to be told of, not passed over.
        path = Path(os.environ["MICROGPT_NAMES"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == NAMES_SHA256
        return path
    path = runtime.cache_dir() / "names.txt"
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
