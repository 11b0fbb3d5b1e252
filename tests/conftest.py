"""Fixtures that more than one folder of tests needs."""

import gc
import hashlib
import os
from pathlib import Path

import pytest
import second_try
from hypothesis import settings
from thorough import EXAMPLES

from web.build import runtime

# A machine that is busy with something else must not fail a test of what is computed.
settings.register_profile("microgpt", deadline=None, max_examples=EXAMPLES or 30)
settings.load_profile("microgpt")

# numpy reads them when it is imported. Its products here are small: where other processes want the
# same cores, two threads for one of them wait for each other twenty times as long as one computes.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

NAMES_SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"


def pytest_configure(config):
    # What collecting makes stays to the end: to look through it for garbage takes a quarter longer.
    gc.disable()
    config.pluginmanager.register(second_try.Plugin(Path(__file__).resolve().parent))


def pytest_collection_modifyitems(items):
    """The browser's tests come first: they take the longest, and the others are done meanwhile."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/browser/"))


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With several processes, a file stays in one of them, and so does a folder of the browser's
    tests, which share a page that has loaded Python, and all parity tests, which import torch.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            path = nodeid.split("::")[0]
            if path.startswith("tests/parity/"):
                return "tests/parity"
            return path.rpartition("/")[0] if path.startswith("tests/browser/") else path

        def remove_node(self, node):
            """A test that ended its process is not tried again, as those after it are."""
            work = self.assigned_work.pop(node)
            waiting = ((tests, name) for tests in work.values() for name in tests)
            tests, ended = next((each for each in waiting if not each[0][each[1]]), (None, None))
            if ended:
                tests[ended] = True
                self.workqueue.update((s, t) for s, t in work.items() if not all(t.values()))
                for other in self.assigned_work:
                    self._reschedule(other)
            return ended

    return ByFile(config, log)


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
