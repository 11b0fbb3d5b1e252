"""How much memory commands need, as the system counts it, beyond a tiny model or text."""

import sys
from dataclasses import replace

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.data.stream import corpus_from_file
from microgpt.presets import preset
from microgpt.tokenizer import CharTokenizer
from microgpt.training.run import Run
from program import NAMES, peak

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="asks a process as Unix does")


def saved(folder, name, width):
    """The size of a checkpoint with a model of this width, all of its weights zero."""
    corpus = corpus_from_file(folder / "names.txt")
    base = preset("classic")
    tokenizer = CharTokenizer.from_documents(corpus.documents)
    model = replace(base.model, n_embd=width, n_head=4, vocab_size=tokenizer.vocab_size)
    training = replace(base.training, steps=0, val_fraction=0.0)
    kept = Run(corpus, tokenizer, model, training).checkpoint()
    kept.meta["data"]["path"] = "names.txt"
    return checkpoints.save(kept, folder / name)


@pytest.mark.parametrize(
    ("command", "most"),
    [
        (["info"], 0.5),  # an array at a time
        (["sample", "-n", 1, "--max-tokens", 2], 0.5),  # the weights: a third of the file
        (["train", "--samples", 0, "--out", "copy", "--resume"], 1.25),  # all of it, once
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_checkpoint_is_opened_without_a_second_copy(command, most, tmp_path):
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    saved(tmp_path, "small", 16)
    size = saved(tmp_path, "large", 448)
    assert size > 50e6
    used = [peak(*command, name, cwd=tmp_path) for name in ("small", "large")]
    assert used[1] - used[0] < most * size


LINES = "the quick brown fox jumps over {} lazy dogs and is home before the sun goes down\n"


@pytest.mark.parametrize(
    ("line", "split", "megabytes", "most"),
    [(LINES, "line", (2, 8), 5), ("n{:06}\n", "line", (1, 3), 15), (LINES, "none", (2, 8), 3)],
    ids=["by line", "short documents", "one text"],
)
def test_a_text_takes_little_more_than_its_size(line, split, megabytes, most, tmp_path):
    """How much more memory a larger text takes, for each byte that it is larger."""
    sizes = []
    for name, size in zip(("small", "large"), megabytes):
        count = int(size * 1e6 / len(line))
        (tmp_path / name).write_text("".join(line.format(i % 1_000_000) for i in range(count)))
        sizes.append((tmp_path / name).stat().st_size)
    flags = ["--steps", 1, "--samples", 0, "--dtype", "float32", "--eval-every", 0, "--quiet"]
    flags += ["--split", split, "--data"]
    used = [peak(*flags, name, cwd=tmp_path) for name in ("small", "large")]
    assert used[1] - used[0] < most * (sizes[1] - sizes[0])
