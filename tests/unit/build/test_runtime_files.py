"""The pinned files: every source of them, and what each may do wrong. None is on a network."""

import errno
import http.client
import io
import re
import sys
import time
from pathlib import Path

import pytest
from microgpt import files
from tiny_site import entry, gives, tar_of, zip_of

from web.build import Failure, runtime

ROOT = Path(__file__).resolve().parents[3]


FILES = {"a.js": b"first", "b.wasm": b"second"}
PINNED = {name: entry(data) for name, data in FILES.items()}


# The lock


def test_the_lock_names_all_a_page_needs():
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


def test_sources_are_asked_in_order_and_only_for_what_is_missing(tmp_path):
    first, second, third = [], [], []
    sources = [
        ("one", gives({"a.js": b"first"}, first)),
        ("two", gives(FILES, second)),
        ("three", gives(FILES, third)),
    ]
    assert runtime.collect(PINNED, None, tmp_path, sources, print) == FILES
    assert (first, second, third) == ([["a.js", "b.wasm"]], [["b.wasm"]], [])


def test_the_cache_is_asked_before_any_source(tmp_path):
    runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES))], print)
    assert runtime.collect(PINNED, None, tmp_path, [], print) == FILES


def test_the_users_folder_comes_first(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.js").write_bytes(b"first")
    asked = []
    found = runtime.collect(
        PINNED, tmp_path / "own", tmp_path / "cache", [("one", gives(FILES, asked))], print
    )
    assert found == FILES
    assert asked == [["b.wasm"]]


def test_a_wrong_file_in_the_users_folder_is_told(tmp_path):
    (tmp_path / "a.js").write_bytes(b"other")
    with pytest.raises(Failure, match="a.js is not the pinned a.js"):
        runtime.collect(PINNED, tmp_path, tmp_path / "cache", [], print)
    with pytest.raises(Failure, match="is not a folder"):
        runtime.collect(PINNED, tmp_path / "none", tmp_path / "cache", [], print)


def test_a_damaged_file_in_the_cache_is_fetched_anew(tmp_path, capsys):
    runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES))], print)
    path = runtime.cached_path(tmp_path, "a.js", PINNED["a.js"])
    for damage in (b"firsT", b"", b"first and more"):
        path.write_bytes(damage)
        asked = []
        assert runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES, asked))], print)
        assert asked == [["a.js"]]
        assert path.read_bytes() == b"first"
    assert capsys.readouterr().out.count("is damaged and will be fetched anew") == 3


def test_a_wrong_file_is_never_taken(tmp_path):
    liar = ("the liar", gives({"a.js": b"FIRST", "b.wasm": b"second"}))
    assert runtime.collect(PINNED, None, tmp_path, [liar, ("two", gives(FILES))], print) == FILES
    with pytest.raises(Failure) as error:
        runtime.collect(PINNED, None, tmp_path / "empty", [liar], print)
    assert "Could not get a.js (the liar gave another a.js than the pinned one)." in str(
        error.value
    )
    assert not runtime.cached_path(tmp_path / "empty", "a.js", PINNED["a.js"]).exists()


def test_without_any_source_one_sentence_names_the_reasons(tmp_path):
    def silent(wanted):
        raise runtime.NotHere("not reachable")

    sources = [("the CDN", silent), ("npm", silent)]
    with pytest.raises(Failure) as error:
        runtime.collect(PINNED, None, tmp_path, sources, print)
    expected = "a.js, b.wasm (the CDN: not reachable; npm: not reachable). Where there is a network"
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(runtime.Path, "write_bytes", full)
    with pytest.raises(Failure, match=r"\(No space left on device\); free some space"):
        runtime.collect(PINNED, None, tmp_path, [("one", gives(FILES))], print)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_long_list_is_cut():
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
def cdn(monkeypatch):
    """A CDN with the given answers: {url: bytes or error}."""
    monkeypatch.setattr(runtime, "look_up", lambda hosts: None)

    def answers(**bodies):
        wanted = {n: {**entry(FILES[n]), "cdn": n} for n in FILES}
        named = {"a.js": bodies["a"], "b.wasm": bodies["b"]}
        monkeypatch.setattr(runtime.urllib.request, "urlopen", answer_with(named))
        return runtime.from_cdn(wanted, print)

    return answers


def test_the_cdn_gives_what_it_has(cdn):
    assert cdn(a=b"first", b=b"second") == FILES
    error = runtime.urllib.error.HTTPError("a.js", 404, "Not Found", {}, io.BytesIO())
    assert cdn(a=error, b=b"second") == {"b.wasm": b"second"}


def test_an_answer_is_never_read_further_than_its_size(cdn):
    assert cdn(a=b"first" * 1000, b=b"second")["a.js"] == b"firstf"


def test_a_cdn_that_breaks_off_keeps_what_came(cdn):
    assert cdn(a=b"first", b=OSError("reset")) == {"a.js": b"first"}
    with pytest.raises(runtime.NotHere, match="not reachable"):
        cdn(a=http.client.HTTPException("?"), b=b"second")


def test_a_name_that_does_not_resolve_is_given_up_soon(monkeypatch):
    monkeypatch.setattr(runtime.urllib.request, "getproxies", dict)
    monkeypatch.setattr(runtime, "LOOK_UP_SECONDS", 0.05)
    monkeypatch.setattr(runtime.socket, "getaddrinfo", lambda *_: time.sleep(0.5))
    start = time.monotonic()
    with pytest.raises(runtime.NotHere):
        runtime.from_cdn(PINNED, print)
    assert time.monotonic() - start < 0.4


# The registries


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


def test_npm_is_asked_once_for_a_package(monkeypatch):
    monkeypatch.setattr(runtime.shutil, "which", lambda name: name)
    commands = []
    archive = tar_of({"package/" + name: data for name, data in FILES.items()})
    found = runtime.from_npm(FROM_NPM, print, fake_run("some-1.0.tgz", archive, commands))
    assert found == FILES
    assert [command[-1] for command in commands] == ["some@1.0"]


def test_pip_fetches_for_another_python_and_builds_nothing():
    commands = []
    wheel = zip_of({"deep/" + name: data for name, data in FILES.items()})
    run = fake_run("some-1.0-py3-none-any.whl", wheel, commands)
    assert runtime.from_pip(FROM_PIP, print, run, lambda: "python") == FILES
    (command,) = commands
    assert command[:4] == ["python", "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "some==1.0"} <= set(command)


def test_a_registry_that_cannot_help_says_why(monkeypatch):
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


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("name", ["MICROGPT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA", ""])
def test_the_cache_is_where_the_package_has_its_own(monkeypatch, tmp_path, platform, name):
    for one in ("MICROGPT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(one, raising=False)
    plain = files.cache_dir()
    if name:
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert runtime.cache_dir() == files.cache_dir()
    assert name != "MICROGPT_CACHE" or files.cache_dir() == tmp_path != plain
