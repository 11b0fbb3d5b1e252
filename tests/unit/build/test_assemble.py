"""The site, put together from a tiny runtime: what is in it, and when it is built anew."""

import base64
import errno
import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path

import pytest
from tiny_site import CORE, build, contents

from web.build import Failure, assemble

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "web" / "build"


def test_the_site_holds_what_it_should(tiny, tmp_path):
    site = build(tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    base = site["runtime"][2:]
    wheel = site["files"][-1]["url"][2:]
    assert set(files) == {
        *(".nojekyll", "404.html", "LICENSE.txt", "index.html", "main.js"),
        *("sw.js", "site.json", "ui/a.js"),
        *(
            "data/names.txt",
            "data/names-1800.txt",
            "data/names-model.mgpt",
            "data/story-chat.safetensors",
            "data/stories.txt",
            "vendor/uPlot.iife.min.js",
        ),
        *(base + name for name in CORE if name != "uPlot.iife.min.js"),
        base + "pyodide-lock.json",
        wheel,
    }
    assert json.loads(files["site.json"]) == site
    texts = {name: f"./data/{name}.txt" for name in ("names", "names-1800", "stories")}
    models = {"names-model": "names-model.mgpt", "story-chat": "story-chat.safetensors"}
    assert site["data"] == texts | {name: f"./data/{file}" for name, file in models.items()}
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


def test_the_service_worker_learns_the_hash_of_every_file(tiny, tmp_path):
    build(tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    before, line, later, after = files["sw.js"].decode().strip().split("\n")
    assert (before, after) == ("// before", "// after")
    model, extra = json.loads(later.removeprefix("const LATER = ").removesuffix(";"))
    # Which a start does without.
    assert extra.endswith("/micropip-1-any.whl") and model.endswith("/story-chat.safetensors")
    listed = json.loads(line.removeprefix("const FILES = ").removesuffix(";"))
    not_kept = {"sw.js", ".nojekyll", "404.html"}
    assert set(listed) == {"./" + name for name in set(files) - not_kept}
    for address, digest in listed.items():
        assert hashlib.sha256(files[address[2:]]).hexdigest() == digest


def test_what_comes_later_is_a_file_of_its_own_and_named_as_such(tiny, tmp_path):
    web = tiny["root"] / "web"
    (web / "main.js").write_text('import("./ui/a.js");\n')
    (web / "ui" / "a.js").write_text("export const a = 1;\n")
    (web / "a.css").write_text("a { color: red; }\n")  # the view brings it along
    build(tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    assert b"export const{a}=" in files["ui/a.js"]
    text = files["sw.js"].decode()
    late = json.loads(re.search(r"^const LATER = (.*);$", text, re.M)[1])
    expected = {"./a.css", "./data/story-chat.safetensors", "./ui/a.js"}
    assert expected <= set(late) and all(f'"{path}": "' in text for path in late)


def test_vendored_packages_are_imported_by_their_address(tiny, tmp_path):
    entry = tiny["lock"]["files"]["uPlot.iife.min.js"]
    entry["import"] = "uplot"
    (tiny["root"] / "web" / "main.js").write_text('import * as plot from "uplot";\nplot.draw();\n')
    build(tiny, tmp_path / "dist")
    made = contents(tmp_path / "dist")["main.js"].decode()
    assert 'from"./vendor/uPlot.iife.min.js";' in made and '"uplot"' not in made


def test_the_policy_is_put_into_every_page(tiny, tmp_path):
    page = tiny["root"] / "web" / "index.html"
    tag = '<meta http-equiv="Content-Security-Policy" content="x">'
    page.write_text(page.read_text().replace("<title>", tag + "<title>"))
    build(tiny, tmp_path / "dist")
    for name in ("index.html", "404.html"):
        text = (tmp_path / "dist" / name).read_text()
        assert text.count("Content-Security-Policy") == 1
        assert "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src" in text
        assert "jsdelivr" not in text


def test_the_page_in_the_repository_has_the_policy_it_gets():
    page = ROOT / "web" / "index.html"
    assert assemble.with_policy(page.read_bytes(), cdn=False) == page.read_bytes()


def test_with_cdn_the_runtime_is_elsewhere(tiny, tmp_path):
    del tiny["lock"]["files"]["uPlot.iife.min.js"]
    site = build({**tiny, "sources": []}, tmp_path / "dist", cdn=True)
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


def test_same_inputs_same_bytes(tiny, tmp_path, monkeypatch):
    build(tiny, tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    before = os.umask(0o077)
    try:
        for path in tiny["root"].rglob("*"):
            os.utime(path, (1e9, 1e9))
        build(tiny, tmp_path / "two")
    finally:
        os.umask(before)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    modes = [
        {p.relative_to(out).as_posix(): p.stat().st_mode for p in out.rglob("*")}
        for out in (tmp_path / "one", tmp_path / "two")
    ]
    assert modes[0] == modes[1]


def test_a_site_is_current_until_an_input_changes(tiny, tmp_path):
    out = tmp_path / "dist"
    wanted = (tiny["lock"], False, False)
    assert not assemble.is_current(tiny["root"], out, *wanted)
    build(tiny, out)
    assert assemble.is_current(tiny["root"], out, *wanted)
    assert not assemble.is_current(tiny["root"], out, tiny["lock"], True, False)
    (tiny["root"] / "web" / "main.js").write_text("changed")
    assert not assemble.is_current(tiny["root"], out, *wanted)


def test_building_again_replaces_the_whole_site(tiny, tmp_path):
    build(tiny, tmp_path / "dist")
    (tmp_path / "dist" / "left.over").write_text("x")
    build(tiny, tmp_path / "dist")
    assert not (tmp_path / "dist" / "left.over").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "dist", "repository"]


def test_a_failed_build_leaves_the_old_site_and_no_half_of_a_new_one(tiny, tmp_path, monkeypatch):
    build(tiny, tmp_path / "dist")
    before = contents(tmp_path / "dist")
    (tiny["root"] / "web" / "main.js").write_text("changed")
    write = Path.write_bytes

    def full(path, data):
        if path.name == "site.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Failure, match="No space left on device.*--out"):
        build(tiny, tmp_path / "dist")
    assert contents(tmp_path / "dist") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "dist", "repository"]


def test_a_folder_that_is_no_site_is_left_alone(tiny, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(Failure, match="is not a site made by this command"):
        build(tiny, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()
    (tmp_path / "empty").mkdir()
    build(tiny, tmp_path / "empty")
    with pytest.raises(Failure, match="is a file"):
        build(tiny, tmp_path / "mine" / "thesis.txt")


def test_a_missing_input_is_named(tiny, tmp_path):
    (tiny["root"] / "fallback_data" / "names.txt").unlink()
    with pytest.raises(Failure, match=r"Could not read fallback_data/names.txt \("):
        build(tiny, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


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


def test_the_tools_are_not_in_the_site():
    assert not assemble.is_input("web/build/assemble.py")
    assert assemble.is_input("web/ui/build.js")
    assert not assemble.is_input("web/state/types.d.ts")  # for the checker alone


def test_the_first_script_is_a_part_of_the_page(tiny, tmp_path):
    """With the site's files in it, and let by a policy that no other script can use."""
    web = tiny["root"] / "web"
    (web / "boot.js").write_text(
        "const boot = (() => {\n  const SITE = {};\n  return SITE;\n})();\n"
    )
    page = (
        (web / "index.html").read_text().replace("<head>", '<head><script src="boot.js"></script>')
    )
    (web / "index.html").write_text(page)
    site = build(tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    page = files["index.html"].decode()
    (script,) = re.findall(r"<script>(.+?)</script>", page, re.S)
    assert "boot.js" not in files
    told = json.loads(re.search(r"const SITE=(.*);", script)[1])
    assert told == {key: site[key] for key in ("version", "runtime", "files", "data")}
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'wasm-unsafe-eval' 'sha256-{digest}'" in page
    (web / "index.html").write_text("<html><head></head></html>")
    with pytest.raises(Failure, match="No page in web/ has the line <script"):
        build(tiny, tmp_path / "dist")
    (web / "boot.js").write_text("const boot = 1;\n")
    with pytest.raises(Failure, match="exactly one line that begins `  const SITE = `"):
        build(tiny, tmp_path / "dist")


def test_the_page_holds_its_stylesheets(tiny, tmp_path):
    web = tiny["root"] / "web"
    links = "".join(f'<link rel="stylesheet" href="{name}.css">\n' for name in ("one", "two"))
    page = (web / "index.html").read_text().replace("<head>", "<head>\n" + links)
    (web / "index.html").write_text(page)
    (web / "one.css").write_text("a { color: red; }\n")
    (web / "two.css").write_text("b { color: blue; }\n")
    build(tiny, tmp_path / "dist")
    files = contents(tmp_path / "dist")
    style = "a{color:red}b{color:blue}\n"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = files["index.html"].decode()
    assert f"<style>{style}</style>" in page and f"style-src 'self' 'sha256-{digest}';" in page
    assert "stylesheet" not in page and not {"one.css", "two.css"} & set(files)
    (web / "two.css").unlink()
    with pytest.raises(Failure, match="asks for two.css, which does not exist"):
        build(tiny, tmp_path / "dist")


def test_the_page_says_where_its_code_is(tiny, tmp_path):
    page = tiny["root"] / "web" / "index.html"
    page.write_text('<html data-repository=""><head></head></html>')
    build(tiny, tmp_path / "dist", repository='https://example.org/a"b')
    made = (tmp_path / "dist" / "index.html").read_text()
    assert 'data-repository="https://example.org/a&quot;b"' in made
    wanted = (tiny["lock"], False, False)
    assert assemble.is_current(tiny["root"], tmp_path / "dist", *wanted, 'https://example.org/a"b')
    assert not assemble.is_current(tiny["root"], tmp_path / "dist", *wanted)
