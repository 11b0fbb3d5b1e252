"""What stands in the data twice, and what a model wrote that stands there."""

import pytest
from microgpt.data.novelty import about_twins, count_twins, is_new
from microgpt.data.text import Corpus
from microgpt.gpt.config import GPTConfig
from microgpt.training.config import TrainConfig
from microgpt.training.run import Run


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("anna", "documents", False),
        ("ann", "documents", True),
        ("ann", "crops", False),
        ("nab", "crops", True),  # not across two documents
        ("", "documents", None),
    ],
)
def test_new_or_not(text, kind, expected):
    assert is_new(text, ["anna", "bo"], kind) is expected
    assert is_new(text, (), kind) is None


def test_twins_are_counted_as_the_run_splits_them():
    documents = [f"line {i % 30}" for i in range(60)]
    run = Run.start(
        Corpus("t", documents, "a test"),
        GPTConfig(n_embd=4, n_head=1),
        TrainConfig(steps=0, val_fraction=0.2),
    )
    known = {row.tobytes() for row in run.rows}
    twins = sum(row.tobytes() in known for row in run.held_out)
    assert run.twins() == count_twins(documents, 42, 0.2) == (twins, 12)
    assert twins > 0
    assert f"{twins} of the 12" in about_twins(twins, 12)
    assert about_twins(1, 1200).startswith("1 of the 1,200 held-out documents stands in")


def test_without_repeated_lines_nothing_is_said():
    assert count_twins([f"line {i}" for i in range(60)], 42, 0.2) == (0, 12)
    assert count_twins([], 42, 0.2) == (0, 0)
    assert about_twins(0, 12) == ""
    assert about_twins(12, 12).startswith("All of the 12")
