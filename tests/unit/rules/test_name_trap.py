"""The folder `py` and pytest's module `py` must not hide each other (see py/__init__.py)."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTEST = Path(sysconfig.get_path("scripts")) / ("pytest.exe" if os.name == "nt" else "pytest")


def start(*command):
    """Start a command in the repository's root, as a user would."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_package_runs_where_pytest_is_installed():
    assert "microgpt" in start(sys.executable, "-m", "py.microgpt", "--version")


@pytest.mark.parametrize("command", [[PYTEST], [sys.executable, "-m", "pytest"]], ids=str)
def test_pytest_starts_from_the_root(command, tmp_path):
    trivial = tmp_path / "test_trivial.py"
    trivial.write_text(
        "import py\n"
        "import microgpt\n"
        "def test_trivial(tmpdir):\n"
        "    assert isinstance(tmpdir, py.path.local) and py.error.ENOENT\n"
        "    assert not hasattr(py, 'nothing')\n"
    )
    quick = ("-p", "no:playwright", "-p", "no:xdist", "-p", "no:hypothesispytest")
    out = start(*command, *quick, "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, trivial)
    assert "1 passed" in out
