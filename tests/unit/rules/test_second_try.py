"""A test that fails is tried once more, and the summary names it."""

import subprocess
import sys

from web.build.processes import ROOT

CONFTEST = """
from pathlib import Path
import second_try

def pytest_configure(config):
    config.pluginmanager.register(second_try.Plugin(Path(__file__).parent / "late"))
"""
LATE = """
import pytest

@pytest.fixture
def own():
    return []

tries = []

def test_late(own):
    own.append(1)
    tries.append(1)
    assert len(own) == 1 and len(tries) == 2, "came late"

def test_wrong():
    assert 0, "is wrong"

ends = []

@pytest.fixture
def ends_late():
    yield
    ends.append(1)
    assert len(ends) == 2, "ended late"

def test_ends(ends_late):
    pass
"""


def test_what_is_late_passes_and_is_named_and_what_is_wrong_fails(tmp_path):
    (tmp_path / "late").mkdir()
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "late" / "test_a.py").write_text(LATE)
    (tmp_path / "test_b.py").write_text(
        "def test_once(tries=[]):\n    tries.append(1)\n    assert tries[1:], 'not again'\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "1",
        "-p",
        "no:playwright",
        "-p",
        "no:hypothesispytest",
    ]
    helpers = f"pythonpath={ROOT / 'tests' / 'helpers'}"
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-o", helpers, "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "2 failed, 2 passed" in done.stdout, done.stdout
    told = done.stdout.partition("passed at the second try")[2].partition("short test summary")[0]
    assert all(words in told for words in ("test_late", "came late", "test_ends", "ended late"))
    assert "test_wrong" not in told and "test_once" not in told
    assert "test_wrong - AssertionError: is wrong" in done.stdout
