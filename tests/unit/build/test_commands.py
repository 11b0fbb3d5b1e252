"""The command line of build.py, and what each of its commands does."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import build
from web.build import chromium, commands, environment

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "rest", [[], ["--help"], ["train", "--steps", "5", "a b"], ["--", "-x"], ["test", "--fast"]]
)
def test_everything_after_run_belongs_to_the_program(rest):
    options, passed_on = build.parse(["run", *rest])
    assert (options.command, passed_on) == ("run", rest)


def test_what_test_does_not_know_belongs_to_pytest():
    options, rest = build.parse(["test", "-k", "not slow", "--fast", "-x", "tests/unit", "--fas"])
    assert options.fast
    assert rest == ["-k", "not slow", "-x", "tests/unit", "--fas"]
    assert not build.parse(["test"])[0].fast


@pytest.mark.parametrize("argv", [[], ["tset"], ["--fast"]])
def test_a_wrong_command_line_is_a_usage_error(argv, capsys):
    with pytest.raises(SystemExit) as error:
        build.main(argv)
    assert error.value.code == 2
    assert "usage: build.py" in capsys.readouterr().err


# Old and incomplete Pythons


def test_old_pythons_can_parse_the_file():
    ast.parse((ROOT / "build.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_file_imports_only_what_old_pythons_have():
    tree = ast.parse((ROOT / "build.py").read_text(encoding="utf-8"))
    # Only the top: what a function imports comes after the version check.
    lines = [ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    assert lines == ["import argparse", "import sys", "from pathlib import Path"]


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 9, 18), (2, 7, 18)])
def test_an_old_python_gets_a_sentence(monkeypatch, capsys, version):
    monkeypatch.setattr(build.sys, "version_info", version)
    assert build.main(["test"]) == 1
    found = f"{version[0]}.{version[1]}"
    expected = f"build.py: microgpt needs Python 3.11 or newer; this is Python {found}.\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 0), (4, 0, 0)])
def test_a_new_python_is_welcome(monkeypatch, version):
    monkeypatch.setattr(build.sys, "version_info", version)
    monkeypatch.setattr(commands, "main", lambda options, rest: (options.command, rest))
    assert build.main(["run", "train"]) == ("run", ["train"])


def test_the_oldest_python_is_said_once_and_again_where_it_must():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, build.OLDEST_PYTHON))
    assert environment.OLDEST_PYTHON == build.OLDEST_PYTHON


# What is missing is said before the tests run


@pytest.fixture
def nothing_runs(monkeypatch):
    """`build.py test` with everything installed, and nothing of it started."""
    monkeypatch.setattr(environment, "ensure_venv", lambda: (Path(sys.executable), "key"))
    monkeypatch.setattr(environment, "once", lambda *_: "")
    monkeypatch.setattr(commands, "step", lambda *_: True)
    monkeypatch.setattr(commands, "become", lambda *_: 0)
    monkeypatch.setattr(os, "chdir", lambda _: None)


@pytest.mark.usefixtures("nothing_runs")
def test_ci_fails_without_a_chromium(monkeypatch, capsys):
    monkeypatch.setattr(chromium, "find_or_install", lambda _: (False, None))
    monkeypatch.setenv("CI", "true")
    assert build.main(["test"]) == 1
    assert "build.py: Chromium: not found" in capsys.readouterr().err
    monkeypatch.setenv("CI", "")
    assert build.main(["test"]) == 0
    assert "- missing: Chromium: not found" in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_runs")
def test_without_the_full_names_one_line_says_how_to_get_them(monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("MICROGPT_NAMES", raising=False)
    monkeypatch.setenv("MICROGPT_CACHE", str(tmp_path))
    assert build.main(["test", "--fast"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"- missing: the full names file: not at {tmp_path / 'names.txt'}")
    assert "`python3 build.py run` downloads it" in line and "MICROGPT_NAMES" in line
    (tmp_path / "names.txt").touch()
    assert build.main(["test", "--fast"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("MICROGPT_NAMES", str(tmp_path / "mine.txt"))
    assert build.main(["test", "--fast"]) == 0
    assert f"not at {tmp_path / 'mine.txt'}" in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_runs")
def test_what_is_compiled_is_kept_for_the_next_process(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    given = []
    monkeypatch.setattr(commands, "become", lambda command, env: given.append(env) or 0)
    assert build.main(["test", "--fast"]) == 0
    assert "PATH" in given[0] and "PYTHONDONTWRITEBYTECODE" not in given[0]


@pytest.mark.slow
def test_a_file_stays_in_one_process():
    """So do the browser's tests of a folder: they share a page that has loaded Python."""
    plugins = ["-p", "no:playwright", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-v", "-n", "2", "--dist", "loadscope"]
    files = ["tests/unit/build/test_minify.py", "tests/unit/build/test_chromium.py"]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True)
    for name in files:
        workers = set(re.findall(rf"^\[(gw\d)\].* PASSED {name}", done.stdout, re.M))
        assert len(workers) == 1, done.stdout


def test_ci_runs_the_readme_command():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "exec python3 build.py test"
    if shutil.which("bash"):
        assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")]).returncode == 0
