"""Texts read a part at a time: the same documents as read whole, in little memory."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt.data import stream
from microgpt.data.builtin import load
from microgpt.data.stream import sample_texts, stream_documents, stream_files, text_files
from microgpt.data.text import SPLITS, decode, split_text
from microgpt.errors import UserError


def joined(parts):
    """The documents of (text, end) pairs."""
    documents, held = [], ""
    for text, end in parts:
        held += text
        if end:
            documents.append(held)
            held = ""
    assert not held
    return documents


@pytest.mark.parametrize("split", SPLITS)
@given(
    text=st.text(st.sampled_from("ab é😀 \n\r\t\u2028"), min_size=1, max_size=60),
    block=st.integers(1, 7),
    bom=st.booleans(),
)
def test_the_same_documents_as_read_whole(tmp_path_factory, split, text, block, bom):
    data = b"\xef\xbb\xbf" * bom + text.encode()
    path = tmp_path_factory.mktemp("stream") / "text.txt"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "BLOCK", block)
        found = joined(stream_documents(path, split))
    if text.isspace():
        assert "".join(found).isspace() or not found
    else:
        assert found == split_text(decode(data, "x"), split)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"ok\nok\n\xff", "line 3 has the byte 0xFF"),
        (b"ok\nab\0c", "NUL character in line 2"),
        (b"PK\x03\x04", "zip archive"),
        ("é".encode()[:1], "line 1 has the byte 0xC3"),
    ],
)
@pytest.mark.parametrize("block", [4, 5, 1 << 20])
def test_what_is_no_text_is_refused_with_the_line(tmp_path, monkeypatch, data, words, block):
    monkeypatch.setattr(stream, "BLOCK", block)
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(UserError, match=words):
        list(stream_documents(path))


def test_progress_is_in_bytes(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("é\n" * 1000, encoding="utf-8", newline="")
    seen = []
    assert len(list(stream_documents(path, "line", seen.append))) == 1000
    assert sum(seen) == 3000


def test_a_large_file_takes_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "BLOCK", 1 << 14)
    path = tmp_path / "large.txt"
    path.write_text("some words in a line\n" * 200_000, encoding="utf-8")
    tracemalloc.start()
    count = sum(1 for _ in stream_documents(path, "line"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 1_000_000 < path.stat().st_size


# ---- folders


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "b.py": "print(2)\n",
        "a.py": "def f():\n    return 1\n",
        "notes.md": "# notes\n",
        "sub/c.py": "x = 3\n",
        ".hidden/d.py": "no\n",
        ".e.py": "no\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0")
    return tmp_path


def names(paths):
    return [path.name for path in paths]


def test_files_of_a_folder_in_order_and_by_pattern(folder):
    assert names(text_files(folder)) == ["a.py", "b.py", "notes.md", "picture.png", "c.py"]
    assert names(text_files(folder, ["*.py"])) == ["a.py", "b.py", "c.py"]
    assert names(text_files(folder, ["sub/*", "*.md"])) == ["notes.md", "c.py"]
    with pytest.raises(UserError, match=r"no file in .* that fits \*.rs"):
        text_files(folder, ["*.rs"])


def test_a_folder_is_a_corpus_of_files(folder):
    said = []
    corpus = load(folder, say=said.append)
    assert corpus.documents == ["def f():\n    return 1", "print(2)", "# notes", "x = 3"]
    assert corpus.size == "4 files"
    assert said and "Left out picture.png" in said[0]
    assert load(folder, include=["*.md"]).documents == ["# notes"]
    with pytest.raises(UserError, match="No file in .* is text"):
        load(folder, include=["*.png"])


def test_a_folder_as_a_stream(folder):
    left_out = []
    found = joined(
        stream_files(text_files(folder), "none", on_skipped=lambda p, why: left_out.append(p.name))
    )
    assert found == load(folder).documents
    assert left_out == ["picture.png"]
    with pytest.raises(UserError, match="PNG"):
        list(stream_files(text_files(folder), "none"))


def test_a_file_that_turns_out_to_be_no_text_ends_its_document(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "BLOCK", 4)
    for name, data in (("a", b"good bad \0"), ("b", b"fine")):
        (tmp_path / name).write_bytes(data)
    parts = stream_files(text_files(tmp_path), "none", on_skipped=lambda *_: None)
    assert joined(parts) == ["good bad", "fine"]


def test_a_sample_is_about_as_large_as_wanted_and_the_same_each_time():
    documents = [(str(i), True) for i in range(10_000)]
    sample = list(sample_texts(documents, 0.1))
    assert 800 < len(sample) < 1200
    assert sample == list(sample_texts(documents, 0.1)) != list(sample_texts(documents, 0.1, 1))
    assert len(list(sample_texts(documents, 1))) == 10_000
