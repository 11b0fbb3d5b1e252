"""Texts that are not in UTF-8: what they are is said, and they are read where that is asked for."""

import pytest
from microgpt.data import stream
from microgpt.data.encoding import OtherEncoding
from microgpt.data.stream import corpus_from_file
from microgpt.data.text import decode
from microgpt.errors import UserError

TEXT = "Zoë\nJürgen\n“quoted” – and more\n"


@pytest.mark.parametrize(
    ("codec", "encoding", "named"),
    [
        ("windows-1252", "windows-1252", "Windows text"),
        ("utf-16", "utf-16", "UTF-16"),
        ("utf-16-le", "utf-16-le", "UTF-16"),  # without the mark at its beginning
        ("utf-16-be", "utf-16-be", "UTF-16"),
    ],
)
@pytest.mark.parametrize("block", [7, 1 << 20])
def test_what_it_seems_to_be_is_offered_and_read_on_request(
    codec, encoding, named, block, tmp_path, monkeypatch
):
    monkeypatch.setattr(stream, "BLOCK", max(block, 64 if "16" in codec else block))
    data, path = (TEXT * 3).replace("\n", "\r\n").encode(codec), tmp_path / "x.txt"
    path.write_bytes(data)
    for read in (lambda: decode(data, "x.txt"), lambda: corpus_from_file(path)):
        with pytest.raises(OtherEncoding, match=named) as caught:
            read()
        assert caught.value.encoding == encoding
    assert decode(data, "x.txt", encoding) == TEXT * 3
    documents = corpus_from_file(path, encoding=encoding).documents
    assert list(documents) == (TEXT * 3).strip().split("\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bytes(range(256)), "is not a text"),
        ("größer über Äpfel".encode() + b"\xff", "not valid UTF-8"),  # UTF-8, damaged
        (b"caf\x81", "not valid UTF-8"),  # no letter of Windows
    ],
)
def test_other_bytes_are_not_taken_for_windows_text(data, words):
    with pytest.raises(UserError, match=words) as caught:
        decode(data, "x")
    assert not isinstance(caught.value, OtherEncoding)


def test_a_wrong_encoding_is_refused():
    with pytest.raises(UserError, match="no encoding 'latin'"):
        decode(b"abc", "x", "latin")
    with pytest.raises(UserError, match="not in UTF-16"):
        decode(b"\xff\xfea\0b", "x", "utf-16")
