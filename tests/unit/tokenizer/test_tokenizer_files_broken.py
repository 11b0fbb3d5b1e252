"""Broken files of tokenizers are refused, with the place."""

import base64
import json
import re

import pytest
from made_tokenizers import learned, odd
from microgpt import tokenizer as tokenizers
from microgpt.errors import UserError
from microgpt.tokenizer.bpe import SINGLE_BYTES
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.files.formats import read, write
from microgpt.tokenizer.files.gpt2 import to_chars

# ---- broken files


RANKS = [base64.b64encode(byte).decode() + f" {i}" for i, byte in enumerate(SINGLE_BYTES)]


def with_line(number, line):
    lines = list(RANKS)
    lines[number - 1] = line
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_line(17, "!!! 16"), "f, line 17: '!!! 16' is not a token in base64"),
        (with_line(17, "EA=="), "f, line 17"),
        (with_line(17, "EA== sixteen"), "f, line 17"),
        (with_line(17, "EA== 16 16"), "f, line 17"),
        (with_line(17, "EA== -1"), "f, line 17"),
        (with_line(17, "Dw== 16"), "f, line 17: the token was there before, in line 16"),
        (with_line(17, "EA== 3"), "f, line 17: the rank 3 was there before, in line 4"),
        (with_line(17, ""), "f: The vocabulary has no token for the byte 0x10"),
        (b"", "f has no tokens"),
        (b"\n\n", "f has no tokens"),
        (b"ok 1\n\xff\xfe", "f, line 2: not UTF-8"),
        (b"{", "f, line 1: not JSON"),
        (b'{"a":\n1\n"b"}', "f, line 3: not JSON"),
        (b"{}", "f is JSON but no tokenizer"),
        (b'{"a": "b"}', "f is JSON but no tokenizer"),
        (b"{" + b'"a":{' * 100_000, "f.*not JSON"),
        (b"Once upon a time", "f, line 1"),
    ],
)
def test_broken_rank_files_are_refused_with_the_line(data, words):
    with pytest.raises(UserError, match=words):
        read(data, "f", "gpt2")


def test_a_rank_file_of_unknown_size_must_be_told_its_pattern():
    """Any other would give wrong ids without a word: those of o200k_base were GPT-2's."""
    data = write(learned("cl100k"), "tiktoken")[""]
    with pytest.raises(
        UserError,
        match=r"does not say where words are cut.*in a terminal name it with --pattern \(gpt2,",
    ):
        read(data, "f")
    assert read(data, "f", "cl100k").pattern == "cl100k"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bpe, json: (bpe + "a\n", json), r"vocab.bpe, line \d+: 'a' is not two tokens"),
        (lambda bpe, json: (bpe + "a b c\n", json), r"vocab.bpe, line \d+"),
        (lambda bpe, json: (bpe + "a \u4e00\n", json), r"vocab.bpe, line \d+"),
        (lambda bpe, json: (bpe + "Q Q\n", json), r"line \d+: the token it makes is not in enc"),
        (lambda bpe, json: (bpe, {**json, "a": "1"}), "encoder.json: the id of 'a' is '1'"),
        (lambda bpe, json: (bpe, {**json, "a": 98}), "encoder.json: The tokens b'a' and b'b'"),
        (lambda bpe, json: (bpe, [1]), "encoder.json is JSON but no table"),
        (lambda bpe, json: (bpe, None), "vocab.bpe is one of a pair of files; put the other"),
    ],
)
def test_broken_pairs_are_refused(change, words):
    files = write(learned("gpt2"), "gpt2")
    bpe, encoder = change(files["vocab.bpe"].decode(), json.loads(files["encoder.json"]))
    others = {} if encoder is None else {"encoder.json": json.dumps(encoder).encode()}
    with pytest.raises(UserError, match=words):
        read(bpe.encode(), "vocab.bpe", partner=others.get)


def test_encoder_json_alone_is_half_a_tokenizer():
    with pytest.raises(UserError, match="vocab.bpe or merges.txt"):
        read(write(learned("gpt2"), "gpt2")["encoder.json"], "encoder.json")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["mergeable_ranks", "zz"], 300, "in mergeable_ranks 'zz': 300"),
        (["mergeable_ranks", "6162"], "x", "in mergeable_ranks '6162': 'x'"),
        (["mergeable_ranks", "6162636465"], 97, "both have the id 97"),
        (["mergeable_ranks"], [], "mergeable_ranks must be a table"),
        (["special_tokens"], {"<x>": "y"}, "special_tokens"),
        (["pattern"], 7, "the pattern is 7"),
    ],
)
def test_broken_gonanochat_files_are_refused_with_the_key(path, value, words):
    found = json.loads(write(learned(), "gonanochat")[""])
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(UserError, match=words):
        read(json.dumps(found).encode(), "f")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["model", "type"], "WordPiece", "of type WordPiece"),
        (["model", "dropout"], 0.1, "dropout is 0.1"),
        (["model", "byte_fallback"], True, "byte_fallback"),
        (["model", "end_of_word_suffix"], "</w>", "end_of_word_suffix"),
        (["model", "vocab"], [], "vocab must be a table"),
        (["model", "vocab", "a"], None, "the id of 'a' is None"),
        (["model", "vocab", "日"], 9999, "'日' is not written in the letters"),
        (["model", "merges"], None, "merges must be a list"),
        (["model", "merges", 3], ["a"], "entry 3 of merges"),
        (["model", "merges", 3], "a Q", "entry 3 of merges, 'a Q'"),
        (["model", "merges", 3], 5, "entry 3 of merges"),
        (["model", "merges", 3], ["a", 5], "entry 3 of merges"),
        (["normalizer"], {"type": "NFC"}, "normalizer NFC"),
        (["pre_tokenizer"], None, "pre_tokenizer is missing"),
        (["pre_tokenizer"], {"type": "Metaspace"}, "pre_tokenizer is Metaspace"),
        (["pre_tokenizer", "pretokenizers", 1, "add_prefix_space"], True, "add_prefix_space"),
        (["pre_tokenizer", "pretokenizers", 0, "behavior"], "Removed", "Isolated"),
        (["pre_tokenizer", "pretokenizers", 0, "pattern"], {"String": " "}, "by a Regex"),
        (["added_tokens", 0], {"id": 1}, "entry 0 of added_tokens"),
        (["added_tokens", 0, "lstrip"], True, "has lstrip"),
        (["added_tokens", 0, "id"], 97, "cannot have the id 97"),
    ],
)
def test_broken_hugging_face_files_are_refused_with_the_key(path, value, words):
    found = json.loads(write(learned(), "huggingface")[""])
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(UserError, match=words):
        read(json.dumps(found).encode(), "f")


def test_merges_that_no_trainer_would_have_learned_are_refused():
    """Ours would make abc of ab + c, that file only of a + bc, which never comes."""
    found = json.loads(write(learned("gpt2"), "huggingface")[""])
    found["model"]["vocab"] = {to_chars(byte): i for i, byte in enumerate(SINGLE_BYTES)} | {
        "ab": 256,
        "bc": 257,
        "abc": 258,
    }
    found["added_tokens"] = []
    found["model"]["merges"] = ["a b", "b c", "a bc"]
    with pytest.raises(UserError, match="token 'abc' is never reached"):
        read(json.dumps(found).encode(), "f")
    found["model"]["merges"] = ["a b", "b c", "ab c"]
    assert read(json.dumps(found).encode(), "f").encode("abc") == [258]


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": 1},
        {"bos": None},
        {"bos": "<|nobody|>"},
        {"specials": []},
        {"specials": {"<|bos|>": "x"}},
        {"merges": [1]},
        {"merges": [97, 9999]},
        {"merges": [97, -1]},
        {"merges": [97, "98"]},
        {"merges": [97, 98, 97, 98]},
        {"merges": [97, 97, *(id for i in range(40) for id in (256 + i, 256 + i))]},
        {"merges": None, "tokens": "IQ== !"},
        {"merges": None, "tokens": ""},
        {"merges": None, "tokens": 5},
    ],
)
def test_damaged_descriptions_are_refused(change):
    description = {**tokenizers.to_dict(learned()), **change}
    if description["merges"] is None:
        del description["merges"]
    with pytest.raises(UserError):
        tokenizers.from_dict(description)


@pytest.mark.parametrize("order", [[99999], ["x"], 3, [0, 1]])
def test_a_damaged_order_is_refused(order):
    description = {**tokenizers.to_dict(odd()), "order": order}
    with pytest.raises(UserError):
        tokenizers.from_dict(description)


@pytest.mark.parametrize("tokenizer", [learned("gpt2"), CharTokenizer("abc")])
def test_a_changed_file_of_our_own_is_noticed(tokenizer):
    """And a file of before, which has no checksum, is read."""
    data = write(tokenizer, "microgpt")[""]
    found = json.loads(data)
    assert re.fullmatch("[0-9a-f]{8}", found.pop("crc32"))
    assert read(json.dumps(found).encode(), "old.json").vocab_size == tokenizer.vocab_size
    assert read(data, "t.json").vocab_size == tokenizer.vocab_size
    refused, description = 0, tokenizers.to_dict(tokenizer)
    for place in range(len(data)):
        bad = bytearray(data)
        bad[place] ^= 1
        try:
            assert tokenizers.to_dict(read(bytes(bad), "t.json")) == description, bytes(bad)
        except UserError:
            refused += 1
    assert refused > 0.9 * len(data)
