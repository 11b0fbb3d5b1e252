"""A folder with names to learn from, and an empty study in it."""

from pathlib import Path

import pytest
from program import NAMES
from studies import begun


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    return tmp_path


@pytest.fixture
def journal(folder):
    return begun("study", "random")
