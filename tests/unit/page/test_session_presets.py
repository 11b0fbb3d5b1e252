"""The session with every preset and every switch; links and files of all of them."""

import json
import shlex
from dataclasses import fields, replace

import numpy as np
import pytest
from family import COMBINATIONS, FAMILIES, FEW, configuration, new_model
from microgpt import checkpoint, link
from microgpt.cli import build_parser
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.page import Session
from microgpt.page.estimate import seconds_per_step
from microgpt.page.settings import command, configs, count_parameters
from microgpt.presets import PRESETS, nanochat
from microgpt.terminal.commands.train import configs as terminal_configs
from microgpt.tokenizer import CharTokenizer
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step
from microgpt.training.run import Run

NAMES = "\n".join(a + b for a in ("an", "be", "ca", "do", "el", "fa") for b in ("na", "ra", "li"))
LETTERS = CharTokenizer("abcdefghij")
SMALL = {
    "n_embd": 24, "n_head": 4, "n_layer": 2, "block_size": 8, "batch_size": 2, "steps": 6,
    "eval_every": 3, "warmup": 0,
}  # fmt: skip


class Caller:
    def __init__(self):
        self.session = Session()
        self("open_data", NAMES.encode(), '{"kind": "text", "name": "n.txt"}')

    def __call__(self, method, *args):
        args = [json.dumps(a) if isinstance(a, dict) else a for a in args]
        return json.loads(getattr(self.session, method)(*args))


# ---- the command for the terminal


def other_value(cls, f):
    """A value of a setting that is not its default and goes with any others."""
    if f.type is bool:
        return not f.default
    if f.metadata["choices"]:
        return next(c for c in f.metadata["choices"] if c != f.default)
    special = {"n_head": 2, "n_kv_head": 1, "window": "LS", "n_embd": 48, "seed": 7, "n_layer": 3}
    if f.name in special:
        return special[f.name]
    if f.type is int:
        return f.default + 3
    if f.metadata["high"] or f.metadata["below"]:
        return 0.125
    return f.default / 3 + 1.1 if f.name in ("rope_base", "rope_factor") else 1e-7


def understood(text):
    """The configurations the terminal makes of a command."""
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "py.microgpt", "train"]
    _, model, training = terminal_configs(build_parser(words[3]).parse_args(words[3:]))
    return model, training


DATA = {"data": "names", "split": "line"}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_setting_goes_through_the_command(preset):
    for cls in (GPTConfig, TrainConfig):
        for f in fields(cls):
            if f.name == "vocab_size":
                continue
            for value in (other_value(cls, f), f.default):
                settings = {"preset": preset, f.name: value}
                try:
                    expected = configs(settings)
                except UserError:
                    assert f.name in ("n_head", "n_kv_head", "n_embd", "rope_factor", "smear",
                                      "value_embeddings", "mlp_hidden")  # fmt: skip
                    continue
                assert understood(command(settings, DATA)) == expected, settings


@pytest.mark.parametrize("name", range(len(COMBINATIONS)))
def test_every_mixture_goes_through_the_command(name):
    config = configuration(name)
    settings = {k: v for k, v in config.to_dict().items() if k != "vocab_size"}
    for preset in ("microgpt", "nanochat"):
        text = command({**settings, "preset": preset}, DATA)
        assert replace(understood(text)[0], vocab_size=config.vocab_size) == config


def test_a_preset_alone_is_a_short_command():
    for preset in PRESETS:
        expected = "" if preset == "microgpt" else f" --preset {preset}"
        assert command({"preset": preset}, DATA) == f"python -m py.microgpt train{expected}"
    text = command({"preset": "nanochat", "depth": 3, "smear": False}, DATA)
    assert text.endswith("train --preset nanochat --depth 3 --no-smear")
    assert understood(text)[0] == replace(nanochat(3), smear=False)


def test_depth_is_one_dial():
    call = Caller()
    found = call("describe", {"preset": "nanochat", "depth": 3})
    assert (found["settings"]["n_layer"], found["settings"]["n_embd"]) == (3, 192)
    assert "nanochat" in call("describe", {"preset": "llama", "depth": 3})["refused"]
    assert "whole number" in call("describe", {"preset": "nanochat", "depth": "3"})["refused"]


# ---- from describe to link


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_in_the_tab(preset):
    settings = {**SMALL, "preset": preset, "dropout": 0.1}
    settings |= {"n_kv_head": 2} if "llama" in preset else {}
    call, other = Caller(), Caller()
    about = call("describe", settings)
    assert about["settings"]["n_embd"] == 24 and about["secondsPerStep"] > 0
    new = call("new", settings)
    assert new["parameters"] == about["parameters"] == call.session.model.weights.count
    assert new["settings"].items() >= about["settings"].items()
    while call("advance", 1000, 4)["state"] == "going":
        pass
    save = call("save")
    assert save["step"] == 4
    opened = other("open", call.session.take_file(), "x.safetensors", "file")
    assert opened["canTrain"] and opened["settings"] == new["settings"]
    for each in (call, other):
        while each("advance", 1000, 6)["state"] == "going":
            pass
    assert np.array_equal(call.session.model.weights.flat, other.session.model.weights.flat)
    assert call.session.run.losses == other.session.run.losses
    text = call("link")["text"]
    shown = Caller()("open_link", text)
    assert shown["parameters"] == new["parameters"] and "refused" not in shown
    written = []
    call("start_writing", {"sampling": {"seed": 1}, "maxTokens": 20})  # past the block
    while "token" in (answer := call("write_token")):
        written.append(answer["token"]["text"])
    assert answer["written"]["texts"] == ["".join(written)]
    # The command makes the same run.
    text = call("command", settings)["text"]
    model, training = understood(text)
    assert replace(model, vocab_size=new["vocabSize"]) == call.session.model.config
    assert training == replace(call.session.run.config, steps=6)


def test_a_preset_too_large_for_a_tab_says_so():
    assert "GB" in Caller()("new", {"preset": "llama-85m"})["refused"]


@pytest.mark.parametrize("layers", range(1, 8))
@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_are_counted_without_making_the_model(name, layers):
    config = replace(FAMILIES[name], n_layer=layers)
    assert count_parameters(config) == new_model(config).weights.count
    assert count_parameters(replace(config, n_layer=10**9)) > 10**11


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_the_time_is_that_of_the_optimizer(optimizer, monkeypatch):
    from microgpt.page import estimate

    seen = []
    monkeypatch.setattr(estimate, "SECONDS", 0.001)
    monkeypatch.setattr(estimate, "take_step", lambda run: seen.append(run) or take_step(run))
    config = TrainConfig(optimizer=optimizer, recompute=True)
    model = replace(FAMILIES["nanochat"], vocab_size=LETTERS.vocab_size, dropout=0.5)
    assert seconds_per_step(LETTERS, ["abc", "defg"], model, config) > 0
    assert any(name.startswith("second.") for name in seen[0].optimizer.state()) == (
        optimizer == "muon"
    )
    assert seen[0].model.recompute and seen[0].noise() is not None


# ---- links and files


@pytest.mark.parametrize("name", FEW)
def test_a_link_holds_any_model(name):
    """Vectors and single numbers, too: each as near as 254 levels between its ends are."""
    before = new_model(configuration(name))
    text = link.pack(before, LETTERS)
    after, _, _ = link.unpack(text)
    assert after.config == before.config
    for key, array in before.weights.named().items():
        rows = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
        found = after.weights.named()[key].reshape(rows.shape)
        largest = np.abs(rows).max(1, keepdims=True)
        assert (np.abs(found - rows) <= largest * (0.5 / 127 + 1e-3)).all(), key
    assert link.pack(after, LETTERS) == link.pack(
        link.unpack(link.pack(after, LETTERS))[0], LETTERS
    )


def test_value_embeddings_count_for_the_size_of_a_link():
    """A large vocabulary in every other layer: more than the head and the embedding alone."""
    chars = "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))
    config = replace(FAMILIES["nanochat"], vocab_size=9001, n_layer=100)
    with pytest.raises(UserError, match="too large for a link"):
        link.pack(new_model(config, np.float32), CharTokenizer(chars))


@pytest.mark.parametrize("name", FEW)
def test_a_file_holds_any_model(name):
    config = configuration(name)
    corpus = Caller().session.corpus
    settings = TrainConfig(steps=3, batch_size=2, optimizer="muon", weight_decay=0.1)
    run = Run.start(corpus, config, settings)
    for _ in range(2):
        take_step(run)
    data = checkpoint.to_bytes(run.checkpoint())
    again = Run.restore(checkpoint.from_bytes(data), corpus)
    assert again.model.config == run.model.config
    for each in (run, again):
        take_step(each)
    assert np.array_equal(run.model.weights.flat, again.model.weights.flat)
    assert run.optimizer.state().keys() == again.optimizer.state().keys()
    assert checkpoint.to_bytes(run.checkpoint()) == checkpoint.to_bytes(again.checkpoint())
