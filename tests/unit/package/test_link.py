"""A model in a link: what goes in comes out, and nothing else gets in."""

import base64
import json
import random
import struct
import zlib

import numpy as np
import pytest
from microgpt import link
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.tokenizer import CharTokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FRAME = struct.Struct("<BBI")


def model_of(**settings):
    model = GPT(GPTConfig(**settings), np.float64)
    model.init_weights(random.Random(1))
    return model


@pytest.fixture(scope="module")
def packed():
    return link.pack(model_of(), CharTokenizer(LETTERS), {"step": 7})


def opened(text):
    """(frame, body) of a link, taken apart without our own code."""
    data = base64.urlsafe_b64decode(text[4:] + "=" * (-len(text[4:]) % 4))
    return FRAME.unpack_from(data), zlib.decompress(data[FRAME.size :], -15)


def sealed(body, version=1, kind=0, checksum=None):
    """A link with any body, whose checksum is right unless given."""
    checksum = zlib.crc32(body) if checksum is None else checksum
    data = FRAME.pack(version, kind, checksum) + body
    return "mgpt" + base64.urlsafe_b64encode(data).decode().rstrip("=")


def described(model=None, chars="ab", note=None, rest=b"", **more):
    head = {"model": model or {}, "tokenizer": {"type": "chars", "chars": chars}}
    text = json.dumps({**head, "note": note or {}, **more}).encode()
    return sealed(struct.pack("<I", len(text)) + text + rest)


def refusal(text):
    with pytest.raises(UserError) as error:
        link.unpack(text)
    sentence = str(error.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_what_goes_in_comes_out(packed):
    before = model_of()
    model, tokenizer, note = link.unpack(packed)
    assert model.config == before.config
    assert tokenizer.chars == LETTERS
    assert note == {"step": 7}
    for name, array in before.weights.named().items():
        # Half a level of the row, and what half precision takes from the scale.
        step = np.abs(array).max(axis=1, keepdims=True) / 127
        assert (np.abs(model.weights.named()[name] - array) <= 0.57 * step).all(), name


def test_a_second_trip_changes_nothing(packed):
    model, tokenizer, note = link.unpack(packed)
    again, _, _ = link.unpack(link.pack(model, tokenizer, note))
    assert np.array_equal(again.weights.flat, model.weights.flat)


def test_it_is_short_and_fits_an_address(packed):
    assert len(packed) < 6500
    assert set(packed) <= set(LETTERS + LETTERS.upper() + "0123456789-_")


def test_other_settings_and_letters_travel():
    before = model_of(vocab_size=5, n_layer=2, n_head=2, n_embd=8, block_size=5, mlp_hidden=16)
    model, tokenizer, _ = link.unpack(link.pack(before, CharTokenizer("aé€𝄞")))
    assert model.config == before.config and tokenizer.chars == "aé€𝄞"


def test_a_row_of_zeros_stays_zero():
    before = model_of()
    before.weights.named()["wte"][3] = 0
    model, _, _ = link.unpack(link.pack(before, CharTokenizer(LETTERS)))
    wte = model.weights.named()["wte"]
    assert not wte[3].any() and wte[2].any()


def test_broken_lines_are_mended(packed):
    broken = "\n ".join(packed[i : i + 76] for i in range(0, len(packed), 76))
    assert link.unpack(broken)[2] == {"step": 7}


@pytest.mark.parametrize("weight", [np.nan, np.inf, 1e30])
def test_weights_that_are_no_numbers_are_not_packed(weight):
    model = model_of()
    model.weights.flat[5] = weight
    with pytest.raises(UserError, match="weights"):
        link.pack(model, CharTokenizer(LETTERS))


def test_a_large_model_is_not_packed():
    model = GPT(GPTConfig(n_embd=512, n_layer=2), np.float32)
    with pytest.raises(UserError, match="file instead"):
        link.pack(model, CharTokenizer(LETTERS))


@pytest.mark.parametrize("text", ["", "mgp", "https://example.org", "#mgpt", "mgqt" + "A" * 100])
def test_a_foreign_link(text):
    assert "no microgpt model" in refusal(text)


def test_every_cut_is_noticed(packed):
    for length in [4, 5, 11, 12, 13, 14, len(packed) // 2, len(packed) - 1]:
        assert "damaged" in refusal(packed[:length])


def test_every_change_is_noticed(packed):
    rng = random.Random(3)
    for _ in range(200):
        at = rng.randrange(4, len(packed))
        other = rng.choice([c for c in LETTERS if c != packed[at]])
        changed = packed[:at] + other + packed[at + 1 :]
        if other_bits(changed) == other_bits(packed):
            continue  # the last character carries a few bits that say nothing
        sentence = refusal(changed)
        assert "damaged" in sentence or "newer" in sentence


def other_bits(text):
    return base64.urlsafe_b64decode(text[4:] + "=" * (-len(text[4:]) % 4))


def test_a_newer_link(packed):
    _, body = opened(packed)
    assert "newer" in refusal(sealed(body, version=2))


def test_the_body_may_be_stored_plain(packed):
    _, body = opened(packed)
    assert link.unpack(sealed(body))[2] == {"step": 7}


def test_missing_and_extra_weights(packed):
    _, body = opened(packed)
    assert "do not fit" in refusal(sealed(body[:-1]))
    assert "do not fit" in refusal(sealed(body + b"\0"))


def test_a_bomb_is_not_unpacked():
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeeze.compress(bytes(50_000_000)) + squeeze.flush()
    assert "too large" in refusal(sealed(bomb, kind=1))


def test_a_very_long_text():
    assert "too long" in refusal("mgpt" + "A" * 5_000_000)


@pytest.mark.parametrize(
    "settings",
    [
        {"block_size": 10**9, "n_embd": 1, "n_head": 1},
        {"block_size": 5000, "n_embd": 4},
        {"n_layer": 10**12},
        {"n_embd": 10**9, "n_head": 1},
        {"mlp_hidden": 10**9},
    ],
)
def test_absurd_sizes_are_refused_before_they_cost_anything(settings):
    # By the limits of a link, or already by those of the setting.
    sentence = refusal(described({"vocab_size": 3, **settings}))
    assert "too large" in sentence or "at most" in sentence


@pytest.mark.parametrize(
    "settings", [{"n_layer": -1}, {"n_embd": "16"}, {"n_head": 3}, {"colour": 1}, {"n_embd": True}]
)
def test_settings_that_make_no_sense(settings):
    refusal(described({"vocab_size": 3, **settings}))


def test_letters_that_do_not_fit():
    assert "alphabet" in refusal(described({"vocab_size": 7}))


@pytest.mark.parametrize(
    "text",
    [
        sealed(b""),
        sealed(b"\xff\xff\xff\xff{}"),
        sealed(struct.pack("<I", 2) + b"[]"),
        sealed(struct.pack("<I", 4) + b'"aa"'),
        sealed(struct.pack("<I", 2) + b"\xff\xfe"),
        sealed(b"x", kind=9),
        sealed(b"not deflated", kind=1),
        described(note=[1]),
        described(note={"step": "x" * 5000}),
        described(model=[]),
        described(chars=5),
        described(tokenizer="chars"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(text):
    refusal(text)


def test_scales_that_are_no_numbers():
    config = GPTConfig(vocab_size=3, n_embd=4, n_head=1, block_size=2)
    shapes = GPT(config, np.float32).weights.shapes.values()
    rows, count = sum(s[0] for s in shapes), sum(s[0] * s[1] for s in shapes)
    rest = np.full(rows, np.nan, "<f2").tobytes() + bytes(count)
    settings = {"vocab_size": 3, "n_embd": 4, "n_head": 1, "block_size": 2}
    assert "no numbers" in refusal(described(settings, rest=rest))
