"""An answer while it is written: its parts, its calls, and what a tool gives back."""

import random
from functools import cache

import numpy as np
import pytest
from microgpt.errors import UserError
from microgpt.inference.chat import Answer, chance, speak
from microgpt.inference.engine import Engine
from microgpt.inference.sampling import Sampling
from microgpt.inference.tools import Tool
from microgpt.tokenizer.special import CALL, RESULT, TEXT, chat_tokens
from talker import KNOWN, SHORT, base, talker

GREEDY = Sampling(greedy=True)


@cache
def talk():
    """The model, its tokenizer and the tokens of a chat; learned when the first test asks."""
    tokenizer = talker().tokenizer()
    return talker().model(), tokenizer, chat_tokens(tokenizer)


def prompt(question):
    _, tokenizer, tokens = talk()
    ids = tokenizer.encode_ordinary(question)
    return [tokens.bos, tokens.user_start, *ids, tokens.user_end, tokens.assistant_start]


def known(question):
    answer = KNOWN[question]
    return [(TEXT, answer)] if isinstance(answer, str) else [(p["type"], p["text"]) for p in answer]


def answer_to(question, **options):
    return Answer(prompt(question), talk()[1], random.Random(0), GREEDY, **options)


def written(answers, **options):
    return list(speak(Engine(talk()[0], 8), answers, **options))


@pytest.mark.parametrize("question", KNOWN)
def test_parts_of_an_answer(question):
    answer = answer_to(question)
    said = [each for _, each in written([answer])]
    assert answer.parts == known(question) and answer.ended == "stop"
    for kind in (TEXT, CALL, RESULT):
        expected = "".join(text for k, text in known(question) if k == kind)
        assert "".join(each.text for each in said if each.kind == kind) == expected
    assert answer.text == "".join(text for kind, text in known(question) if kind == TEXT)


def test_answers_side_by_side_are_those_alone():
    answers = [answer_to(question) for question in [*KNOWN, *SHORT]]
    for answer, _ in written(answers):
        assert answer in answers
    assert [answer.parts for answer in answers] == [known(q) for q in [*KNOWN, *SHORT]]


def test_tools_of_ones_own():
    tools = {"x": Tool("x", "x", lambda expression: "12" if expression == "x" else None)}
    answer = answer_to("bad", tools=tools)
    written([answer])
    assert answer.parts[:2] == [(CALL, "x"), (RESULT, "12")]
    answer = answer_to("sum", tools={})
    written([answer])
    assert answer.parts[0] == (CALL, "1+2") and RESULT not in dict(answer.parts)


def test_it_ends_at_its_length_and_where_the_block_is_full():
    model, tokenizer, tokens = talk()
    answer = answer_to("long", max_tokens=5)
    written([answer])
    assert (answer.parts, answer.ended) == ([(TEXT, "abcde")], "length")
    room = model.config.block_size - 20 - len(prompt("hi"))
    answer = Answer([*[tokens.bos] * 20, *prompt("hi")], tokenizer, random.Random(0), GREEDY)
    answer.row.forced.extend(tokenizer.encode_ordinary("abcde" * 11))
    written([answer])
    assert answer.ended == "full" and answer.text == ("abcde" * 11)[: room + 1]
    answer.go_on(prompt("hi"))  # behind a shorter conversation it goes on in the same place
    written([answer])
    assert answer.text[:55] == "abcde" * 11


def test_how_sure_the_model_is():
    """Its own chance, whatever the temperature; none for what a tool gave."""
    answer = answer_to("sum")
    said = [each for _, each in written([answer], sure=True)][:-1]
    assert all((s.probability is None) == (s.kind == RESULT) for s in said if s.text)
    sure = [s.probability for s in said if s.probability is not None]
    assert min(sure) > 0.5 and max(sure) < 1  # greedy drawing would be certain
    assert chance(np.array([0.0, 0.0, np.log(2)], np.float32), 2) == pytest.approx(0.5)


def test_special_tokens_that_the_model_writes_are_no_tools():
    """Only what was forced is a tool's; a mark out of place says nothing."""
    model, _, tokens = talk()
    answer = answer_to("hi")
    engine = Engine(model)
    row = engine.join(answer.row)
    for id in (tokens.output_start, tokens.python_end, tokens.user_start):
        row.forced.append(id)
    said = [answer.hear(each._replace(probability=0.5)) for _ in range(3) for each in engine.step()]
    assert [(s.kind, s.text) for s in said] == [(TEXT, "")] * 3 and answer.parts == []


def test_a_base_model_has_no_tokens_to_answer_with():
    with pytest.raises(UserError, match="cannot be used to chat"):
        Answer([0], base().tokenizer(), random.Random(0))
