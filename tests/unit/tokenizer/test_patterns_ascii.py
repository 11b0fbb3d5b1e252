"""Where the regex package is not there, texts in ASCII are cut as with it."""

import random
import sys

import pytest
from microgpt.errors import Missing
from microgpt.tokenizer.patterns import PATTERNS, Splitter

LETTERS = [chr(code) for code in range(128)] + [
    "'s",
    "'LL",
    "  ",
    "\r\n",
    "12345",
    "aB",
    "Word",
] * 4


@pytest.mark.parametrize("name", [name for name in PATTERNS if name != "none"])
def test_a_text_in_ascii_is_cut_the_same_without_the_package(name, monkeypatch):
    dice = random.Random(name)
    texts = ["".join(dice.choices(LETTERS, k=dice.randrange(60))) for _ in range(300)]
    expected = [Splitter(name).split(text) for text in texts]
    monkeypatch.setitem(sys.modules, "regex", None)
    without = Splitter(name)
    assert [without.split(text) for text in texts] == expected
    with pytest.raises(Missing, match="pip install regex"):
        without.split("café")


def test_a_pattern_of_ones_own_needs_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "regex", None)
    with pytest.raises(Missing, match="pip install regex"):
        Splitter("[a-z]+").split("abc")
