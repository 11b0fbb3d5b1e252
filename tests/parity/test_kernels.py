"""The kernel against numpy, where it runs: in WebAssembly, under Node."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from microgpt import kernels

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "py" / "microgpt" / "kernels" / "kernels.c"
CHECKS = [ROOT / "tests" / "helpers" / f"in_wasm_{part}.py" for part in ("kernel", "steps")]
NAMES = [n for file in CHECKS for n in re.findall(r"^def check_(\w+)", file.read_text(), re.M)]
COMPILERS = "clang-19", "wasm-ld-19"
VERSION = "19.1.7"  # others may make other bytes


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_in_wasm(in_pyodide, name):
    assert in_pyodide["checks"]["check_" + name] == ""


def test_natively_there_is_none():
    assert kernels.load() is None


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
