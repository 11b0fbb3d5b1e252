"""The texts that come with the project: what they hold, and that the stories can be made again."""

import importlib.util
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from microgpt import link
from microgpt.data.builtin import EARLIER_NAMES, shipped
from microgpt.presets import FIRST
from microgpt.training.loop import evaluate
from microgpt.training.run import Run

FOLDER = Path(__file__).resolve().parents[3] / "fallback_data"


def read_lines(name):
    data = (FOLDER / name).read_bytes()
    assert data.endswith(b"\n") and b"\r" not in data
    return data.decode("ascii").removesuffix("\n").split("\n")


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("make_stories", FOLDER / "make_stories.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("file, count", [("names.txt", 12_000), (EARLIER_NAMES, 1800)])
def test_names(file, count):
    names = read_lines(file)
    assert len(names) == count
    assert names == sorted(set(names))  # none twice: none is both held out and trained on
    assert [name for name in names if not re.fullmatch("[a-z]{2,15}", name)] == []
    assert len({name[0] for name in names}) == 26


def test_stories():
    stories = read_lines("stories.txt")
    assert (FOLDER / "stories.txt").stat().st_size >= 200_000
    assert len(set(stories)) == len(stories)
    for story in stories:
        assert re.fullmatch(r"""[A-Za-z .,!?'":;-]{300,1000}""", story), story
        assert re.fullmatch(r"""["A-Z].*[.!?]"?""", story), story
        assert story.count('"') % 2 == 0, story
        assert "  " not in story and not re.search(r"\ba [aeiou]", story), story


def test_no_phrase_wears_out():
    stories = read_lines("stories.txt")
    phrases = Counter()
    for story in stories:
        words = re.findall("[a-z']+", story.lower())
        phrases.update({tuple(words[i : i + 6]) for i in range(len(words) - 5)})
    phrase, count = phrases.most_common(1)[0]
    assert count <= 0.04 * len(stories), phrase


def test_the_generator_writes_these_stories(generator):
    made = generator.make_stories()
    assert made.encode() == (FOLDER / "stories.txt").read_bytes()


def test_check(tmp_path):
    for name in ("make_stories.py", "plots.txt", "stories.txt"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    command = [sys.executable, str(tmp_path / "make_stories.py"), "--check"]
    assert subprocess.run(command).returncode == 0
    with open(tmp_path / "stories.txt", "a") as file:
        file.write("One more.\n")
    assert subprocess.run(command).returncode == 1


def test_a_remembered_choice(generator):
    for seed in range(20):
        story = generator.Story(generator.Dice(seed), ("child", "animal"))
        told = story.choose("[k:one|two [and|or] a bit] {A} [x|[y|z]] [k:one|two]")
        assert told.split()[0] == told.split()[-1]
        assert not re.search(r"[][{}|]", told)


def test_the_model_that_comes_with_the_names():
    """It knows names that it never saw: those held out when it was made."""
    model, tokenizer, note = link.unpack((FOLDER / "names-model.mgpt").read_text("ascii"))
    assert (note["step"], note["data"], model.weights.count) == (10_000, "names", 4192)
    run = Run.start(shipped("names"), model.config, replace(FIRST, steps=0), tokenizer)
    run.model.weights.flat[:] = model.weights.flat
    *_, result = evaluate(run)
    assert result.loss == pytest.approx(note["loss"], abs=0.002)
    assert result.loss <= run.bigram_loss - 0.25
