"""Special tokens belong to the tokenizer, and what somebody types is never one."""

import doctest
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt import tokenizer as tokenizers
from microgpt.errors import UserError
from microgpt.tokenizer import special
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.chars import EDGE, CharTokenizer
from microgpt.tokenizer.files.formats import read, write
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.special import (
    BOS,
    CHAT_SPECIALS,
    chat_tokens,
    has_chat_tokens,
    with_chat_tokens,
)

TYPED = "hi <|user_start|> <|bos|><|python_end|>!"


def base(kind):
    if kind == "chars":
        return CharTokenizer(TYPED)
    if kind == "bpe":
        return BPETokenizer.from_merges([(104, 105), (256, 32)])
    ids = {bytes([i]): i for i in range(256)} | {b"hi": 300}
    return BPETokenizer(ids, "gpt2", {"<|endoftext|>": 256})  # a published one: with a gap


KINDS = ("chars", "bpe", "published")


def test_the_worked_example():
    assert doctest.testmod(special) == (0, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_for_conversations_come_after_all_others(kind):
    before, grown = base(kind), with_chat_tokens(base(kind))
    first = before.vocab_size
    assert grown.vocab_size == first + 8
    assert chat_tokens(grown) == (before.bos, *range(first, first + 8))
    assert grown.bos == before.bos
    assert grown.encode("hi") == before.encode("hi")
    assert not has_chat_tokens(before) and has_chat_tokens(grown)
    assert with_chat_tokens(grown).specials == grown.specials
    assert before.specials == base(kind).specials  # not changed under its owner


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_typed_is_never_special(kind):
    grown = with_chat_tokens(base(kind))
    ids = grown.encode_ordinary(TYPED)
    assert not set(ids) & set(grown.specials.values())
    assert grown.decode(ids) == TYPED
    assert not set(grown.encode_array(TYPED).tolist()) & set(grown.specials.values())
    (row,) = grown.encode_rows([TYPED])
    assert set(row.tolist()) & set(grown.specials.values()) == {grown.bos}


@given(st.text(alphabet=TYPED, max_size=30), st.sampled_from(KINDS))
def test_texts_of_these_characters_stay_texts(text, kind):
    grown = with_chat_tokens(base(kind))
    ids = grown.encode_ordinary(text)
    assert not set(ids) & set(grown.specials.values()) and grown.decode(ids) == text


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_have_a_name_and_no_text(kind):
    grown = with_chat_tokens(base(kind))
    tokens = chat_tokens(grown)
    ids = [tokens.bos, tokens.user_start, *grown.encode_ordinary("hi"), tokens.user_end]
    assert grown.decode(ids) == "hi"
    bos = EDGE if kind == "chars" else grown.bos_text
    assert grown.decode(ids, specials=True) == f"{bos}<|user_start|>hi<|user_end|>"
    assert grown.token_text(tokens.output_end) == "<|output_end|>"
    assert grown.token_bytes[list(tokens)].tolist() == [0] * 9
    assert len(grown.token_bytes) == grown.vocab_size and grown.token_bytes.dtype == np.int32
    stream = grown.stream()
    assert "".join(map(stream.push, ids)) + stream.finish() == "hi"
    with pytest.raises(UserError, match=f"no token {grown.vocab_size}"):
        grown.token_text(grown.vocab_size)


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_kept_with_the_tokenizer(kind):
    grown = with_chat_tokens(base(kind))
    again = tokenizers.from_dict(tokenizers.to_dict(grown))
    assert again.specials == grown.specials and again.vocab_size == grown.vocab_size
    assert again.encode("hi") == grown.encode("hi") and again.bos == grown.bos


def test_descriptions_of_before_are_read():
    assert tokenizers.to_dict(CharTokenizer("ab")) == {"type": "chars", "chars": "ab"}
    assert tokenizers.from_dict({"type": "chars", "chars": "ab"}).specials == {BOS: 2}


@pytest.mark.parametrize("specials", [[1], [""], ["<|a|>", "<|a|>"], [BOS], 3])
def test_damaged_special_tokens_are_refused(specials):
    with pytest.raises(UserError, match="damaged"):
        tokenizers.from_dict({"type": "chars", "chars": "ab", "specials": specials})


def test_a_tokenizer_without_them_cannot_chat():
    with pytest.raises(UserError, match="no tokens for who speaks"):
        chat_tokens(CharTokenizer("ab"))
    chat = BPETokenizer.from_merges([], specials=CHAT_SPECIALS)
    assert chat_tokens(chat) == tuple(range(256, 265))
    assert with_chat_tokens(chat).vocab_size == 265


def test_merges_are_known_after_growing():
    grown = with_chat_tokens(base("bpe"))
    assert grown.merges == [(104, 105), (256, 32)]
    assert tokenizers.to_dict(grown)["merges"] == [104, 105, 256, 32]


def test_digits_stand_alone():
    pieces = Splitter("digits").split("What is 12,345 + -6.70? x2 ok\n\n  3")
    assert "".join(pieces) == "What is 12,345 + -6.70? x2 ok\n\n  3"
    digits = [piece for piece in pieces if any(char.isdigit() for char in piece)]
    assert digits == list("12345670") + ["2", "3"]
    assert " is" in pieces and " +" in pieces and " -" in pieces


def test_special_tokens_may_have_the_first_ids():
    """As trainers of others give them; no list of merges says that."""
    bytes_first = {bytes([byte]): byte + 2 for byte in range(256)}
    specials = {"<|endoftext|>": 0, "<|im_start|>": 1}
    tokenizer = BPETokenizer({**bytes_first, b"he": 258, b"hel": 259}, "gpt2", specials)
    kept = tokenizers.from_dict(tokenizers.to_dict(tokenizer))
    theirs = read(write(tokenizer, "huggingface")[""], "tokenizer.json")
    for found in (kept, theirs):
        assert found.specials == specials and found.bos == 0
        assert found.encode("hello") == tokenizer.encode("hello") == [259, 110, 113]
    vocab = json.loads(write(tokenizer, "huggingface")[""])["model"]["vocab"]
    assert vocab["<|endoftext|>"] == 0  # else others would give it the next id


def test_ids_that_are_mostly_unused_are_refused():
    ids = {bytes([byte]): byte for byte in range(256)}
    assert BPETokenizer(ids, "none", {"<s>": 10_000}).vocab_size == 10_001
    with pytest.raises(UserError, match="go up to 4,000,000, and there are only 256 tokens"):
        BPETokenizer(ids, "none", {"<s>": 4_000_000})
