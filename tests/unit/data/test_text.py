"""Reading any text, and refusing what is none in one clear sentence."""

import dataclasses
import hashlib
import os
import struct
import zlib

import pytest
from microgpt.data.stream import corpus_from_file
from microgpt.data.text import (
    Corpus,
    corpus_from_bytes,
    decode,
    read_text,
    split_text,
)
from microgpt.errors import UserError


def test_lines_are_stripped_and_empty_ones_dropped():
    assert split_text(" anna\n\n\t\nbob  \n", "line") == ["anna", "bob"]


def test_blank_lines_separate_paragraphs():
    text = "\none\ntwo\n\n\n \t\nthree\n\nfour\n\n"
    assert split_text(text, "blank") == ["one\ntwo", "three", "four"]


def test_a_running_text_keeps_its_inside():
    assert split_text("\n  one\n\n two \n\n", "none") == ["  one\n\n two "]


def test_an_unknown_split_is_refused():
    with pytest.raises(UserError, match="line, blank, none"):
        split_text("a", "words")


def test_only_line_feeds_end_a_line():
    # str.splitlines would cut at each of these.
    assert split_text("a\x0bb\x1cc\x85d\u2028e", "line") == ["a\x0bb\x1cc\x85d\u2028e"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark_leave_no_trace(ending):
    data = b"\xef\xbb\xbf" + f"é{ending}b{ending}{ending}c".encode()
    assert corpus_from_bytes(data, "x").documents == ["é", "b", "c"]
    assert corpus_from_bytes(data, "x", "blank").documents == ["é\nb", "c"]


def test_bytes_from_a_page_may_be_a_memoryview():
    assert corpus_from_bytes(memoryview(b"a\nb"), "x").documents == ["a", "b"]


def test_a_corpus_knows_its_size_and_source(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("anna\nbo\n", "utf-8")
    corpus = corpus_from_file(path)
    assert (corpus.name, corpus.split) == ("notes.txt", "line")
    assert corpus.source == f"your file {path}"
    assert (len(corpus.documents), corpus.characters, corpus.longest) == (2, 6, 4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        corpus.name = "other"


def test_the_digest_tells_documents_apart():
    digest = Corpus("x", ["ab", "c"], "a test").digest
    assert digest == hashlib.sha256(b"ab\0c\0").hexdigest()
    assert Corpus("y", ["ab", "c"], "elsewhere").digest == digest
    assert Corpus("x", ["a", "bc"], "a test").digest != digest
    assert Corpus("x", ["c", "ab"], "a test").digest != digest


def test_the_digest_of_many_documents_is_not_cut():
    documents = [str(i) for i in range(10_001)]
    expected = hashlib.sha256("".join(f"{d}\0" for d in documents).encode()).hexdigest()
    assert Corpus("x", documents, "a test").digest == expected


def test_one_long_line_is_accepted_with_advice():
    corpus = corpus_from_bytes(b"word " * 300, "prose.txt")
    assert len(corpus.documents) == 1
    assert "as one running text" in corpus.advice
    assert corpus_from_bytes(b"word " * 300, "prose.txt", "none").advice == ""
    assert corpus_from_bytes(b"a\nb", "x").advice == ""
    assert corpus_from_bytes(b"a", "x").advice == ""


def safetensors_bytes():
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    return struct.pack("<Q", len(header)) + header + b"\0\0\0\0"


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \r\n\t\n", "only white space"),
        (b"ab\0cd", "NUL character 2 characters"),
        (b"\x1f\x8b\x08" + zlib.compress(b"text"), "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (safetensors_bytes(), "safetensors"),
        ("text".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_by_name(data, words):
    with pytest.raises(UserError, match=words) as caught:
        decode(data, "x.dat")
    assert str(caught.value).startswith("x.dat ")


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_invalid_utf_8_is_located(ending):
    data = b"one" + ending + b"caf\xe9" + ending + b"three"
    offset = 3 + len(ending) + 3
    with pytest.raises(UserError, match=f"line 2 has the byte 0xE9, {offset} bytes"):
        decode(data, "x.txt")


def test_a_byte_order_mark_does_not_move_the_location():
    with pytest.raises(UserError, match="4 bytes into"):
        decode(b"\xef\xbb\xbfa\xff", "x.txt")


def test_paths_that_are_no_file(tmp_path):
    with pytest.raises(UserError, match="no file .*missing.txt"):
        read_text(tmp_path / "missing.txt")
    with pytest.raises(UserError, match="is a folder"):
        read_text(tmp_path)
    if os.path.exists("/dev/zero"):
        with pytest.raises(UserError, match="is a device"):
            read_text("/dev/zero")


def test_an_unreadable_file(tmp_path, monkeypatch):
    path = tmp_path / "secret.txt"
    path.write_text("a")

    # Not by its permissions: root may read all.
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(UserError, match="Permission denied"):
        read_text(path)
