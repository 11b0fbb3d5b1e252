"""`train`: what it prints and keeps, and how it goes on."""

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from program import NAMES, ROOT, call, environment, run

FLOAT = (int, float)
TINY = ("--n-embd", 8, "--n-head", 2, "--block-size", 8, "--batch-size", 4)


@pytest.fixture
def names(tmp_path, monkeypatch):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(NAMES), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def test_json_is_all_there_is_on_stdout(names, capsys):
    flags = ["--data", names, "--json", "--steps", 7, "--eval-every", 3, "--samples", 4]
    records = call(capsys, *flags).records
    expected = "eval step step step eval step step step eval step eval sample sample sample sample"
    assert [r["type"] for r in records] == [*expected.split(), "done"]
    shapes = {
        "step": {"type": str, "step": int, "loss": float, "lr": float, "tokens": int},
        "eval": {"type": str, "step": int, "loss": float, "bits_per_byte": float},
        "sample": {"type": str, "text": str, "new": bool},
        "done": {"type": str, "seconds": float, "loss": float, "bits_per_byte": float},
    }
    for record in records:
        if record["type"] == "sample" and not record["text"]:
            assert record.pop("new") is None  # nothing is neither new nor known
            record["new"] = True
        assert {key: type(value) for key, value in record.items()} == shapes[record["type"]]
    steps = [r for r in records if r["type"] == "step"]
    assert [r["step"] for r in steps] == list(range(1, 8))
    assert records[-1]["loss"] == steps[-1]["loss"]
    last = [r for r in records if r["type"] == "eval"][-1]
    assert records[-1]["bits_per_byte"] == last["bits_per_byte"]
    # A token is a byte here, and every tenth token or so the end, which has none.
    assert last["bits_per_byte"] > last["loss"] / np.log(2)
    assert all((r["text"] in NAMES) != r["new"] for r in records if r["type"] == "sample")


def test_quiet_says_nothing_but_the_samples(names, capsys):
    answer = call(capsys, "--data", names, "--steps", 3, "--quiet", "--samples", 5)
    assert answer.err == "" and len(answer.out.splitlines()) == 5
    assert all(line[:2] in ("+ ", "= ", "  ") for line in answer.out.splitlines())


def test_a_phrase_copied_from_a_running_text_is_not_new(names, capsys):
    """It used to be compared with the whole text, and was new."""
    Path("text.txt").write_text("abab" * 100)
    flags = ["--data", "text.txt", "--split", "none", "--steps", 60, "--quiet", "--json"]
    records = call(capsys, *flags, "--samples", 5).records
    samples = [r for r in records if r["type"] == "sample"]
    assert {r["new"] for r in samples if r["text"] in "abab" * 100} == {False}


def test_progress_and_result_are_apart(names, capsys):
    answer = call(capsys, "--data", names, "--steps", 300)
    assert len(answer.out.splitlines()) == 20
    assert "\033" not in answer.err + answer.out and "\r" not in answer.err + answer.out
    for words in ("60 documents", "parameters, float64", "step 250: held out", "guessing is",
                  "steps/s", "new: "):  # fmt: skip
        assert words in answer.err
    marks = {line[2:]: line[0] for line in answer.out.splitlines()}
    assert {"=" if text in NAMES else "+" for text in marks} == set(marks.values())


def test_the_same_seed_is_the_same_run(names, capsys):
    flags = ["--data", names, "--steps", 20, "--quiet"]
    one, same = call(capsys, *flags).out, call(capsys, *flags).out
    assert one == same != call(capsys, *flags, "--seed", 43).out


def test_threads_change_no_number_and_the_result_says_how_many_there_were(names, capsys):
    flags = ["--data", names, "--steps", 4, *TINY, "--shards", 2]
    one, two = (call(capsys, *flags, "--out", f"{n}", "--threads", n) for n in (1, 2))
    assert one.code == two.code == 0 and one.out == two.out
    assert "tokens/s on 2 threads" in two.err and " threads\n" not in one.err
    same_files("1", "2")
    refused = call(capsys, "--data", names, "--threads", 2)
    assert refused.code == 1 and "has 1 shard to share" in refused.err


def test_looking_on_the_way_changes_nothing(names, capsys):
    flags = ["--data", names, "--steps", 20, "--quiet"]
    plain = call(capsys, *flags).out
    assert call(capsys, *flags, "--sample-every", 5, "--save-every", 3, "--out", "m").out == plain
    looks = call(capsys, *flags, "--sample-every", 5, "--json").records
    assert {r["step"] for r in looks if r["type"] == "sample" and "step" in r} == {5, 10, 15, 20}


# ---- keeping and going on


def same_files(one, other):
    """All but the place of the data is the same."""
    a, b = checkpoints.load(one), checkpoints.load(other)
    assert a.meta == b.meta and a.tensors.keys() == b.tensors.keys()
    assert all(np.array_equal(a.tensors[name], b.tensors[name]) for name in a.tensors)


@pytest.mark.parametrize("extra", [[], ["--batch-size", 32], ["--split", "none"]], ids=str)
def test_resuming_is_never_having_stopped(extra, names, capsys):
    few = ["--samples", 3, "--quiet"]
    flags = ["--data", "names.txt", "--steps", 30, "--eval-every", 10, *extra, *few]
    whole = call(capsys, *flags, "--out", "whole")
    call(capsys, *flags[:2], "--steps", 11, *flags[4:], "--out", "part", "--schedule", "constant")
    call(capsys, *flags, "--out", "all", "--schedule", "constant")
    rest = call(capsys, "--resume", "part", "--steps", 30, *few)
    assert whole.code == rest.code == 0
    part, all_ = checkpoints.load("part"), checkpoints.load("all")
    for name in part.tensors:
        assert np.array_equal(part.tensors[name], all_.tensors[name])
    assert part.meta["random"] == all_.meta["random"]
    assert rest.out == call(capsys, "--resume", "all", *few).out  # the same samples, too


def test_resuming_keeps_the_old_file_with_out(names, capsys):
    call(capsys, "--data", names, "--steps", 5, "--out", "a")
    before = Path("a").read_bytes()
    assert call(capsys, "--resume", "a", "--steps", 9, "--out", "b").code == 0
    assert Path("a").read_bytes() == before
    assert checkpoints.load("b").meta["progress"]["step"] == 9


@pytest.mark.parametrize(
    ("flags", "code", "sentence"),
    [
        ("--n-embd 32", 2, "A resumed run keeps its model; leave out --n-embd."),
        ("--steps 4", 2, "This run is already at step 5; --steps must be at least that."),
        ("--seed 1", 1, "A run goes on with the seed it began with, 42; leave"),
        ("--data other.txt", 1, "This is not the data the checkpoint was trained on"),
    ],
)
def test_what_a_resumed_run_cannot_change(flags, code, sentence, names, capsys):
    names.with_name("other.txt").write_text("xaver\nyves\nzoe\n" * 9)
    call(capsys, "--data", names, "--steps", 5, "--out", "a")
    answer = call(capsys, "--resume", "a", *flags.split())
    assert sentence in answer.sentence() and answer.code == code
    # Saying again what is so already is no mistake.
    same = ["--n-embd", 16, "--seed", 42, "--preset", "microgpt", "--data", names]
    assert call(capsys, "--resume", "a", *same).code == 0


def test_data_that_has_gone(names, capsys):
    call(capsys, "--data", names, "--steps", 5, "--out", "a")
    names.rename("moved.txt")
    assert "is not here, or not the same any more; name it" in call(capsys, "--resume", "a").err
    assert call(capsys, "--resume", "a", "--data", "moved.txt").code == 0


def test_the_built_in_names_are_found_again_beside_the_full_file(names, capsys, monkeypatch):
    """Trained offline, resumed where the full file has come since."""
    monkeypatch.delenv("MICROGPT_NAMES", raising=False)
    monkeypatch.setenv("MICROGPT_CACHE", "empty")
    assert call(capsys, "--offline", "--steps", 3, "--out", "a").code == 0
    monkeypatch.setenv("MICROGPT_NAMES", str(names))
    answer = call(capsys, "--resume", "a", "--steps", 5)
    assert answer.code == 0 and "come with microgpt" in answer.err


def test_a_run_that_loses_its_numbers_leaves_the_last_good_checkpoint(names):
    flags = ["--data", "names.txt", "--lr", 1e5, "--dtype", "float32", "--weight-decay", 1]
    flags += ["--schedule", "constant", "--steps", 400]
    answer = run(*flags, "--save-every", 10, "--out", "m", cwd=names.parent)
    step = checkpoints.load("m").meta["progress"]["step"]
    assert step > 0 and step % 10 == 0
    assert re.search(
        rf"^microgpt: The \w+ stopped .* a lower learning rate \(now 100000\).* The last good"
        rf" checkpoint, of step {step}, is in m; ", answer.sentence() and answer.err, re.M
    )  # fmt: skip
    assert "Warning" not in answer.err and answer.code == 1
    answer = run(*flags, "--quiet", cwd=names.parent)
    assert answer.code == 1 and "Nothing was kept; --out" in answer.err
    assert sorted(os.listdir()) == ["m", "names.txt"]
    answer = run(*flags, "--out", "n", cwd=names.parent)
    assert "The weights as they were before that are in n." in answer.err
    assert np.isfinite(checkpoints.load("n").tensors["wte"]).all()


# ---- a terminal


def on_a_terminal(*arguments, columns="120", **extra):
    """What a command writes to a terminal."""
    pty = pytest.importorskip("pty", reason="a terminal as Unix has it", exc_type=ImportError)
    master, slave = pty.openpty()
    env = environment(COLUMNS=columns, TERM="xterm", **extra)
    command = [sys.executable, "-m", "py.microgpt", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=slave, stderr=slave, env=env, cwd=ROOT)
    os.close(slave)
    text, end = b"", time.monotonic() + 30
    while time.monotonic() < end and select.select([master], [], [], 30)[0]:
        try:
            text += os.read(master, 1 << 16)
        except OSError:  # the program has ended
            break
    os.close(master)
    assert process.wait(30) == 0
    return text.decode()


def test_the_bar_on_a_terminal(names):
    flags = ["--data", names, "--steps", 1500, "--samples", 4]
    text = on_a_terminal(*flags)
    frames = [re.sub(r"\033\[\d*m", "", frame) for frame in text.split("\r\033[2K")[1:]]
    bars = [frame for frame in frames if "━" in frame or "─" in frame]
    assert len(bars) >= 2
    pattern = (
        r"^[━─]{8,24} +\d+% loss \d\.\d{3}  smoothed \d\.\d{3}  [\d.]+k? tokens/s  .+ left"
        r"  held out \d\.\d{3}  step [\d,]+$"
    )
    for bar in bars:
        line = bar.splitlines()[0]
        assert re.match(pattern, line) and len(line) < 120, line
    assert frames[-1] not in bars  # wiped at the end
    narrow = re.sub(r"\033\[\d*[mK]", "", on_a_terminal(*flags, columns="80", NO_COLOR="1"))
    lines = [line for line in re.split(r"[\r\n]+", narrow) if "─" in line]
    assert lines and all(" left" in line and len(line) < 80 for line in lines), lines
    assert "\033[1m+ " in text or "= " in text
    assert "step 250: held out" not in text  # the bar shows it
    assert "\033[32m" in text and "\033[32m" not in narrow
    quiet = on_a_terminal(*flags, "--quiet", "--steps", 20)
    assert "━" not in quiet and len(quiet.splitlines()) == 4


def test_what_came_of_the_run_is_said_and_repeated_lines_are_told(names, capsys):
    Path("twice.txt").write_text("anna\nbo\n" * 30)
    with np.errstate(all="ignore"):
        said = call(capsys, "--data", "twice.txt", "--steps", 60, "--lr", 50, "--samples", 0).err
    assert "All of the 6 held-out documents stand in the training data, too" in said
    assert "the learning rate, 50, is too large. Try 0.01" in said
    said = call(capsys, "--data", names, "--steps", 3, "--samples", 0).err
    assert "too large" not in said


def test_a_text_gets_a_longer_context_unless_one_is_chosen(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("the cat sat on the mat and looked. " * 60)
    flags = ["--data", "text.txt", "--split", "none", "--steps", 1, "--samples", 0, "--out", "m"]
    said = call(capsys, *flags).err
    assert "looks 64 back, not 16: a step reads 4 times as much" in said
    assert checkpoints.load("m").model_config().block_size == 64
    for chosen in (["--block-size", 16], ["--preset", "microgpt"]):
        assert "looks 64 back" not in call(capsys, *flags, *chosen, "--force").err
        assert checkpoints.load("m").model_config().block_size == 16


def test_a_text_in_another_encoding_is_read_on_request_and_at_resume(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("n.txt").write_bytes("zoë\njürgen\nanna\n".encode("windows-1252") * 10)
    flags = ["--data", "n.txt", "--steps", 1, "--samples", 0, "--out", "m"]
    assert "Read it with --encoding windows-1252" in call(capsys, *flags).sentence()
    assert call(capsys, *flags, "--encoding", "windows-1252").code == 0
    assert "ë" in checkpoints.load("m").tokenizer().chars
    assert call(capsys, "--resume", "m", "--steps", 2, "--samples", 0).code == 0


def test_a_task_is_asked_along_the_way_and_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags = ["--eval-every", 2, "--samples", 0, "--json", "--out", "sums.safetensors"]
    first = call(capsys, "--data", "task:add:1", *TINY, "--steps", 4, *flags).records
    asked = [r for r in first if r["type"] == "exact"]
    assert [(r["step"], r["tries"]) for r in asked] == [(0, 8), (2, 8), (4, 8)]
    assert all(0 <= r["right"] <= 8 for r in asked)
    more = call(capsys, "--resume", "sums.safetensors", "--steps", 6, *flags[:-2]).records
    assert [r["step"] for r in more if r["type"] == "exact"] == [6]
    kept = checkpoints.load("sums.safetensors").meta
    assert [step for step, *_ in kept["progress"]["exact"]] == [0, 2, 4, 6]
    assert "path" not in kept["data"]
