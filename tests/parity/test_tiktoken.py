"""The same ids as tiktoken, from the same ranks and pattern."""

import random

import pytest
from microgpt.errors import UserError
from microgpt.tokenizer.patterns import PATTERNS

pytest.importorskip("tiktoken", reason="tiktoken is not installed (the extra dev)")

from proof.tokenizers import (
    KINDS,
    SPECIALS,
    compare,
    random_text,
    same_in_tiktoken,
    vocabularies,
)


@pytest.mark.parametrize("pattern", KINDS)
def test_equal_to_tiktoken(pattern):
    """A sample; `python -m tests.proof tokenizers` compares more than 100,000 strings."""
    for number, tokenizer in enumerate(vocabularies(pattern)):
        compare(tokenizer, 40, random.Random(f"{pattern} {number}"))


@pytest.mark.parametrize("pattern", KINDS)
def test_the_same_specials_are_allowed_and_refused(pattern):
    tokenizer = vocabularies(pattern)[0]
    theirs = same_in_tiktoken(tokenizer)
    rng = random.Random(3)
    refused = 0
    for _ in range(150):
        text = random_text(rng) + rng.choice(SPECIALS) * rng.randint(0, 1)
        allowed = {s for s in SPECIALS if rng.random() < 0.5}
        disallowed = rng.choice(["all", (), {rng.choice(SPECIALS)}])
        options = {"allowed_special": allowed, "disallowed_special": disallowed}
        try:
            expected = theirs.encode(text, **options)
        except ValueError:
            refused += 1
            with pytest.raises(UserError):
                tokenizer.encode(text, **options)
        else:
            assert tokenizer.encode(text, **options) == expected
    assert 15 < refused < 135


@pytest.mark.parametrize("letters", ["a", "ab", " ", "\n", "1", "é", "=-"])
@pytest.mark.parametrize("pattern", KINDS)
def test_equal_on_long_runs(pattern, letters):
    for tokenizer in vocabularies(pattern):
        theirs = same_in_tiktoken(tokenizer)
        for count in (1, 127, 128, 129, 2000):
            text = letters * count
            assert tokenizer.encode(text) == theirs.encode(text)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_broken_bytes_decode_alike(pattern):
    tokenizer = vocabularies(pattern)[0]
    theirs = same_in_tiktoken(tokenizer)
    rng = random.Random(1)
    for _ in range(100):
        ids = rng.choices(range(tokenizer.vocab_size), k=rng.randint(1, 12))
        assert tokenizer.decode(ids, specials=True) == theirs.decode(ids)


def test_the_files_are_tiktokens_own(tmp_path):
    from microgpt.tokenizer.files.formats import write
    from tiktoken.load import load_tiktoken_bpe

    tokenizer = vocabularies("gpt2")[0]
    path = tmp_path / "ranks.tiktoken"
    path.write_bytes(write(tokenizer, "tiktoken")[""])
    assert load_tiktoken_bpe(str(path)) == tokenizer.ids
