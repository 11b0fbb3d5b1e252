"""The parts of web/build that need no browser: sources of the pinned files, the wheel, the site.

The sources are fakes and the runtime is a tiny one. Nothing here uses a network or Node.
"""

import base64
import csv
import errno
import gzip
import hashlib
import http.client
import io
import json
import marshal
import os
import re
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "web" / "build"


@pytest.fixture
def runtime(tools):
    return tools.runtime


@pytest.fixture
def assemble(tools):
    return tools.assemble


def entry(data, stage="python", **more):
    digest = hashlib.sha256(data).hexdigest()
    return {"stage": stage, "bytes": len(data), "sha256": digest, "cdn": "https://cdn/x", **more}


FILES = {"a.js": b"first", "b.wasm": b"second"}
PINNED = {name: entry(data) for name, data in FILES.items()}


def gives(files, asked=None):
    def source(wanted):
        if asked is not None:
            asked.append(sorted(wanted))
        return {name: data for name, data in files.items() if name in wanted}

    return source


# The lock


def test_the_lock_names_all_a_page_needs(runtime):
    lock = runtime.read_lock()
    stages = {name: f["stage"] for name, f in lock["files"].items()}
    assert set(stages.values()) == {"python", "library", "numpy", "extra", "vendor"}
    for name, f in lock["files"].items():
        assert re.fullmatch(r"[0-9a-f]{64}", f["sha256"]), name
        assert f["bytes"] > 0 and f["cdn"].startswith("https://cdn.jsdelivr.net/")
        assert f["cdn"].startswith(lock["cdn"]) or stages[name] == "vendor"
        assert "npm" in f or "pip" in f, f"{name} has no registry to come from"
    assert "/v" + lock["pyodide"] + "/" in lock["cdn"]


# Where the files come from


def test_sources_are_asked_in_order_and_only_for_what_is_missing(runtime, tmp_path):
    first, second, third = [], [], []
    sources = [
        ("one", gives({"a.js": b"first"}, first)),
        ("two", gives(FILES, second)),
        ("three", gives(FILES, third)),
    ]
    assert runtime.collect(PINNED, None, tmp_path, sources, print) == FILES
    assert (first, second, third) == ([["a.js", "b.wasm"]], [["b.wasm"]], [])


def test_the_cache_is_asked_before_any_source(runtime, tmp_path):
    runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES))], print)
    assert runtime.collect(PINNED, None, tmp_path, [], print) == FILES


def test_the_users_folder_comes_first(runtime, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.js").write_bytes(b"first")
    asked = []
    found = runtime.collect(
        PINNED, tmp_path / "own", tmp_path / "cache", [("one", gives(FILES, asked))], print
    )
    assert found == FILES
    assert asked == [["b.wasm"]]


def test_a_wrong_file_in_the_users_folder_is_told(runtime, tmp_path):
    (tmp_path / "a.js").write_bytes(b"other")
    with pytest.raises(runtime.SiteError, match="a.js is not the pinned a.js"):
        runtime.collect(PINNED, tmp_path, tmp_path / "cache", [], print)
    with pytest.raises(runtime.SiteError, match="is not a folder"):
        runtime.collect(PINNED, tmp_path / "none", tmp_path / "cache", [], print)


def test_a_damaged_file_in_the_cache_is_fetched_anew(runtime, tmp_path, capsys):
    runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES))], print)
    path = runtime.cached_path(tmp_path, "a.js", PINNED["a.js"])
    for damage in (b"firsT", b"", b"first and more"):
        path.write_bytes(damage)
        asked = []
        assert runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES, asked))], print)
        assert asked == [["a.js"]]
        assert path.read_bytes() == b"first"
    assert capsys.readouterr().out.count("is damaged and will be fetched anew") == 3


def test_a_wrong_file_is_never_taken(runtime, tmp_path):
    liar = ("the liar", gives({"a.js": b"FIRST", "b.wasm": b"second"}))
    assert runtime.collect(PINNED, None, tmp_path, [liar, ("two", gives(FILES))], print) == FILES
    with pytest.raises(runtime.SiteError) as error:
        runtime.collect(PINNED, None, tmp_path / "empty", [liar], print)
    assert "Could not get a.js (the liar gave another a.js than the pinned one)." in str(
        error.value
    )
    assert not runtime.cached_path(tmp_path / "empty", "a.js", PINNED["a.js"]).exists()


def test_without_any_source_one_sentence_names_the_reasons(runtime, tmp_path):
    def silent(wanted):
        raise runtime.NotHere("not reachable")

    sources = [("the CDN", silent), ("npm", silent)]
    with pytest.raises(runtime.SiteError) as error:
        runtime.collect(PINNED, None, tmp_path, sources, print)
    expected = "a.js, b.wasm (the CDN: not reachable; npm: not reachable). Where there is a network"
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_full_disk_is_told_and_leaves_nothing(runtime, tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(runtime.Path, "write_bytes", full)
    with pytest.raises(runtime.SiteError, match=r"\(No space left on device\); free some space"):
        runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES))], print)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_long_list_is_cut(runtime):
    assert runtime.some("abcd") == "a, b, c, d"
    assert runtime.some("abcde") == "a, b, c and 2 more files"


# The CDN


def answer_with(bodies):
    def urlopen(url, timeout):
        if isinstance(bodies[url], Exception):
            raise bodies[url]
        return io.BytesIO(bodies[url])

    return urlopen


@pytest.fixture
def cdn(runtime, monkeypatch):
    """A CDN with the given answers: {url: bytes or error}."""
    monkeypatch.setattr(runtime, "look_up", lambda hosts: None)

    def answers(**bodies):
        wanted = {n: {**entry(FILES[n]), "cdn": n} for n in FILES}
        named = {"a.js": bodies["a"], "b.wasm": bodies["b"]}
        monkeypatch.setattr(runtime.urllib.request, "urlopen", answer_with(named))
        return runtime.from_cdn(wanted, print)

    return answers


def test_the_cdn_gives_what_it_has(cdn, runtime):
    assert cdn(a=b"first", b=b"second") == FILES
    error = runtime.urllib.error.HTTPError("a.js", 404, "Not Found", {}, io.BytesIO())
    assert cdn(a=error, b=b"second") == {"b.wasm": b"second"}


def test_an_answer_is_never_read_further_than_its_size(cdn):
    assert cdn(a=b"first" * 1000, b=b"second")["a.js"] == b"firstf"


def test_a_cdn_that_breaks_off_keeps_what_came(cdn, runtime):
    assert cdn(a=b"first", b=OSError("reset")) == {"a.js": b"first"}
    with pytest.raises(runtime.NotHere, match="not reachable"):
        cdn(a=http.client.HTTPException("?"), b=b"second")


def test_a_name_that_does_not_resolve_is_given_up_soon(runtime, monkeypatch):
    monkeypatch.setattr(runtime.urllib.request, "getproxies", dict)
    monkeypatch.setattr(runtime, "LOOK_UP_SECONDS", 0.05)
    monkeypatch.setattr(runtime.socket, "getaddrinfo", lambda *_: time.sleep(0.5))
    start = time.monotonic()
    with pytest.raises(runtime.NotHere):
        runtime.from_cdn(PINNED, print)
    assert time.monotonic() - start < 0.4


# The registries


def tar_of(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zip_of(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


FROM_NPM = {n: entry(d, npm=["some@1.0", "package/" + n]) for n, d in FILES.items()}
FROM_PIP = {n: entry(d, pip=["some==1.0", "deep/" + n]) for n, d in FILES.items()}


def fake_run(name, data, commands):
    def run(command, timeout):
        command = [str(part) for part in command]
        commands.append(command)
        option = "--dest" if "--dest" in command else "--pack-destination"
        Path(command[command.index(option) + 1], name).write_bytes(data)
        return 0, ""

    return run


def test_npm_is_asked_once_for_a_package(runtime, monkeypatch):
    monkeypatch.setattr(runtime.shutil, "which", lambda name: name)
    commands = []
    archive = tar_of({"package/" + name: data for name, data in FILES.items()})
    found = runtime.from_npm(FROM_NPM, print, fake_run("some-1.0.tgz", archive, commands))
    assert found == FILES
    assert [command[-1] for command in commands] == ["some@1.0"]


def test_pip_fetches_for_another_python_and_builds_nothing(runtime):
    commands = []
    wheel = zip_of({"deep/" + name: data for name, data in FILES.items()})
    run = fake_run("some-1.0-py3-none-any.whl", wheel, commands)
    assert runtime.from_pip(FROM_PIP, print, run, lambda: "python") == FILES
    (command,) = commands
    assert command[:4] == ["python", "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "some==1.0"} <= set(command)


def test_a_registry_that_cannot_help_says_why(runtime, monkeypatch):
    monkeypatch.setattr(runtime.shutil, "which", lambda name: None)
    with pytest.raises(runtime.NotHere, match="not installed"):
        runtime.from_npm(FROM_NPM, print, None)
    monkeypatch.setattr(runtime.shutil, "which", lambda name: name)
    with pytest.raises(runtime.NotHere, match="none of these"):
        runtime.from_npm(FROM_PIP, print, None)
    with pytest.raises(runtime.NotHere, match="No matching distribution"):
        runtime.from_pip(
            FROM_PIP, print, lambda *_, **__: (1, "x\nNo matching distribution"), lambda: "python"
        )
    for damaged in (b"no zip", zip_of({"elsewhere": b""})):
        run = fake_run("some.whl", damaged, [])
        with pytest.raises(runtime.NotHere, match="could not be unpacked"):
            runtime.from_pip(FROM_PIP, print, run, lambda: "python")


def test_the_cache_is_where_the_package_has_its_own(runtime):
    code = "from microgpt.data.download import cache_dir; print(cache_dir())"
    for change in ({"MICROGPT_CACHE": "/own"}, {"XDG_CACHE_HOME": "/shared"}, {}):
        env = {k: v for k, v in os.environ.items() if k not in ("MICROGPT_CACHE", "XDG_CACHE_HOME")}
        env.update(change, PYTHONPATH=str(ROOT / "py"))
        theirs = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True)
        ours = subprocess.run(
            [sys.executable, "-B", "-c", "import runtime; print(runtime.cache_dir())"],
            env={**env, "PYTHONPATH": str(TOOLS)},
            capture_output=True,
        )
        assert ours.stdout == theirs.stdout != b"", ours.stderr


# The wheel


@pytest.fixture(scope="module")
def real_wheel(tools):
    inputs = {}
    for name in ("pyproject.toml", "LICENSE"):
        inputs[name] = (ROOT / name).read_bytes()
    for path in (ROOT / "py" / "microgpt").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if tools.assemble.is_input(name):
            inputs[name] = path.read_bytes()
    return tools.assemble.make_wheel(inputs)


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
    assert "microgpt/autograd/tensor.py" in names and "microgpt/session/__init__.py" in names
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


# Compiling


@pytest.mark.parametrize("level", [0, 2])
def test_modules_of_docstrings_go_where_docstrings_go(tools, level):
    repack = sys.modules["microgpt_site.repack"]
    name = "numpy/_core/_add_newdocs.py"
    found = repack.repack(zip_of({name: b"docs = 1\n"}), [], repack.ONLY_DOCS, level)
    with zipfile.ZipFile(io.BytesIO(gzip.decompress(found))) as archive:
        code = marshal.loads(archive.read(name + "c")[16:])
    assert ("docs" in code.co_names) == (level == 0)


def test_compiled_files_import_in_place_of_their_sources(tools, tmp_path):
    repack = sys.modules["microgpt_site.repack"]
    sources = {
        "pkg/__init__.py": b'"""Doc."""\nfrom .inner import value\n',
        "pkg/inner.py": b"value = 42\nassert value\n",
        "pkg/other.py": b"def f():\n    raise ValueError('here')\n",
        "pkg/tests/test_x.py": b"",
        "pkg-1.dist-info/RECORD": b"stale",
    }
    packed = repack.repack(zip_of(sources), [r"/tests/"], ["pkg", "pkg.inner"], 0)
    (tmp_path / "pkg.zip").write_bytes(gzip.decompress(packed))
    names = zipfile.ZipFile(tmp_path / "pkg.zip").namelist()
    assert names == ["pkg-1.dist-info/RECORD", "pkg/__init__.pyc", "pkg/inner.pyc", "pkg/other.py"]
    code = "import pkg, pkg.other; print(pkg.value, pkg.__doc__)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "pkg.zip")}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert run.stdout == "42 Doc.\n", run.stderr
    bare = repack.repack(zip_of(sources), [], ["pkg"], 2)
    assert b"Doc." not in zipfile.ZipFile(io.BytesIO(gzip.decompress(bare))).read(
        "pkg/__init__.pyc"
    )


def test_nothing_that_loading_needs_is_trimmed():
    trim = sys.modules["microgpt_site.compiler"].TRIM
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


# The site, from a tiny runtime

CORE = {
    "pyodide.mjs": (b"export {}", "python"),
    "pyodide.asm.mjs": (b"//", "python"),
    "pyodide.asm.wasm": (b"\0asm", "python"),
    "python_stdlib.zip": (b"zip", "library"),
    "numpy-1-any.whl": (zip_of({"numpy/__init__.py": b""}), "numpy"),
    "micropip-1-any.whl": (b"wheel too", "extra"),
    "uPlot.iife.min.js": (b"chart", "vendor"),
}


@pytest.fixture
def tiny(tmp_path):
    """A repository and a runtime, each of a few bytes."""
    packages = {"numpy": {"file_name": "numpy-1-any.whl", "sha256": "?"}, "other": {}}
    stock = json.dumps({"info": {"python": "3"}, "packages": packages}).encode()
    files = {**CORE, "pyodide-lock.json": (stock, "python")}
    lock = {
        "pyodide": "1",
        "cdn": "https://cdn.jsdelivr.net/x/",
        "packages": ["numpy"],
        "files": {name: entry(data, stage) for name, (data, stage) in files.items()},
    }
    root = tmp_path / "repository"
    for name, text in {
        "pyproject.toml": (ROOT / "pyproject.toml").read_text(),
        "LICENSE": "free",
        "py/microgpt/__init__.py": '__version__ = "1"\n',
        "py/microgpt/bench/x.py": "",
        "py/microgpt/__pycache__/x.pyc": "",
        "fallback_data/names.txt": "ada\n",
        "fallback_data/stories.txt": "Once.\n",
        "web/index.html": "<html><head><title>x</title></head><body></body></html>",
        "web/404.html": "<head></head>",
        "web/main.js": "",
        "web/sw.js": "// before\nconst FILES = {};\n// after\n",
        "web/build/x.py": "",
        "web/ui/a.js": "",
        "web/.hidden": "",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = ("one", gives({name: data for name, (data, _) in files.items()}))
    return {"root": root, "lock": lock, "sources": [source], "cache": tmp_path / "cache"}


def build(assemble, tiny, out, **options):
    options = {"compiled": False, **options}
    nowhere = {"say": lambda text: None, "run": None}
    return assemble.build(tiny["root"], out, **without(tiny, "root"), **nowhere, **options)


def without(mapping, key):
    return {k: v for k, v in mapping.items() if k != key}


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(Path(folder).rglob("*"))
        if p.is_file()
    }


def test_the_site_holds_what_it_should(assemble, tiny, tmp_path):
    site = build(assemble, tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    base = site["runtime"][2:]
    wheel = site["files"][-1]["url"][2:]
    assert set(files) == {
        *(".nojekyll", "404.html", "index.html", "main.js", "sw.js", "site.json", "ui/a.js"),
        *(
            "py/microgpt/__init__.py",
            "data/names.txt",
            "data/stories.txt",
            "vendor/uPlot.iife.min.js",
        ),
        *(base + name for name in CORE if name != "uPlot.iife.min.js"),
        base + "pyodide-lock.json",
        wheel,
    }
    assert json.loads(files["site.json"]) == site
    assert site["data"] == {"names": "./data/names.txt", "stories": "./data/stories.txt"}
    assert site["sources"] == ["py/microgpt/__init__.py"]
    for described in site["files"]:
        body = files[described["url"][2:]]
        assert described["bytes"] == len(body)
        assert described["sha256"] == hashlib.sha256(body).hexdigest()
    lock = json.loads(files[base + "pyodide-lock.json"])
    assert list(lock["packages"]) == ["numpy"]
    assert (
        lock["packages"]["numpy"]["sha256"]
        == hashlib.sha256(CORE["numpy-1-any.whl"][0]).hexdigest()
    )


def test_the_service_worker_learns_the_hash_of_every_file(assemble, tiny, tmp_path):
    build(assemble, tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    before, line, after = files["sw.js"].decode().strip().split("\n")
    assert (before, after) == ("// before", "// after")
    listed = json.loads(line.removeprefix("const FILES = ").removesuffix(";"))
    not_kept = {"sw.js", ".nojekyll", "404.html"}
    assert set(listed) == {"./" + name for name in set(files) - not_kept}
    for address, digest in listed.items():
        assert hashlib.sha256(files[address[2:]]).hexdigest() == digest


def test_the_policy_is_put_into_every_page(assemble, tiny, tmp_path):
    page = tiny["root"] / "web" / "index.html"
    tag = '<meta http-equiv="Content-Security-Policy" content="x">'
    page.write_text(page.read_text().replace("<title>", tag + "<title>"))
    build(assemble, tiny, tmp_path / "dist")
    for name in ("index.html", "404.html"):
        text = (tmp_path / "dist" / name).read_text()
        assert text.count("Content-Security-Policy") == 1
        assert "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src" in text
        assert "jsdelivr" not in text


def test_the_page_in_the_repository_has_the_policy_it_gets(assemble):
    page = ROOT / "web" / "index.html"
    assert assemble.with_policy(page.read_bytes(), cdn=False) == page.read_bytes()


def test_with_cdn_the_runtime_is_elsewhere(assemble, tiny, tmp_path):
    del tiny["lock"]["files"]["uPlot.iife.min.js"]
    site = build(assemble, {**tiny, "sources": []}, tmp_path / "dist", cdn=True)
    cdn = tiny["lock"]["cdn"]
    files = contents(tmp_path / "dist")
    assert site["runtime"] == cdn
    assert [name for name in files if name.startswith("runtime/")] == [site["files"][-1]["url"][2:]]
    for described in site["files"][:-1]:
        assert described["url"] == cdn + described["name"]
        assert described["sha256"] == tiny["lock"]["files"][described["name"]]["sha256"]
    page = files["index.html"].decode()
    assert "script-src 'self' 'wasm-unsafe-eval' https://cdn.jsdelivr.net;" in page
    assert cdn + "numpy-1-any.whl" in files["sw.js"].decode()


def test_same_inputs_same_bytes(assemble, tiny, tmp_path, monkeypatch):
    build(assemble, tiny, tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    before = os.umask(0o077)
    try:
        for path in tiny["root"].rglob("*"):
            os.utime(path, (1e9, 1e9))
        build(assemble, tiny, tmp_path / "two")
    finally:
        os.umask(before)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    modes = [
        {p.relative_to(out).as_posix(): p.stat().st_mode for p in out.rglob("*")}
        for out in (tmp_path / "one", tmp_path / "two")
    ]
    assert modes[0] == modes[1]


def test_a_site_is_current_until_an_input_changes(assemble, tiny, tmp_path):
    out = tmp_path / "dist"
    wanted = (tiny["lock"], False, False)
    assert not assemble.is_current(tiny["root"], out, *wanted)
    build(assemble, tiny, out)
    assert assemble.is_current(tiny["root"], out, *wanted)
    assert not assemble.is_current(tiny["root"], out, tiny["lock"], True, False)
    (tiny["root"] / "web" / "main.js").write_text("changed")
    assert not assemble.is_current(tiny["root"], out, *wanted)


def test_building_again_replaces_the_whole_site(assemble, tiny, tmp_path):
    build(assemble, tiny, tmp_path / "dist")
    (tmp_path / "dist" / "left.over").write_text("x")
    build(assemble, tiny, tmp_path / "dist")
    assert not (tmp_path / "dist" / "left.over").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "dist", "repository"]


def test_a_failed_build_leaves_the_old_site_and_no_half_of_a_new_one(
    assemble, runtime, tiny, tmp_path, monkeypatch
):
    build(assemble, tiny, tmp_path / "dist")
    before = contents(tmp_path / "dist")
    (tiny["root"] / "web" / "main.js").write_text("changed")
    write = Path.write_bytes

    def full(path, data):
        if path.name == "site.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(runtime.SiteError, match="No space left on device.*--out"):
        build(assemble, tiny, tmp_path / "dist")
    assert contents(tmp_path / "dist") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "dist", "repository"]


def test_a_folder_that_is_no_site_is_left_alone(assemble, runtime, tiny, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(runtime.SiteError, match="is not a site made by this command"):
        build(assemble, tiny, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()
    (tmp_path / "empty").mkdir()
    build(assemble, tiny, tmp_path / "empty")
    with pytest.raises(runtime.SiteError, match="is a file"):
        build(assemble, tiny, tmp_path / "mine" / "thesis.txt")


def test_a_missing_input_is_named(assemble, runtime, tiny, tmp_path):
    (tiny["root"] / "fallback_data" / "names.txt").unlink()
    with pytest.raises(runtime.SiteError, match=r"Could not read fallback_data/names.txt \("):
        build(assemble, tiny, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_without_node_the_site_is_built_all_the_same(assemble, tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(assemble.shutil, "which", lambda name: None)
    options = {**without(tiny, "root"), "say": print, "run": None, "compiled": True}
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert "Node is not here" in capsys.readouterr().out
    assert (tmp_path / "dist" / "index.html").exists()


def test_where_compiling_fails_the_site_is_built_all_the_same(
    assemble, tiny, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(assemble.shutil, "which", lambda name: name)
    options = {**without(tiny, "root"), "say": print, "compiled": True}
    options["run"] = lambda command, timeout: (1, "at x:1\nSyntaxError: odd\nNode v1")
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert "starts a second later (SyntaxError: odd)" in capsys.readouterr().out
    assert (tmp_path / "dist" / "index.html").exists()


def test_what_was_compiled_is_kept_and_checked(assemble, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(assemble.shutil, "which", lambda name: name)
    runs = []

    def run(command, timeout):
        job = json.loads(Path(command[-1]).read_text())
        runs.append([Path(one["from"]).name for one in job["zips"]])
        for one in job["zips"]:
            Path(one["to"]).write_bytes(b"compiled")
        Path(job["report"]).write_text('["numpy", "json", "microgpt.session"]')
        return 0, ""

    options = {**without(tiny, "root"), "say": lambda text: None, "run": run, "compiled": True}
    for _ in range(2):
        site = assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert len(runs) == 2  # our wheel, and the rest; nothing the second time
    by_name = {described["name"]: described["bytes"] for described in site["files"]}
    assert by_name["python_stdlib.zip"] == by_name["numpy-1-any.whl"] == len(b"compiled")
    assert by_name["micropip-1-any.whl"] == len(b"wheel too")
    (tiny["root"] / "py" / "microgpt" / "__init__.py").write_text('__version__ = "2"\n')
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert len(runs) == 3  # our wheel alone
    for path in (tiny["cache"] / "compiled").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    assemble.build(tiny["root"], tmp_path / "dist", **options)
    assert len(runs) == 5


# The server


@pytest.fixture
def served(tools, tmp_path):
    """A function that asks a small site: ask(path, method, **headers) -> (response, body)."""
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "runtime" / "abc").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>" + "hello " * 500)
    (folder / "404.html").write_text("not here")
    (folder / "sub" / "index.html").write_text("inner")
    for name in ("a.mjs", "a.wasm", "a.whl", "a.zip", "a.webmanifest", "a.css", "a.json"):
        (folder / name).write_bytes(b"x" * 2000)
    (folder / "runtime" / "abc" / "a.wasm").write_bytes(b"\0asm")
    (tmp_path / "secret.txt").write_text("secret")
    server = tools.server.open_server(folder, tmp_path / "cache", "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)

    def ask(path, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Accept-Encoding": "identity", **named})
        response = connection.getresponse()
        return response, response.read()

    ask.folder = folder
    yield ask
    connection.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.whl", "application/octet-stream"),
        ("a.zip", "application/zip"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_types(served, name, kind):
    response, _ = served("/" + name)
    assert (response.status, response.headers["Content-Type"]) == (200, kind)


def test_gzip_where_it_helps_and_is_understood(served):
    import gzip

    plain = (served.folder / "index.html").read_bytes()
    response, body = served("/", Accept_Encoding="gzip, br")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert len(body) < len(plain) and gzip.decompress(body) == plain
    for header in ("identity", "gzip;q=0", "br"):
        response, body = served("/", Accept_Encoding=header)
        assert response.headers["Content-Encoding"] is None
        assert body == plain
    response, _ = served("/a.whl", Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] is None


def test_an_unchanged_file_is_not_sent_again(served):
    response, body = served("/")
    tag = response.headers["ETag"]
    assert response.headers["Cache-Control"] == "no-cache"
    again, nothing = served("/", If_None_Match=tag)
    assert (again.status, nothing) == (304, b"")
    (served.folder / "index.html").write_text("changed")
    changed, new = served("/", If_None_Match=tag)
    assert (changed.status, new) == (200, b"changed")


def test_what_is_named_by_its_hash_is_kept_for_good(served):
    response, _ = served("/runtime/abc/a.wasm")
    assert "immutable" in response.headers["Cache-Control"]
    response, _ = served("/runtime/abc/none")
    assert response.status == 404 and "immutable" not in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/sub/../../secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/sub/%2e%2e/%2e%2e/secret.txt",
        "/%00",
        "/index.html/",
        "//../secret.txt",
    ],
)
def test_nothing_outside_is_served(served, path):
    response, body = served(path)
    assert response.status == 404
    assert body == b"not here"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_links_to_the_outside_are_not_followed(served):
    (served.folder / "link.txt").symlink_to(served.folder.parent / "secret.txt")
    assert served("/link.txt")[0].status == 404


def test_a_folder_is_its_page(served):
    response, _ = served("/sub")
    assert (response.status, response.headers["Location"]) == (301, "/sub/")
    assert served("/sub/")[1] == b"inner"
    # Two slashes would be an address on another host.
    assert served("//sub")[0].headers["Location"] in (None, "/sub/")


def test_head_and_ranges(served):
    whole, body = served("/a.wasm")
    head, nothing = served("/a.wasm", method="HEAD")
    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    part, all_of_it = served("/a.wasm", Range="bytes=0-9")
    assert (part.status, all_of_it) == (200, body)
    assert part.headers["Accept-Ranges"] == "none"


def test_a_taken_port_is_replaced_by_a_free_one(tools, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = tools.server.open_server(tmp_path, tmp_path, "127.0.0.1", port)
        try:
            assert server.server_address[1] != port
        finally:
            server.server_close()


def test_a_host_that_is_not_ours_is_told(tools, runtime, tmp_path):
    with pytest.raises(runtime.SiteError, match="Could not listen on 203.0.113.1:8000"):
        tools.server.open_server(tmp_path, tmp_path, "203.0.113.1", 8000)


# The code itself


def test_the_tools_need_only_the_standard_library():
    import ast

    for path in TOOLS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            else:
                continue
            assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names), path


def test_the_tools_are_not_in_the_site(assemble):
    assert not assemble.is_input("web/build/assemble.py")
    assert assemble.is_input("web/ui/build.js")


def test_the_first_script_is_a_part_of_the_page(assemble, tiny, tmp_path):
    """With the site's files in it, and let by a policy that no other script can use."""
    web = tiny["root"] / "web"
    (web / "boot.js").write_text(
        "const boot = (() => {\n  const SITE = {};\n  return SITE;\n})();\n"
    )
    page = (
        (web / "index.html").read_text().replace("<head>", '<head><script src="boot.js"></script>')
    )
    (web / "index.html").write_text(page)
    site = build(assemble, tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    page = files["index.html"].decode()
    (script,) = re.findall(r"<script>(.+?)</script>", page, re.S)
    assert "boot.js" not in files
    told = json.loads(re.search(r"const SITE = (.*);", script)[1])
    assert told == {key: site[key] for key in ("version", "runtime", "files", "data")}
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'wasm-unsafe-eval' 'sha256-{digest}'" in page
    (web / "index.html").write_text("<html><head></head></html>")
    with pytest.raises(assemble.SiteError, match="No page in web/ has the line <script"):
        build(assemble, tiny, tmp_path / "dist")
    (web / "boot.js").write_text("const boot = 1;\n")
    with pytest.raises(assemble.SiteError, match="exactly one line that begins `  const SITE = `"):
        build(assemble, tiny, tmp_path / "dist")


def test_stylesheets_that_follow_each_other_are_one(assemble, tiny, tmp_path):
    web = tiny["root"] / "web"
    links = "".join(f'<link rel="stylesheet" href="{name}.css">\n' for name in ("one", "two"))
    page = (web / "index.html").read_text().replace("<head>", "<head>\n" + links)
    (web / "index.html").write_text(page)
    (web / "one.css").write_text("a { color: red; }\n")
    (web / "two.css").write_text("b { color: blue; }\n")
    build(assemble, tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    assert files["one.css"] == b"a { color: red; }\nb { color: blue; }\n"
    assert "two.css" not in files and b"two.css" not in files["index.html"]
    (web / "two.css").unlink()
    with pytest.raises(assemble.SiteError, match="asks for two.css, which does not exist"):
        build(assemble, tiny, tmp_path / "dist")
