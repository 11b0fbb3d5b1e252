"""Batches: every target once a pass, weights that sum to one, and exact resumption."""

import json
from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt.data.batches import (
    CropBatches,
    DocumentBatches,
    choose_rows,
    eval_batches,
    join_rows,
    make_batches,
    scaled,
    split_documents,
)
from microgpt.errors import UserError

BOS = 99


def rows_of(*lengths):
    """Rows of so many targets each, in which no token but BOS comes twice."""
    tokens = iter(range(100, 100_000))
    return [np.array([BOS, *islice(tokens, length - 1), BOS], np.int32) for length in lengths]


def pairs(batches):
    """Every (token, target) that counts, with how often it comes."""
    found = Counter()
    for batch in batches:
        real = batch.weights > 0
        found.update(zip(batch.ids[real].tolist(), batch.targets[real].tolist()))
    return found


def pairs_of_rows(rows):
    return Counter(pair for row in rows for pair in zip(row[:-1].tolist(), row[1:].tolist()))


def check(batch, batch_size, block_size, dtype):
    assert batch.ids.shape == batch.targets.shape == batch.weights.shape
    B, T = batch.ids.shape
    assert 1 <= B <= batch_size and 1 <= T <= block_size
    assert batch.ids.dtype == batch.targets.dtype == np.int64
    assert batch.weights.dtype == dtype
    real = batch.weights > 0
    assert batch.tokens == real.sum() > 0
    np.testing.assert_allclose(batch.weights[real], 1 / batch.tokens, rtol=1e-6)
    assert not batch.ids[~real].any() and not batch.targets[~real].any()


def one_pass(batches):
    found, tokens = [], 0
    while tokens < batches.tokens_per_pass:
        found.append(next(batches))
        tokens += found[-1].tokens
    assert tokens == batches.tokens_per_pass
    return found


def same(one, other):
    return one.tokens == other.tokens and all(map(np.array_equal, one[:3], other[:3]))


def test_batch_size_one_walks_the_rows_in_order():
    rows = rows_of(3, 1, 5, 3)
    batches = DocumentBatches(rows, 1, 16, np.float64)
    for step in range(10):
        batch, row = next(batches), rows[step % 4]
        assert batch.ids.tolist() == [row[:-1].tolist()]
        assert batch.targets.tolist() == [row[1:].tolist()]
        check(batch, 1, 16, np.float64)


def test_full_buckets_first_then_the_rest_by_length():
    rows = rows_of(2, 3, 2, 4, 3, 2, 3)
    batches = DocumentBatches(rows, 2, 16, np.float32)
    firsts = [next(batches).ids[:, 1].tolist() for _ in range(8)]
    name = [int(row[1]) for row in rows]
    a_pass = [
        [name[0], name[2]],  # the first two of length 2
        [name[1], name[4]],  # the first two of length 3
        [name[5], name[6]],  # left: lengths 2 and 3
        [name[3]],  # left: length 4
    ]
    assert firsts == a_pass * 2


def test_padding_is_zero_and_weighs_nothing():
    batch = next(DocumentBatches(rows_of(1, 4, 2), 3, 16, np.float32))
    assert batch.ids.tolist() == [[99, 0, 0, 0], [99, 103, 0, 0], [99, 100, 101, 102]]
    assert batch.targets.tolist() == [[99, 0, 0, 0], [103, 99, 0, 0], [100, 101, 102, 99]]
    assert batch.tokens == 7
    check(batch, 3, 16, np.float32)


def test_long_rows_are_cut_into_windows_that_overlap_by_one():
    row = np.arange(11)
    batches = one_pass(DocumentBatches([row], 1, 4, np.float64))
    assert [b.ids.tolist() for b in batches] == [[[0, 1, 2, 3]], [[4, 5, 6, 7]], [[8, 9]]]
    assert [b.targets.tolist() for b in batches] == [[[1, 2, 3, 4]], [[5, 6, 7, 8]], [[9, 10]]]


lengths = st.lists(st.integers(1, 40), min_size=1, max_size=40)
sizes = {"batch_size": st.integers(1, 7), "block_size": st.integers(1, 17)}


@given(lengths=lengths, round_to=st.integers(1, 5), **sizes)
def test_every_target_comes_once_a_pass(lengths, batch_size, block_size, round_to):
    rows = rows_of(*lengths)
    batches = DocumentBatches(rows, batch_size, block_size, np.float32, round_to)
    assert batches.tokens_per_pass == sum(lengths)
    first, second = one_pass(batches), one_pass(batches)
    for batch in first:
        check(batch, batch_size, block_size, np.float32)
        T = batch.ids.shape[1]
        assert T % round_to == 0 or block_size == T
    assert all(batch.ids.shape[0] == batch_size for batch in first[:-1])
    assert pairs(first) == pairs_of_rows(rows)
    assert all(map(same, first, second))


@given(lengths=lengths, taken=st.integers(0, 60), **sizes)
def test_a_restored_position_continues_exactly(lengths, taken, batch_size, block_size):
    rows = rows_of(*lengths)
    for make in (
        lambda: DocumentBatches(rows, batch_size, block_size, np.float32),
        lambda: CropBatches(join_rows(rows), batch_size, block_size, np.float32, seed=3),
    ):
        batches, again = make(), make()
        for _ in range(taken):
            next(batches)
        state = json.loads(json.dumps(batches.state()))
        again.restore(state)
        assert all(same(next(batches), next(again)) for _ in range(12))


def test_a_position_in_other_data_is_refused():
    documents = DocumentBatches(rows_of(3), 1, 4, np.float32)
    crops = CropBatches(np.arange(9), 1, 4, np.float32, 0)
    for state in (crops.state(), {}, None, {"kind": "documents", "batches": -1}):
        with pytest.raises(UserError, match="other data"):
            documents.restore(state)


def test_rounding_up_lengths_saves_shapes():
    rows = rows_of(*range(1, 31))
    exact = DocumentBatches(rows * 2, 2, 32, np.float32)
    rounded = DocumentBatches(rows * 2, 2, 32, np.float32, round_to=16)
    assert len({batch.ids.shape for batch in one_pass(exact)}) == 30
    assert {batch.ids.shape for batch in one_pass(rounded)} == {(2, 16), (2, 32)}


def test_nothing_to_train_on():
    with pytest.raises(UserError, match="no documents"):
        DocumentBatches([], 1, 4, np.float32)
    with pytest.raises(UserError, match="fewer than two"):
        CropBatches([5], 1, 4, np.float32, 0)
    with pytest.raises(UserError, match="batch size must be at least 1, not 0"):
        DocumentBatches(rows_of(3), 0, 4, np.float32)
    with pytest.raises(UserError, match="block size"):
        CropBatches([5, 6], 1, 0, np.float32, 0)


def test_crops_are_windows_of_the_text():
    text = np.arange(1000, dtype=np.uint16)
    batches = CropBatches(text, 8, 16, np.float32, seed=1)
    starts = set()
    for _ in range(200):
        batch = next(batches)
        check(batch, 8, 16, np.float32)
        assert batch.ids.shape == (8, 16) and batch.tokens == 128
        assert (np.diff(batch.ids) == 1).all()
        assert (batch.targets == batch.ids + 1).all()
        starts |= set(batch.ids[:, 0].tolist())
    assert min(starts) == 0 and max(starts) == 1000 - 17  # both ends are reached
    assert len(starts) > 700


def test_crops_depend_on_the_seed_alone():
    def first(seed):
        return next(CropBatches(np.arange(1000), 4, 8, np.float32, seed))

    assert same(first(1), first(1))
    assert not same(first(1), first(2))


def test_a_text_shorter_than_the_block_is_used_whole():
    batch = next(CropBatches([5, 6, 7], 2, 16, np.float32, 0))
    assert batch.ids.tolist() == [[5, 6], [5, 6]]
    assert batch.targets.tolist() == [[6, 7], [6, 7]]


def test_crops_read_a_mapped_file(tmp_path):
    np.arange(500, dtype=np.uint16).tofile(tmp_path / "tokens")
    mapped = np.memmap(tmp_path / "tokens", np.uint16, "r")
    batch = next(CropBatches(mapped, 2, 8, np.float32, 0))
    assert type(batch.ids) is np.ndarray and (batch.targets == batch.ids + 1).all()
    del batch, mapped


def test_the_policy():
    assert choose_rows(rows_of(3, 4, 50), 4) == "documents"
    assert choose_rows(rows_of(3, 5, 5), 4) == "crops"
    assert isinstance(make_batches(rows_of(3, 4, 50), 2, 4, np.float32), DocumentBatches)
    crops = make_batches(rows_of(30, 30), 2, 4, np.float32)
    assert isinstance(crops, CropBatches)
    assert crops.tokens_per_pass == 60


def test_joined_rows_share_their_marks():
    rows = [[9, 1, 2, 9], [9, 9], [9, 3, 9]]
    assert join_rows(list(map(np.array, rows))).tolist() == [9, 1, 2, 9, 9, 3, 9]
    assert join_rows([]).tolist() == []


@pytest.mark.parametrize(
    "count, fraction, held_out",
    [(100, 0.1, 10), (15, 0.1, 1), (10, 0.01, 1), (9, 0.1, 0), (100, 0, 0), (10, 0.99, 9)],
)
def test_the_last_documents_are_held_out(count, fraction, held_out):
    documents = [str(i) for i in range(count)]
    train, rest = split_documents(documents, fraction)
    assert train + rest == documents
    assert len(rest) == held_out


def test_of_few_long_documents_the_end_is_held_out():
    train, held_out = split_documents(["a" * 900 + "b" * 100], 0.1)
    assert (train, held_out) == (["a" * 900], ["b" * 100])
    train, held_out = split_documents(["x" * 2000, "c" * 700 + "d" * 300], 0.1)
    assert (train, held_out) == (["x" * 2000, "c" * 700], ["d" * 300])
    assert split_documents(["x" * 2000, "short"], 0.1) == (["x" * 2000, "short"], [])
    assert split_documents(["x" * 900], 0.1) == (["x" * 900], [])
    assert split_documents([], 0.1) == ([], [])


@pytest.mark.parametrize("fraction", [-0.1, 1, 2])
def test_a_fraction_that_leaves_nothing_is_refused(fraction):
    with pytest.raises(UserError, match="at least 0 and below 1"):
        split_documents(["a"] * 20, fraction)


@given(lengths=st.lists(st.integers(0, 40), max_size=40), max_tokens=st.integers(1, 900), **sizes)
def test_evaluation_sees_each_target_once(lengths, max_tokens, batch_size, block_size):
    rows = rows_of(*[n for n in lengths if n]) + [np.array([BOS]) for n in lengths if not n]
    batches = eval_batches(rows, batch_size, block_size, np.float64)
    for batch in batches:
        check(batch, batch_size, block_size, np.float64)
    assert pairs(batches) == pairs_of_rows(rows)
    some = eval_batches(rows, batch_size, block_size, np.float64, max_tokens)
    assert sum(b.tokens for b in some) <= max(max_tokens, block_size)
    assert pairs(some) <= pairs(batches)
    assert bool(some) == bool(batches)


def test_evaluation_stops_at_the_limit():
    for limit, tokens in [(1, 3), (3, 3), (7, 3), (8, 8), (9, 8), (None, 12)]:
        batches = eval_batches(rows_of(3, 5, 4), 2, 16, np.float32, limit)
        assert sum(batch.tokens for batch in batches) == tokens


def test_evaluation_wastes_no_padding_where_lengths_agree():
    batches = eval_batches(rows_of(3, 5) * 8, 4, 16, np.float32)
    assert [(b.ids.shape, b.tokens) for b in batches] == [((4, 3), 12), ((4, 5), 20)] * 2


def test_several_batches_weigh_as_one():
    documents = DocumentBatches(rows_of(2, 3, 9, 4), 2, 16, np.float32)
    batches = [next(documents), next(documents)]
    found = [scaled(batch, 18) for batch in batches]
    weights = np.concatenate([batch.weights[batch.weights > 0] for batch in found])
    np.testing.assert_allclose(weights, 1 / 18, rtol=1e-6)
    assert {batch.weights.dtype for batch in found} == {np.dtype(np.float32)}
    assert [batch.tokens for batch in found] == [5, 13]
    assert scaled(batches[0], 5) is batches[0]  # alone it is as it was
