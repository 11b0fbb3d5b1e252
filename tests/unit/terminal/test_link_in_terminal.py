"""A model in a link, in the terminal: `train --link` writes one, and the other commands open it."""

import json

import pytest
from microgpt import link
from microgpt.page import Session
from program import NAMES, call

TRAIN = ["--steps", 60, "--data", "names.txt", "--samples", 0]


@pytest.fixture(autouse=True)
def names(tmp_path, monkeypatch):
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_a_link_and_a_file_write_the_same(capsys):
    answer = call(capsys, *TRAIN, "--link", "new/m.mgpt", "--out", "m", "--top-k", 3)
    assert answer.code == 0 and answer.err.endswith("The link is in new/m.mgpt.\n")
    for flags in (["sample", "--greedy", "-n", 1], ["attention", "--prompt", "ann"]):
        command, *rest = flags
        from_link = call(capsys, command, "new/m.mgpt", *rest)
        assert from_link.code == 0 and len(from_link.out) > 1
        if command == "sample":  # the rounding of a link may show in a picture's shades
            assert from_link.out == call(capsys, command, "m", *rest).out
    assert len(call(capsys, "embeddings", "new/m.mgpt", "--json").out) > 100


def test_the_page_opens_it(capsys):
    call(capsys, *TRAIN, "--link", "m.mgpt")
    with open("m.mgpt", encoding="ascii") as file:
        text, *_ = Session().call("open_link", json.dumps({"text": file.read()}))
    opened = json.loads(text)
    assert (opened["step"], opened["note"]["data"], opened["parameters"]) == (60, "names.txt", 3936)


@pytest.mark.parametrize(
    "content, sentence",
    [
        ("mgptAAAA", "This link is damaged: it is cut short"),
        ("mgpt" + "é" * 9, "This link is damaged"),
        ("mgpt" + "A" * link.MAX_TEXT, "This link is too long"),
        ("mgp", "is cut short: it is not a checkpoint"),
    ],
    ids=["cut", "no ascii", "long", "nearly"],
)
def test_a_file_that_is_no_link(content, sentence, capsys):
    with open("m.mgpt", "w", encoding="utf-8") as file:
        file.write(content)
    assert sentence in call(capsys, "sample", "m.mgpt").sentence()


def test_a_link_that_cannot_be_written_is_told_before_training(capsys):
    assert "--link . is not a file" in call(capsys, *TRAIN, "--link", ".").sentence()
