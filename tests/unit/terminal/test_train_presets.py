"""Every preset on the terminal: trained, shown, written with, gone on with."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.cli import main
from microgpt.gpt.parameters import count_by_part, count_parameters, parameter_shapes
from microgpt.inference.generate import generate_rows
from microgpt.presets import PRESETS, preset
from microgpt.terminal.commands.sample import rows_together
from program import NAMES, call
from thorough import some

# The whole preset where it is small; the large one narrowed.
SIZES = {name: [] for name in PRESETS}
NARROW = "--n-embd 24 --n-head 6 --n-kv-head 2 --n-layer 3 --block-size 12".split()  # noqa: SIM905
SIZES["llama-85m"] = NARROW
QUICK = ["--data", "names.txt", "--steps", 4, "--batch-size", 2, "--eval-every", 2, "--quiet"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_from_the_first_step_to_the_samples(name, capsys):
    flags = ["train", "--preset", name, *SIZES[name], *QUICK]
    records = call(capsys, *flags, "--out", "m", "--json", "--samples", 2).records
    assert [r["type"] for r in records if r["type"] != "sample"] == (
        ["eval", "step", "step", "eval", "step", "step", "eval", "done"]
    )
    kept = checkpoints.load("m")
    plain = dict(zip(SIZES[name][::2], SIZES[name][1::2]))
    changes = {flag[2:].replace("-", "_"): int(value) for flag, value in plain.items()}
    vocab = kept.tokenizer().vocab_size
    assert kept.model_config() == replace(PRESETS[name].model, vocab_size=vocab, **changes)
    # In how many parts a batch is computed is chosen for its size, and kept.
    recipe = replace(PRESETS[name].training, steps=4, batch_size=2, eval_every=2, shards=1)
    assert kept.meta["training"] == recipe.to_dict()
    shown = call(capsys, "info", "m")
    assert shown.code == 0
    for tensor in parameter_shapes(kept.model_config()):
        assert f"\n{tensor} " in shown.out
    assert call(capsys, "sample", "m", "-n", 3).code == 0
    assert call(capsys, "attention", "m", "--prompt", "an").code == 0
    assert call(capsys, "embeddings", "m").code == 0


def test_heads_and_ropes_are_flags_that_a_saved_run_keeps(capsys):
    rope = "--rope-scaling yarn --rope-factor 4 --rope-high 32 --rope-original 8".split()  # noqa: SIM905
    flags = ["--preset", "llama", *NARROW, "--head-dim", 10, *rope]
    assert call(capsys, "train", *flags, *QUICK, "--out", "m", "--write-config", "c.json").code == 0
    config = checkpoints.load("m").model_config()
    assert (config.head_dim, config.head_size, config.rope_scaling) == (10, 10, "yarn")
    assert (config.rope_factor, config.rope_high, config.rope_original) == (4, 32, 8)
    again = ["train", "--config", "c.json", *QUICK, "--out", "again"]
    assert call(capsys, *again).code == 0
    assert checkpoints.load("again").model_config() == config
    longer = ["train", "--resume", "m", "--steps", 5, "--quiet", "--samples", 0]
    assert call(capsys, *longer, "--head-dim", 10).code == 0
    refused = call(capsys, *longer, "--head-dim", 8)
    assert refused.code == 2 and "leave out --head-dim" in refused.err


def test_a_file_from_before_a_setting_has_its_usual_value(capsys):
    old = Path(__file__).parents[2] / "data" / "made_before" / "llama.safetensors"
    assert "head_dim" not in checkpoints.load(old).meta["model"]
    answer = call(capsys, "train", "--resume", old, "--preset", "llama", "--out", "m")
    assert answer.code == 2 and "leave out" in answer.err and "--head-dim" not in answer.err


@pytest.mark.parametrize("name", some(("microgpt", "llama", "chat"), PRESETS))
def test_a_preset_goes_on_as_if_never_stopped(name, capsys):
    flags = ["train", "--preset", name, *NARROW, *QUICK, "--dropout", 0.1]
    # A rate that does not know how long the run is; that of Muon always does.
    flags += ["--schedule", "constant", "--optimizer", "adamw", "--samples", 0]
    call(capsys, *flags, "--steps", 5, "--out", "whole")
    call(capsys, *flags, "--steps", 3, "--out", "part")
    assert checkpoints.load("part").meta["progress"]["step"] == 3
    assert call(capsys, "--resume", "part", "--steps", 5, "--quiet", "--samples", 0).code == 0
    part, whole = checkpoints.load("part"), checkpoints.load("whole")
    assert part.tensors.keys() == whole.tensors.keys()
    assert all(np.array_equal(part.tensors[k], whole.tensors[k]) for k in whole.tensors)
    assert part.meta["random"] == whole.meta["random"]


def test_switches_of_a_preset_can_be_turned_off(capsys):
    flags = ["--no-smear", "--no-backout", "--no-qk-norm", "--bias", "--no-bias", "--tied-head"]
    call(capsys, "--preset", "nanochat", "--depth", 1, *flags, *QUICK, "--out", "m")
    config = checkpoints.load("m").model_config()
    assert not (config.smear or config.backout or config.qk_norm or config.bias)
    assert config.tied_head and config.layer_scales
    call(capsys, "--no-norm-embedding", *QUICK, "--out", "m")
    assert not checkpoints.load("m").model_config().norm_embedding


def test_depth_is_for_nanochat(capsys):
    assert preset("nanochat", 2).model == preset("nanochat").model
    answer = call(capsys, "--depth", 1, *QUICK, "--out", "m", "--samples", 0)
    assert answer.code == 0
    config = checkpoints.load("m").model_config()
    assert config == replace(preset("nanochat", 1).model, vocab_size=config.vocab_size)
    answer = call(capsys, "--depth", 2, "--preset", "llama")
    assert answer.code == 2 and "--depth is nanochat's dial" in answer.sentence()
    assert "--depth must be a whole number of at least 1 and at most 64" in (
        call(capsys, "--depth", 65).sentence()
    )


def test_muon_cannot_go_on_as_adam(capsys):
    call(capsys, "--preset", "classic", "--n-embd", 16, *QUICK, "--out", "m", "--samples", 0)
    assert call(capsys, "--resume", "m", "--steps", 5, "--optimizer", "adam").code == 0
    answer = call(capsys, "--resume", "m", "--steps", 6, "--optimizer", "muon")
    assert "What adam has gathered is of no use to muon" in answer.sentence()


# ---- what a preset is


@pytest.mark.parametrize("name", PRESETS)
def test_info_of_a_preset(name, capsys):
    answer = call(capsys, "info", name)
    config = PRESETS[name].model
    count = count_parameters(config)
    assert answer.out.startswith(f"preset {name}: {count:,} parameters with a vocabulary of ")
    assert max(map(len, answer.out.split("\npart")[1].splitlines())) < 60
    found = json.loads(call(capsys, "info", name, "--json").out)
    assert found["parameters"] == count == sum(found["parts"].values())
    assert (
        found["model"] == config.to_dict() and found["training"] == PRESETS[name].training.to_dict()
    )
    assert count_by_part(config) == found["parts"]


def test_the_parts_of_the_large_one(capsys):
    parts = json.loads(call(capsys, "info", "llama-85m", "--json").out)["parts"]
    assert parts["embedding"] == parts["head"] == 32_768 * 768
    assert parts["attention"] == 12 * (2 * 768 * 768 + 2 * 256 * 768)
    assert parts["feed-forward"] == 12 * 3 * 2048 * 768
    assert sum(parts.values()) == 125_848_320


def test_a_file_called_like_a_preset_is_that_file(capsys, folder):
    call(capsys, *QUICK, "--out", "llama", "--samples", 0)
    assert call(capsys, "info", "llama").out.startswith("llama: ")


# ---- rows written together


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    (folder / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    flags = ["--data", folder / "names.txt", "--steps", 60, "--quiet", "--samples", 0]
    assert main([str(f) for f in ["train", *flags, "--out", folder / "m"]]) == 0
    return folder / "m"


@pytest.mark.parametrize("flags", [[], ["--json"], ["--prompt", "an"], ["--max-tokens", 40]])
def test_a_row_is_the_same_whatever_is_written_with_it(flags, model, capsys):
    flags = [*flags, "--temperature", 1.5]
    lines = call(capsys, "sample", model, "--seed", 3, "-n", 70, *flags).out.splitlines()
    assert len(lines) == 70 and len(set(lines)) > 10
    for count in (1, 65):
        some = call(capsys, "sample", model, "--seed", 3, "-n", count, *flags).out.splitlines()
        assert some == lines[:count]
    streamed = call(capsys, "sample", model, "--seed", 3, "-n", 5, "--stream", *flags).out
    assert streamed.splitlines() == lines[:5]
    other = call(capsys, "sample", model, "--seed", 4, "-n", 70, *flags).out.splitlines()
    assert other != lines and lines[1:] != other[:-1], "no seed is another, moved by a row"


def test_rows_are_written_side_by_side(model, capsys, monkeypatch):
    from microgpt.terminal.commands import sample as sample_command

    sizes = []

    def counted(model, tokenizer, rngs, *more, **named):
        sizes.append(len(rngs))
        return generate_rows(model, tokenizer, rngs, *more, **named)

    monkeypatch.setattr(sample_command, "generate_rows", counted)
    call(capsys, "sample", model, "-n", 130)
    assert sizes == [64, 64, 2]


def test_as_many_rows_as_memory_has_room_for():
    assert rows_together(PRESETS["microgpt"].model, np.dtype("f8")) == 64
    large = rows_together(PRESETS["llama-85m"].model, np.dtype("f4"))
    assert 1 <= large < 64
    huge = replace(PRESETS["llama-85m"].model, n_layer=500, block_size=8192)
    assert rows_together(huge, np.dtype("f8")) == 1


def test_a_penalty_on_what_was_written(model, capsys):
    flags = ["--greedy", "-n", 1, "--max-tokens", 12, "--prompt", "an"]
    plain = call(capsys, "sample", model, *flags).out.strip()
    text = call(capsys, "sample", model, *flags, "--repetition-penalty", 1e2).out.strip()
    assert plain[2] in "an", "it repeats a letter"
    assert len(set(text)) == len(text) and text[:2] == "an"
    assert "--repetition-penalty must be" in (
        call(capsys, "sample", model, "--repetition-penalty", 0).sentence()
    )
