"""A run in the page: trained in pieces, looked at, made longer; the same run as in a terminal."""

import gc
import shlex
import weakref
from dataclasses import replace

import numpy as np
import pytest
from microgpt.cli import build_parser
from microgpt.gpt.config import GPTConfig
from microgpt.inference import previews
from microgpt.inference.generate import write
from microgpt.page import run as page_run
from microgpt.page.settings import presets
from microgpt.presets import PRESETS
from microgpt.terminal.commands.train import configs as terminal_configs
from microgpt.training.config import TrainConfig
from microgpt.training.loop import Measuring, take_step, train
from microgpt.training.run import Run
from page_caller import NAMES, Caller
from thorough import some


def of(events, kind):
    return [event for event in events if event["type"] == kind]


def test_the_losses_are_those_of_the_loop_however_it_is_cut():
    call = Caller()
    run = Run.start(call.session.data.corpus, GPTConfig(n_embd=8, n_head=2), TrainConfig(steps=40))
    list(train(run))
    call.new()
    got, states = [], []
    for until in (1, 7, 40):
        while not states or states[-1] == "going" or len(got) < until:
            answer = call("advance", milliseconds=0.5, until=until)  # a piece or two at a time
            states.append(answer["state"])
            assert answer["losses"].dtype == np.float64
            got += answer["losses"].tolist()
        assert len(got) == until
        assert states[-1] == "reached" or until == 40
    assert call.train(40)["state"] == "done"
    assert got == run.losses


def test_a_new_run_is_described():
    about = Caller().new()
    assert about["step"] == 0 and about["canTrain"] and about["origin"] == "new"
    assert about["uniformLoss"] == pytest.approx(np.log(about["vocabSize"]))
    assert 0 < about["bigramLoss"] < about["uniformLoss"]
    assert (about["trained"], about["heldOut"]) == (72, 8)


def test_events(monkeypatch):
    monkeypatch.setattr(page_run, "PREVIEW_SECONDS", 1000)  # however busy the machine is
    call = Caller()
    call.new()
    events = call.train(40)["events"]
    assert [e["step"] for e in of(events, "evaluation")] == [0, 10, 20, 30, 40]
    samples = of(events, "samples")
    assert [e["step"] for e in samples] == [0, 8, 16, 24, 32, 40]
    assert [len(e["samples"]) for e in samples] == [8] * 5 + [20]
    known = set(NAMES.split("\n"))
    written = [s for e in samples for s in e["samples"]]
    assert all(s["new"] == ((s["text"] not in known) if s["text"] else None) for s in written)


def test_the_last_samples_are_the_terminals():
    call = Caller()
    call.new()
    final = call.train(40)["events"][-1]["samples"]
    run = Run.start(call.session.data.corpus, GPTConfig(n_embd=8, n_head=2), TrainConfig(steps=40))
    list(train(run))
    assert [s["text"] for s in final] == [
        write(run.model, run.tokenizer, run.rng) for _ in range(20)
    ]


def test_the_reference_run_writes_the_reference_names(names_file):
    call = Caller(names_file.read_text())
    call("new", settings={})
    answer = call.train(1000)
    final = answer["events"][-1]["samples"]
    assert " ".join(s["text"] for s in final) == (
        "kamon ann karai jaire vialan karia yeran anna areli kaina konna keylen liole alerin earan"
        " lenne kana lara alela anton"
    )
    assert answer["losses"][-1] == pytest.approx(2.6497, abs=5e-5)


def test_nothing_that_is_looked_at_changes_the_run(monkeypatch):
    monkeypatch.setattr(previews, "PREVIEW_SEED", 99)
    call, other = Caller(), Caller()
    for each in (call, other):
        each.new()
    for until in (5, 12, 40):
        call.train(until)
        call.write(count=3)
        call("next_tokens")
        call("save")
        call("link")
    monkeypatch.setattr(page_run, "PREVIEWS", 1)
    other.train(40)
    assert call.run.losses == other.run.losses
    assert call.run.rng.getstate() == other.run.rng.getstate()


def test_a_run_can_be_made_longer():
    call = Caller()
    call.new(steps=10, schedule="constant")
    first = call.train(10)
    answer = call.train(15)
    assert (first["step"], len(first["losses"]), len(answer["losses"])) == (10, 10, 5)
    assert (answer["step"], answer["state"]) == (15, "done")
    assert call.run.config.steps == 15


def test_made_longer_slowly_it_is_the_same_run():
    """At a slow pace little is asked for at a time: first, that there is nothing to do yet."""
    slow, fast = Caller(), Caller()
    for call in (slow, fast):
        call.new(steps=10)
        call.train(10)
    fast.train(15)
    states = [
        slow("advance", milliseconds=1e6, until=until, end=15)["state"]
        for until in (10, 10, 11, 12, 15)
    ]
    assert states == ["reached", "reached", "reached", "reached", "done"]
    assert slow.run.losses == fast.run.losses
    assert len(slow.run.losses) == 15


def test_a_look_at_held_out_data_comes_in_pieces_one_can_stop_between():
    call = Caller()
    call.new()
    records = train(call.run)
    assert next(records) == Measuring(step=0, tokens=0)
    assert call.run.evaluations == []
    call.train(13)  # another start measures anew: nothing was changed by the half one
    assert call.run.evaluations[0].step == 0


@pytest.mark.parametrize("wait", [0, 1e6])
def test_a_diverged_run_says_so_and_keeps_its_step(wait, monkeypatch):
    """Whether or not samples are due while its scores are no numbers."""
    monkeypatch.setattr(page_run, "PREVIEW_SECONDS", wait)
    call = Caller()
    call.new(lr=1e9, dtype="float32")
    with np.errstate(all="ignore"):
        answer = call.train(40)
    assert answer["state"] == "diverged"
    assert "learning rate" in answer["message"]
    assert answer["step"] < 40
    assert call("save")["step"] == answer["step"]


def test_without_a_run_there_is_a_sentence():
    call = Caller(None)
    assert "data" in call.new()["refused"]
    for method in ("link", "save"):
        assert "refused" in call(method)
    assert "refused" in call("start_writing")
    assert "refused" in call("next_tokens")


def test_memory_that_runs_out_is_refused(monkeypatch):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(Run, "start", exhausted)
    assert "memory" in Caller().new()["refused"]


@pytest.mark.parametrize("preset", some(("classic", "llama", "chat"), PRESETS))
def test_a_preset_in_the_tab(preset):
    settings = {
        **{"n_embd": 24, "n_head": 4, "n_layer": 2, "block_size": 8, "batch_size": 2, "steps": 6},
        **{"eval_every": 3, "warmup": 0, "preset": preset, "dropout": 0.1},
    }
    settings |= {"n_kv_head": 2} if "llama" in preset else {}
    call, other = Caller(), Caller()
    about = call("describe", settings=settings)
    assert about["settings"]["n_embd"] == 24 and about["secondsPerStep"] > 0
    new = call("new", settings=settings)
    assert new["parameters"] == about["parameters"] == call.model.weights.count
    assert new["settings"].items() >= about["settings"].items()
    call.train(4)
    save = call("save")
    assert save["step"] == 4
    opened = other("open", save["bytes"], name="x.safetensors", origin="file")
    assert opened["canTrain"] and opened["settings"] == new["settings"]
    for each in (call, other):
        each.train(6)
    assert np.array_equal(call.model.weights.flat, other.model.weights.flat)
    assert call.run.losses == other.run.losses
    text = call("link")["text"]
    shown = Caller()("open_link", text=text)
    assert shown["parameters"] == new["parameters"] and "refused" not in shown
    written, tokens = call.write(sampling={"seed": 1}, max_tokens=20)  # past the block
    assert written["texts"] == ["".join(token["text"] for token in tokens)]
    # The command makes the same run.
    words = shlex.split(call("command", settings=settings)["text"])
    _, model, training = terminal_configs(build_parser(words[3]).parse_args(words[3:]))
    assert replace(model, vocab_size=new["vocabSize"]) == call.model.config
    assert training == replace(call.run.config, steps=6)


@pytest.mark.parametrize("name", some(("microgpt", "small", "nanochat"), presets()))
def test_a_step_of_the_session_is_a_step_of_a_run(name):
    call = Caller()
    sizes = {"n_layer": 2, "n_head": 4, "n_embd": 48, "block_size": 16, "batch_size": 2}
    call("new", settings={**presets()[name], **sizes, "steps": 2, "eval_every": 1})
    call.train(2)
    run = call.run
    twin = Run.start(run.corpus, run.model.config, run.config)
    for _ in range(2):
        take_step(twin)
    assert twin.losses == run.losses


def test_what_came_of_a_run_is_said():
    call = Caller()
    call.new(lr=5.0, eval_every=10)
    assert call("outcome") == {"kind": None, "text": ""}
    with np.errstate(all="ignore"):
        call.train(40)
    found = call("outcome")
    assert found["kind"] == "diverged" and "learning rate, 5, is too large" in found["text"]
    opened = call("open", call("save")["bytes"], name="x", origin="file")
    assert opened["outcome"]["text"] == found["text"]
    assert Caller(None)("outcome")["kind"] is None


def test_repeated_lines_are_told_when_a_run_begins():
    about = Caller("anna\nbo\n" * 20).new()
    assert about["twins"].startswith("All of the 4 held-out documents")
    assert Caller().new()["twins"] == ""


def test_a_step_that_could_not_be_recorded_is_told_once():
    call = Caller()
    call.new()
    with pytest.warns(UserWarning, match="runs as it is"):
        call.run.machine.refuse("It branches on a value.")
    events = [event for event in call.train(3)["events"] if event["type"] == "unrecorded"]
    assert events == [{"type": "unrecorded", "message": "It branches on a value."}]
    assert not [e for e in call.train(40)["events"] if e["type"] == "unrecorded"]


def test_samples_end_where_the_scores_are_no_numbers():
    """The step that comes says what has happened."""
    call = Caller()
    call.new()
    call.train(3)
    call.run.model.weights.flat[:] = np.nan
    call.session.current._follower._owe_previews()
    with np.errstate(all="ignore"):
        answer = call.train(40)
    assert answer["state"] == "diverged" and "learning rate" in answer["message"]


def test_a_run_leaves_its_memory_to_the_next_one():
    """A browser gives a page memory and gets none back."""
    call = Caller()
    gc.disable()  # it would be tidied up some runs later
    try:
        call.new(optimizer="muon", batch_size=8, shards=4)
        call("advance", milliseconds=0, until=9)  # it stops within a step
        old = [weakref.ref(each) for each in (call.run, call.session.current.machine)]
        call.new()
        assert [each() for each in old] == [None, None]
    finally:
        gc.enable()
