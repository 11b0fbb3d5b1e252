"""Pyodide under Node, as the page has it: for what has to agree with the tab."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from web.build import Failure, assemble, runtime
from web.build.environment import python_with_pip
from web.build.processes import quietly

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300


@pytest.fixture(scope="session")
def pyodide(tmp_path_factory):
    """A folder with the page's own files."""
    if not shutil.which("node"):
        pytest.skip("Node is not here, and without it nothing runs WebAssembly")
    folder = tmp_path_factory.mktemp("pyodide")
    files = {n: f for n, f in runtime.read_lock()["files"].items() if f["stage"] != "vendor"}
    sources = runtime.standard_sources(lambda line: None, quietly, python_with_pip)
    try:
        found = runtime.collect(files, None, runtime.cache_dir(), sources, lambda line: None)
    except Failure as error:
        pytest.skip(f"Pyodide is not here: {error}")
    for name, data in found.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def in_pyodide(pyodide):
    """What tests/helpers/in_wasm.py answers in Pyodide, with our wheel.

    One process for all that is asked there: most of its time is starting.
    """
    name, wheel = assemble.make_wheel(assemble.read_inputs(ROOT))
    (pyodide / name).write_bytes(wheel)

    helpers = ROOT / "tests" / "helpers"
    parts = [helpers / f"in_wasm_{part}.py" for part in ("kernel", "steps", "tables")]
    start = [shutil.which("node"), helpers / "wasm.mjs", pyodide, pyodide / name]
    command = [*start, helpers / "in_wasm.py", *parts, *pyodide.glob("regex-*.whl")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
