"""The index of what stands in the training data: nothing is missed, little is made up."""

import doctest
import random

import numpy as np
from microgpt.data import copied
from microgpt.data.builtin import load_stories
from microgpt.data.copied import RUN, CopyIndex


def test_the_example_holds():
    assert doctest.testmod(copied).failed == 0


def test_every_long_stretch_of_the_stories_is_found():
    stories = load_stories().documents
    index = CopyIndex.of(stories)
    assert index.bytes <= index.runs + 1
    dice = random.Random(1)
    for _ in range(50):
        words = dice.choice(stories).split()
        start = dice.randrange(len(words) - 12)
        stretch = " ".join(words[start : start + 12])
        text = f"Nobody ever said {stretch} zzz"
        assert stretch in " ".join(text[a:b] for a, b in index.stretches(text))


def test_other_texts_are_not_copied():
    index = CopyIndex.of(load_stories().documents)
    dice = random.Random(2)
    vocabulary = sorted({word for story in index_words() for word in story.split()})
    texts = [" ".join(dice.choices(vocabulary, k=40)) for _ in range(200)]
    words, total = index.share(texts)
    assert words < 0.02 * total


def index_words():
    return load_stories().documents[:50]


def test_a_run_seems_known_by_mistake_in_few_cases():
    index = CopyIndex.of(load_stories().documents)
    runs = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64)
    assert index.knows(runs).mean() < 0.03


def test_short_and_empty_texts():
    index = CopyIndex.of(["one two three"])
    assert index.runs == 0 and index.stretches("one two three") == []
    assert CopyIndex.of([]).stretches("a b c d e f g h i j") == []
    long = " ".join("abcdefghij"[: RUN + 1])
    assert CopyIndex.of([long]).stretches(long.upper()) == [(0, len(long))]


def test_no_run_goes_from_one_text_into_the_next(monkeypatch):
    texts = ["a b c d e f", "too short", "g h i j k l m"]
    index = CopyIndex.of(texts)
    assert index.runs == 3 and index.stretches(" ".join(texts)) == [(22, 35)]
    monkeypatch.setattr(copied, "MOST_WORDS", 3)  # each text by itself
    assert CopyIndex.of(texts).parts[0][0].tolist() == index.parts[0][0].tolist()


def test_what_is_put_together_from_the_question_is_not_learned_by_heart():
    read = "Tom has a big red ball and Mia has a kite. Who has a kite?"
    answer = "Tom has a big red ball (ball: Tom). Mia has a kite (kite: Mia). So kite: Mia."
    assert CopyIndex.of([answer]).stretches(answer) == [(0, len(answer))]
    known = CopyIndex.of([(answer, read)])
    assert known.stretches("Tom has a big red ball (ball: Tom).") == []
    fact = "Fern the rabbit lives in the tall green grass."
    assert CopyIndex.of([(fact, "Where does Fern live?")]).stretches(fact) == [(0, len(fact))]
