"""Starting: what it costs, what it needs, and the package that is installed."""

import subprocess
import sys
import tomllib

import pytest
from program import ROOT, call, environment, run

# Loaded when a command needs them, because each takes longer than reading a command line.
LATER = ("socket", "ssl", "urllib.request", "http.client", "tempfile", "cProfile", "tracemalloc")


def python(code, *flags):
    command = [sys.executable, *flags, "-c", code]
    env = environment(PYTHONPATH=str(ROOT / "py"))
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True)


def seconds_to_import(module):
    """Without what numpy takes, as Python itself measures it."""
    lines = python(f"import numpy, {module}", "-X", "importtime").stderr.splitlines()
    rows = [line.removeprefix("import time:").split("|") for line in lines[1:]]
    took = {name.strip(): int(all_) for _, all_, name in rows}
    return took.get(module, 0) / 1e6


@pytest.mark.parametrize("module", ["microgpt", "microgpt.cli", "microgpt.run"])
def test_importing_costs_little_more_than_numpy(module):
    assert min(seconds_to_import(module) for _ in range(2)) < 0.150


def test_reading_the_command_line_needs_little():
    code = f"import microgpt.cli, sys; print([m for m in {LATER} if m in sys.modules])"
    plain = f"import numpy, sys; print([m for m in {LATER} if m in sys.modules])"
    assert python(code).stdout == python(plain).stdout


def test_version_and_help(capsys):
    from microgpt import __version__

    assert run("--version").out == f"microgpt {__version__}\n"
    for command in ([], ["train"], ["sample"], ["info"], ["bench"]):
        answer = run(*command, "--help") if not command else helped(capsys, *command)
        assert answer.out.startswith("usage: ") and answer.err == "" and answer.code == 0
        assert max(map(len, answer.out.splitlines())) <= 100


def helped(capsys, *command):
    with pytest.raises(SystemExit) as done:
        call(capsys, *command, "--help")
    captured = capsys.readouterr()
    return type("Help", (), {"code": done.value.code, "out": captured.out, "err": captured.err})


def test_the_help_of_train_explains_every_flag_with_its_default(capsys):
    from dataclasses import fields

    from microgpt.training.config import TrainConfig

    words = " ".join(helped(capsys, "train").out.split())
    for f in fields(TrainConfig):
        shown = f"{f.default:g}" if isinstance(f.default, float) else f.default
        assert f"--{f.name.replace('_', '-')} " in words
        assert f"{f.metadata['help']} ({shown})" in words


def test_the_package_lists_every_room_and_has_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = ROOT / "py" / "microgpt"
    rooms = {f"microgpt.{path.parent.name}" for path in package.glob("*/__init__.py")}
    setuptools = project["tool"]["setuptools"]
    assert set(setuptools["packages"]) == {"microgpt", "microgpt.fallback_data", *rooms}
    assert project["project"]["dynamic"] == ["version"]
    assert setuptools["dynamic"]["version"] == {"attr": "microgpt.__version__"}
    module, _, name = project["project"]["scripts"]["microgpt"].partition(":")
    assert module == "microgpt.__main__" and name in (package / "__main__.py").read_text()
