"""Documents in few strings are the same documents, rows and batches as lists of them."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt.data import documents as module
from microgpt.data.batches import eval_batches, make_batches, split_documents
from microgpt.data.documents import Documents
from microgpt.data.novelty import is_new
from microgpt.data.stream import corpus_from_file
from microgpt.data.text import Corpus, decode, split_text
from microgpt.tokenizer import BPETokenizer, CharTokenizer

TEXTS = st.lists(st.text(st.sampled_from("ab \né😀"), max_size=12), max_size=30)


def in_parts(texts, rng):
    """Pairs as a file in parts gives them."""
    for text in texts:
        cuts = sorted(rng.choices(range(len(text) + 1), k=rng.randrange(3)))
        for a, b in zip([0, *cuts], cuts):
            yield text[a:b], False
        yield text[cuts[-1] if cuts else 0 :], True


@pytest.fixture(params=[3, 20, module.PIECE], autouse=True)
def piece(request, monkeypatch):
    monkeypatch.setattr(module, "PIECE", request.param)


@given(TEXTS, st.randoms())
def test_the_same_as_a_list(texts, rng):
    documents = Documents.of(in_parts(texts, rng))
    assert list(documents) == texts and documents == texts and len(documents) == len(texts)
    assert [documents[i] for i in range(len(texts))] == texts
    assert documents[2:-1] == texts[2:-1] and list(documents[::3]) == texts[::3]
    joined = ["".join(group) for group in grouped(documents.parts())]
    assert joined == texts
    assert Corpus("a", documents, "a").digest == Corpus("a", texts, "a").digest
    for text in {*texts, "a", "ab", "é", ""}:
        assert (text in documents) == (text in texts)
        assert not text or documents.mentions(text) == any(text in other for other in texts)
        assert (text in documents[1:]) == (text in texts[1:])
    for kind in ("documents", "crops"):
        assert is_new("ab", documents, kind) == is_new("ab", texts, kind)


def grouped(parts):
    group = []
    for text, end in parts:
        group.append(text)
        if end:
            yield group
            group = []
    assert group == []


@given(TEXTS, st.integers(0, 99), st.sampled_from([0, 0.1, 0.5]))
def test_shuffled_and_split_as_a_list(texts, seed, fraction):
    mine, theirs = random.Random(seed), random.Random(seed)
    shuffled = Documents.of((text, True) for text in texts).shuffled(mine)
    listed = list(texts)
    theirs.shuffle(listed)
    assert shuffled == listed and mine.getstate() == theirs.getstate()
    if texts:
        for a, b in zip(split_documents(shuffled, fraction), split_documents(listed, fraction)):
            assert list(a) == list(b)


@pytest.mark.parametrize("split", ["line", "blank", "none"])
@pytest.mark.parametrize("kind", ["short", "long", "mixed", "one"])
@pytest.mark.parametrize("tokenizer", ["chars", "bpe"])
def test_the_same_batches_as_from_a_list(split, kind, tokenizer, tmp_path):
    text = {
        "short": "anna\nbo\n\nclara\n" * 40,
        "long": "the quick brown fox jumps over the lazy dog\n\n" * 20,
        "mixed": "a\n\n" + "an old oak\n" * 30 + "x " * 200 + "😀\n\n" + "end\n" * 9,
        "one": "no line ends here " * 60,
    }[kind]
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    corpus = corpus_from_file(path, split)
    listed = Corpus("text.txt", split_text(decode(text.encode(), "x"), split), "x", split)
    assert corpus.documents == listed.documents and corpus.digest == listed.digest
    assert (corpus.characters, corpus.longest) == (listed.characters, listed.longest)
    one = CharTokenizer.from_documents(corpus.documents)
    assert one.chars == CharTokenizer.from_documents(listed.documents).chars
    one = one if tokenizer == "chars" else BPETokenizer.from_merges([(97, 110), (256, 110)])
    found = [c.rows(one, random.Random(3), 0.1) for c in (corpus, listed)]
    for mine, theirs in zip(*found):
        assert [row.tolist() for row in mine] == [row.tolist() for row in theirs]
    for windows in ("random", "sequential"):
        for size in (1, 3):
            makers = [
                make_batches([*rows] if i else rows, size, 8, np.float32, 5, windows=windows)
                for i, (rows, _) in enumerate(found)
            ]
            for _ in range(12):
                same_batch(next(makers[0]), next(makers[1]))
    held = [
        eval_batches(list(h) if i else h, 4, 8, np.float32, 50) for i, (_, h) in enumerate(found)
    ]
    assert len(held[0]) == len(held[1])
    for a, b in zip(*held):
        same_batch(a, b)


def same_batch(a, b):
    assert (a.tokens, a.ids.dtype) == (b.tokens, b.ids.dtype)
    for name in ("ids", "targets", "weights"):
        assert np.array_equal(getattr(a, name), getattr(b, name))
