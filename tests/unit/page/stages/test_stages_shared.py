"""Two workers share the steps of a stage: the same model as made by one, also where one dies."""

from dataclasses import replace

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.page.stages import data as stages_data
from microgpt.page.stages import estimate
from microgpt.page.stages import ladder as stages
from microgpt.presets import CHAT
from page_caller import Caller

TEXT = b"The gull flew over the sea.\nThe old lamp went out.\nWho counts the waves?\n" * 20
SETTINGS = {"steps": 3, "batch_size": 4, "shards": 2, "eval_every": 2, "eval_tokens": 100}


@pytest.fixture
def tokens(monkeypatch):
    """The first stage of tiny ones."""
    few = stages.RECIPE._replace(
        model=replace(CHAT, n_layer=1, n_embd=32, n_head=2, block_size=96),
        base=replace(stages.RECIPE.base, **SETTINGS),
        tuning=replace(stages.RECIPE.tuning, **SETTINGS),
    )
    monkeypatch.setattr(stages, "RECIPE", few)
    monkeypatch.setattr(stages, "ASKED_LAST", 2)
    monkeypatch.setattr(stages_data, "base_parts", lambda stories: iter(stories))
    call = Caller(None)
    call("stage_text", TEXT, name="sea.txt")
    call("stage_make", stage="tokens", vocab=280)
    while not call("stage_go_on", milliseconds=100)["done"]:
        pass
    return bytes(call("stage_save")["bytes"])


def make(tokens, stage, base=None, workers=1, dies_at=None, state=None, kept=None):
    """(the bytes of a stage, what other workers were told); `kept` gets it as it is on the way."""
    call, helper, said, shared = Caller(None), Caller(None), [], 1
    call("stage_text", TEXT, name="sea.txt")
    call("stage_put", tokens, stage="tokens")
    if base:
        call("stage_put", base, stage="base")
    assert call("stage_make", *([state] if state else []), stage=stage) == {}
    while True:
        told = call("stage_go_on", milliseconds=20)
        if told.get("begun"):
            assert told["shards"] == 2
        if told["done"]:
            return bytes(call("stage_save")["bytes"]), said
        for i, share in enumerate(told.get("shares", ())):
            said.append(share.pop("kind"))
            assert share.pop("to") == 1
            answer = helper("help", bytes(told[f"share{i}"]), kind=said[-1], **share)
            data = answer.pop("data", None)
            if dies_at == len(said):
                call("stage_share", count=1)
                helper, shared = Caller(None), 1
                break
            if data is not None:
                call("stage_receive", bytes(data), **answer)
        training = told["phase"] == "training"
        if kept is not None and training and call.session.stages._work.run._ahead:
            kept.append(bytes(call("stage_save")["bytes"]))
        if training and shared < workers:
            shared = workers
            call("stage_share", count=workers)


def test_two_workers_make_the_stages_of_one_and_may_die(tokens):
    one, said = make(tokens, "base")
    assert not said
    for dies_at in (None, 14):
        two, said = make(tokens, "base", None, 2, dies_at)
        assert two == one and said.count("join") == (2 if dies_at else 1)
    chat, _ = make(tokens, "chat", one)
    kept = []
    shared, said = make(tokens, "chat", one, 2, kept=kept)
    assert shared == chat and {"join", "shards", "heard", "move"} < set(said)
    # While others turn matrices, the next batch is drawn; what is kept then goes on with it.
    again, _ = make(tokens, "chat", one, state=kept[-1])
    found, whole = (checkpoints.from_bytes(each, "kept") for each in (again, chat))
    assert found.losses == whole.losses and found.weights_checksum() == whole.weights_checksum()


def test_a_stage_that_was_kept_before_there_were_shards_goes_on_alone(tokens):
    call = Caller(None)
    call("stage_text", TEXT, name="sea.txt")
    call("stage_put", tokens, stage="tokens")
    kept = checkpoints.from_bytes(make(tokens, "base")[0], "kept")
    kept.meta["training"] |= {"shards": 1, "steps": 4}
    call("stage_make", checkpoints.to_bytes(kept), stage="base")
    while not (told := call("stage_go_on", milliseconds=10)).get("begun"):
        pass
    assert told["shards"] == 1
    while not (told := call("stage_go_on", milliseconds=10))["done"]:
        pass
    assert told["step"] == 4


def test_an_estimate_knows_of_others_who_share_slow_steps(tokens, monkeypatch):
    class Clock:
        """Each piece of work has taken a second."""

        def lap(self):
            return 1.0

    monkeypatch.setattr(estimate, "Stopwatch", Clock)
    call = Caller(None)
    call("stage_text", TEXT, name="sea.txt")
    seconds = {}
    for workers in (1, 2, 4):  # four are more than it has shards
        steps = {"base": 10_000}
        call("stage_estimate", stages=["base"], vocab=280, steps=steps, workers=workers)
        while not (told := call("stage_go_on", milliseconds=100))["done"]:
            pass
        seconds[workers] = told["seconds"]["base"]
    assert seconds[4] == seconds[1]
    assert 0.5 * seconds[1] < seconds[2] < 0.95 * seconds[1]
