"""What the browser's worker calls, as it calls it: JSON in, JSON out."""

import json
import random
import shlex
import time

import numpy as np
import pytest
from microgpt import checkpoint
from microgpt.cli import build_parser
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.inference.generate import write
from microgpt.inference.sampling import Sampling
from microgpt.page import Session, estimate
from microgpt.page import run as follow
from microgpt.page.estimate import seconds_per_step
from microgpt.page.settings import command, count_parameters
from microgpt.training.config import TrainConfig
from microgpt.training.loop import Measuring, train
from microgpt.training.run import Run

NAMES = "\n".join(
    first + second
    for first in ("an", "be", "car", "dor", "el", "fa", "gi", "ha", "is", "jo")
    for second in ("a", "la", "na", "ra", "ria", "lia", "nora", "bel")
)
SMALL = {"n_embd": 8, "n_head": 2, "steps": 40, "eval_every": 10}


class Caller:
    """Calls a session as the worker does, and reads its JSON as strictly as a browser."""

    def __init__(self, text=NAMES, **options):
        self.session = Session()
        if text is not None:
            self.opened = self.data(text, **options)

    def data(self, text, **options):
        return self("open_data", text.encode(), json.dumps({"kind": "text", **options}))

    def __call__(self, method, *arguments):
        answer = getattr(self.session, method)(*arguments)
        assert isinstance(answer, str)
        return json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))

    def new(self, **settings):
        return self("new", json.dumps({**SMALL, **settings}))

    def train(self, until, milliseconds=1e6):
        """Until it stops; what it answered last, with all events."""
        events = []
        while True:
            answer = self("advance", milliseconds, until)
            events += answer["events"]
            if answer["state"] != "going":
                return {**answer, "events": events}

    def write(self, **request):
        """What was written, and the tokens it was written in."""
        assert "refused" not in self("start_writing", json.dumps(request))
        tokens = []
        while True:
            answer = self("write_token")
            if "written" in answer:
                return answer["written"], tokens
            tokens.append(answer["token"])


@pytest.fixture(scope="module")
def trained():
    call = Caller()
    call.new()
    call.train(40)
    return call


def of(events, kind):
    return [event for event in events if event["type"] == kind]


# Data


def test_data_is_described():
    found = Caller("bab\nca\n\n", name="two.txt").opened
    assert found["name"] == "two.txt" and "two.txt" in found["source"]
    assert (found["documents"], found["characters"], found["longest"]) == (2, 5, 3)
    assert (found["vocabulary"], found["vocabSize"], found["rows"]) == ("abc", 4, "documents")
    assert len(found["digest"]) == 64


def test_a_long_text_is_cut_into_crops():
    assert Caller("abc " * 200, split="none").opened["rows"] == "crops"


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "empty"), (b"\xff\xfea", "UTF-16"), (b"a\xff", "UTF-8"), (b" ", "white")],
)
def test_bad_text_is_refused_and_the_data_at_hand_stays(data, word):
    call = Caller()
    assert word in call("open_data", data, '{"kind": "text", "name": "x"}')["refused"]
    assert call.new()["trained"] == 72


def test_the_full_names_are_known_by_their_checksum():
    answer = Caller(None)("open_data", b"anna\n", '{"kind": "full-names"}')
    assert "not the names file" in answer["refused"]


def test_built_in_data_keeps_its_name():
    found = Caller("anna\nbob", kind="names", name="other.txt").opened
    assert found["name"] == "names" and "come with microgpt" in found["source"]


# Settings


def test_parameters_are_counted_without_making_the_model():
    for settings in ({}, {"n_layer": 3}, {"n_embd": 24, "block_size": 7, "vocab_size": 50}):
        config = GPTConfig(**settings)
        assert count_parameters(config) == GPT(config).weights.count
    assert count_parameters(GPTConfig(n_layer=10**9)) > 10**12


def test_describe():
    found = Caller()("describe", json.dumps({"dtype": "float32", "steps": 10}))
    assert found["parameters"] == 3296 + 2 * 16 * (len(set(NAMES) - {"\n"}) + 1) + 32
    assert found["bytes"] == 4 * found["parameters"]
    assert (found["trained"], found["heldOut"]) == (72, 8)
    assert 0 < found["secondsPerStep"] < 1
    assert found["seconds"] == pytest.approx(10 * found["secondsPerStep"])
    assert found["settings"]["n_layer"] == 1 and found["settings"]["lr"] == 0.01


def test_describe_before_there_is_data():
    found = Caller(None)("describe", "{}")
    assert found["parameters"] == 4192
    assert "secondsPerStep" not in found


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"n_layer": 0}, "layer"),
        ({"lr": "fast"}, "lr"),
        ({"colour": 3}, "colour"),
        ({"vocab_size": 3}, "vocab_size"),
        ({"preset": "huge"}, "preset"),
        ({"n_embd": 10, "n_head": 4}, "divide"),
        ({"n_embd": 100_000}, "GB"),
    ],
)
def test_settings_that_do_not_work_are_refused_and_cost_nothing(settings, word):
    for method in ("describe", "new"):
        assert word in Caller()(method, json.dumps(settings))["refused"]


def test_a_step_too_large_to_try_has_no_estimate():
    session = Caller().session
    config = GPTConfig(n_embd=512, n_layer=8, block_size=256)
    documents, tokenizer = session.corpus.documents, session._data_tokenizer
    assert seconds_per_step(tokenizer, documents, config, TrainConfig(batch_size=64)) is None


def test_the_first_step_which_compiles_is_no_estimate(monkeypatch):
    """In a tab it takes a hundred times what the others take."""
    took = iter([0.2])
    monkeypatch.setattr(estimate, "take_step", lambda run: time.sleep(next(took, 0.001)))
    session = Caller().session
    documents, tokenizer = session.corpus.documents, session._data_tokenizer
    config = GPTConfig(vocab_size=tokenizer.vocab_size)
    assert seconds_per_step(tokenizer, documents, config, TrainConfig()) < 0.1


def test_the_command_names_only_what_differs():
    data = {"data": "names", "split": "line"}
    assert command({}, data) == "python -m py.microgpt train"
    settings = {"n_embd": 32, "lr": 0.01, "batch_size": 8, "val_fraction": 0.2, "dtype": "float32"}
    assert command(settings, data) == (
        "python -m py.microgpt train --batch-size 8 --val-fraction 0.2 --dtype float32 --n-embd 32"
    )


def test_the_terminal_understands_the_command():
    text = Caller(kind="text", name="my names.txt", split="blank")(
        "command", json.dumps({"steps": 5, "clip": 1.5, "optimizer": "adamw", "n_layer": 2})
    )["text"]
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "py.microgpt", "train"]
    args = build_parser(words[3]).parse_args(words[3:])
    assert (args.data, args.split, args.steps, args.clip) == ("my names.txt", "blank", 5, 1.5)
    assert (args.optimizer, args.n_layer, args.lr) == ("adamw", 2, None)


# Training


def test_the_losses_are_those_of_the_loop_however_it_is_cut():
    call = Caller()
    run = Run.start(call.session.corpus, GPTConfig(n_embd=8, n_head=2), TrainConfig(steps=40))
    list(train(run))
    call.new()
    got, states = [], []
    for until in (1, 7, 40):
        while not states or states[-1] == "going" or len(got) < until:
            states.append(call("advance", 0.5, until)["state"])  # a piece or two at a time
            got += call.session.take_losses().tolist()
        assert len(got) == until
        assert states[-1] == "reached" or until == 40
    assert call.train(40)["state"] == "done"
    assert got == run.losses
    assert call.session.take_losses().dtype == np.float64


def test_a_new_run_is_described():
    about = Caller().new()
    assert about["step"] == 0 and about["canTrain"] and about["origin"] == "new"
    assert about["uniformLoss"] == pytest.approx(np.log(about["vocabSize"]))
    assert 0 < about["bigramLoss"] < about["uniformLoss"]
    assert (about["trained"], about["heldOut"]) == (72, 8)


def test_events():
    call = Caller()
    call.new()
    events = call.train(40)["events"]
    assert [e["step"] for e in of(events, "evaluation")] == [0, 10, 20, 30, 40]
    samples = of(events, "samples")
    assert [e["step"] for e in samples] == [0, 8, 16, 24, 32, 40]
    assert [len(e["samples"]) for e in samples] == [8] * 5 + [20]
    known = set(NAMES.split("\n"))
    assert all(s["new"] == (s["text"] not in known) for e in samples for s in e["samples"])


def test_the_last_samples_are_the_terminals():
    call = Caller()
    call.new()
    final = call.train(40)["events"][-1]["samples"]
    run = Run.start(call.session.corpus, GPTConfig(n_embd=8, n_head=2), TrainConfig(steps=40))
    list(train(run))
    assert [s["text"] for s in final] == [
        write(run.model, run.tokenizer, run.rng) for _ in range(20)
    ]


def test_the_reference_run_writes_the_reference_names(names_file):
    call = Caller(names_file.read_text())
    call("new", "{}")
    final = call.train(1000)["events"][-1]["samples"]
    assert " ".join(s["text"] for s in final) == (
        "kamon ann karai jaire vialan karia yeran anna areli kaina konna keylen liole alerin earan"
        " lenne kana lara alela anton"
    )
    assert call.session.take_losses()[-1] == pytest.approx(2.6497, abs=5e-5)


def test_nothing_that_is_looked_at_changes_the_run(monkeypatch):
    monkeypatch.setattr(follow, "PREVIEW_SEED", 99)
    call, other = Caller(), Caller()
    for each in (call, other):
        each.new()
    for until in (5, 12, 40):
        call.train(until)
        call.write(count=3)
        call("next_tokens", "{}")
        call("save")
        call("link")
    monkeypatch.setattr(follow, "PREVIEWS", 1)
    other.train(40)
    assert call.session.run.losses == other.session.run.losses
    assert call.session.run.rng.getstate() == other.session.run.rng.getstate()


def test_a_run_can_be_made_longer():
    call = Caller()
    call.new(steps=10, schedule="constant")
    assert call.train(10)["step"] == 10
    answer = call.train(15)
    assert (answer["step"], answer["state"]) == (15, "done")
    assert call.session.run.config.steps == 15
    assert len(call.session.take_losses()) == 15


def test_made_longer_slowly_it_is_the_same_run():
    """At a slow pace little is asked for at a time: first, that there is nothing to do yet."""
    slow, fast = Caller(), Caller()
    for call in (slow, fast):
        call.new(steps=10)
        call.train(10)
    fast.train(15)
    states = [slow("advance", 1e6, until, 15)["state"] for until in (10, 10, 11, 12, 15)]
    assert states == ["reached", "reached", "reached", "reached", "done"]
    assert slow.session.run.losses == fast.session.run.losses
    assert len(slow.session.run.losses) == 15


def test_a_look_at_held_out_data_comes_in_pieces_one_can_stop_between():
    call = Caller()
    call.new()
    records = train(call.session.run)
    assert next(records) == Measuring(step=0, tokens=0)
    assert call.session.run.evaluations == []
    call.train(13)  # another start measures anew: nothing was changed by the half one
    assert call.session.run.evaluations[0].step == 0


def test_a_diverged_run_says_so_and_keeps_its_step():
    call = Caller()
    call.new(lr=1e200)
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
    assert "refused" in call("start_writing", "{}")
    assert "refused" in call("next_tokens", "{}")
    assert call.session.take_losses().size == call.session.past_losses().size == 0


def test_memory_that_runs_out_is_refused(monkeypatch):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(Run, "start", exhausted)
    assert "memory" in Caller().new()["refused"]


# Writing


def test_writing_is_repeatable_and_says_what_is_new(trained):
    request = {"prompt": "an", "sampling": {"seed": 5}, "count": 4}
    written, tokens = trained.write(**request)
    assert trained.write(**request)[0]["texts"] == written["texts"]
    model, tokenizer = trained.session.model, trained.session.tokenizer
    rng = random.Random(5)
    assert written["texts"] == [write(model, tokenizer, rng, "an") for _ in range(4)]
    known = set(NAMES.split("\n"))
    assert written["new"] == [text not in known for text in written["texts"]]
    for index, text in enumerate(written["texts"]):
        assert "an" + "".join(t["text"] for t in tokens if t["index"] == index) == text
    assert all(0 < t["probability"] <= 1 for t in tokens)


def test_length_and_halting(trained):
    written, tokens = trained.write(maxTokens=1, sampling={"seed": 1, "temperature": 0})
    assert len(tokens) == 1 and written["reason"] == "length"
    trained("start_writing", '{"maxTokens": 50}')
    trained("write_token")
    assert trained("stop_writing")["written"]["reason"] == "halted"


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"prompt": "Zoë"}, "Z"),
        ({"maxTokens": 0}, "length"),
        ({"count": 1.5}, "texts"),
        ({"sampling": {"seed": "x"}}, "seed"),
        ({"sampling": {"top_p": 2}}, "top"),
        ({"sampling": {"heat": 2}}, "heat"),
    ],
)
def test_what_cannot_be_written_is_refused(trained, request_, word):
    assert word in trained("start_writing", json.dumps(request_))["refused"]


def test_next_tokens(trained):
    request = {"prompt": "an", "sampling": {"temperature": 0.5, "top_k": 3}}
    tokens = trained("next_tokens", json.dumps(request))["tokens"]
    chances = [token["p"] for token in tokens]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1)
    assert [token["kept"] for token in tokens] == [True] * 3 + [False] * (len(tokens) - 3)
    assert sum(token["end"] for token in tokens) == 1
    free = trained("next_tokens", '{"prompt": "an", "sampling": {"temperature": 0.5}}')["tokens"]
    assert [token["p"] for token in free] == chances, "p is before the cuts"
    greedy = trained("next_tokens", '{"prompt": "an", "sampling": {"greedy": true}}')["tokens"]
    assert [token["kept"] for token in greedy][:2] == [True, False]
    assert Sampling().temperature == 0.5


# Keeping


def saved(call):
    about = call("save")
    file = call.session.take_file()
    assert call.session.take_file() == b"", "handed over once"
    return about, file


def test_an_opened_run_goes_on_as_if_it_had_never_stopped():
    straight, first, second = Caller(), Caller(), Caller()
    straight.new()
    first.new()
    expected = straight.train(40)["events"][-1]
    first.train(17)
    about, file = saved(first)
    assert about["step"] == 17
    opened = second("open", memoryview(file), "run.safetensors", "file")
    assert opened["canTrain"] and opened["step"] == 17 and opened["origin"] == "file"
    assert len(second.session.past_losses()) == 17
    assert second.session.take_losses().size == 0
    assert second.train(40)["events"][-1] == expected
    assert second.session.run.losses == straight.session.run.losses


def test_a_finished_run_is_the_same_file_before_and_after_its_samples():
    call = Caller()
    call.new(steps=4, eval_every=0)
    assert call.train(4)["events"][-1]["type"] == "samples"
    _, file = saved(call)
    run = Run.start(
        call.session.corpus, GPTConfig(n_embd=8, n_head=2), TrainConfig(steps=4, eval_every=0)
    )
    list(train(run))
    assert checkpoint.to_bytes(run.checkpoint()) == file


def test_without_its_data_a_checkpoint_can_write_and_names_the_data(trained):
    _, file = saved(trained)
    for call in (Caller(None), Caller("other\ntext")):
        opened = call("open", file, "run.safetensors", "file")
        assert not opened["canTrain"]
        assert "80 documents" in opened["message"]
        assert opened["evaluations"] and len(call.session.past_losses()) == 40
        written, _ = call.write(prompt="an", sampling={"seed": 2})
        assert written["texts"] == trained.write(prompt="an", sampling={"seed": 2})[0]["texts"]
        assert written["new"] == [None]
        assert "refused" in call("advance", 1, 50)
        assert "refused" in call("save")


def test_a_bad_file_is_refused_and_the_run_stays(trained):
    _, file = saved(trained)
    call = Caller()
    call.new()
    for bad in (b"", b"hello world, this is text", file[:100], file[:-5]):
        assert "refused" in call("open", bad, "x.safetensors", "file")
    assert call.train(3)["step"] == 3


def test_a_link_is_opened_and_writes(trained):
    text = trained("link")["text"]
    call = Caller(None)
    opened = call("open_link", text)
    assert opened["origin"] == "link" and not opened["canTrain"]
    assert opened["note"]["step"] == opened["step"] == 40
    assert opened["parameters"] == trained.session.model.weights.count
    assert call.write(prompt="an", sampling={"seed": 1})[0]["texts"]
    assert call("link")["text"], "it can be passed on"
    assert "refused" in call("open_link", text[:-9])
    assert "refused" in call("open_link", "hello")
