"""The parts of build.py that can be tested without a network."""

import ast
import importlib.util
import os
import select
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def build():
    # By its path: a package of the name `build` may be installed too.
    spec = importlib.util.spec_from_file_location("microgpt_build", ROOT / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(folder, name, exit_code=0):
    """A fake program that ends with this exit code."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return str(path)


# The command line


@pytest.mark.parametrize(
    "rest", [[], ["--help"], ["train", "--steps", "5", "a b"], ["--", "-x"], ["test", "--fast"]]
)
def test_everything_after_run_belongs_to_the_program(build, rest):
    options, passed_on = build.parse(["run", *rest])
    assert (options.command, passed_on) == ("run", rest)


def test_what_test_does_not_know_belongs_to_pytest(build):
    options, rest = build.parse(["test", "-k", "not slow", "--fast", "-x", "tests/unit", "--fas"])
    assert options.fast
    assert rest == ["-k", "not slow", "-x", "tests/unit", "--fas"]
    assert not build.parse(["test"])[0].fast


@pytest.mark.parametrize("argv", [[], ["tset"], ["--fast"]])
def test_a_wrong_command_line_is_a_usage_error(build, argv, capsys):
    with pytest.raises(SystemExit) as error:
        build.main(argv)
    assert error.value.code == 2
    assert "usage: build.py" in capsys.readouterr().err


# Old and incomplete Pythons


def test_old_pythons_can_parse_the_file():
    ast.parse((ROOT / "build.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_file_imports_only_what_old_pythons_have():
    tree = ast.parse((ROOT / "build.py").read_text(encoding="utf-8"))
    for node in tree.body:  # only the top: what a function imports comes after the version check
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert "tomllib" not in ast.unparse(node)


def test_an_old_python_gets_a_sentence(build, monkeypatch, capsys):
    monkeypatch.setattr(build.sys, "version_info", (3, 10, 4))
    assert build.main(["test"]) == 1
    expected = "build.py: microgpt needs Python 3.11 or newer; this is Python 3.10.\n"
    assert capsys.readouterr().err == expected


def test_python_versions_are_compared_as_numbers(build):
    build.require_python((3, 11, 0))
    build.require_python((4, 0, 0))
    with pytest.raises(build.Failure):
        build.require_python((3, 9, 18))


@pytest.mark.parametrize("absent", ["venv", "ensurepip"])
def test_a_python_without_venv_says_what_to_install(build, absent):
    with pytest.raises(build.Failure, match="apt-get install python3-venv"):
        build.require_venv_module(lambda name: None if name == absent else name)
    build.require_venv_module(lambda name: name)


def test_the_oldest_python_is_the_one_of_pyproject(build):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, build.OLDEST_PYTHON))


def test_only_a_working_python_is_reused(build, tmp_path):
    assert build.version_of(Path(sys.executable)) == sys.version_info[:3]
    assert build.version_of(tmp_path / "none") is None


# The stamp


def test_a_stamp_saves_the_second_install(build, tmp_path):
    calls = []

    def install():
        calls.append(1)
        return "PyTorch: not here\n"

    for _ in range(2):
        assert build.once("torch", "key", install, tmp_path) == "PyTorch: not here\n"
    assert len(calls) == 1
    build.once("torch", "another key", install, tmp_path)
    build.once("test", "another key", install, tmp_path)
    assert len(calls) == 3


def test_a_failed_install_leaves_no_stamp(build, tmp_path):
    def install():
        raise build.Failure("no network")

    with pytest.raises(build.Failure):
        build.once("test", "key", install, tmp_path)
    assert build.once("test", "key", lambda: "done", tmp_path) == "done"


def test_the_key_changes_with_all_an_install_depends_on(build, monkeypatch):
    key = build.fingerprint(b"[project]", (3, 11, 7), ROOT)
    assert key == build.fingerprint(b"[project]", (3, 11, 7), ROOT)
    others = {
        build.fingerprint(b"[project] ", (3, 11, 7), ROOT),
        build.fingerprint(b"[project]", (3, 12, 0), ROOT),
        build.fingerprint(b"[project]", (3, 11, 7), ROOT.parent),
    }
    monkeypatch.setattr(build, "TORCH_VERSION", "0")
    others.add(build.fingerprint(b"[project]", (3, 11, 7), ROOT))
    assert len(others) == 4 and key not in others


def test_only_a_cpu_build_of_torch_is_asked_for(build):
    assert build.torch_requirement("linux").endswith("+cpu")
    assert not build.torch_requirement("darwin").endswith("+cpu")
    assert not build.torch_requirement("win32").endswith("+cpu")


# Processes


def test_a_failing_step_shows_what_was_printed_and_a_sentence(build, capsys):
    broken = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    assert build.step("trying", broken) is False
    assert "the reason" not in capsys.readouterr().err
    with pytest.raises(build.Failure, match="It did not work."):
        build.step("installing", broken, "It did not work.")
    err = capsys.readouterr().err
    assert "- installing ... failed, " in err and "the reason" in err


def test_a_good_step_is_one_line(build, capsys):
    assert build.step("greeting", [sys.executable, "-c", "print('hello')"], "Never said.")
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "hello" not in err


# Processes of our own, so that what they do to this one's input or life does no harm.
IMPORT_BUILD = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import build, os\n"


def test_steps_see_no_keyboard_and_no_pythonpath():
    code = "import os, sys; print(os.environ.get('PYTHONPATH'), repr(sys.stdin.read()))"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            IMPORT_BUILD + f"print(build.quietly([sys.executable, '-c', {code!r}]))",
        ],
        env={**os.environ, "PYTHONPATH": "elsewhere"},
        input="typed",
        capture_output=True,
        text=True,
    )
    assert done.stdout == "(0, \"None ''\")\n"


@pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")
def test_a_time_out_ends_the_children_too(build, tmp_path):
    # The grandchild holds this open for writing; it reads as ended when the grandchild is gone.
    os.mkfifo(tmp_path / "life")
    life = os.open(tmp_path / "life", os.O_RDONLY | os.O_NONBLOCK)
    shell = f"exec > '{tmp_path}/life'; echo started; exec sleep 60"
    code = f"import subprocess; subprocess.run(['sh', '-c', {shell!r}])"
    result = build.quietly([sys.executable, "-c", code], timeout=1)
    assert result == (1, "no end after 1 s")
    assert os.read(life, 100) == b"started\n"
    assert select.select([life], [], [], 5)[0], "the grandchild lives on"
    assert os.read(life, 100) == b""
    os.close(life)


@pytest.mark.parametrize("code", [0, 2, 130])
def test_exit_codes_pass_through(code):
    program = f"print('ran'); raise SystemExit({code})"
    script = f"sys.exit(build.become([sys.executable, '-c', {program!r}], dict(os.environ)))"
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_BUILD + script], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (code, "ran\n")


@pytest.mark.parametrize("codes", [(0, 0), (0, 3), (2, 0), (2, 3)])
def test_two_commands_at_once(build, codes, capfd):
    """Each waits for the other's file: one after the other they would never end."""
    meet = (
        "import pathlib, sys, time\n"
        "mine, other = map(pathlib.Path, sys.argv[1:3])\n"
        "mine.touch()\n"
        "late = time.monotonic() + 20\n"
        "while not other.exists() and time.monotonic() < late: time.sleep(0.01)\n"
        "if not other.exists(): raise SystemExit('alone')\n"
        "print('from', mine.name, flush=True)\n"
        "raise SystemExit(int(sys.argv[3]))\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        one, two = (str(Path(folder, name)) for name in ("one", "two"))
        python = [sys.executable, "-c", meet]
        first, second = [*python, one, two, str(codes[0])], [*python, two, one, str(codes[1])]
        commands = {"first": first, "second": second}
        assert build.side_by_side(commands, dict(os.environ)) == (codes[0] or codes[1])
    out, err = capfd.readouterr()
    assert out == "from one\nfrom two\n"
    assert err == "".join(f"- {n}: exit code {c}\n" for n, c in zip(commands, codes) if c)


# Chromium


@pytest.fixture
def no_system_chromium(build, monkeypatch):
    """Names that no machine has in /usr/bin."""
    monkeypatch.setattr(build, "CHROMIUM_NAMES", ("fake-chromium", "fake-chrome"))


@pytest.mark.skipif(os.name == "nt", reason="the fake programs are shell scripts")
@pytest.mark.usefixtures("no_system_chromium")
class TestChromium:
    def test_the_first_that_starts_is_taken(self, build, tmp_path):
        env = {"PATH": str(tmp_path)}
        assert build.chromium_of_system(env) is None
        chrome = program(tmp_path, "fake-chrome")
        assert build.chromium_of_system(env) == chrome
        program(tmp_path, "fake-chromium", exit_code=1)  # a stub that asks for a snap
        assert build.chromium_of_system(env) == chrome
        chromium = program(tmp_path, "fake-chromium")
        assert build.chromium_of_system(env) == chromium

    def test_the_named_one_comes_first(self, build, tmp_path):
        program(tmp_path, "fake-chromium")
        named = program(tmp_path, "my-own")
        env = {"PATH": str(tmp_path), "MICROGPT_CHROMIUM": named}
        assert build.chromium_of_system(env) == named

    def test_a_wrong_name_is_told(self, build, tmp_path):
        env = {"PATH": str(tmp_path), "MICROGPT_CHROMIUM": str(tmp_path / "none")}
        with pytest.raises(build.Failure, match="is not a program"):
            build.chromium_of_system(env)

    def test_ci_fails_without_one(self, build, monkeypatch, capsys):
        monkeypatch.setenv("CI", "true")
        monkeypatch.setattr(build, "ensure_venv", lambda: (Path(sys.executable), "key"))
        monkeypatch.setattr(build, "once", lambda *_: "")
        monkeypatch.setattr(build, "find_or_install_chromium", lambda _: (False, None))
        monkeypatch.setattr(build, "step", lambda *_: True)
        monkeypatch.setattr(build, "become", lambda *_: 0)
        monkeypatch.setattr(build, "side_by_side", lambda *_: 0)
        monkeypatch.setattr(build.os, "chdir", lambda _: None)
        assert build.main(["test"]) == 1
        assert "build.py: Chromium: not found" in capsys.readouterr().err
        monkeypatch.setenv("CI", "")
        assert build.main(["test"]) == 0
        assert "- missing: Chromium: not found" in capsys.readouterr().err


def test_ci_runs_the_readme_command():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "exec python3 build.py test"
    if shutil.which("bash"):
        assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")]).returncode == 0
