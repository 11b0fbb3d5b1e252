"""`speedrun`: its stages, a kill at any moment, the plan for the time there is, and its card."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.data.copied import CopyIndex
from microgpt.presets import CHAT, CHAT_TRAINING, CHAT_TUNING
from microgpt.terminal.commands import speedrun
from microgpt.terminal.commands.speedrun import plan, stages
from microgpt.terminal.progress import Progress
from program import call

TEXT = "the fox sat by the old tree and ate a plum\n" * 30
TALK = [
    {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]}
    for asked, said in (("who sat?", "the fox"), ("what did it eat?", "a plum")) * 6
]
FLAGS = ["--data", "text.txt", "--chat-data", "talk.jsonl", "--vocab", 270, "--quiet"]
TINY = replace(CHAT, n_layer=1, n_head=2, n_embd=32, block_size=32)
STEPS = 3


def tiny_plan(minutes, spent, corpus, conversations, tokenizer, seed, asks, threads):
    few = {"steps": STEPS, "eval_every": STEPS, "eval_tokens": 50, "batch_size": 2, "seed": seed}
    return {
        "model": TINY.to_dict(),
        "base": replace(CHAT_TRAINING, **few).to_dict(),
        "tuning": replace(CHAT_TUNING, **few).to_dict(),
        "tries": 0,
        "seconds": {"pre-train": 1.0, "fine-tune": 2.0, "evaluate": 3.0},
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(TEXT)
    Path("talk.jsonl").write_text("".join(json.dumps(line) + "\n" for line in TALK))
    monkeypatch.setattr(speedrun, "make_plan", tiny_plan)
    monkeypatch.setattr(stages, "SAVE_EVERY", 0)
    return tmp_path


class Killed(BaseException):
    """The process is gone: nothing that stands behind it is done."""


def kill_at(monkeypatch, count, after):
    """The process ends at the so many-th file that is written: before it or just after it."""
    left = [count]

    def watched(module, name):
        write = getattr(module, name)

        def writing(*arguments):
            left[0] -= 1
            if not left[0] and not after:
                raise Killed
            write(*arguments)
            if not left[0]:
                raise Killed

        monkeypatch.setattr(module, name, writing)

    watched(stages.checkpoints, "save")
    watched(stages, "save_tokenizer")
    watched(speedrun.Journal, "save")


def test_from_a_text_to_a_model_that_answers(folder, capsys):
    answer = call(capsys, "speedrun", "--out", "run", *FLAGS)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == [
        *("stage", "tokenizer", "pre-train", "fine-tune", "evaluate")
    ]
    assert lines[2].split()[1:3] == ["1.0", "s"] and f"{STEPS} steps" in lines[2]
    assert sum(line.startswith("> ") for line in lines) == 1  # one conversation is held out
    assert Path("run/card.txt").read_text() == answer.out
    assert call(capsys, "chat", "run/chat.safetensors", "--prompt", "who?").code == 0
    made = checkpoints.load("run/chat.safetensors")
    assert made.meta["parent"]["step"] == STEPS
    assert CopyIndex.kept_in(made).runs >= 0  # an index of what it learned to say is kept


def test_a_card_has_shares_alone(folder, capsys):
    call(capsys, "speedrun", "--out", "run", *FLAGS)
    chat = checkpoints.load("run/chat.safetensors")
    job = SimpleNamespace(
        tokenizer=chat.tokenizer(), stop=SimpleNamespace(asked=False), progress=Progress(quiet=True)
    )
    rows = stages._card(job, "fine-tune", chat, tries=1)["rows"]
    assert rows["facts"][1] == 1 and all(right <= tries for right, tries in rows.values())


def test_done_is_done_and_other_settings_are_refused(folder, capsys):
    first = call(capsys, "speedrun", "--out", "run", *FLAGS)
    before = Path("run/chat.safetensors").stat().st_mtime_ns
    again = call(capsys, "speedrun", "--out", "run", "--quiet")
    assert again.out == first.out and Path("run/chat.safetensors").stat().st_mtime_ns == before
    said = call(capsys, "speedrun", "--out", "run", "--seed", 7).sentence()
    assert "was begun with another seed (42)" in said
    Path("run/speedrun.json").write_text("{}")
    assert "no journal of this version" in call(capsys, "speedrun", "--out", "run").sentence()


@pytest.mark.parametrize("after", [False, True])
def test_kills_at_any_file_change_nothing(folder, capsys, monkeypatch, after):
    """The same folder, killed at the first file that is written, then at the second, the third."""
    assert call(capsys, "speedrun", "--out", "whole", *FLAGS).code == 0
    kills, killed = 0, True
    while killed:
        kills, killed = kills + 1, False
        with monkeypatch.context() as patch:
            kill_at(patch, kills, after)
            try:
                call(capsys, "speedrun", "--out", "cut", *FLAGS)
            except Killed:
                killed = True
    assert kills > 5
    whole, cut = (checkpoints.load(f"{name}/chat.safetensors") for name in ("whole", "cut"))
    for name, array in whole.tensors.items():
        assert np.array_equal(array, cut.tensors[name]), name


def test_interrupted_it_keeps_the_run(folder, capsys, monkeypatch):
    stop = stages.Job.__init__

    def asked(job, *arguments):
        stop(job, *arguments)
        job.stop.heard, job.stop._asked_at = 2, 0.0

    with monkeypatch.context() as patch:
        patch.setattr(stages.Job, "__init__", asked)
        answer = call(capsys, "speedrun", "--out", "run", *FLAGS[:-1])
    assert answer.code == 130 and "Stopped; the same command goes on." in answer.err
    assert checkpoints.load("run/base.safetensors").meta["progress"]["step"] < STEPS
    assert call(capsys, "speedrun", "--out", "run", *FLAGS).code == 0


class Speed:
    """A machine of known speed."""

    model, base_start, tuning_start, base_step, tuning_step, answer = CHAT, 2.0, 3.0, 0.1, 0.2, 0.01


@pytest.mark.parametrize("minutes", [1, 3, 10])
def test_a_plan_fills_the_time(minutes):
    found = plan.settle(Speed, 60 * minutes, 42, asks=True)
    seconds = found["seconds"]
    assert sum(seconds.values()) == pytest.approx(60 * minutes, rel=0.03)
    assert found["tuning"]["steps"] * 0.2 * plan.SAVING + 3 == pytest.approx(seconds["fine-tune"])
    assert seconds["pre-train"] < seconds["fine-tune"] / 4
    assert seconds["evaluate"] < 0.25 * 60 * minutes


def test_more_time_makes_a_larger_model(monkeypatch):
    class Sized(Speed):
        vocab_size = 512

        def __init__(self, model, *others):
            self.model, self.tuning_step = model, 0.1 * (model.n_embd / 64) ** 2

    monkeypatch.setattr(plan, "Measured", Sized)
    sizes = [
        plan.make_plan(minutes, 0, None, None, Sized(CHAT), 42, True)["model"]["n_embd"]
        for minutes in (1, 5, 10, 40, 600)
    ]
    assert sizes == sorted(sizes) and sizes[0] == 64 and sizes[-1] == 256


def test_mistakes(folder, capsys):
    assert "word --out is missing" in call(capsys, "speedrun").sentence()
    wrong = call(capsys, "speedrun", "--out", "x", "--recipe", "story-chat", "--vocab", 300)
    assert "A recipe is fixed" in wrong.sentence()
