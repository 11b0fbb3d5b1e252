"""Tokenizer files: what is saved comes back equal, and what is broken is refused with its place."""

import base64
import json
import re

import pytest
from microgpt import tokenizer as tokenizers
from microgpt.errors import UserError
from microgpt.tokenizer.bpe import SINGLE_BYTES, BPETokenizer
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.files import formats
from microgpt.tokenizer.files.formats import FORMATS, read, write
from microgpt.tokenizer.files.gpt2 import to_chars
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.special import CHAT_SPECIALS
from microgpt.tokenizer.train import count_words, learn_merges

TEXT = "The cat's hat, the little cats' café: 1984 times\n\n  naïve 😀 they'LL see\t" * 2


def learned(pattern="cl100k", specials=CHAT_SPECIALS):
    merges = learn_merges(count_words([TEXT], Splitter(pattern)))
    return BPETokenizer.from_merges([(m.left, m.right) for m in merges], pattern, specials)


def odd():
    """Ids in another order than the merges, and specials among them, as Hugging Face allows."""
    plain = learned("gpt2")
    ids = {token: 2 * (len(plain.ids) - id) + 5 for token, id in plain.ids.items()}
    ids[b"ab unreached"] = 4  # in no merge: it can be decoded, never encoded
    ranks = {token: id for token, id in plain.ids.items() if len(token) > 1}
    return BPETokenizer(ids, "gpt2", {"<s>": 0, "<|x|>": 2}, ranks=ranks)


def again(tokenizer, format, pattern=None):
    files = write(tokenizer, format)
    (name, data), *rest = files.items()
    return read(data, name or "file", pattern, dict(files).get)


def same(one, other):
    return (
        one.ids == other.ids
        and sorted(one.ranks, key=one.ranks.get)[-300:]
        == sorted(other.ranks, key=other.ranks.get)[-300:]
        and one.specials == other.specials
        and one.bos == other.bos
        and one.splitter.source == other.splitter.source
        and one.encode_ordinary(TEXT) == other.encode_ordinary(TEXT)
        and one.merges == other.merges
    )


# ---- there and back


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("pattern", ["gpt2", "cl100k", "nanochat", "none"])
def test_reloaded_equal_in_every_format(format, pattern):
    tokenizer = learned(pattern, specials=("<|bos|>",))
    assert same(again(tokenizer, format, pattern), tokenizer)


@pytest.mark.parametrize("format", ["microgpt", "gpt2", "gonanochat", "huggingface"])
def test_special_tokens_are_kept_where_the_format_has_them(format):
    tokenizer = learned("gpt2")
    assert same(again(tokenizer, format), tokenizer)


@pytest.mark.parametrize("format", ["microgpt", "huggingface"])
def test_ids_in_another_order_than_the_merges(format):
    tokenizer = odd()
    found = again(tokenizer, format)
    for text in (TEXT, "ab unreached thelittlecats hattimes caféthey seesee"):
        assert found.encode_ordinary(text) == tokenizer.encode_ordinary(text)
    tokens = [tokenizer.token_text(id) for id in tokenizer.encode_ordinary(TEXT)]
    plain = learned("gpt2")
    assert tokens == [plain.token_text(id) for id in plain.encode_ordinary(TEXT)]
    assert (found.ids, found.specials, found.bos) == (tokenizer.ids, tokenizer.specials, 0)


@pytest.mark.parametrize("format", ["tiktoken", "gonanochat"])
def test_ids_in_another_order_are_no_ranks(format):
    with pytest.raises(UserError, match="order of its merges"):
        write(odd(), format)


@pytest.mark.parametrize("format", ["microgpt", "tiktoken", "gonanochat", "huggingface"])
def test_a_token_that_no_merge_makes_is_kept(format):
    ids = {byte: 255 - i for i, byte in enumerate(SINGLE_BYTES)} | {b"abc": 256, b"ab": 257}
    tokenizer = BPETokenizer(ids, "gpt2", {"<|bos|>": 258})
    found = again(tokenizer, format, "gpt2")
    for text in ("abc", "abcabc", "ab", "xabc abc"):
        assert found.encode(text) == tokenizer.encode(text)
    assert same(again(tokenizer, "microgpt"), tokenizer)


def test_a_token_that_no_merge_makes_cannot_be_a_list_of_merges():
    ids = {byte: i for i, byte in enumerate(SINGLE_BYTES)} | {b"abc": 256}
    with pytest.raises(UserError, match="merges cannot be listed"):
        write(BPETokenizer(ids), "gpt2")


@pytest.mark.parametrize("format", ["gpt2", "huggingface"])
def test_a_special_token_spelled_like_an_ordinary_one_is_refused(format):
    tokenizer = learned("gpt2", specials=("le",))
    with pytest.raises(UserError, match="'le' is spelled like an ordinary one"):
        write(tokenizer, format)
    assert same(again(tokenizer, "gonanochat"), tokenizer)


def test_in_a_checkpoint_it_is_json_and_its_merges():
    tokenizer = learned()
    description = json.loads(json.dumps(tokenizers.to_dict(tokenizer)))
    assert set(description) == {"type", "pattern", "specials", "bos", "merges"}
    assert same(tokenizers.from_dict(description), tokenizer)


def test_characters_are_read_too():
    chars = CharTokenizer("hello")
    assert again(chars, "microgpt").chars == "ehlo"
    with pytest.raises(UserError, match="only as microgpt"):
        write(chars, "huggingface")


# ---- files of others


def test_published_rank_files_are_known_by_their_size(monkeypatch):
    monkeypatch.setitem(formats.PUBLISHED, 256, ("llama3", {"<|begin_of_text|>": 300}))
    data = b"".join(b"%s %d\n" % (base64.b64encode(t), i) for i, t in enumerate(SINGLE_BYTES))
    tokenizer = read(data, "llama.tiktoken")
    assert (tokenizer.pattern, tokenizer.bos, tokenizer.vocab_size) == ("llama3", 300, 301)
    assert read(data, "llama.tiktoken", "gpt2").pattern == "gpt2"


def test_windows_line_ends_do_no_harm():
    for format in ("tiktoken", "gpt2"):
        files = write(learned("gpt2", ("<|bos|>",)), format)
        files = {name: data.replace(b"\n", b"\r\n") for name, data in files.items()}
        name = next(iter(files))
        found = read(files[name], name or "x", "gpt2", files.get)
        assert same(found, learned("gpt2", ("<|bos|>",)))


def test_either_of_gpt2s_pair_will_do_under_either_name():
    files = write(learned("gpt2"), "gpt2")
    other_names = {"vocab.json": files["encoder.json"], "merges.txt": files["vocab.bpe"]}
    for pair in (files, other_names):
        for name, data in pair.items():
            assert same(read(data, name, partner=pair.get), learned("gpt2"))


def test_gonanochats_hex():
    ranks = {byte.hex(): i for i, byte in enumerate(SINGLE_BYTES)} | {b"hi".hex(): 256}
    found = {
        "vocab_size": 258,
        "pattern": Splitter("nanochat").source,
        "mergeable_ranks": ranks,
        "special_tokens": {"<|bos|>": 257},
    }
    tokenizer = read(json.dumps(found).encode(), "tokenizer.json")
    assert (tokenizer.pattern, tokenizer.bos, tokenizer.encode("hi")) == ("nanochat", 257, [256])


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
    with pytest.raises(UserError, match=r"does not say where words are cut.*--pattern \(gpt2,"):
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
