"""Rendering, masks and packing: worked examples token for token, and exact resumption."""

import json
import random
import tracemalloc
from collections import Counter
from itertools import islice

import numpy as np
import pytest
from microgpt.data import chat
from microgpt.data.batches import choose_rows, eval_batches, make_batches, scaled
from microgpt.data.conversations.corpus import MadeUp, conversation_corpus, made_up_corpus
from microgpt.data.conversations.messages import read_messages
from microgpt.data.conversations.packing import Conversations, PackedBatches
from microgpt.data.conversations.rendering import render, render_prompt
from microgpt.errors import UserError
from microgpt.tokenizer import BPETokenizer, CharTokenizer
from microgpt.tokenizer.special import CHAT_SPECIALS, chat_tokens, with_chat_tokens

BYTES = BPETokenizer.from_merges([], "none", CHAT_SPECIALS)
CHARS = with_chat_tokens(CharTokenizer("".join(map(chr, range(32, 127))) + "\n"))
BOS, US, UE, AS, AE, PS, PE, OS, OE = chat_tokens(BYTES)


def talk(*texts):
    """A conversation of texts, the user's first; a list is an answer in parts."""
    roles = ["user", "assistant"] * len(texts)
    return [{"role": role, "content": text} for role, text in zip(roles, texts)]


def conversations(*talks, tokenizer=BYTES):
    source = [read_messages(each) for each in talks]
    return Conversations(source, np.arange(len(source)), tokenizer)


# ---- rendering


def test_a_conversation_is_rendered_as_the_reference_does():
    parts = [
        {"type": "text", "text": "ok"},
        {"type": "python", "text": "3+4"},
        {"type": "python_output", "text": "7"},
        {"type": "text", "text": "7!"},
    ]
    ids, learned = render(read_messages(talk("Hi", "yo", "?", parts)), BYTES)
    expected = [
        *((BOS, 0), (US, 0), *((ord(c), 0) for c in "Hi"), (UE, 0)),
        *((AS, 0), *((ord(c), 1) for c in "yo"), (AE, 1)),
        *((US, 0), (ord("?"), 0), (UE, 0)),
        *((AS, 0), *((ord(c), 1) for c in "ok")),
        *((PS, 1), *((ord(c), 1) for c in "3+4"), (PE, 1)),
        *((OS, 0), (ord("7"), 0), (OE, 0)),
        *(*((ord(c), 1) for c in "7!"), (AE, 1)),
    ]
    assert list(zip(ids, learned)) == expected


def test_a_system_message_stands_before_the_first_of_the_user():
    system = [{"role": "system", "content": "Be kind."}, *talk("Hi", "yo")]
    assert render(read_messages(system), BYTES) == render(
        read_messages(talk("Be kind.\n\nHi", "yo")), BYTES
    )


def test_a_prompt_ends_where_the_assistant_speaks():
    ids = render_prompt(read_messages(talk("Hi", "yo", "?")), BYTES)
    whole, _ = render(read_messages(talk("Hi", "yo", "?", "!")), BYTES)
    assert ids == whole[: len(ids)] and ids[-1] == AS and len(whole) == len(ids) + 2


@pytest.mark.parametrize("tokenizer", [BYTES, CHARS])
def test_what_is_typed_is_never_a_special_token(tokenizer):
    special = set(chat_tokens(tokenizer))
    typed = "<|assistant_end|><|bos|> <|python_start|>1+1<|python_end|>"
    parts = [{"type": "python", "text": typed}, {"type": "python_output", "text": typed}]
    ids, learned = render(
        read_messages(talk(typed, [*parts, {"type": "text", "text": typed}])), tokenizer
    )
    plain = len(tokenizer.encode_ordinary(typed))
    assert len(ids) == 4 * plain + 9 and sum(id in special for id in ids) == 9
    assert sum(learned) == 2 * plain + 3


def test_an_answer_of_weight_0_is_not_learned():
    messages = talk("a", "b", "c", "d")
    messages[1]["weight"] = 0
    ids, learned = render(read_messages(messages), BYTES)
    assert [chr(i) for i, counts in zip(ids, learned) if counts and i < 256] == ["d"]
    assert sum(learned) == 2


# ---- packing


def test_a_batch_is_packed_as_the_reference_does():
    # Lengths of 7, 9 and 8 tokens; rows have 17: the longest that fits first, then what is left.
    some = conversations(talk("a", "b"), talk("cc", "dd"), talk("e", "ff"))
    (batch,) = some.eval_batches(2, 16, np.float64)
    first = [BOS, US, 99, 99, UE, AS, 100, 100, AE, BOS, US, 101, UE, AS, 102, 102, AE]
    second = [BOS, US, 97, UE, AS, 98, AE] + [BOS] * 10
    assert batch.ids.tolist() == [first[:-1], second[:-1]]
    counts = np.zeros((2, 16))
    counts[0, 5:8] = counts[0, 13:16] = counts[1, 4:6] = 1
    np.testing.assert_array_equal(batch.weights, counts / 8)
    assert batch.tokens == 8 and batch.weights.sum() == pytest.approx(1)
    targets = np.array([first[1:], second[1:]])
    np.testing.assert_array_equal(batch.targets, targets * (counts > 0))
    assert batch.below == BYTES.vocab_size


def answers(batches):
    """Every learned target, counted."""
    found = Counter()
    for batch in batches:
        found.update(batch.targets[batch.weights > 0].tolist())
    return found


def test_every_answer_is_learned_once_a_pass():
    some = Conversations(MadeUp(300), np.arange(300), BYTES)
    expected = Counter()
    for number in range(300):
        ids, learned = render(MadeUp(300)[number], BYTES)
        expected.update(id for id, counts in zip(ids, learned) if counts)
    assert answers(some.eval_batches(4, 600, np.float32)) == expected


def test_the_packing_to_train_on_has_little_padding():
    some = Conversations(MadeUp(2000), np.arange(2000), BYTES)
    batches = list(islice(some.batches(8, 512, np.float32, 1), 30))
    padded = sum(
        int((batch.ids[:, 1:] == BOS).sum() - (batch.ids[:, 1:] == US).sum()) for batch in batches
    )
    assert abs(padded) / sum(batch.ids.size for batch in batches) < 0.05


def test_passes_come_in_another_order():
    source = [read_messages(talk(chr(65 + i), chr(97 + i))) for i in range(26)]
    batches = Conversations(source, np.arange(26), BYTES).batches(1, 6, np.float64, 5)
    letters = [chr(int(next(batches).ids[0, 2])) for _ in range(26 * 12)]
    assert Counter(letters).most_common()[0][1] <= 13  # each about once in a pass
    assert letters[:26] != letters[26:52]


def states(kind):
    some = Conversations(MadeUp(250), np.arange(250), BYTES)
    return PackedBatches(some, 3, kind, np.float32, seed=7)


@pytest.mark.parametrize("block_size", [64, 300])
@pytest.mark.parametrize("done", [0, 1, 13, 60])
def test_a_restored_position_goes_on_exactly(block_size, done):
    straight, again = states(block_size), states(block_size)
    for _ in range(done):
        next(straight)
    state = json.loads(json.dumps(straight.state()))
    again.restore(state)
    assert again.state() == straight.state()
    for _ in range(40):
        for a, b in zip(next(straight), next(again)):
            np.testing.assert_array_equal(a, b)
    assert again.state() == straight.state()


@pytest.mark.parametrize(
    "change",
    [
        *({"kind": "crops"}, {"waiting": None}, {"waiting": [250]}, {"done": 251}, {"pass": -1}),
        *({"batches": "3"}, {"waiting": ["a"]}),
    ],
)
def test_a_position_in_other_data_is_refused(change):
    batches = states(64)
    with pytest.raises(UserError, match="other data"):
        batches.restore({**batches.state(), **change})
    with pytest.raises(UserError, match="other data"):
        batches.restore(None)


# ---- what is too long, and what teaches nothing


def test_a_longer_conversation_loses_its_end():
    some = conversations(talk("a", "bcdefghijkl"), talk("m", "n"))
    batches = some.batches(1, 7, np.float64, 0)
    seen = {tuple(next(batches).ids[0].tolist()) for _ in range(4)}
    assert (BOS, US, 97, UE, AS, 98, 99) in seen
    assert batches.cropped >= 1 and batches.left_out == 0


def test_what_teaches_nothing_is_left_out():
    some = conversations(talk("a" * 50, "b"), talk("c", "d"))
    batches = some.batches(2, 7, np.float64, 0)
    for batch in islice(batches, 5):
        assert batch.tokens == 4 and (batch.ids[:, 2] == 99).all()
    assert batches.left_out >= 1
    (batch,) = some.eval_batches(2, 7, np.float64)
    assert batch.ids.shape == (1, 7) and batch.tokens == 2


def test_where_no_answer_fits_it_is_said_instead_of_going_on_for_ever():
    batches = conversations(talk("a" * 50, "b"), talk("c" * 50, "d")).batches(2, 7, np.float64, 0)
    with pytest.raises(UserError, match="make the block larger"):
        next(batches)
    assert list(conversations(talk("a" * 50, "b")).eval_batches(2, 7, np.float64)) == []


def test_sizes_and_nothing_to_train_on_are_refused():
    with pytest.raises(UserError, match="batch size must be at least 1"):
        conversations(talk("a", "b")).batches(0, 7, np.float64, 0)
    with pytest.raises(UserError, match="no conversations"):
        conversations().batches(1, 7, np.float64, 0)


# ---- as a corpus


def test_conversations_are_batched_like_any_rows():
    rows, held_out = made_up_corpus(50, 20).rows(BYTES, random.Random(1), 0.1)
    assert (len(rows), len(held_out)) == (50, 20) and choose_rows(rows, 64) == "conversations"
    batches = make_batches(rows, 2, 64, np.float32, seed=3)
    assert isinstance(batches, PackedBatches)
    two = [next(batches), next(batches)]
    total = sum(batch.tokens for batch in two)
    assert sum(scaled(batch, total).weights.sum() for batch in two) == pytest.approx(1, rel=1e-5)
    found = eval_batches(held_out, 4, 64, np.float32, max_tokens=100)
    assert 100 <= sum(batch.tokens for batch in found) <= 400


def test_what_is_learned_as_rows():
    parts = [
        {"type": "text", "text": "ok"},
        {"type": "python", "text": "3"},
        {"type": "python_output", "text": "7"},
        {"type": "text", "text": "!"},
    ]
    some = conversations(talk("Hi", "yo", "?", parts), talk("a", "b", "c"))
    assert [row.tolist() for row in some] == [
        [AS, *b"yo", AE],
        [AS, *b"ok", PS, *b"3", PE],
        [OE, *b"!", AE],
        [AS, *b"b", AE],
    ]
    made = Conversations(MadeUp(50), np.arange(50), BYTES)
    targets = Counter(id for row in made for id in row[1:].tolist())
    assert targets == answers(made.eval_batches(4, 600, np.float32))


def test_a_part_of_a_file_is_held_out(tmp_path):
    path = tmp_path / "talks.jsonl"
    path.write_text("".join(chat.json_lines(50)))
    corpus = conversation_corpus(path)
    rows, held_out = corpus.rows(BYTES, random.Random(1), 0.1)
    assert (len(rows), len(held_out)) == (45, 5)
    assert sorted([*rows.order, *held_out.order]) == list(range(50))
    again, _ = corpus.rows(BYTES, random.Random(1), 0.1)
    assert again.order.tolist() == rows.order.tolist() != sorted(rows.order)
    other, _ = corpus.rows(BYTES, random.Random(2), 0.1)
    assert other.order.tolist() != rows.order.tolist()
    assert len(corpus.rows(BYTES, random.Random(1), 0)[1]) == 0
    assert len(corpus.rows(BYTES, random.Random(1), 0.001)[1]) == 1


def test_training_memory_does_not_grow_with_the_file(tmp_path):
    tracemalloc.start()
    peaks = []
    for count in (150, 1500):
        path = tmp_path / "talks.jsonl"
        path.write_text("".join(chat.json_lines(150)) * (count // 150))
        rows, _ = conversation_corpus(path).rows(BYTES, random.Random(1), 0.1)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for _ in islice(rows.batches(4, 128, np.float32, 0), 40):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000
