"""`.venv`: which Python may make one, and when something is installed into it again."""

import sys
from pathlib import Path

import pytest

from web.build import Failure, environment

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("absent", ["venv", "ensurepip"])
def test_a_python_without_venv_says_what_to_install(absent):
    with pytest.raises(Failure, match="apt-get install python3-venv"):
        environment.require_venv_module(lambda name: None if name == absent else name)
    environment.require_venv_module(lambda name: name)


def test_only_a_working_python_is_reused(tmp_path):
    assert environment.version_of(Path(sys.executable)) == sys.version_info[:3]
    assert environment.version_of(tmp_path / "none") is None


# The stamp


def test_a_stamp_saves_the_second_install(tmp_path):
    calls = []

    def install():
        calls.append(1)
        return "PyTorch: not here\n"

    for _ in range(2):
        assert environment.once("torch", "key", install, tmp_path) == "PyTorch: not here\n"
    assert len(calls) == 1
    environment.once("torch", "another key", install, tmp_path)
    environment.once("test", "another key", install, tmp_path)
    assert len(calls) == 3


def test_a_failed_install_leaves_no_stamp(tmp_path):
    def install():
        raise Failure("no network")

    with pytest.raises(Failure):
        environment.once("test", "key", install, tmp_path)
    assert environment.once("test", "key", lambda: "done", tmp_path) == "done"


def test_the_key_changes_with_all_an_install_depends_on(monkeypatch):
    key = environment.fingerprint(b"[project]", (3, 11, 7), ROOT)
    assert key == environment.fingerprint(b"[project]", (3, 11, 7), ROOT)
    others = {
        environment.fingerprint(b"[project] ", (3, 11, 7), ROOT),
        environment.fingerprint(b"[project]", (3, 12, 0), ROOT),
        environment.fingerprint(b"[project]", (3, 11, 7), ROOT.parent),
    }
    monkeypatch.setattr(environment, "TORCH_VERSION", "0")
    others.add(environment.fingerprint(b"[project]", (3, 11, 7), ROOT))
    assert len(others) == 4 and key not in others


def test_only_a_cpu_build_of_torch_is_asked_for():
    assert environment.torch_requirement("linux").endswith("+cpu")
    assert not environment.torch_requirement("darwin").endswith("+cpu")
    assert not environment.torch_requirement("win32").endswith("+cpu")
