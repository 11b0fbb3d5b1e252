"""Starting: what it costs, what it needs, and the package that is installed."""

import subprocess
import sys
import tomllib

import pytest
from program import ROOT, call, environment, run

# Loaded when a command needs them, because each takes longer than reading a command line.
LATER = ("numpy", "socket", "ssl", "urllib.request", "http.client", "tempfile", "cProfile")


def python(code, *flags):
    command = [sys.executable, *flags, "-c", code]
    env = environment(PYTHONPATH=str(ROOT / "py"))
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True)


def cost_to_import(module):
    """Beside numpy, and as a part of what numpy takes: so a busy machine makes no difference."""
    lines = python(f"import numpy, {module}", "-X", "importtime").stderr.splitlines()
    rows = [line.removeprefix("import time:").split("|") for line in lines[1:]]
    took = {name.strip(): int(all_) for _, all_, name in rows}
    return took.get(module, 0) / took["numpy"]


@pytest.mark.parametrize("module", ["microgpt", "microgpt.cli", "microgpt.training.run"])
def test_importing_costs_little_more_than_numpy(module):
    assert min(cost_to_import(module) for _ in range(3)) < 2


def test_reading_the_command_line_needs_little():
    code = f"import microgpt.cli, sys; print([m for m in {LATER} if m in sys.modules])"
    assert python(code).stdout == "[]\n"


def test_the_first_word_about_a_large_checkpoint_comes_before_numpy(tmp_path):
    """So it is there within half a second, whatever follows."""
    for name, start in (("large", b"{"), ("text", b"m")):
        with open(tmp_path / name, "wb") as file:
            file.write((100).to_bytes(8, "little") + start)
            file.truncate(5_000_000)
    code = (
        "import sys; sys.modules['numpy'] = None; from microgpt.cli import main; main(sys.argv[1:])"
    )
    env = environment(PYTHONPATH=str(ROOT / "py"))
    for words, said in (
        (["info", "large"], "Reading large, 5.0 MB."),
        (["--resume=large"], "Reading large, 5.0 MB."),
        (["--resume", "large", "--quiet"], "Traceback"),
        (["--data", "text"], "Traceback"),
    ):
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path)
        assert done.stderr.startswith(said)
        assert "numpy" in done.stderr.splitlines()[-1]


def test_a_command_is_loaded_when_it_is_wanted():
    code = "import sys; from microgpt.cli import build_parser as p; p(); p('bench');"
    assert python(code + "print('numpy' in sys.modules)").stdout == "False\n"


def test_every_command_is_a_file_and_every_file_a_command():
    from importlib import import_module

    from microgpt.cli import COMMANDS

    folder = ROOT / "py" / "microgpt" / "terminal" / "commands"
    assert {path.stem for path in folder.iterdir() if path.stem.isalpha()} == set(COMMANDS)
    for name in COMMANDS:
        command = import_module(f"microgpt.terminal.commands.{name}")
        assert command.__doc__.startswith(f"`{name}`: ") and callable(command.add)


def test_version_and_help(capsys):
    from microgpt import __version__
    from microgpt.cli import COMMANDS

    assert run("--version").out == f"microgpt {__version__}\n"
    for command in ([], *([name] for name in COMMANDS), ["tokenize", "encode"]):
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

    from microgpt.gpt.config import GPTConfig
    from microgpt.inference.sampling import Sampling
    from microgpt.training.config import TrainConfig

    words = " ".join(helped(capsys, "train").out.split())
    for f in (*fields(TrainConfig), *fields(GPTConfig), *fields(Sampling)):
        shown = f"{f.default:g}" if isinstance(f.default, float) else f.default
        if f.name == "vocab_size":  # the data decides
            assert "--vocab-size" not in words
            continue
        flag = f.name.replace("_", "-")
        if f.type is bool:  # can be turned off where a preset has turned it on
            shown = "on" if f.default else "off"
            flag = f"[no-]{flag}"
        assert f"--{flag} " in words
        assert f"{f.metadata['help']} ({shown})" in words


def test_the_help_of_train_is_in_groups_that_one_can_take_in(capsys):
    """No group is long, and every flag stands in one."""
    from microgpt.cli import build_parser

    parser = build_parser("train").parse_args(["train"]).parser
    groups = [group for group in parser._action_groups if group._group_actions]
    assert all(len(group._group_actions) <= 12 for group in groups)
    assert [a.dest for a in parser._optionals._group_actions] == ["help"]
    assert all(action.help for group in groups for action in group._group_actions)


def test_the_package_lists_every_room_and_has_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = ROOT / "py" / "microgpt"
    files = package.glob("*/**/__init__.py")
    rooms = {".".join(path.parent.relative_to(package.parent).parts) for path in files}
    setuptools = project["tool"]["setuptools"]
    assert set(setuptools["packages"]) == {"microgpt", "microgpt.fallback_data", *rooms}
    assert project["project"]["dynamic"] == ["version"]
    assert setuptools["dynamic"]["version"] == {"attr": "microgpt.__version__"}
    module, _, name = project["project"]["scripts"]["microgpt"].partition(":")
    assert module == "microgpt.__main__" and name in (package / "__main__.py").read_text()
