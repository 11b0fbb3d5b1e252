"""`info`, reports and profiles: what is said about a model and a run."""

import json
import marshal
import pstats
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from program import NAMES, call


@pytest.fixture
def names(tmp_path, monkeypatch):
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "names.txt"


FLAGS = ["--data", "names.txt", "--steps", 40, "--eval-every", 10, "--quiet", "--samples", 5]


def test_info(names, capsys):
    call(capsys, *FLAGS, "--out", "m")
    answer = call(capsys, "info", "m")
    assert answer.code == 0 and answer.err == ""
    for words in ("m: 3,", "n_layer 1", "steps 40", "chars, ", "names.txt, 60 documents",
                  "step 40 of 40", "bits a byte",
                  "layer0.fc1  64×16    1,024", "feed-forward    2,048"):  # fmt: skip
        assert words in answer.out
    found = json.loads(call(capsys, "info", "m", "--json").out)
    assert found["parameters"] == sum(a * b for a, b in found["tensors"].values())
    assert sum(found["parts"].values()) == found["parameters"]
    assert len(found["losses"]) == 40 == found["progress"]["step"]
    assert found["training"]["lr"] == 0.01 and found["data"]["documents"] == 60


def test_info_of_a_run_that_has_not_begun(names, capsys):
    call(capsys, *FLAGS, "--out", "m", "--steps", 0)
    assert "step 0 of 0" in call(capsys, "info", "m").out
    assert call(capsys, "sample", "m", "-n", 1).code == 0


def test_info_of_other_files(names, capsys):
    assert "is not a checkpoint" in call(capsys, "info", "names.txt").sentence()
    assert "is a folder or a device" in call(capsys, "info", ".").sentence()
    call(capsys, *FLAGS, "--out", "m")
    data = Path("m").read_bytes()
    Path("m").write_bytes(data[:-10])
    assert "m is cut short" in call(capsys, "info", "m").sentence()


# ---- the report


class Checked(HTMLParser):
    """Follows the tags, and notes what would be asked of the network."""

    VOID = {"meta", "link", "img", "br"}
    OPTIONAL = {"tr", "td", "th", "li", "p", "html"}

    def __init__(self):
        super().__init__()
        self.open, self.requests, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.requests += [v for k, v in attributes if k in ("src", "href", "action", "data")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open[-1] != tag:
            assert self.open.pop() in self.OPTIONAL
        self.open.pop()

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("changes", [[], ["--val-fraction", 0], ["--steps", 0], ["--samples", 0]])
def test_a_report_is_one_page_that_needs_nothing_else(changes, names, capsys):
    names.write_text("\n".join(NAMES + ["<b>&\"'"] * 9), encoding="utf-8")
    answer = call(capsys, *FLAGS, *changes, "--report", "new/r.html", "--out", "m")
    assert answer.code == 0
    page = Path("new/r.html").read_text(encoding="utf-8")
    checked = Checked()
    checked.feed(page)
    checked.close()
    assert set(checked.open) <= Checked.OPTIONAL
    assert checked.requests == [] and "url(" not in page and "@import" not in page
    assert "<script" not in page and "nan" not in page.lower().replace("anna", "")
    for words in ("Loss", "Samples", "Settings", "guessing is ln ", "lr"):
        assert words in checked.text
    for line in answer.out.splitlines():
        assert line in checked.text


# ---- profiles


def test_a_profile_of_the_time(names, capsys):
    answer = call(capsys, *FLAGS, "--steps", 300, "--profile", "p")  # many: the first is recorded
    assert "Where the time went" in answer.err and "a recorded step" in answer.err
    assert marshal.loads(Path("p").read_bytes())
    assert pstats.Stats("p").total_calls > 1000
    assert re.search(r"The profile is in p", answer.err)


def test_a_profile_of_the_memory(names, capsys):
    answer = call(capsys, *FLAGS, "--profile-memory")
    assert re.search(r"Memory: [\d.]+ MB kept, [\d.]+ MB at the peak", answer.err)
    assert len(answer.out.splitlines()) == 5
