"""The data at hand: bytes that become a corpus, and what is said of it."""

import pytest
from page_caller import Caller


def test_data_is_described():
    found = Caller("bab\nca\n\n", name="two.txt").opened
    assert found["name"] == "two.txt" and "two.txt" in found["source"]
    assert (found["documents"], found["characters"], found["longest"]) == (2, 5, 3)
    assert (found["vocabulary"], found["vocabSize"], found["rows"]) == ("abc", 4, "documents")
    assert len(found["digest"]) == 64


def test_a_long_text_is_cut_into_crops():
    assert Caller("abc " * 200, split="none").opened["rows"] == "crops"


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "empty"), (b"\xff\xfea", "UTF-16"), (b"a\xff", "UTF-8"), (b" ", "white")],
)
def test_bad_text_is_refused_and_the_data_at_hand_stays(data, word):
    call = Caller()
    assert word in call("open_data", data, name="x")["refused"]
    assert call.new()["trained"] == 72


def test_the_full_names_are_known_by_their_checksum():
    answer = Caller(None)("open_data", b"anna\n", kind="full-names")
    assert "not the names file" in answer["refused"]


def test_built_in_data_keeps_its_name():
    found = Caller("anna\nbob", kind="names", name="other.txt").opened
    assert found["name"] == "names" and "come with microgpt" in found["source"]


def test_a_text_of_windows_is_offered_to_be_read_as_one():
    call, data = Caller(None), "zoë\nanna\n".encode("windows-1252")
    answer = call("open_data", data, name="n.txt")
    assert answer["encoding"] == "windows-1252" and "--" not in answer["refused"]
    found = call("open_data", data, name="n.txt", encoding=answer["encoding"])
    assert found["vocabulary"] == "anozë"
