"""The verdict on data: what is counted, and which sentence each fault gets."""

import random
from functools import cache

import pytest
from microgpt.data import load
from microgpt.data.check import Plan, check
from microgpt.data.conversations.corpus import conversation_corpus
from microgpt.data.text import Corpus
from microgpt.tokenizer import BPETokenizer, CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens

PLAN = Plan(parameters=4192, block_size=16, rows=32, steps=3000, seed=1, val_fraction=0.1)
TALK = '{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"}]}\n'


def verdict(documents, plan=PLAN):
    corpus = documents if isinstance(documents, Corpus) else Corpus("x", documents, "a test")
    tokenizer = CharTokenizer.from_documents(corpus.documents)
    rows, held_out = corpus.rows(tokenizer, random.Random(plan.seed), plan.val_fraction)
    return check(corpus, tokenizer, rows, held_out, plan)


@cache
def some_names():
    return tuple(load("names", offline=True).documents[:6000])


def test_good_data_get_no_advice():
    facts, advice = verdict(some_names())
    assert advice == []
    assert facts["documents"] == 6000 and facts["doubled"] == facts["twins"] == 0
    assert facts["passes"] == pytest.approx(3000 * 32 / 5400)
    assert 2.3 < facts["pairs"] < facts["guessing"]


@pytest.mark.parametrize(
    "documents, plan, words",
    [
        (some_names() + some_names()[:600], {}, "600 of 6,600 documents repeat an earlier one: “"),
        (some_names() * 2, {}, "held-out documents stand in the training data, too"),
        (some_names()[:50], {}, "tokens are very little to learn from"),
        (some_names()[:50], {}, "tokens are held out, too few"),
        (some_names()[:1000], {}, "may learn it by heart. Try"),
        (some_names()[:1000], {"parameters": 100_000}, "has 100,000 numbers for"),
        (["a b" * 400], {"val_fraction": 0}, "as one running text it"),
        (some_names() + ("x" * 40,) * 200, {}, "longer than the 16 tokens"),
        (("α β γ δ ε", *some_names()), {}, "fewer than 10 times (␣ α β γ δ ε)"),
    ],
)
def test_each_fault_has_its_sentence(documents, plan, words):
    assert words in " ".join(verdict(list(documents), PLAN._replace(**plan)).advice)


def test_documents_that_share_a_hash_are_not_taken_for_the_same(monkeypatch):
    """In a tab a hash has 32 bits: of 12,000 names two may share one."""
    monkeypatch.setattr("builtins.hash", lambda document: len(document), raising=True)
    facts, advice = verdict(some_names())
    assert advice == [] and facts["doubled"] == facts["twins"] == 0
    facts, _ = verdict([*some_names(), *some_names()[:3]])
    assert facts["doubled"] == 3


def test_a_long_line_is_named_by_its_beginning():
    _, advice = verdict([*some_names(), "z" * 500, "z" * 500])
    assert f"“{'z' * 40}…” stands there 2 times" in " ".join(advice)


def talks(tmp_path, *lines):
    path = tmp_path / "talks.jsonl"
    path.write_text("".join(lines))
    corpus = conversation_corpus(path)
    tokenizer = with_chat_tokens(BPETokenizer.from_merges([]))
    rows, held_out = corpus.rows(tokenizer, random.Random(1), 0.1)
    return check(corpus, tokenizer, rows, held_out, PLAN._replace(block_size=64, steps=10))


def test_conversations(tmp_path):
    facts, advice = talks(tmp_path, *(TALK % (f"who is {i}", f"i am {i}") for i in range(300)))
    assert facts["turns"] == 1 and facts["documents"] == 300 and facts["held_out"] == 30
    assert 0.2 < facts["learned_share"] < 0.6
    assert advice == []


def test_conversations_that_are_few_or_too_long(tmp_path):
    said = " ".join(talks(tmp_path, *(TALK % (f"q{i}", "word " * 40) for i in range(20))).advice)
    assert "100% of the conversations are longer than the 64 tokens" in said
    assert "18 conversations teach little more" in said
