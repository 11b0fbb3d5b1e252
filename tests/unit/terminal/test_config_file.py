"""Files of settings: read, written, and refused with the place of the mistake."""

import json
import tomllib
from dataclasses import replace

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.errors import UserError
from microgpt.presets import PRESETS
from microgpt.terminal.config_file import read_config, write_config
from program import NAMES, call


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def train(capsys, *flags):
    quick = ["--data", "names.txt", "--steps", 2, "--eval-every", 0, "--samples", 0, "--quiet"]
    answer = call(capsys, "train", *quick, *flags, "--out", "m")
    assert answer.code == 0, answer
    meta = checkpoints.load("m").meta
    return meta["model"], meta["training"]


# ---- writing and reading


@pytest.mark.parametrize("kind", ["json", "toml"])
@pytest.mark.parametrize("name", PRESETS)
def test_what_is_written_is_read(name, kind, folder):
    model, training = (
        replace(PRESETS[name].model, dropout=0.1),
        replace(PRESETS[name].training, eps=1e-10),
    )
    write_config(f"c.{kind}", name, model, training)
    text = (folder / f"c.{kind}").read_text()
    plain = json.loads(text) if kind == "json" else tomllib.loads(text)
    assert list(plain) == ["preset", "model", "training"]
    assert "vocab_size" not in plain["model"]
    file = read_config(f"c.{kind}")
    assert (file.preset, file.depth) == (name, None)
    assert replace(PRESETS["microgpt"].model, **file.model) == replace(model, vocab_size=27)
    assert replace(PRESETS["microgpt"].training, **file.training) == training


@pytest.mark.parametrize("kind", ["json", "toml"])
def test_a_written_file_makes_the_same_run(kind, capsys):
    flags = ["--preset", "llama", "--n-embd", 16, "--no-norm-final", "--lr", 0.02]
    once = train(capsys, *flags, "--write-config", f"c.{kind}")
    assert train(capsys, "--config", f"c.{kind}") == once
    assert once[0]["positions"] == "rope" and once[0]["norm_final"] is False
    assert once[1]["optimizer"] == "muon" and once[1]["lr"] == 0.02


def test_flags_are_stronger_than_the_file_and_the_file_than_the_preset(capsys, folder):
    (folder / "c.toml").write_text(
        'preset = "llama"\n[model]\nn-layer = 1\nn_embd = 32\n[training]\nclip = 2\nlr = 0.5\n'
    )
    model, training = train(capsys, "--config", "c.toml", "--n-embd", 16, "--lr", 0.01)
    assert (model["n_layer"], model["n_embd"], model["norm"]) == (1, 16, "rms-gain")
    assert (training["clip"], training["lr"], training["warmup"]) == (2.0, 0.01, 40)
    model, _ = train(capsys, "--config", "c.toml", "--preset", "classic")
    assert (model["n_embd"], model["norm"]) == (32, "layer")


def test_depth_in_a_file_and_as_a_flag(capsys, folder):
    (folder / "c.json").write_text('{"preset": "nanochat", "depth": 1}')
    model, _ = train(capsys, "--config", "c.json")
    assert (model["n_layer"], model["n_embd"], model["n_head"]) == (1, 64, 2)
    (folder / "c.json").write_text('{"preset": "nanochat", "model": {"n_layer": 4}}')
    model, training = train(capsys, "--config", "c.json", "--depth", 1)
    assert (model["n_layer"], model["n_embd"], training["optimizer"]) == (1, 64, "muon")


def test_a_run_can_be_resumed_with_the_file_it_was_made_by(capsys):
    train(capsys, "--preset", "llama", "--n-embd", 16, "--write-config", "c.json")
    answer = call(capsys, "--resume", "m", "--config", "c.json", "--samples", 0)
    assert answer.code == 0
    answer = call(capsys, "--resume", "m", "--config", "c.json", "--n-layer", 1)
    assert "A resumed run keeps its model; leave out --n-layer." in answer.sentence()


# ---- mistakes

WRONG = {
    "a name of a section": (
        '{"modle": {}}',
        "c.json: there is no setting called 'modle'; did you mean model?",
    ),
    "a section nobody knows": (
        '{"zzz": {}}',
        "c.json: there is no setting called 'zzz'; it may have preset, depth, model, training.",
    ),
    "a name of a setting": (
        '{"model": {"n_emb": 3}}',
        "c.json: there is no setting in model called 'n_emb'; did you mean n_embd?",
    ),
    "a setting of the other section": (
        '{"model": {"lr": 3}}',
        "c.json: there is no setting in model called 'lr'; it belongs in training.",
    ),
    "a word for a number": (
        '{"model": {"n_embd": "16"}}',
        "c.json: model.n_embd must be a whole number of at least 1 and at most 65536, not '16'.",
    ),
    "a fraction for a whole number": (
        '{"training": {"steps": 1.5}}',
        "c.json: training.steps must be a whole number of at least 0, not 1.5.",
    ),
    "a number for a switch": (
        '{"model": {"bias": 1}}',
        "c.json: model.bias must be true or false, not 1.",
    ),
    "a choice": (
        '{"model": {"activation": "swiglo"}}',
        "not 'swiglo'; did you mean swiglu?",
    ),
    "a preset": ('{"preset": "lama"}', "c.json: there is no preset 'lama'; did you mean llama?"),
    "a preset that is no word": (
        '{"preset": ["llama"]}',
        "there is no preset \"['llama']\"; did you",
    ),
    "nothing": ('{"training": {"dropout": null}}', "it belongs in model."),
    "no number": ('{"training": {"lr": NaN}}', "training.lr must be a number of at least 0, not"),
    "the vocabulary": (
        '{"model": {"vocab_size": 3}}',
        "c.json: vocab_size is decided by the data; leave it out.",
    ),
    "no table": ("[1, 2]", "c.json must hold a table with preset, model and training."),
    "no table within": ('{"model": 3}', "c.json: model must be a table of settings and their"),
    "twice": ('{"model": {"n_embd": 8, "n_embd": 16}}', "c.json: n_embd stands twice; leave one"),
    "twice, otherwise written": ('{"model": {"n_embd": 8, "n-embd": 16}}', "stands twice in model"),
    "bad JSON": ('{"model": {\n "n_embd" 8}}', "delimiter (at line 2, column 11)."),
    "nothing at all": ("", "c.json is not valid JSON: Expecting value (at line 1, column 1)."),
    "deep": ("[" * 100_000, "c.json is not valid JSON"),
    "a dial of another": (
        '{"preset": "llama", "depth": 3}',
        "The setting depth is nanochat's one dial",
    ),
    "too deep": (
        '{"preset": "nanochat", "depth": 3000}',
        "The setting depth must be a whole number of at least 1 and at most 64, not 3000.",
    ),
    "what does not fit": (
        '{"model": {"n_embd": 15}}',
        "The width, 15, does not divide evenly among the 4 heads (n_embd, n_head); change one,",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_mistakes(kind, capsys, folder):
    text, sentence = WRONG[kind]
    (folder / "c.json").write_text(text)
    answer = call(capsys, "--config", "c.json", "--steps", 0, "--data", "names.txt")
    assert answer.code == 1 and "Traceback" not in answer.err and answer.out == ""
    assert sentence in answer.err and answer.err.count("\n") == 1
    assert answer.err.rstrip().endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[model]\nn_embd == 3\n",
            "c.toml is not valid TOML: Invalid value (at line 2, column 9).",
        ),
        ("[model]\nn_embd = 3\nn_embd = 4\n", "c.toml is not valid TOML: Cannot overwrite a value"),
        ("[training]\nlrr = 3\n", "there is no setting in training called 'lrr'; did you mean lr?"),
    ],
)
def test_mistakes_in_toml(text, sentence, folder):
    (folder / "c.toml").write_text(text)
    with pytest.raises(UserError) as found:
        read_config("c.toml")
    assert sentence in str(found.value)


def test_files_that_cannot_be_read_or_written(capsys, folder):
    assert (
        "Could not read nowhere.json (No such file"
        in call(capsys, "--config", "nowhere.json").sentence()
    )
    (folder / "c.json").write_bytes(b"\xff\xfe")
    assert "c.json is not UTF-8 text" in call(capsys, "--config", "c.json").err
    for flag in ("--config", "--write-config"):
        assert ".json or" in call(capsys, flag, "c.yaml", "--steps", 0).sentence()
    (folder / "d.json").mkdir()
    assert "is not a file" in call(capsys, "--write-config", "d.json", "--steps", 0).err
