"""The page's logic in Node's own test runner: `node --test tests/page/*.test.js` by hand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Before this, Node took a script for a module only where a package.json says so.
OLDEST = (20, 19)


@pytest.fixture(scope="session")
def node():
    """Node, as it is called; skips the test where there is none, or one too old."""
    program = shutil.which("node")
    found = program and subprocess.run([program, "--version"], capture_output=True, text=True)
    version = tuple(map(int, re.findall(r"\d+", found.stdout)[:2])) if found else ()
    if version < OLDEST:
        pytest.skip("Node 20.19 or newer is not here")
    return program


def test_in_node(node):
    files = sorted(map(str, HERE.glob("*.test.js")))
    assert files
    command = [node, "--no-warnings", "--test", "--test-reporter=spec", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(done.stdout[-20_000:] + done.stderr, pytrace=False)
    assert int(re.search(r"pass (\d+)", done.stdout)[1]) > 100
