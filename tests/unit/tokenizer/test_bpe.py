"""Byte-level BPE: encoding by ranks, special tokens, decoding, the shape all tokenizers have."""

import doctest
import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt import tokenizer as tokenizers
from microgpt.errors import UserError
from microgpt.tokenizer import bpe, merging, patterns
from microgpt.tokenizer.bpe import SINGLE_BYTES, BPETokenizer
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.files import gpt2
from microgpt.tokenizer.merging import merge_long, merge_short, parents
from microgpt.tokenizer.patterns import PATTERNS, Splitter
from microgpt.tokenizer.rows import smallest_type
from microgpt.tokenizer.special import BOS, CHAT_SPECIALS
from microgpt.tokenizer.train import count_words, learn_merges

TEXT = (
    'Once upon a time there was a little girl. She said: "It\'s 1984!" — naïve café, 東京タワー, '
    "👩‍👩‍👧‍👦 and e\u0301.\n\n  The little girl wasn't sad;\r\n\tshe'd 12345 little cats.   \n"
)


@cache
def learned(pattern="gpt2", texts=(TEXT,), **options):
    merges = learn_merges(count_words(texts, Splitter(pattern)))
    return BPETokenizer.from_merges([(m.left, m.right) for m in merges], pattern, **options)


@pytest.fixture(scope="module")
def trained():
    return learned(specials=CHAT_SPECIALS)


@pytest.mark.parametrize("module", [bpe, gpt2, merging, patterns])
def test_the_worked_examples(module):
    failed, tried = doctest.testmod(module)
    assert tried and not failed


def naive(piece, ranks):
    """tiktoken's rule as it is told: the lowest rank, the leftmost among equals."""
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while True:
        pairs = [
            (ranks[a + b], i) for i, (a, b) in enumerate(zip(parts, parts[1:])) if a + b in ranks
        ]
        if not pairs:
            return parts
        _, i = min(pairs)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]


@given(
    st.lists(st.text("abc", min_size=2, max_size=5), unique=True, max_size=30),
    st.text("abcd", max_size=60),
)
def test_both_ways_to_merge_follow_the_rule_for_any_ranks(tokens, text):
    """Ranks in any order, as no trainer would give them."""
    ranks = {token.encode(): rank for rank, token in enumerate(tokens)}
    piece = text.encode()
    assert merge_short(piece, ranks) == merge_long(piece, ranks) == naive(piece, ranks)


def test_ranks_that_are_not_the_bytes_values():
    """GPT-2's first 256 ids are a permutation of the bytes."""
    ids = {byte: 255 - i for i, byte in enumerate(SINGLE_BYTES)} | {b"hi": 256}
    tokenizer = BPETokenizer(ids, "none")
    assert tokenizer.encode("hi!") == [256, 255 - ord("!")]
    assert tokenizer.decode(tokenizer.encode("ohé")) == "ohé"


def test_a_piece_that_is_a_token_is_that_token_though_merging_would_not_reach_it():
    ids = {byte: i for i, byte in enumerate(SINGLE_BYTES)} | {b"abc": 256}
    tokenizer = BPETokenizer(ids, "gpt2")
    assert tokenizer.encode("abc") == [256]
    assert tokenizer.encode("abcabc") == list(b"abcabc")
    assert tokenizer.merges is None


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text())
def test_decoding_gives_back_any_text(pattern, text):
    tokenizer = learned(pattern)
    assert tokenizer.decode(tokenizer.encode_ordinary(text)) == text


@pytest.mark.parametrize("pattern", [*PATTERNS, "[a-z]+|(b)", r"\p{L}+"])
@given(text=st.text(st.sampled_from("ab1 \n\t.'é😀\u2003")))
def test_pieces_are_the_text_again(pattern, text):
    assert "".join(Splitter(pattern).split(text)) == text


@pytest.mark.parametrize("pattern", PATTERNS)
@given(
    text=st.text(st.sampled_from("ab1 \n\r\t.'sé\u2003\x1c"), min_size=1), size=st.integers(1, 9)
)
def test_a_text_in_stretches_has_the_same_pieces(pattern, text, size):
    splitter = Splitter(pattern)
    stretches = list(splitter.stretches(text, size))
    assert "".join(stretches) == text
    assert [piece for s in stretches for piece in splitter.split(s)] == splitter.split(text)


# Worked out by hand from the published patterns.
SAMPLE = "It'LL cost $12345.67, they're\n\n  sure!\n x"


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        ("gpt2", "It|'|LL| cost| $|12345|.|67|,| they|'re|\n\n | sure|!|\n| x"),
        ("cl100k", "It|'LL| cost| $|123|45|.|67|,| they|'re|\n\n| | sure|!\n| x"),
        ("llama3", "It|'LL| cost| $|123|45|.|67|,| they|'re|\n\n| | sure|!\n| x"),
        ("nanochat", "It|'LL| cost| $|12|34|5|.|67|,| they|'re|\n\n| | sure|!\n| x"),
        ("none", SAMPLE),
    ],
)
def test_the_published_patterns(pattern, pieces):
    assert Splitter(pattern).split(SAMPLE) == pieces.split("|")


@pytest.mark.parametrize("pattern", ["cl100k", "nanochat"])
@pytest.mark.parametrize("end", ["s", "t", "re", "ve", "m", "ll", "d"])
def test_english_endings_are_pieces(pattern, end):
    for ending in (end, end.upper(), end.title()):
        assert Splitter(pattern).split(f"x'{ending}") == ["x", f"'{ending}"]
    assert Splitter("gpt2").split(f"x'{end}") == ["x", f"'{end}"]
    assert Splitter(pattern).split("x'q") == ["x", "'q"]
    assert Splitter(pattern).split(f"'{end}x") == [f"'{end}", "x"]


def test_long_texts_do_come_in_stretches():
    text = "word " * 1000
    assert max(map(len, Splitter("cl100k").stretches(text, 100))) <= 100
    assert list(Splitter("none").stretches(text, 100)) == [text]


def test_surrogates_are_mended_as_tiktoken_does(trained):
    assert trained.decode(trained.encode("a\ud800b")) == "a\ufffdb"
    assert trained.encode("\ud83d\ude00") == trained.encode("😀")


# ---- special tokens


def test_special_text_in_ordinary_text_is_refused_by_name(trained):
    with pytest.raises(UserError, match=r"'<\|user_end\|>' in it, at character 3"):
        trained.encode("hi <|user_end|>")


def test_what_is_neither_allowed_nor_disallowed_is_ordinary(trained):
    text = f"a{BOS}b<|user_end|>"
    ordinary = trained.encode_ordinary(text)
    assert trained.encode(text, disallowed_special=()) == ordinary
    assert not set(ordinary) & set(trained.specials.values())
    assert trained.encode(text, allowed_special="all") == [
        *trained.encode("a"),
        trained.bos,
        *trained.encode("b"),
        trained.specials["<|user_end|>"],
    ]
    mixed = trained.encode(text, allowed_special={BOS}, disallowed_special=())
    assert mixed.count(trained.bos) == 1 and trained.specials["<|user_end|>"] not in mixed
    with pytest.raises(UserError, match="user_end"):
        trained.encode(text, allowed_special={BOS})
    with pytest.raises(UserError, match="'b'"):
        trained.encode(text, allowed_special="all", disallowed_special={"b"})


def test_special_tokens_have_no_text_unless_asked(trained):
    ids = trained.encode(f"{BOS}hi<|user_end|>", allowed_special="all")
    assert trained.decode(ids) == "hi"
    assert trained.decode(ids, specials=True) == f"{BOS}hi<|user_end|>"


def test_of_two_that_begin_alike_the_longer_is_found():
    tokenizer = learned(specials=("<a>", "<a>b", BOS))
    assert tokenizer.encode("<a>b", allowed_special="all") == [tokenizer.specials["<a>b"]]


@pytest.mark.parametrize(
    ("specials", "name"),
    [
        (None, BOS),
        ({"<|endoftext|>": 300, "<|pad|>": 301}, "<|endoftext|>"),
        ({"<|end_of_text|>": 301, "<|begin_of_text|>": 300}, "<|begin_of_text|>"),
        ({"<|b|>": 301, "<|a|>": 300}, "<|a|>"),
    ],
)
def test_what_begins_a_document(specials, name):
    ids = {byte: i for i, byte in enumerate(SINGLE_BYTES)}
    tokenizer = BPETokenizer(ids, specials=specials)
    assert (tokenizer.bos_text, tokenizer.bos) == (name, tokenizer.specials[name])
    assert tokenizer.vocab_size == max(tokenizer.specials.values()) + 1


def test_nanochats_nine_come_after_the_merges(trained):
    first = 256 + len(trained.merges)
    assert list(trained.specials.values()) == list(range(first, first + 9))
    assert trained.bos == first


# ---- decoding


def test_broken_bytes_become_a_replacement_character(trained):
    assert trained.decode([0xC3]) == "\ufffd"
    assert trained.decode([0x68, 0xFF, 0x69]) == "h\ufffdi"


@given(st.text(), st.lists(st.integers(0, 255), max_size=3))
def test_a_stream_says_the_same_as_the_whole(text, more):
    tokenizer = learned()
    ids = tokenizer.encode_ordinary(text) + more
    stream = tokenizer.stream()
    pushed = [stream.push(id) for id in ids]
    assert "".join(pushed) + stream.finish() == tokenizer.decode(ids)
    if not more:
        assert "\ufffd" in text or not any("\ufffd" in part for part in pushed)


def test_the_stream_of_characters():
    chars = CharTokenizer("hé")
    stream = chars.stream()
    assert [stream.push(id) for id in [chars.bos, *chars.encode("hé"), chars.bos]] == [
        *["", "h", "é", ""]
    ]
    assert stream.finish() == ""


def test_ids_that_do_not_exist_are_refused(trained):
    for id in (-1, trained.vocab_size):
        with pytest.raises(UserError, match=f"no token {id}"):
            trained.decode([id])
        with pytest.raises(UserError, match=f"no token {id}"):
            trained.token_text(id)


def test_tokens_are_shown_so_that_they_can_be_seen(trained):
    def shown(text):
        return "".join(map(trained.token_text, trained.encode(text)))

    assert shown("little girl\n") == "little␣girl\\n"
    assert trained.token_text(0xE6) == "\\xe6"
    assert trained.token_text(trained.bos) == BOS


# ---- the shape all tokenizers have


@pytest.mark.parametrize("make", [learned, lambda: CharTokenizer(TEXT + "ab")])
def test_all_tokenizers_have_one_shape(make):
    tokenizer = make()
    documents = [TEXT, "", "a b", "little girl"]
    rows = tokenizer.encode_rows(documents)
    for document, row in zip(documents, rows, strict=True):
        ids = tokenizer.encode(document)
        assert row.dtype == smallest_type(tokenizer.vocab_size) and not row.flags.writeable
        assert row.tolist() == [tokenizer.bos, *ids, tokenizer.bos]
        assert tokenizer.encode_array(document).tolist() == ids
        assert tokenizer.encode_array(document).dtype == np.int32
        assert tokenizer.decode(row) == document
        assert tokenizer.token_bytes[row].sum() == len(document.encode())
    assert tokenizer.token_bytes.shape == (tokenizer.vocab_size,)
    assert tokenizer.token_bytes[tokenizer.bos] == 0
    again = tokenizers.from_dict(tokenizers.to_dict(tokenizer))
    assert again.encode(TEXT) == tokenizer.encode(TEXT)
    assert again.bos == tokenizer.bos


def test_the_merges_can_be_found_from_the_ranks(trained):
    again = BPETokenizer(dict(trained.ids), trained.pattern, trained.specials)
    assert again.merges == trained.merges
    assert len(parents(b" little", trained.ranks)) == 2


# ---- what cannot be


def test_a_vocabulary_without_every_byte_is_refused():
    ids = {byte: i for i, byte in enumerate(SINGLE_BYTES[:-1])}
    with pytest.raises(UserError, match="0xFF"):
        BPETokenizer(ids)


@pytest.mark.parametrize(
    ("more", "specials", "words"),
    [
        ({b"ab": 97}, None, "both have the id 97"),
        ({b"ab": -1}, None, "token id -1"),
        ({b"ab": 1 << 40}, None, "token id 1099511627776"),
        ({}, {"<x>": 97}, "'<x>' cannot have the id 97"),
        ({}, {"<x>": 300, "<y>": 300}, "cannot have the id 300"),
        ({}, {"": 300}, "cannot have the id 300"),
    ],
)
def test_ids_that_clash_are_refused(more, specials, words):
    with pytest.raises(UserError, match=words):
        BPETokenizer({byte: i for i, byte in enumerate(SINGLE_BYTES)} | more, specials=specials)


def test_a_list_of_merges_that_would_fill_the_memory_is_refused():
    with pytest.raises(UserError, match="256 MB"):
        BPETokenizer.from_merges([(97, 97)] + [(256 + i, 256 + i) for i in range(40)])


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(UserError, match="not a regular expression"):
        Splitter("(a").split("a")


# ---- speed


def test_a_long_run_of_one_letter_is_no_trouble():
    tokenizer = learned("none", ("a" * 5000,))
    start = time.perf_counter()
    ids = tokenizer.encode("a" * 200_000)
    assert time.perf_counter() - start < 20  # the square would take hours
    assert tokenizer.decode(ids) == "a" * 200_000
