"""The kernel against numpy, where it runs: in WebAssembly, under Node."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from microgpt import kernels
from microgpt.autograd import replay
from microgpt.kernels import encode

from web.build import assemble, runtime
from web.build.environment import python_with_pip
from web.build.failure import Failure
from web.build.processes import quietly

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "py" / "microgpt" / "kernels" / "kernels.c"
CHECKS = ROOT / "tests" / "in_wasm.py"
COMPILERS = "clang-19", "wasm-ld-19"
VERSION = "19.1.7"  # others may make other bytes
SECONDS = 300


@pytest.fixture(scope="module")
def in_wasm(tmp_path_factory):
    """What came of each check, {name: "" or what went wrong}; they run once, in one process."""
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not here, and the kernel runs in WebAssembly only")
    folder = tmp_path_factory.mktemp("wasm")
    files = {n: f for n, f in runtime.read_lock()["files"].items() if f["stage"] != "vendor"}
    sources = runtime.standard_sources(lambda line: None, quietly, python_with_pip)
    try:
        found = runtime.collect(files, None, runtime.cache_dir(), sources, lambda line: None)
    except Failure as error:
        pytest.skip(f"Pyodide is not here: {error}")
    for name, data in found.items():
        (folder / name).write_bytes(data)
    name, wheel = assemble.make_wheel(assemble.read_inputs(ROOT))
    (folder / name).write_bytes(wheel)
    command = [node, ROOT / "tests" / "wasm.mjs", folder, folder / name, CHECKS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("name", re.findall(r"^def check_(\w+)", CHECKS.read_text(), re.M))
def test_in_wasm(in_wasm, name):
    assert in_wasm["check_" + name] == ""


def test_natively_there_is_none():
    assert not kernels.install() and not kernels.installed() and replay.kernel is None


def test_the_built_file_is_that_of_the_source(tmp_path):
    if missing := [name for name in COMPILERS if not shutil.which(name)]:
        pytest.skip(f"{', '.join(missing)} not here, so the kernel cannot be built again")
    for name in COMPILERS:
        told = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
        if VERSION not in told:
            pytest.skip(f"{name} is not the {VERSION} that the kernel was built with")
    for name in ("kernels.c", "typed.h"):
        shutil.copy(SOURCE.with_name(name), tmp_path)
    comment = SOURCE.read_text(encoding="utf-8").partition("*/")[0]
    commands = re.findall(r"^ \*   ((?:clang|wasm-ld).*(?:\n \*     .*)*)", comment, re.M)
    assert len(commands) == 2
    for command in commands:
        words = re.sub(r"\\\n \*", " ", command).split()
        subprocess.run(words, cwd=tmp_path, check=True, timeout=60)
    built = SOURCE.with_suffix(".wasm").read_bytes()
    assert (tmp_path / "kernels.wasm").read_bytes() == built and len(built) < 30_000


def test_both_sides_number_the_operations_alike():
    names = re.search(r"enum \{([^}=]*)\};", SOURCE.read_text(encoding="utf-8"))[1]
    names = names.replace(",", " ").split()
    for number, function in enumerate(encode.ELEMENTWISE):
        assert names[number].lower() == function.__name__
    for name in names[len(encode.ELEMENTWISE) :]:
        assert getattr(encode, name) == names.index(name)
