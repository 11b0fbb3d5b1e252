"""The stages of a chat model in the page: made in pieces, kept, gone on with, and compared."""

import gc
import json
import random
import re
import time
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.data.chat.base import base_text
from microgpt.data.conversations.corpus import MADE
from microgpt.data.conversations.messages import read_messages
from microgpt.data.conversations.rendering import render
from microgpt.data.copied import CopyIndex
from microgpt.data.text import Corpus
from microgpt.evaluation.exact_match import result_of
from microgpt.page.stages import data as stages_data
from microgpt.page.stages import estimate
from microgpt.page.stages import ladder as stages
from microgpt.page.stages.run import SlicedRun
from microgpt.presets import CHAT, CHAT_TUNING
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens
from microgpt.training.loop import take_step
from microgpt.training.run import Run
from page_caller import Caller

STATE = Path(__file__).resolve().parents[4] / "web" / "state" / "stages" / "stages.js"

LINES = ["The gull flew over the sea.", "The old lamp went out.", "Who counts the waves?"] * 20
TEXT = "\n".join(LINES).encode()
TALKS = [("What is your name?", "I am Zog."), ("Who made you?", "A girl called Ada.")]
MORE = (("python_output", "7"), ("text", "That is 7."))
TINY = replace(CHAT, n_layer=1, n_embd=32, n_head=2, block_size=96)


def lines_of(talks):
    rows = [
        {"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]}
        for q, a in talks
    ]
    return "\n".join(map(json.dumps, rows)).encode()


@pytest.fixture
def call(monkeypatch):
    """A session whose stages are tiny: a page's recipe takes minutes."""
    few = stages.RECIPE._replace(
        model=TINY,
        base=replace(stages.RECIPE.base, steps=4, batch_size=2, eval_every=2, eval_tokens=100),
        tuning=replace(stages.RECIPE.tuning, steps=4, batch_size=2, eval_every=2, eval_tokens=100),
    )
    monkeypatch.setattr(stages, "RECIPE", few)
    monkeypatch.setattr(stages_data, "base_parts", lambda stories: iter(stories))
    call = Caller(None)
    call("stage_text", TEXT, name="sea.txt")
    return call


def go_on(call, milliseconds=1.0, until=lambda answer: answer["done"]):
    """Take pieces until it is so; the last answer, and all events."""
    events = []
    while True:
        answer = call("stage_go_on", milliseconds=milliseconds)
        assert "refused" not in answer, answer
        events += answer.get("events", [])
        if until(answer):
            return answer, events


def make(call, stage, *files, **options):
    assert call("stage_make", *files, stage=stage, **options) == {}
    return go_on(call)


def test_the_whole_ladder_is_climbed_and_talks(call):
    tokens, _ = make(call, "tokens", vocab=280)
    assert tokens["vocab"] == 288 and tokens["bytesEach"] > 1
    _, events = make(call, "base")
    assert [e["step"] for e in events if e["type"] == "evaluation"] == [0, 2, 4]
    call("stage_talks", lines_of(TALKS), name="mine.jsonl")
    checked, _ = go_on(call)
    assert checked["talks"] == 2 and checked["wrong"] == []
    _, events = make(call, "chat", mix=False)
    assert [(e["step"], e["tries"]) for e in events if e["type"] == "exact"] == [
        (0, 2),
        (2, 2),
        (4, 2),
    ]
    shown = [e for e in events if e["type"] == "samples"][-1]["samples"]
    assert {sample["question"] for sample in shown} == {question for question, _ in TALKS}
    saved = call("stage_save")
    found = checkpoints.from_bytes(saved["bytes"], "mine")
    assert found.meta["parent"]["data"] == "sea.txt" and saved["step"] == saved["steps"] == 4
    call("stage_compare", question="Who?", sides=[{"model": "base"}, {"model": "chat"}])
    said = [[], []]
    go_on(call, until=lambda a: [s.extend(x) for s, x in zip(said, a["said"])] and a["done"])
    assert all(kind in ("text", "python", "python_output") for side in said for kind, _ in side)


def test_a_stage_that_was_kept_halfway_goes_on_as_if_nothing_had_happened(call):
    make(call, "tokens", vocab=280)
    whole = make(call, "base") and call("stage_save")
    call("stage_make", stage="base")
    go_on(call, 0.01, lambda answer: answer.get("step") == 2)
    half = call("stage_save")  # perhaps between two rows of a step
    assert half["step"] == 2
    other = Caller(None)  # as after a reload
    other("stage_text", TEXT, name="sea.txt")
    make(other, "base", half["bytes"])
    other("stage_put", whole["bytes"], stage="shipped")  # with the tokens that it brings
    assert json.loads(bytes(other("stage_tokenizer", stage="shipped")["bytes"]))["type"] == "bpe"
    again = other("stage_save")
    assert again["losses"].tolist() == whole["losses"].tolist()
    old, new = (checkpoints.from_bytes(each["bytes"], "x") for each in (whole, again))
    assert old.weights_checksum() == new.weights_checksum()


def test_a_step_row_by_row_is_the_step_of_the_terminal():
    corpus = stages_data.taught()
    tokenizer = with_chat_tokens(BPETokenizer.from_merges([], "digits"))
    config = replace(CHAT_TUNING, batch_size=3, dtype="float64", eval_tokens=200)
    runs = [kind.start(corpus, TINY, config, tokenizer) for kind in (Run, SlicedRun)]
    for _ in range(2):
        whole, sliced = (take_step(run) for run in runs)
        assert sliced.tokens == whole.tokens
        assert sliced.loss == pytest.approx(whole.loss, rel=1e-12)
    gradient = runs[1].gradient  # each shape is recorded once: while it is, Stop is not heard
    assert len(gradient.step.add.plans) in (1, 2) and not gradient.step.write.plans
    weights = [run.model.weights.flat for run in runs]
    assert np.abs(weights[0] - weights[1]).max() < 1e-10
    looks = [sum(b.tokens for group in run.evaluation_batches() for b in group) for run in runs]
    assert looks[1] >= 200 and runs[1].draw() and not runs[1].draw()


def test_a_text_encoded_in_pieces_is_the_text_encoded():
    text = base_text(LINES * 40, ["What is 3 + 4?"] * 9)
    tokenizer = with_chat_tokens(BPETokenizer.from_merges([(104, 101)], "digits"))
    corpus = Corpus("x", [text], "your file x", "none")
    known = result_of(stages_data.encoding(corpus, tokenizer, 0.1))
    rows = [each.rows(tokenizer, random.Random(0), 0.1) for each in (corpus, known)]
    for whole, pieces in zip(*rows):
        assert [row.tolist() for row in whole] == [row.tolist() for row in pieces]
    assert known.digest == corpus.digest


def test_a_text_in_another_encoding_is_read_as_what_it_is(call):
    for encoding, text in (("windows-1252", "Café – naïve\n"), ("utf-16", "Café\n")):
        data = (text * 9).encode(encoding)
        assert call("stage_text", data, name="x")["encoding"] == encoding
        assert call("stage_text", data, name="x", encoding=encoding)["lines"] == 9


def test_wrong_conversations_are_named_line_by_line(call):
    good = lines_of(TALKS[:1])
    call("stage_talks", b"\n".join([good, b"", b'{"messages": 3}', b"{oh", good]), name="x")
    checked, _ = go_on(call)
    assert checked["talks"] == 2
    (third, about_list), (fourth, about_json) = checked["wrong"]
    assert (third, fourth) == (3, 4)
    assert about_list == "The conversation has no list of messages."
    assert "is not JSON" in about_json
    assert call.session.stages._talks is None  # nothing is taught that has an error in it
    call("stage_talks", lines_of(TALKS), name="mine")
    go_on(call)
    call("stage_talks", b"{oh", name="x")
    go_on(call)
    assert call.session.stages._talks[1] == "mine"  # which was taken before, and stays
    call("stage_talks", b"\n\n", name="x")
    assert "no conversations" in call("stage_go_on", milliseconds=50)["refused"]


def test_what_was_learned_is_found_again_where_the_model_copies_it(call):
    """The index of what it learned to say, gathered while it does, over a pause too."""
    long = "My name is Zog and I live on a green hill by the sea."
    for stage in ("tokens", "base"):
        make(call, stage, **({"vocab": 300} if stage == "tokens" else {}))
    call("stage_talks", lines_of([("What is your name?", long)]), name="mine.jsonl")
    go_on(call)
    call("stage_make", stage="chat", mix=False, steps=4)
    go_on(call, until=lambda answer: answer.get("step"))
    half = call("stage_save")["bytes"]
    call("stage_make", half, stage="chat", mix=False)
    go_on(call)
    saved = call("stage_save")["bytes"]
    index = CopyIndex.kept_in(checkpoints.from_bytes(saved, "chat"))
    text = f"Hm. {long} And so on."
    assert [text[a:b] for a, b in index.stretches(text)] == [long]
    assert call("chat_open", saved, name="mine")["copies"] == index.bytes < 100


def test_conversations_are_shown_as_a_model_reads_them(call):
    """A system line, two turns and a tool: what is learned is marked, and all is as in `render`."""
    calls = [{"type": kind, "text": text} for kind, text in (("python", "3+4"), *MORE)]
    turns = [("system", "Be short."), ("user", "3 + 4?"), ("assistant", calls)]
    turns += [("user", "Sure?"), ("assistant", "Yes.")]
    messages = [{"role": role, "content": content} for role, content in turns]
    call("stage_talks", json.dumps({"messages": messages}).encode(), name="x")
    (talk,) = go_on(call)[0]["shown"]
    learned = [part["token"] or part["text"] for part in talk if part["learned"]]
    assert learned == [
        *("<|python_start|>", "3+4", "<|python_end|>", "That is 7.", "<|assistant_end|>"),
        *("Yes.", "<|assistant_end|>"),
    ]
    tokenizer = with_chat_tokens(CharTokenizer("".join(map(chr, range(32, 127))) + "\n"))
    names = {id: text for text, id in tokenizer.specials.items()}
    ids, counts = render(read_messages(messages), tokenizer)
    assert [names.get(id) or tokenizer.decode([id]) for id in ids[1:]] == [
        each for part in talk[1:] for each in ([part["token"]] if part["token"] else part["text"])
    ]
    assert sum(counts) == 3 + 10 + 4 + 4  # letters, and four tokens


def test_own_conversations_come_in_turns_with_made_up_ones_and_many_are_held_out():
    many = [[*stages_data.read_line(lines_of([(f"Say {i}.", f"{i}!")]))] for i in range(30)]
    own = stages_data.OwnTalks(many, "digest")
    corpus = stages_data.taught(own, "mine")
    assert len(corpus.asked) == 3 and corpus.asked[0].messages[0].text == "Say 27."
    said = [corpus.trained[i][0].text for i in range(0, 2 * 30, 2)]
    assert said == [f"Say {i % 27}." for i in range(30)]
    few = stages_data.taught(stages_data.OwnTalks(many[:5], "digest"), "mine", mix=False)
    assert len(few.trained) == 5 and len(few.asked) == 5
    assert few.asks_learned and not corpus.asks_learned


def test_an_estimate_comes_in_pieces_and_says_seconds_for_each_stage(call, monkeypatch):
    # The processor's time: whatever else the machine does, or if it sleeps, is not measured.
    monkeypatch.setattr(time, "perf_counter", time.process_time)
    steps = {"base": 3000, "chat": 6000}  # so many that beginning does not count
    call("stage_estimate", stages=["tokens", "base", "chat"], vocab=280, steps=steps)
    answer, _ = go_on(call)
    seconds = answer["seconds"]
    assert set(seconds) == {"tokens", "base", "chat"} and min(seconds.values()) > 0
    assert seconds["chat"] > seconds["base"] > seconds["tokens"] / 100


def test_looks_cost_less_where_few_questions_are_asked():
    whole = estimate.looks_of(8, 100, False)
    assert whole == 8 * estimate.LOOK + estimate.LAST_LOOK
    # "Teach it your name", three conversations: it was told 1.5 times of what it took.
    assert estimate.looks_of(8, 3, True) < 0.1 * whole < estimate.looks_of(8, 100, True)


def test_an_estimate_tries_the_readers_own_conversations(call, monkeypatch):
    seen = []
    monkeypatch.setattr(stages, "estimating", lambda *given: seen.append(given[6]) or iter(()))
    call("stage_estimate", stages=["tokens"])
    call("stage_talks", lines_of(TALKS), name="mine")
    go_on(call)
    call("stage_estimate", stages=["tokens"], mix=False)
    assert seen[0].name == "small-chat" and len(seen[1].trained) == len(TALKS)


def test_what_is_missing_is_said_in_a_sentence(call):
    call("stage_make", stage="base")
    assert "make the first stage" in call("stage_go_on", milliseconds=1)["refused"]
    assert "no stage" in call("stage_make", stage="roof")["refused"]
    call("stage_make", stage="chat")
    assert "base yet" in call("stage_go_on", milliseconds=1e3)["refused"]


def test_the_page_begins_with_the_steps_of_the_recipe():
    begins = dict(re.findall(r"(vocab|\w+Steps): (\d+),", STATE.read_text()))
    recipe = stages.RECIPE
    assert {name: int(value) for name, value in begins.items()} == {
        "vocab": recipe.vocab,
        "baseSteps": recipe.base.steps,
        "chatSteps": recipe.tuning.steps,
        "moreSteps": stages.RETUNING.steps,
    }


def test_the_page_says_how_many_conversations_are_made_up_for_each_beginning():
    editor = STATE.parents[2] / "ui" / "chat" / "talks" / "editor.js"
    assert f'"base" ? "{MADE["small-chat"]:,}" : "{MADE["chat"]:,}"' in editor.read_text()


def test_a_stage_leaves_its_memory_to_the_next_one(call):
    """A browser gives a page memory and gets none back."""
    call("stage_make", stage="tokens")
    go_on(call)
    gc.disable()  # it would be tidied up some stages later
    try:
        call("stage_make", stage="base")
        go_on(call, until=lambda answer: answer.get("step"))
        old = weakref.ref(call.session.stages._work.run)
        call("stage_make", stage="base")
        assert old() is None
    finally:
        gc.enable()
