"""Tasks as the page's data, their questions along a run, and the verdict on data before it."""

import pytest
from microgpt.data import tasks
from microgpt.data.tasks import TASKS
from microgpt.evaluation.exact_match import exact_match, result_of
from page_caller import SMALL, Caller

SUMS = "task:add:1"


@pytest.fixture(autouse=True)
def few_questions(monkeypatch):
    """As many as a test needs: looking for twenty thousand takes a second."""
    monkeypatch.setattr(tasks, "TRAINED", 200)
    monkeypatch.setattr(tasks, "HELD_OUT", 40)


def asked(text=None, kind=SUMS, **settings):
    call = Caller(text)
    call.opened = call("open_data", b"", kind=kind)
    call.about = call.new(**{"steps": 20, **settings})
    return call


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_data_that_hold_out_questions_of_their_own(task):
    call = asked(kind=f"task:{task}")
    tests = call.run.corpus.tests
    assert call.opened["name"] == f"task:{task}:{TASKS[task].size}"
    assert (call.about["trained"], call.about["heldOut"]) == (
        call.opened["documents"],
        len(tests),
    )
    assert call.about["question"].endswith("=") and tests[0].startswith(call.about["question"])
    told = call("describe", settings=SMALL)
    assert (told["trained"], told["heldOut"]) == (call.about["trained"], len(tests))


def test_questions_are_asked_along_the_run_however_it_is_cut():
    call, events = asked(), []
    while not events or events[-1]["type"] != "exact" or events[-1]["step"] < 20:
        events += call("advance", milliseconds=0.01, until=20)["events"]
    exact = [event for event in events if event["type"] == "exact"]
    assert [event["step"] for event in exact] == [0, 10, 20]
    run = call.run
    score = result_of(exact_match(run.model, run.tokenizer, run.corpus.questions))
    assert (exact[-1]["right"], exact[-1]["tries"]) == score
    assert run.exact == [(event["step"], event["right"], event["tries"]) for event in exact]


def test_a_run_of_a_task_opens_with_its_answers_so_far():
    call = asked()
    exact = [event for event in call.train(20)["events"] if event["type"] == "exact"]
    saved = call("save")["bytes"]
    about = call("open", saved, name="x", origin="autosave")
    assert about["canTrain"] and len(about["exact"]) == 3
    assert [{"type": "exact", **score} for score in about["exact"]] == exact


def test_in_place_of_samples_it_answers_held_out_questions():
    call = asked()
    (first, *_, last) = [e["samples"] for e in call.train(20)["events"] if e["type"] == "samples"]
    assert (len(first), len(last)) == (8, 20)
    for sample, (prompt, answer) in zip(last, call.run.corpus.questions, strict=False):
        assert sample["text"].startswith(prompt)
        assert sample["right"] == (sample["text"] == prompt + answer) and sample["new"] is None


def test_other_data_have_no_questions():
    call = Caller()
    about = call.new()
    assert (about["exact"], about["question"]) == ([], "")
    assert not [event for event in call.train(40)["events"] if event["type"] == "exact"]


def test_data_are_judged_for_the_run_that_is_planned():
    call = Caller()
    found = call("verdict", settings={**SMALL, "steps": 720})
    assert found["facts"]["passes"] == 10 and found["facts"]["documents"] == 80
    assert any("very little to learn from" in sentence for sentence in found["advice"])
    assert not any("--" in sentence for sentence in found["advice"])
    often = call("verdict", settings={**SMALL, "steps": 7200})
    assert any("may learn it by heart" in sentence for sentence in often["advice"])
    assert "no data yet" in Caller(None)("verdict", settings=SMALL)["refused"]


def test_a_verdict_is_found_once():
    call, settings = Caller(), {**SMALL, "steps": 720}
    call("verdict", settings=settings)
    before = call.session.planner._verdict
    call("verdict", settings={**settings, "lr": 0.5})
    assert call.session.planner._verdict is before
