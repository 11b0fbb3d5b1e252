"""Which Chromium the browser's tests get."""

import os

import pytest

from web.build import Failure, chromium


def program(folder, name, exit_code=0):
    """A fake program that ends with this exit code."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def no_system_chromium(monkeypatch):
    """Names that no machine has in /usr/bin."""
    monkeypatch.setattr(chromium, "CHROMIUM_NAMES", ("fake-chromium", "fake-chrome"))


@pytest.mark.skipif(os.name == "nt", reason="the fake programs are shell scripts")
@pytest.mark.usefixtures("no_system_chromium")
class TestChromium:
    def test_the_first_that_starts_is_taken(self, tmp_path):
        env = {"PATH": str(tmp_path)}
        assert chromium.of_system(env) is None
        chrome = program(tmp_path, "fake-chrome")
        assert chromium.of_system(env) == chrome
        program(tmp_path, "fake-chromium", exit_code=1)  # a stub that asks for a snap
        assert chromium.of_system(env) == chrome
        found = program(tmp_path, "fake-chromium")
        assert chromium.of_system(env) == found

    def test_the_named_one_comes_first(self, tmp_path):
        program(tmp_path, "fake-chromium")
        named = program(tmp_path, "my-own")
        env = {"PATH": str(tmp_path), "MICROGPT_CHROMIUM": named}
        assert chromium.of_system(env) == named

    def test_a_wrong_name_is_told(self, tmp_path):
        env = {"PATH": str(tmp_path), "MICROGPT_CHROMIUM": str(tmp_path / "none")}
        with pytest.raises(Failure, match="is not a program"):
            chromium.of_system(env)
