"""Runs and models that are kept and opened again: files, and links."""

import pytest
from microgpt import checkpoint
from microgpt.data.labels.corpus import LabelledCorpus
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.lora import Tuning
from microgpt.page.settings import configs, family_of, presets
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.loop import train
from microgpt.training.run import Run
from page_caller import Caller
from talker import base
from thorough import some


@pytest.fixture(scope="module")
def trained():
    call = Caller()
    call.new()
    call.train(40)
    return call


def saved(call):
    about = call("save")
    return about, about["bytes"]


def test_an_opened_run_goes_on_as_if_it_had_never_stopped():
    straight, first, second = Caller(), Caller(), Caller()
    straight.new()
    first.new()
    expected = straight.train(40)["events"][-1]
    first.train(17)
    about, file = saved(first)
    assert about["step"] == 17
    opened = second("open", memoryview(file), name="run.safetensors", origin="file")
    assert opened["canTrain"] and opened["step"] == 17 and opened["origin"] == "file"
    assert len(opened["losses"]) == 17
    assert second.train(40)["events"][-1] == expected
    assert second.run.losses == straight.run.losses


def test_a_file_with_heads_and_ropes_of_its_own_goes_on():
    parts = {"head_dim": 6, "positions": "rope", "rope_factor": 4, "rope_scaling": "yarn"}
    parts |= {"rope_original": 8, "rope_high": 32, "block_size": 12}
    first, second = Caller(), Caller()
    first.new(**parts)
    first.train(5)
    _, file = saved(first)
    opened = second("open", memoryview(file), name="run.safetensors", origin="file")
    assert opened["canTrain"] and opened["settings"].items() >= parts.items()
    assert second.train(10)["events"][-1] == first.train(10)["events"][-1]


def test_a_finished_run_is_the_same_file_before_and_after_its_samples():
    call = Caller()
    call.new(steps=4, eval_every=0)
    assert call.train(4)["events"][-1]["type"] == "samples"
    _, file = saved(call)
    run = Run.start(
        call.session.data.corpus, GPTConfig(n_embd=8, n_head=2), TrainConfig(steps=4, eval_every=0)
    )
    list(train(run))
    assert checkpoint.to_bytes(run.checkpoint()) == file


def test_without_its_data_a_checkpoint_can_write_and_names_the_data(trained):
    _, file = saved(trained)
    for call in (Caller(None), Caller("other\ntext")):
        opened = call("open", file, name="run.safetensors", origin="file")
        assert not opened["canTrain"]
        assert "80 documents" in opened["message"]
        assert opened["evaluations"] and len(opened["losses"]) == 40
        written, _ = call.write(prompt="an", sampling={"seed": 2})
        assert written["texts"] == trained.write(prompt="an", sampling={"seed": 2})[0]["texts"]
        assert written["new"] == [None]
        assert "refused" in call("advance", milliseconds=1, until=50)
        assert "refused" in call("save")


def test_a_bad_file_is_refused_and_the_run_stays(trained):
    _, file = saved(trained)
    call = Caller()
    call.new()
    for bad in (b"", b"hello world, this is text", file[:100], file[:-5]):
        assert "refused" in call("open", bad, name="x.safetensors", origin="file")
    assert call.train(3)["step"] == 3


@pytest.mark.parametrize(
    ("tuning", "words"),
    [
        (Tuning(whole="last", classes=2), "sorts texts and writes none"),
        (Tuning(rank=2, classes=2), "adapters of another model"),
    ],
)
def test_what_cannot_write_is_refused(trained, tuning, words):
    corpus = LabelledCorpus("t", [("one", "a"), ("two", "b")] * 3, "a table")
    run = finetune(base(), corpus, TrainConfig(), tuning=tuning)
    file = checkpoint.to_bytes(run.checkpoint())
    assert words in trained("open", file, name="x.safetensors", origin="file")["refused"]
    assert trained.run.step == 40


def test_a_link_is_opened_and_writes(trained):
    text = trained("link")["text"]
    call = Caller(None)
    opened = call("open_link", text=text)
    assert opened["origin"] == "link" and not opened["canTrain"]
    assert opened["note"]["step"] == opened["step"] == 40
    assert opened["parameters"] == trained.model.weights.count
    assert call.write(prompt="an", sampling={"seed": 1})[0]["texts"]
    assert call("link")["text"], "it can be passed on"
    assert "refused" in call("open_link", text=text[:-9])
    assert "refused" in call("open_link", text="hello")


@pytest.mark.parametrize("name", some(("microgpt", "llama", "nanochat"), presets()))
def test_a_model_says_which_family_it_is_nearest_to(name):
    trained = Caller()
    trained("new", settings={**presets()[name], "n_embd": 48, "steps": 0})
    settings = trained("open_link", trained("link")["text"])["settings"]
    wanted = trained.model.config
    assert configs(settings)[0] == GPTConfig.from_dict({**wanted.to_dict(), "vocab_size": 27})
    assert settings["preset"] == family_of(wanted)
