"""Data choose how far back a model looks."""

import pytest
from microgpt.data.text import Corpus, context_for, kind_of_rows
from microgpt.tokenizer import BPETokenizer

NAMES = Corpus("names", ["anna", "bo", "carla"] * 300, "a test")
LINES = Corpus("lines", ["a line of some thirty letters.."] * 50, "a test")
TEXT = Corpus("text", ["one long text " * 100], "a test", "none")
IDS = Corpus("ids", [], "a test", "tokens")


@pytest.mark.parametrize(
    ("corpus", "usual", "expected"),
    [(NAMES, 16, 16), (LINES, 16, 64), (TEXT, 16, 64), (TEXT, 128, 128), (IDS, 16, 64)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_text_gets_more_room_than_a_name(corpus, usual, expected):
    assert context_for(corpus, usual) == expected


def test_lines_that_fit_then_are_documents_again():
    assert kind_of_rows(LINES, 16) == "crops" and kind_of_rows(LINES, 64) == "documents"


def test_it_is_counted_in_the_tokens_of_the_run():
    tokens = BPETokenizer.from_merges([])
    words = Corpus("words", ["ééééééééééééé"] * 20, "a test")  # 13 letters, 26 bytes
    assert context_for(words, 16) == 16 and context_for(words, 16, tokens) == 64
