"""Learning merges: the same as recounting everything for each merge, only sooner."""

import doctest
import random
from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt.tokenizer import train as bpe_train
from microgpt.tokenizer.bpe import BPETokenizer, vocabulary
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.train import Merge, count_pairs, count_words, learn_merges, merge_pair


def recount(words, limit, min_count=2):
    """minbpe's way: all pairs counted anew for each merge."""
    words = [(list(word), times) for word, times in words.items()]
    merges = []
    while len(merges) < limit:
        counts = {}
        for ids, times in words:
            count_pairs(ids, counts, times)
        if not counts:
            break
        pair = min(counts, key=lambda pair: (-counts[pair], pair))
        if counts[pair] < min_count:
            break
        new = 256 + len(merges)
        merges.append(Merge(new, *pair, counts[pair]))
        words = [(merge_pair(ids, pair, new), times) for ids, times in words]
    return merges


def test_the_worked_examples():
    assert doctest.testmod(bpe_train) == (0, 8)


@given(
    st.dictionaries(
        st.text("ab", min_size=1, max_size=30).map(str.encode), st.integers(1, 5), max_size=8
    )
)
def test_merges_are_those_of_a_recount_on_runs_and_overlaps(words):
    assert list(learn_merges(words)) == recount(words, 10_000)


@given(
    st.dictionaries(st.binary(min_size=1, max_size=12), st.integers(1, 3), max_size=12),
    st.integers(1, 3),
)
def test_merges_are_those_of_a_recount_on_bytes(words, min_count):
    assert list(learn_merges(words, min_count=min_count)) == recount(words, 10_000, min_count)


@pytest.mark.parametrize("seed", range(60))
def test_merges_are_those_of_a_recount_on_random_corpora(seed):
    random_ = random.Random(seed)
    letters = "abcdeé \n"[: random_.randint(2, 8)]
    lexicon = ["".join(random_.choices(letters, k=random_.randint(1, 9))) for _ in range(40)]
    text = " ".join(random_.choices(lexicon, k=400))
    words = count_words([text], Splitter(random_.choice(["gpt2", "cl100k", "nanochat", "none"])))
    assert list(islice(learn_merges(words), 80)) == recount(words, 80)


def test_no_two_merges_make_the_same_token():
    random_ = random.Random(5)
    words = Counter(bytes(random_.choices(b"abc", k=random_.randint(1, 40))) for _ in range(500))
    tokens = vocabulary((merge.left, merge.right) for merge in learn_merges(words))
    assert len(set(tokens)) == len(tokens) > 500


def test_what_was_learned_encodes_its_own_text_as_it_was_merged():
    words = count_words(["the cat sat on the mat, that cat"] * 3, Splitter("gpt2"))
    merges = list(learn_merges(words))
    tokenizer = BPETokenizer.from_merges([(merge.left, merge.right) for merge in merges])
    for word in words:
        ids = list(word)
        for merge in merges:
            ids = merge_pair(ids, (merge.left, merge.right), merge.id)
        assert tokenizer.encode(word.decode()) == ids


def test_stopping_early_gives_the_first_of_the_same_merges():
    words = {b"abcabcabd": 3, b"bcd": 2}
    assert list(islice(learn_merges(words), 3)) == list(learn_merges(words))[:3]


def test_equal_counts_go_to_the_lowest_ids():
    assert next(learn_merges({b"zy": 2, b"ab": 2, b"ac": 2})) == Merge(256, 97, 98, 2)


@pytest.mark.parametrize("words", [{}, {b"a": 9}, {b"ab": 1}])
def test_where_nothing_is_frequent_nothing_is_learned(words):
    assert list(learn_merges(words)) == []


def test_words_are_counted_across_texts_and_stretches(monkeypatch):
    texts = ["one two two", "", "two\ud800"]
    seen = []
    words = count_words(texts, Splitter("gpt2"), seen.append)
    assert words == {b"one": 1, b" two": 2, b"two": 1, "\ufffd".encode(): 1}
    assert seen[-1] == sum(map(len, texts))


def test_the_rarest_words_are_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(bpe_train, "MAX_WORDS", 3)
    words = count_words(["a a a b b b", "c d e f"], Splitter("gpt2"))
    assert words == {b" a": 2, b" b": 3}
