"""Scores: a right number in a broken sentence, a lucky guess and the real thing are told apart."""

import doctest

import pytest
from microgpt.data.chat import KINDS, scoring, turns_of
from microgpt.data.chat.scoring import UNSEEN, digits_of, score
from microgpt.data.chat.sums import answer


def parts(call, result, text):
    return [
        {"type": "python", "text": call},
        {"type": "python_output", "text": result},
        {"type": "text", "text": text},
    ]


def test_the_worked_examples():
    assert doctest.testmod(scoring) == (0, 4)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (parts("6*7", "42", "That makes 42."), (True, True, True)),
        (parts("6*7", "42", "That makes 42 bapples."), (True, True, False)),
        (parts("6*7", "42", "That makes 42bapples."), (True, False, False)),
        (parts("6*7", "42", "That makes 142."), (True, False, False)),
        (parts("6*7", "42", "That makes -42."), (True, False, False)),
        (parts("6*7", "42", "That makes 42.5."), (True, False, False)),
        (parts("7*6", "42", "That makes 42."), (False, True, False)),  # a lucky guess
        (parts("6*8", "48", "That makes 48."), (False, False, False)),
        ("That makes 42.", (False, True, False)),
        ("", (False, False, False)),
    ],
)
def test_what_is_right_about_an_answer(written, expected):
    assert score(answer("6*7"), written) == expected


def test_answers_without_a_tool():
    assert score("Pip is a squirrel.", "Pip is a squirrel.") == (True, True, True)
    assert score("Pip is a squirrel.", "Pip is a fox.") == (True, False, False)
    assert score("Pip is a squirrel.", answer("1+1"))[0] is False
    assert score(answer("5/0"), answer("5/0")) == (True, True, True)
    assert score(answer("5/0"), answer("5/1")) == (False, False, False)


def test_every_made_up_answer_has_the_full_score_of_itself():
    for kind in KINDS:
        for number in range(40):
            for _, own in turns_of(kind, number, held_out=True):
                assert score(own, own) == (True, True, True)


def test_unseen_questions_are_asked_by_no_template():
    asked = {q.lower() for kind in KINDS for n in range(300) for q, _ in turns_of(kind, n)}
    for question, expression in UNSEEN:
        assert question not in asked
        assert answer(expression)[1]["type"] == "python_output"


def test_digits():
    assert [digits_of(e) for e in ("3+4", "12.5*3", "99,999/2", "a")] == [1, 2, 5, 0]
