"""Python compiled ahead: what is compiled, what is left out, and what is kept of it."""

import gzip
import io
import json
import marshal
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tiny_site import without, zip_of

from web.build import assemble, compiler, repack

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("level", [0, 2])
def test_modules_of_docstrings_go_where_docstrings_go(level):
    name = "numpy/_core/_add_newdocs.py"
    found = repack.compiled(zip_of({name: b"docs = 1\n"}), [], repack.ONLY_DOCS, level)
    code = marshal.loads(found[name + "c"][16:])
    assert ("docs" in code.co_names) == (level == 0)


@pytest.mark.parametrize("level", [0, 2])
def test_numpy_starts_without_its_types(level):
    name, (module, line, _) = "numpy/linalg/_linalg.py", repack.TYPES
    source = line + b"shape = NDArray[int]\n"
    found = repack.compiled(zip_of({name: source}), [], [module], level)
    code = marshal.loads(found[name + "c"][16:])
    assert ("numpy._typing" in code.co_names) == (level == 0)


def test_compiled_files_import_in_place_of_their_sources(tmp_path):
    sources = {
        "pkg/__init__.py": b'"""Doc."""\nfrom .inner import value\n',
        "pkg/inner.py": b"value = 42\nassert value\n",
        "pkg/other.py": b"def f():\n    raise ValueError('here')\n",
        "pkg/tests/test_x.py": b"",
        "pkg-1.dist-info/RECORD": b"stale",
    }
    entries = repack.compiled(zip_of(sources), [r"/tests/"], ["pkg", "pkg.inner"], 0)
    (tmp_path / "pkg.zip").write_bytes(gzip.decompress(repack.packed(entries)))
    names = zipfile.ZipFile(tmp_path / "pkg.zip").namelist()
    assert names == ["pkg-1.dist-info/RECORD", "pkg/__init__.pyc", "pkg/inner.pyc", "pkg/other.py"]
    code = "import pkg, pkg.other; print(pkg.value, pkg.__doc__)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "pkg.zip")}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert run.stdout == "42 Doc.\n", run.stderr
    assert b"Doc." not in repack.compiled(zip_of(sources), [], ["pkg"], 2)["pkg/__init__.pyc"]


def test_what_a_start_does_without_is_a_zip_of_its_own(tmp_path):
    """Nothing is lost, nothing is there twice, and each file lies where Python looks for it."""
    library = {"json/__init__.py": b"", "json/tool.py": b"", "mypy.ini": b"", "tomllib.py": b"a=1"}
    numpy = {
        "numpy/__init__.py": b"",
        "numpy/ma/__init__.py": b"",
        "numpy/_core/fast.cpython-314-wasm32-emscripten.so": b"\0asm",
        "numpy/fft/slow.cpython-314-wasm32-emscripten.so": b"\0asm",
        "numpy-2.dist-info/RECORD": b"stale",
    }
    for name, files in (("library.zip", library), ("numpy.whl", numpy)):
        (tmp_path / name).write_bytes(zip_of(files))
    job = {
        "zips": {"library.zip": [[], ""], "numpy.whl": [[], "site-packages/"]},
        "modules": ["json", "numpy", "numpy.ma"],
        "first": ["json", "numpy", "numpy._core.fast"],
        "optimize": 0,
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    repack.repack_all(tmp_path)

    def names(zip_name):
        data = gzip.decompress((tmp_path / zip_name).read_bytes())
        archive = zipfile.ZipFile(io.BytesIO(data))
        return archive, set(archive.namelist())

    library_zip, found = names("library.zip")
    assert found == {"json/__init__.pyc", "later.txt"}
    later = ["json.tool", "numpy.fft.slow", "numpy.ma", "tomllib"]
    assert library_zip.read("later.txt").decode().split() == later
    numpy_zip, found = names("numpy.whl")
    assert found == {"numpy/__init__.pyc", "numpy/_core/fast.cpython-314-wasm32-emscripten.so"}
    later_zip, found = names("later.zip")
    assert found == {
        *("json/tool.py", "mypy.ini", "tomllib.py", "site-packages/numpy/ma/__init__.pyc"),
        "site-packages/numpy/fft/slow.cpython-314-wasm32-emscripten.so",
        "site-packages/numpy-2.dist-info/RECORD",
    }
    record = later_zip.read("site-packages/numpy-2.dist-info/RECORD").decode()
    assert "numpy/__init__.pyc,sha256=" in record and "numpy/ma/__init__.pyc,sha256=" in record


def test_the_modules_of_an_import_are_found():
    code = (
        "import sys; sys.path.insert(0, 'web/build'); from imported import modules_after;"
        " print(*modules_after(['tomllib']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    found = done.stdout.split()
    assert {"tomllib", "tomllib._parser", "datetime"} <= set(found), done.stderr
    assert "sys" not in found and "imported" not in found


def test_nothing_that_loading_needs_is_trimmed():
    trim = compiler.TRIM
    library = re.compile("|".join(trim["library"]))
    for name in ("tarfile.py", "zipfile/__init__.py", "inspect.py", "_pyrepl/utils.py"):
        assert not library.search(name)
    numpy = re.compile("|".join(trim["numpy"]))
    for name in (
        "numpy/__init__.py",
        "numpy/testing/__init__.py",
        "numpy/f2py/__init__.py",  # without it `from numpy import *` fails
        "numpy/random/_generator.cpython-314-wasm32-emscripten.so",
        "numpy-2.4.3.dist-info/METADATA",
        "numpy-2.4.3.dist-info/licenses/LICENSE.txt",
    ):
        assert not numpy.search(name)
    assert numpy.search("numpy/__init__.pyi") and numpy.search("numpy/lib/tests/test_io.py")


def test_without_node_the_site_is_built_all_the_same(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(assemble.shutil, "which", lambda name: None)
    options = {**without(tiny, "root"), "say": print, "run": None, "compiled": True}
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert "Node is not here" in capsys.readouterr().out
    assert (tmp_path / "dist" / "index.html").exists()


def test_where_compiling_fails_the_site_is_built_all_the_same(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(assemble.shutil, "which", lambda name: name)
    options = {**without(tiny, "root"), "say": print, "compiled": True}
    options["run"] = lambda command, timeout: (1, "at x:1\nSyntaxError: odd\nNode v1")
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert "starts a second later (SyntaxError: odd)" in capsys.readouterr().out
    assert (tmp_path / "dist" / "index.html").exists()


def test_what_was_compiled_is_kept_and_checked(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(assemble.shutil, "which", lambda name: name)
    runs = []

    def run(command, timeout):
        folder = Path(command[-1])
        job = json.loads((folder / "job.json").read_text())
        runs.append(list(job["zips"]))
        if job["imports"]:
            assert (folder / "site" / "numpy" / "__init__.py").exists()
            assert (folder / "site" / "microgpt" / "__init__.py").exists()
            (folder / "modules.json").write_text('["numpy", "json", "microgpt.page"]')
        else:
            assert job["first"] == ["numpy", "json"] and "numpy" in job["modules"]
        for name in [*job["zips"], "later.zip"]:
            (folder / name).write_bytes(b"compiled")
        return 0, ""

    options = {**without(tiny, "root"), "say": lambda text: None, "run": run, "compiled": True}
    for _ in range(2):
        site = assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert len(runs) == 2  # our wheel, and the rest; nothing the second time
    by_name = {described["name"]: described["bytes"] for described in site["files"]}
    assert by_name["python_stdlib.zip"] == by_name["numpy-1-any.whl"] == len(b"compiled")
    assert by_name["micropip-1-any.whl"] == len(b"wheel too")
    (later,) = [described for described in site["files"] if described["stage"] == "later"]
    worker = (tmp_path / "dist" / "sw.js").read_text()
    assert later["url"] in re.search("const LATER = .*", worker)[0]  # not kept at once
    assert later["url"] in re.search("const FILES = .*", worker)[0]
    (tiny["root"] / "py" / "microgpt" / "__init__.py").write_text('__version__ = "2"\n')
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert len(runs) == 3  # our wheel alone
    for path in (tiny["cache"] / "compiled").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert len(runs) == 5
