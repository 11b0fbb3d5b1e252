"""`evaluate`: what it measures of a model, of two side by side, and what it refuses."""

import json

import pytest
from microgpt import checkpoint as checkpoints
from program import NAMES, call
from talker import talker

TINY = ("--n-embd", 8, "--n-head", 2, "--block-size", 8, "--steps", 3, "--samples", 0, "--quiet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def names(folder, monkeypatch, capsys):
    """A model of names, in the folder where its data are."""
    monkeypatch.chdir(folder)
    if not (folder / "names.st").exists():
        (folder / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
        call(capsys, "--data", "names.txt", *TINY, "--out", "names.st")
    return "names.st"


def test_the_loss_is_that_of_the_run(names, capsys):
    records = call(capsys, "--resume", names, "--steps", 4, "--samples", 0, "--json").records
    ended = next(r for r in records if r["type"] == "eval" and r["step"] == 4)
    found = json.loads(call(capsys, "evaluate", names, "--json").out)[names]
    assert found["held-out loss"]["value"] == pytest.approx(ended["loss"], abs=1e-12)
    assert found["bits a byte"]["value"] == pytest.approx(ended["bits_per_byte"], abs=1e-12)


def test_another_text_counts_whole(names, folder, capsys):
    (folder / "other.txt").write_text("anna\nbo\n", encoding="utf-8")
    answer = call(capsys, "evaluate", names, "--data", "other.txt")
    assert "nats a token, of 8" in answer.out  # four letters and an end, two and an end


def test_two_models_side_by_side_and_as_a_page(names, folder, capsys):
    call(capsys, "--data", "task:add:1", *TINY, "--out", "sums.st")
    answer = call(capsys, "evaluate", names, "sums.st", "--report", "card.html")
    head, *rows = answer.out.splitlines()
    assert head.split() == [names, "sums.st"]
    right = next(row for row in rows if row.startswith("answered right"))
    assert right.count("of 8") == 1  # only the task has questions
    page = (folder / "card.html").read_text(encoding="utf-8")
    assert page.count("<td>") - page.count("<td></td>") == sum("  " in r for r in rows) + 2


def test_without_its_data_it_says_so(names, folder, capsys):
    (folder / "names.txt").rename(folder / "gone.txt")
    try:
        answer = call(capsys, "evaluate", names)
    finally:
        (folder / "gone.txt").rename(folder / "names.txt")
    assert answer.code == 1
    assert "No held-out text: The data of this run" in answer.err
    assert "There is nothing to measure names.st by; give text by --data." in answer.err


def test_the_report_is_not_the_model(names, capsys):
    answer = call(capsys, "evaluate", names, "--report", names)
    assert answer.code == 2 and "choose another name" in answer.sentence()


def test_a_chat_model_is_measured_by_other_data(folder, monkeypatch, capsys):
    """A text, which is not split as conversations are, and conversations of one's own."""
    monkeypatch.chdir(folder)
    base = ("--data", "stories", "--tokenizer", "bpe", "--vocab", 300, "--pattern", "digits")
    made = call(capsys, *base, *TINY, "--block-size", 64, "--out", "b.st")
    assert made.code == 0, made
    (folder / "talks.jsonl").write_text(TALK * 30, encoding="utf-8")
    (folder / "text.txt").write_text("anna met bo\n", encoding="utf-8")
    flags = ("--data", "talks.jsonl", "--steps", 1, "--samples", 0, "--out", "t.st")
    assert call(capsys, "finetune", "chat", "b.st", *flags).code == 0
    for data in ("talks.jsonl", "text.txt"):
        answer = call(capsys, "evaluate", "t.st", "--data", data, "--tries", 1)
        assert answer.code == 0 and "held-out loss" in answer.out and "foreign" in answer.out


TALK = (
    '{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}\n'
)


def test_questions_of_the_readers_own(names, folder, capsys):
    checkpoints.save(talker(), "talker.st")
    (folder / "mine.txt").write_text("hi | hello\nsum | 4\n")
    answer = call(capsys, "evaluate", "talker.st", "--questions", "mine.txt")
    assert answer.out == "your questions  50.0 % of 2 (9.5 to 90.5)\n"
    assert "sum | 4\n  → [1+2 → 3] it is 3." in answer.err and "hello" not in answer.err
    said = call(capsys, "evaluate", names, "--questions", "mine.txt").sentence()
    assert "nobody has taught it to answer" in said


def test_a_link_is_measured_like_a_file(names, folder, capsys):
    call(capsys, "--data", "task:add:1", *TINY, "--out", "sums.st", "--link", "sums.link")
    found = json.loads(call(capsys, "evaluate", "sums.st", "sums.link", "--json").out)
    asked = [found[name]["answered right"]["tries"] for name in ("sums.st", "sums.link")]
    assert asked[0] == asked[1] > 0 and "held-out loss" not in found["sums.link"]
    call(capsys, "--resume", names, "--samples", 0, "--link", "names.link")
    assert "give text by --data" in call(capsys, "evaluate", "names.link").sentence()
    whole = call(capsys, "evaluate", "names.link", "--data", "names.txt", "--json")
    exact = call(capsys, "evaluate", names, "--data", "names.txt", "--json")
    losses = [
        json.loads(answer.out)[name]["held-out loss"]["value"]
        for answer, name in ((whole, "names.link"), (exact, names))
    ]
    assert losses[0] != losses[1] and losses[0] == pytest.approx(losses[1], abs=0.2)
