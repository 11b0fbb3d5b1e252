"""Tokenizer files: what is saved comes back equal, and what is broken is refused with its place."""

import base64
import json

import pytest
from made_tokenizers import TEXT, learned, odd
from microgpt import tokenizer as tokenizers
from microgpt.errors import UserError
from microgpt.tokenizer.bpe import SINGLE_BYTES, BPETokenizer
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.files import formats
from microgpt.tokenizer.files.formats import FORMATS, read, write
from microgpt.tokenizer.patterns import Splitter


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
