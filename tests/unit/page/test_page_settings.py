"""Settings: what a run would be, what is refused, the models on offer, and the command."""

import functools
import json
import shlex
from dataclasses import fields, replace
from pathlib import Path

import pytest
from family import FAMILIES, MANY, configuration
from microgpt.cli import build_parser
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.page.__main__ import as_module
from microgpt.page.settings import command, configs, family_of, first_run, presets
from microgpt.presets import PRESETS, nanochat
from microgpt.terminal.commands.train import configs as terminal_configs
from microgpt.training.config import TrainConfig
from page_caller import NAMES, Caller

WEB = Path(__file__).resolve().parents[3] / "web"
OFFERED = tuple(presets())

# What a run would be


def test_describe():
    found = Caller()("describe", settings={"dtype": "float32", "steps": 10})
    assert found["parameters"] == 3296 + 2 * 16 * (len(set(NAMES) - {"\n"}) + 1) + 32
    assert found["bytes"] == 4 * found["parameters"]
    assert (found["trained"], found["heldOut"]) == (72, 8)
    assert 0 < found["secondsPerStep"] < 1
    assert found["seconds"] == pytest.approx(10 * found["secondsPerStep"])
    assert found["settings"]["n_layer"] == 1 and found["settings"]["lr"] == 0.01


def test_describe_before_there_is_data():
    found = Caller(None)("describe", settings={})
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
        ({"n_embd": 60_000}, "GB"),
    ],
)
def test_settings_that_do_not_work_are_refused_and_cost_nothing(settings, word):
    for method in ("describe", "new"):
        assert word in Caller()(method, settings=settings)["refused"]


@pytest.mark.parametrize("name", OFFERED)
def test_every_offered_model_is_described_with_its_time(name):
    caller = Caller()
    answer = caller("describe", settings=presets()[name])
    assert answer["parameters"] > 3000
    assert answer["secondsPerStep"] > 0
    assert answer["settings"].items() >= {"steps": presets()[name]["steps"], "seed": 42}.items()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"window": "SX"}, "pattern of L and S"),
        ({"rope_factor": 8}, "needs positions rope"),
        ({"smear": True}, "Smear reads 24 numbers"),
        ({"n_kv_head": 3}, "multiple of the key heads"),
        ({"positions": "rope", "n_head": 16}, "even width"),
        ({"optimizer": "sgd"}, "one of adam, adamw, muon"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(settings, words):
    caller = Caller()
    refused = caller("describe", settings=settings)["refused"]
    assert words in refused
    assert refused.endswith(".")
    assert caller("new", settings=settings)["refused"] == refused


def test_depth_is_one_dial():
    call = Caller()
    found = call("describe", settings={"preset": "nanochat", "depth": 3})
    assert (found["settings"]["n_layer"], found["settings"]["n_embd"]) == (3, 192)
    assert "nanochat" in call("describe", settings={"preset": "llama", "depth": 3})["refused"]
    assert (
        "whole number" in call("describe", settings={"preset": "nanochat", "depth": "3"})["refused"]
    )


def test_a_preset_too_large_for_a_tab_says_so():
    assert "GB" in Caller()("new", settings={"preset": "llama-85m"})["refused"]


# The table of models


def test_the_page_carries_the_table_that_python_has():
    module = (WEB / "settings" / "models.js").read_text(encoding="utf-8")
    assert module == as_module(presets(), first_run()), (
        "python -m py.microgpt.page > web/settings/models.js"
    )


def test_the_session_says_the_presets():
    caller = Caller()
    table = caller("presets")["presets"]
    assert set(table) == {"microgpt", "small", "medium", *FAMILIES}
    assert table == json.loads(json.dumps(presets()))


@pytest.mark.parametrize("name", ("microgpt", *FAMILIES))
def test_an_offered_family_is_the_preset_with_its_recipe(name):
    assert configs(presets()[name]) == (PRESETS[name].model, PRESETS[name].training)


@pytest.mark.parametrize("name", ("microgpt", *FAMILIES))
def test_the_nearest_family_of_a_preset_is_itself(name):
    assert family_of(PRESETS[name].model) == name


# The command for the terminal


def test_the_command_names_only_what_differs():
    data = {"data": "names", "split": "line"}
    assert command({}, data) == "python -m py.microgpt train"
    settings = {"n_embd": 32, "lr": 0.01, "batch_size": 8, "val_fraction": 0.2, "dtype": "float32"}
    assert command(settings, data) == (
        "python -m py.microgpt train --batch-size 8 --val-fraction 0.2 --dtype float32 --n-embd 32"
    )


def test_the_terminal_understands_the_command():
    text = Caller(kind="text", name="my names.txt", split="blank")(
        "command", settings={"steps": 5, "clip": 1.5, "optimizer": "adamw", "n_layer": 2}
    )["text"]
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "py.microgpt", "train"]
    args = build_parser(words[3]).parse_args(words[3:])
    assert (args.data, args.split, args.steps, args.clip) == ("my names.txt", "blank", 5, 1.5)
    assert (args.optimizer, args.n_layer, args.lr) == ("adamw", 2, None)


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


@functools.cache
def parser():
    return build_parser("train")


def understood(text):
    """The configurations the terminal makes of a command."""
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "py.microgpt", "train"]
    _, model, training = terminal_configs(parser().parse_args(words[3:]))
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
                                      "value_embeddings", "mlp_hidden", "head_dim",
                                      "rope_high")  # fmt: skip
                    continue
                assert understood(command(settings, DATA)) == expected, settings


@pytest.mark.parametrize("name", MANY)
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


def test_the_context_of_a_text_is_the_terminals_and_the_command_says_what_differs():
    call = Caller("a text of many letters. " * 100, name="t.txt", split="none")
    assert (call.opened["context"], call.opened["rows"]) == (64, "crops")
    assert Caller().opened["context"] == 16
    plain = "python -m py.microgpt train --data t.txt --split none"
    assert call("command", settings={"block_size": 64})["text"] == plain
    assert call("command", settings={"block_size": 16})["text"] == plain + " --block-size 16"
    llama = call("command", settings={"preset": "llama", "block_size": 64})["text"]
    assert llama == plain + " --preset llama"
