"""`data check`: what it prints of texts, conversations and tasks, and as JSON."""

import json

import pytest
from program import call


def test_a_text(tmp_path, capsys):
    path = tmp_path / "mine.txt"
    path.write_text("anna\nbert\nanna\n")
    answer = call(capsys, "data", "check", path)
    assert answer.code == 0
    assert "3 documents from your file" in answer.out
    assert "! 1 of 3 documents repeats an earlier one: “anna” stands there 2 times" in answer.out


def test_the_plan_is_that_of_train(capsys):
    flags = ["--preset", "llama", "--steps", 200, "--batch-size", 8, "--split", "none", "--json"]
    facts = json.loads(call(capsys, "data", "check", "stories", *flags).out)
    assert facts["rows"] == "crops"
    assert facts["passes"] == pytest.approx(200 * 8 * 64 / facts["tokens"])


def test_conversations_and_tasks(tmp_path, capsys):
    path = tmp_path / "talks.jsonl"
    talk = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    path.write_text("\n".join(json.dumps({"messages": talk}) for _ in range(30)))
    assert "1.0 questions a conversation" in call(capsys, "data", "check", path).out
    assert "questions with answers from the task" in call(capsys, "data", "check", "task:sort").out


@pytest.mark.parametrize("words", [["data"], ["data", "chek"], ["data", "check", "nope"]])
def test_mistakes(words, capsys):
    answer = call(capsys, *words)
    assert answer.code in (1, 2) and answer.sentence()
