"""The text a chat model begins with: stories, talk and copied lines, none of it held out."""

import re

from microgpt.data import load
from microgpt.data.chat.base import base_text, copied_line, talk
from microgpt.data.chat.dice import is_held_out
from microgpt.data.chat.words import NAMES


def test_it_is_found_by_its_name():
    corpus = load("chat")
    assert corpus.split == "none" and len(corpus.documents) == 1
    (text,) = corpus.documents
    stories = load("stories").documents
    assert 1.5 < len(text) / sum(map(len, stories)) < 2
    assert all(story in text for story in stories[:5])
    assert talk(3) in text and copied_line(100) in text
    assert load("chat").digest == corpus.digest


def test_all_is_mixed():
    text = base_text(["A long story. " * 100] * 40)
    places = [found.start() for found in re.finditer(r"A long story\. A", text)]
    assert places[0] < len(text) / 5 and places[-1] > 0.8 * len(text)


def test_lines_are_copied_and_not_held_out():
    for number in range(500):
        line = copied_line(number)
        found = re.fullmatch(r'"(.+)" \1', line) or re.fullmatch(r"(.+) \| \1", line)
        for word in found[1].split():
            assert not is_held_out("number" if word.isdigit() else "word", word)


def test_talk_is_of_those_to_train_on():
    names = set(NAMES.sides[1])
    for number in range(300):
        text = talk(number)
        assert not names & set(re.findall(r"\w+", text)) and "{" not in text
    assert any("That makes" in talk(number) for number in range(10))
