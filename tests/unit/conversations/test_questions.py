"""Questions of the reader's own: read from a file, and their answers found in what is said."""

import pytest
from microgpt.data.questions import Question, mentions, read_questions
from microgpt.errors import UserError


def test_questions_are_read(tmp_path):
    (tmp_path / "q").write_text("# a remark\n\n1 + 1? | 2\nis a|b a bar? | yes\n")
    assert read_questions(tmp_path / "q") == [
        Question("1 + 1?", "2"),
        Question("is a|b a bar?", "yes"),
    ]


@pytest.mark.parametrize(("text", "said"), [("one\n", "line 1"), ("a | b\n| c\n", "line 2")])
def test_a_line_without_question_or_answer_is_refused(tmp_path, text, said):
    (tmp_path / "q").write_text(text)
    with pytest.raises(UserError, match=said):
        read_questions(tmp_path / "q")


def test_a_file_of_remarks_is_refused(tmp_path):
    (tmp_path / "q").write_text("# only this\n")
    with pytest.raises(UserError, match="has no questions"):
        read_questions(tmp_path / "q")


@pytest.mark.parametrize(
    ("said", "answer", "found"),
    [
        ("That makes 767.", "767", True),
        ("That makes 7670.", "767", False),
        ("That makes -767.", "767", False),
        ("That makes -767.", "-767", True),
        ("That makes 3.25.", "3", False),
        ("That makes 3.25.", "3.25", True),
        ("Luna lives by the river.", "by the River", True),
        ("b-e-l-l", "b-e-l", False),
        ("I do not know that.", "I do not know", True),
    ],
)
def test_an_answer_stands_as_a_whole(said, answer, found):
    assert mentions(said, answer) == found
