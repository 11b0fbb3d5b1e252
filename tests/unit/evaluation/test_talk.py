"""What a chat model can do: what is asked, how answers are judged, and the table of them."""

from collections import Counter

import numpy as np
import pytest
from microgpt.data import chat
from microgpt.data.chat.sums import answer
from microgpt.data.conversations.messages import read_messages
from microgpt.evaluation.score import Score
from microgpt.evaluation.talk import ABILITIES, Asked, answer_all, judge, questions, table
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.tokenizer import BPETokenizer
from microgpt.tokenizer.special import with_chat_tokens

HELLO = read_messages({"messages": [{"role": "user", "content": "hello"}]})


def parts(expected):
    """A right answer as a model would have written it."""
    if isinstance(expected, str):
        return [("text", expected)]
    return [(part["type"], part["text"]) for part in expected]


def test_every_kind_of_conversation_is_asked():
    named = {kind.__name__ for kind in chat.KINDS}
    assert sorted(sum(map(list, ABILITIES.values()), [])) == sorted(named)


def test_as_many_questions_of_each_ability_as_are_wanted():
    asked = list(questions(24))
    assert Counter(each.ability for each in asked) == dict.fromkeys(ABILITIES, 24)
    assert all(each.messages[-1].role == "user" for each in asked)
    assert any(each.turn for each in asked)
    assert [each.expected for each in questions(24)] == [each.expected for each in asked]


def test_right_answers_are_right_and_others_are_not():
    for asked in questions(8):
        right = judge(asked, parts(asked.expected))
        assert right.result and right.whole
        assert right.refused == (asked.ability == "foreign")
        wrong = judge(asked, [("text", "Hm.")])
        assert not (wrong.result or wrong.whole or wrong.refused)


def test_the_table_counts_by_ability_digits_operation_and_turn():
    asked = [
        Asked("sums", HELLO, answer("3+4"), 0),
        Asked("sums", HELLO, answer("12*34"), 1),
        Asked("facts", HELLO, "A fox.", 0),
        Asked("foreign", HELLO, "I do not know that.", 0),
    ]
    given = [parts(answer("3+4")), [("text", "It makes 408.")], *[[("text", UNKNOWN)]] * 2]
    found = table([judge(each, said) for each, said in zip(asked, given)])
    results = {name: results for name, (results, _) in found.items()}
    assert results == {
        "sums": Score(2, 2),
        "facts": Score(0, 1),
        "foreign": Score(1, 1),
        "adding": Score(1, 1),
        "multiplying": Score(1, 1),
        "known, but refused": Score(1, 3),
        "numbers of 1 digits": Score(1, 1),
        "numbers of 2 digits": Score(1, 1),
        "second and third turns": Score(1, 1),
    }
    assert found["sums"][1] == Score(1, 2)  # "It makes" is not what it should have said
    assert list(found)[:3] == ["sums", "facts", "foreign"]


UNKNOWN = "I do not know that."


@pytest.mark.parametrize("tools", [None, {}])
def test_a_model_is_asked_all_of_them(tools):
    tokenizer = with_chat_tokens(BPETokenizer.from_merges([]))
    sizes = {"n_embd": 16, "n_head": 2, "n_layer": 1, "block_size": 256}
    model = GPT(GPTConfig(vocab_size=tokenizer.vocab_size, **sizes), np.dtype("float32"))
    model.weights.flat[:] = np.random.default_rng(0).normal(0, 0.1, model.weights.count)
    asked = list(questions(4))
    answered = list(answer_all(model, tokenizer, asked, tools=tools))
    assert sorted(map(id, (each.asked for each in answered))) == sorted(map(id, asked))
    assert not any(each.whole for each in answered)
