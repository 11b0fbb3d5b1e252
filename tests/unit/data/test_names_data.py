"""The built-in data: cache, download, substitute; and how data is found by one word."""

import hashlib
import os
from pathlib import Path

import pytest
from microgpt import files
from microgpt.data import builtin, load
from microgpt.data import download as download_module
from microgpt.data.builtin import load_names
from microgpt.errors import UserError
from microgpt.files import fallback_path

FULL = b"anna\nbob\ncarla\n"


@pytest.fixture(autouse=True)
def small_world(monkeypatch, tmp_path):
    """A names file of three names, a package with two, and a file: address for a server."""
    monkeypatch.delenv("MICROGPT_NAMES", raising=False)
    monkeypatch.setenv("MICROGPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(builtin, "NAMES_SIZE", len(FULL))
    monkeypatch.setattr(builtin, "NAMES_SHA256", hashlib.sha256(FULL).hexdigest())
    serve(monkeypatch, tmp_path, FULL)
    package = tmp_path / "site" / "microgpt"
    (package / "fallback_data").mkdir(parents=True)
    (package / "fallback_data" / "names.txt").write_bytes(b"dora\nemil\n")
    (package / "fallback_data" / "stories.txt").write_bytes(b"Once upon.\nThe end.\n")
    monkeypatch.setattr(files, "__file__", str(package / "files.py"))


def serve(monkeypatch, tmp_path, data):
    (tmp_path / "server.txt").write_bytes(data)
    monkeypatch.setenv("MICROGPT_NAMES_URL", (tmp_path / "server.txt").as_uri())


def no_network(monkeypatch):
    monkeypatch.setenv("MICROGPT_NAMES_URL", "http://nowhere.invalid/names.txt")
    monkeypatch.setattr(
        download_module, "_look_up", lambda url: (_ for _ in ()).throw(OSError("looked up"))
    )


def test_names_are_downloaded_once_and_then_cached(monkeypatch, tmp_path):
    seen = []
    corpus = load_names(on_progress=lambda *now: seen.append(now))
    assert corpus.documents == ["anna", "bob", "carla"]
    assert (corpus.name, corpus.split) == ("names", "line")
    assert "downloaded" in corpus.source
    assert seen == [(len(FULL), len(FULL))]
    assert (tmp_path / "cache" / "names.txt").read_bytes() == FULL
    no_network(monkeypatch)
    again = load_names()
    assert again.digest == corpus.digest
    assert "cache" in again.source
    assert load_names(offline=True).digest == corpus.digest


def test_a_damaged_cache_is_replaced(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "names.txt").write_bytes(FULL[:-3])
    assert len(load_names().documents) == 3
    assert (tmp_path / "cache" / "names.txt").read_bytes() == FULL


def test_a_cache_that_cannot_be_written_does_not_matter(monkeypatch, tmp_path):
    (tmp_path / "occupied").write_text("")
    monkeypatch.setenv("MICROGPT_CACHE", str(tmp_path / "occupied"))
    said = []
    assert len(load_names(say=said.append).documents) == 3
    assert said == ["Downloading the names, 0 kB; --offline does without."]


@pytest.mark.parametrize(
    "served, words", [(FULL[:-1], "bytes instead of 15"), (FULL.upper(), "not the expected file")]
)
def test_a_wrong_file_is_not_taken(monkeypatch, tmp_path, served, words):
    serve(monkeypatch, tmp_path, served)
    said = []
    corpus = load_names(say=said.append)
    assert corpus.documents == ["dora", "emil"]
    assert len(said) == 2 and words in said[1]
    assert not (tmp_path / "cache" / "names.txt").exists()


def test_without_the_web_the_names_of_the_package_are_used_and_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("MICROGPT_NAMES_URL", (tmp_path / "none.txt").as_uri())
    said = []
    corpus = load_names(say=said.append)
    assert (corpus.name, corpus.documents) == ("names", ["dora", "emil"])
    assert corpus.source == "the names that come with microgpt"
    assert len(said) == 2 and "\n" not in said[1]
    assert "the 2 names that come with microgpt" in said[1] and "none.txt" in said[1]
    assert load_names().documents == corpus.documents  # and nobody need listen


def test_offline_asks_nobody(monkeypatch):
    no_network(monkeypatch)
    said = []
    assert load_names(offline=True, say=said.append).documents == ["dora", "emil"]
    assert "this run is offline" in said[0]


def test_a_names_file_of_ones_own(monkeypatch, tmp_path):
    (tmp_path / "mine.txt").write_text("zoe\n")
    monkeypatch.setenv("MICROGPT_NAMES", str(tmp_path / "mine.txt"))
    corpus = load("names")
    assert (corpus.name, corpus.documents) == ("names", ["zoe"])
    assert str(tmp_path / "mine.txt") in corpus.source
    monkeypatch.setenv("MICROGPT_NAMES", str(tmp_path / "missing.txt"))
    with pytest.raises(UserError, match="missing.txt"):
        load("names")


def test_load_finds_words_and_files(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load("names", offline=True).name == "names"
    assert load("stories").documents == ["Once upon.", "The end."]
    assert load("stories", split="none").documents == ["Once upon.\nThe end."]
    Path("notes.txt").write_text("a b\nc\n\nd\n")
    assert load("notes.txt").documents == ["a b", "c", "d"]
    assert load(Path("notes.txt"), split="blank").documents == ["a b\nc", "d"]
    assert load("notes.txt").name == "notes.txt"


def test_a_word_wins_over_a_file_of_that_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("stories").write_text("mine\n")
    assert load("stories").documents == ["Once upon.", "The end."]
    assert load("./stories").documents == ["mine"]


@pytest.mark.parametrize(
    "word, hint",
    [
        ("name", "did you mean names"),
        ("storys", "did you mean stories"),
        ("nots.txt", "did you mean notes.txt"),
        ("qqqq", "give names, stories, chat, task:add or a path"),
        ("", "give names, stories, chat, task:add or a path"),
        ("x" * 5000, "or a path"),
        ("no/such/folder/x.txt", "or a path"),
    ],
)
def test_an_unknown_word_gets_a_hint(monkeypatch, tmp_path, word, hint):
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("a")
    with pytest.raises(UserError, match=hint):
        load(word)


def test_an_empty_folder_is_no_data(tmp_path):
    with pytest.raises(UserError, match="no file in"):
        (tmp_path / "empty").mkdir()
        load(tmp_path / "empty")


def test_fallback_data_is_found_in_package_or_repository(monkeypatch, tmp_path):
    assert fallback_path("names.txt").parts[-3:] == ("microgpt", "fallback_data", "names.txt")
    with pytest.raises(UserError, match=r"other\.txt is missing"):
        fallback_path("other.txt")
    (tmp_path / "repo" / "fallback_data").mkdir(parents=True)
    (tmp_path / "repo" / "fallback_data" / "names.txt").write_text("a")
    inside = os.path.join("py", "microgpt", "files.py")
    monkeypatch.setattr(files, "__file__", str(tmp_path / "repo" / inside))
    assert fallback_path("names.txt") == tmp_path / "repo" / "fallback_data" / "names.txt"
