"""The wheel of the package that the site is built with."""

import base64
import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from web.build import assemble

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def real_wheel():
    inputs = {}
    for name in ("pyproject.toml", "LICENSE"):
        inputs[name] = (ROOT / name).read_bytes()
    for path in (ROOT / "py" / "microgpt").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if assemble.is_input(name):
            inputs[name] = path.read_bytes()
    return assemble.make_wheel(inputs)


def test_the_wheel_holds_the_package_and_says_so(real_wheel):
    name, data = real_wheel
    assert re.fullmatch(r"microgpt-[0-9.]+-py3-none-any\.whl", name)
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        names = wheel.namelist()
        (record,) = [n for n in names if n.endswith(".dist-info/RECORD")]
        rows = list(csv.reader(wheel.read(record).decode().splitlines()))
        assert sorted(row[0] for row in rows) == sorted(names) == names
        for path, digest, size in rows[:-1]:
            if path == record:
                continue
            body = wheel.read(path)
            expected = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=")
            assert (digest, size) == ("sha256=" + expected.decode(), str(len(body)))
        assert {i.date_time for i in wheel.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "microgpt/autograd/tensor.py" in names and "microgpt/page/__init__.py" in names
    left_out = re.compile("^microgpt/(bench|terminal|cli|__main__)|__pycache__")
    assert not list(filter(left_out.search, names))


def test_pip_accepts_the_wheel(real_wheel, tmp_path):
    name, data = real_wheel
    (tmp_path / name).write_bytes(data)
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    install += ["--disable-pip-version-check", "--target", tmp_path / "lib", tmp_path / name]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    code = "import importlib.metadata as m, microgpt; print(m.version('microgpt'))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "lib")}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert run.stdout.strip() == name.split("-")[1]
