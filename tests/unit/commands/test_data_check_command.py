"""`data`: what `check` prints of texts, conversations and tasks, and which tasks there are."""

import functools
import json
import re

import pytest
from microgpt.data.tasks import TASKS, task_corpus
from microgpt.terminal.commands.data import tasks as tasks_command
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


def test_the_tasks_are_listed(capsys, monkeypatch):
    # A corpus is made once: all its questions are.
    monkeypatch.setattr(tasks_command, "task_corpus", made_once := functools.cache(task_corpus))
    answer = call(capsys, "data", "tasks")
    for name in TASKS:
        corpus = made_once(f"task:{name}")
        line = next(line for line in answer.out.splitlines() if line.split("   (")[0].strip() in
                    corpus.tests)  # fmt: skip
        assert f"task:{name}:{TASKS[name].least}" in line
        assert re.search(rf"task:{name} +--steps \d+ +\d+\.\d % of ", answer.out)
    # The command that is shown can be typed.
    words = next(line for line in answer.out.splitlines() if line.startswith("  train")).split()
    words = [{"task:NAME": "task:reverse:2", "N": "0"}.get(word, word) for word in words]
    assert call(capsys, *words, "--samples", 0).code == 0


def test_the_tasks_as_json(capsys):
    found = json.loads(call(capsys, "data", "tasks", "--json").out)
    assert found["add"]["most"] == 6 and set(found) == set(TASKS)
