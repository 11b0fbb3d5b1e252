"""The character tokenizer: ids by the sorted characters, and errors that say what is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt import tokenizer
from microgpt.errors import UserError
from microgpt.tokenizer import chars as chars_module
from microgpt.tokenizer.chars import CharTokenizer


def test_ids_are_the_sorted_characters_and_bos_comes_last():
    chars = CharTokenizer.from_documents(["cab", "", "bad"])
    assert chars.chars == "abcd"
    assert (chars.bos, chars.vocab_size) == (4, 5)
    assert chars.encode("dab") == [3, 0, 1]
    assert chars.decode([4, 3, 0, 1, 4]) == "dab"


def test_characters_beyond_the_basic_plane_are_one_token():
    chars = CharTokenizer.from_documents(["é😀\U0010ffff", "z"])
    assert chars.chars == "zé😀\U0010ffff"
    assert chars.encode_array("😀\U0010ffff").tolist() == [2, 3]


@given(st.lists(st.text()).filter(lambda documents: "".join(documents)))
def test_all_ways_to_encode_agree(documents):
    chars = CharTokenizer.from_documents(documents)
    assert chars.chars == "".join(sorted(set("".join(documents))))
    rows = chars.encode_rows(documents)
    for document, row in zip(documents, rows, strict=True):
        ids = chars.encode(document)
        assert chars.decode(ids) == document
        assert chars.encode_array(document).tolist() == ids
        assert row.tolist() == [chars.bos, *ids, chars.bos]


def test_texts_longer_than_a_chunk(monkeypatch):
    monkeypatch.setattr(chars_module, "CHUNK", 3)
    documents = ["abcdefg", "", "h", "ijklmno", "abc"]
    chars = CharTokenizer.from_documents(documents)
    assert chars.chars == "abcdefghijklmno"
    assert chars.decode(chars.encode_array("onmlkjihgfedcba")) == "onmlkjihgfedcba"
    assert [chars.decode(row) for row in chars.encode_rows(documents)] == documents
    assert [row[0] == row[-1] == chars.bos for row in chars.encode_rows(documents)] == [True] * 5
    with pytest.raises(UserError, match="'!'"):
        chars.encode_array("abcd!")


@pytest.mark.parametrize("method", ["encode", "encode_array"])
@pytest.mark.parametrize(
    "char, words", [("é", r"'é' \(U\+00E9\)"), ("A", r"\(U\+0041\)"), ("\t", r"'\\t' \(U\+0009\)")]
)
def test_an_unknown_character_is_named_with_what_is_known(method, char, words):
    chars = CharTokenizer("abc ")
    with pytest.raises(UserError, match=words) as caught:
        getattr(chars, method)(f"ab{char}c")
    assert "␣abc" in str(caught.value)


def test_a_large_vocabulary_is_not_listed_wholly():
    with pytest.raises(UserError, match="and 136 more") as caught:
        CharTokenizer(map(chr, range(200, 400))).encode("a")
    assert len(str(caught.value)) < 300


def test_ids_that_do_not_exist_are_refused():
    with pytest.raises(UserError, match="0 to 3"):
        CharTokenizer("abc").decode([0, 4])
    with pytest.raises(UserError, match="no token -1"):
        CharTokenizer("abc").decode(np.array([-1]))


def test_no_characters_are_refused():
    with pytest.raises(UserError, match="no characters"):
        CharTokenizer.from_documents([])


def test_tokens_are_shown_so_that_they_can_be_seen():
    chars = CharTokenizer("a \n")
    assert [chars.token_text(i) for i in range(4)] == ["\\n", "␣", "a", "<edge>"]


def test_the_bytes_of_each_token():
    chars = CharTokenizer("a\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff")
    assert chars.token_bytes.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 0]
    assert chars.token_bytes.dtype == np.int32


def test_saved_and_read_again():
    chars = CharTokenizer("hello")
    again = tokenizer.from_dict(tokenizer.to_dict(chars))
    assert again.chars == "ehlo"
    assert again.encode("hole") == chars.encode("hole")


@pytest.mark.parametrize(
    "description",
    [
        None,
        [],
        {},
        {"chars": "abc"},
        {"type": "words"},
        {"type": ["chars"]},
        {"type": "chars"},
        {"type": "chars", "chars": ""},
        {"type": "chars", "chars": "ba"},
        {"type": "chars", "chars": "aab"},
        {"type": "chars", "chars": ["a", "b"]},
    ],
)
def test_damaged_descriptions_are_refused(description):
    with pytest.raises(UserError):
        tokenizer.from_dict(description)
