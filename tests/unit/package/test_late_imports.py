"""Modules whose files come when they are imported, and what is said where they do not come."""

import gzip
import hashlib
import importlib
import sys

import pytest
from microgpt.late_imports import LateImports, unpack


@pytest.fixture
def late(tmp_path, monkeypatch):
    """A folder on Python's path; `late(names, files)` brings the files into it on request."""
    monkeypatch.syspath_prepend(tmp_path)
    before, modules = list(sys.meta_path), set(sys.modules)
    brought = []

    def make(names, files, problem=""):
        def bring():
            brought.append(1)
            if not problem:
                for name, text in files.items():
                    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                    (tmp_path / name).write_text(text)
            return problem

        made = LateImports(names, bring)
        made.brought = brought
        return made

    yield make
    sys.meta_path[:] = before
    for name in set(sys.modules) - modules:
        del sys.modules[name]


FILES = {"late_pkg/__init__.py": "from . import inner", "late_pkg/inner.py": "x = 7"}


def test_an_import_brings_what_it_needs_once(late):
    finder = late(["late_pkg", "late_pkg.inner"], FILES)
    assert importlib.import_module("late_pkg").inner.x == 7
    assert finder.brought == [1] and finder not in sys.meta_path


def test_a_part_of_a_package_that_is_there_may_come_later(late, tmp_path):
    (tmp_path / "half_pkg").mkdir()
    (tmp_path / "half_pkg" / "__init__.py").write_text("")
    finder = late(["half_pkg.rest"], {"half_pkg/rest.py": "y = 8"})
    importlib.import_module("half_pkg")
    assert finder.brought == []
    assert importlib.import_module("half_pkg.rest").y == 8


def test_what_nobody_has_is_not_asked_for(late):
    finder = late(["late_pkg"], FILES)
    with pytest.raises(ModuleNotFoundError, match="No module named 'nobody_has_this'"):
        importlib.import_module("nobody_has_this")
    assert finder.brought == []


def test_what_does_not_come_is_told_and_can_be_tried_again(late):
    finder = late(["late_pkg"], FILES, problem="it could not be fetched: no connection")
    for _ in range(2):
        with pytest.raises(ImportError, match="late_pkg has not been loaded yet, and it could not"):
            importlib.import_module("late_pkg")
    assert finder.brought == [1, 1] and finder in sys.meta_path


def test_what_has_arrived_is_found_without_asking(late, tmp_path):
    finder = late(["late_pkg", "late_pkg.inner"], FILES)
    assert finder.bring() == ""
    finder.arrived()
    finder.arrived()  # twice does no harm
    assert importlib.import_module("late_pkg").inner.x == 7
    assert finder.brought == [1]


def test_only_the_right_bytes_are_unpacked():
    packed = gzip.compress(b"files")
    assert unpack(packed, hashlib.sha256(packed).hexdigest()) == b"files"
    with pytest.raises(ValueError, match="the SHA-256 is .* and should be"):
        unpack(packed + b"!", hashlib.sha256(packed).hexdigest())
