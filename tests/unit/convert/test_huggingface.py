"""Hugging Face folders: there and back, in pieces, in sixteen bits, and what is refused."""

import doctest
import json
import sys

import numpy as np
import pytest
from foreign import GPT2, LLAMA, NANOCHAT, assert_same, tiny, tokenizer
from microgpt import convert
from microgpt.convert.huggingface import INDEX, WHOLE, gpt2, llama
from microgpt.convert.huggingface.llama import their_name
from microgpt.convert.writing import write_safetensors
from microgpt.errors import UserError
from microgpt.safetensors import BFLOAT16
from microgpt.serve.models import load_models
from program import call

STRETCHED = {
    "llama3": {"rope_factor": 8.0, "rope_original": 16},
    "linear": {"rope_factor": 4.0, "rope_scaling": "linear"},
    "yarn": {"rope_factor": 4.0, "rope_scaling": "yarn", "rope_original": 16, "rope_high": 32.0},
}
MODELS = {
    "gpt2": (GPT2, {}),
    "gpt2-untied": (GPT2, {"tied_head": False, "activation": "gelu"}),
    "llama": (LLAMA, {"n_kv_head": 2}),
    "llama-tied": (LLAMA, {"n_kv_head": 4, "tied_head": True, "head_dim": 24}),
    "llama-biases": (LLAMA, {"n_kv_head": 1, "bias": True}),
    **{name: (LLAMA, {"n_kv_head": 2, **rope}) for name, rope in STRETCHED.items()},
}


def test_the_examples_in_the_texts():
    assert all(doctest.testmod(module) == (0, 1) for module in (llama, gpt2))


@pytest.fixture
def folder(tmp_path):
    """A small Llama in Hugging Face's words."""
    path = tmp_path / "llama"
    convert.save(tiny(LLAMA), path, "huggingface")
    return path


def settings(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refused(path):
    with pytest.raises(UserError) as problem:
        convert.load(path)
    assert str(problem.value).endswith(".")
    return str(problem.value)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_there_and_back_nothing_changes(name, dtype, tmp_path):
    config, changes = MODELS[name]
    known = tiny(config, dtype=dtype, **changes)
    convert.save(known, tmp_path / "theirs", "huggingface")
    found = convert.load(tmp_path / "theirs")
    assert_same(known, found, name)
    convert.save(found, tmp_path / "ours.safetensors", "microgpt")
    assert_same(known, convert.load(tmp_path / "ours.safetensors"), name)
    assert convert.recognise(tmp_path / "theirs" / WHOLE) == "huggingface"


def test_a_model_of_another_family_is_refused_by_what_it_has(tmp_path):
    with pytest.raises(UserError, match="qk_norm True.*no smear True.*no softcap 15.0"):
        convert.save(tiny(NANOCHAT), tmp_path / "x", "huggingface")
    assert not (tmp_path / "x").exists()


def stored(folder):
    found = convert.load(folder)
    return {their_name(name): np.asarray(found.tensors[name]) for name in found.shapes()}


def test_weights_in_several_files(folder):
    known, tensors = convert.load(folder), stored(folder)
    names = {name: f"model-{i % 2}.safetensors" for i, name in enumerate(tensors)}
    for file in set(names.values()):
        part = {name: tensors[name] for name in tensors if names[name] == file}
        write_safetensors(folder / file, part, {})
    (folder / WHOLE).unlink()
    (folder / INDEX).write_text(json.dumps({"weight_map": names}))
    assert_same(known, convert.load(folder))
    names["lm_head.weight"] = "model-1.safetensors"
    (folder / INDEX).write_text(json.dumps({"weight_map": names | {"x": "model-0.safetensors"}}))
    assert "does not have the tensors its index says" in refused(folder)
    (folder / INDEX).write_text(json.dumps({"weight_map": {"x": "../../etc/passwd"}}))
    assert "no weight_map" in refused(folder)
    (folder / INDEX).unlink()
    assert "weights are read from safetensors alone" in refused(folder)


@pytest.mark.parametrize("kind", ["F16", "BF16"])
def test_weights_in_sixteen_bits(folder, kind):
    known, tensors = convert.load(folder), stored(folder)

    def short(array):
        if kind == "F16":
            return array.astype(np.float16)
        return (array.view(np.uint32) >> 16).astype("<u2").view(BFLOAT16)

    write_safetensors(folder / WHOLE, {name: short(a) for name, a in tensors.items()}, {})
    found = convert.load(folder)
    assert found.dtype == np.float32
    for name in known.shapes():
        exact = np.asarray(known.tensors[name])
        near = np.asarray(found.tensors[name])
        assert near.dtype == np.float32 and np.allclose(near, exact, rtol=2**-7, atol=1e-6), name
        assert name.endswith("gain") or not np.array_equal(near, exact), name


def test_rows_that_no_token_has_are_cut_off_and_named(folder, tmp_path, capsys):
    known, tensors = convert.load(folder), stored(folder)
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        tensors[name] = np.concatenate([tensors[name], np.ones((5, 32), np.float32)])
    write_safetensors(folder / WHOLE, tensors, {})
    assert "has 267 rows, and config.json says 262 tokens" in refused(folder)
    settings(folder, vocab_size=267)
    assert_same(known, convert.load(folder))
    answer = call(capsys, "convert", folder, tmp_path / "a.safetensors")
    assert answer.code == 0 and "Left out: 5 rows that no token" in answer.err


def test_tensors_without_a_place_are_named(folder):
    tensors = stored(folder)
    write_safetensors(folder / WHOLE, tensors | {"model.layers.0.extra": np.zeros(3)}, {})
    assert "no place here for model.layers.0.extra" in refused(folder)
    mask = {"model.layers.1.self_attn.rotary_emb.inv_freq": np.zeros(3, np.float32)}
    write_safetensors(folder / WHOLE, tensors | mask, {})
    convert.load(folder)
    del tensors["model.layers.1.mlp.up_proj.weight"]
    write_safetensors(folder / WHOLE, tensors, {})
    assert "lacks the weights that are layer1.fc1 here" in refused(folder)


def test_a_head_that_is_said_to_be_the_embedding_must_be(tmp_path):
    folder = tmp_path / "llama"
    convert.save(tiny(LLAMA, tied_head=True), folder, "huggingface")
    tensors = stored(folder)
    head = {"lm_head.weight": tensors["model.embed_tokens.weight"]}
    write_safetensors(folder / WHOLE, tensors | head, {})
    convert.load(folder)
    head = {"lm_head.weight": 2 * tensors["model.embed_tokens.weight"]}
    write_safetensors(folder / WHOLE, tensors | head, {})
    assert "no place here for lm_head.weight" in refused(folder)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model_type": "gemma"}, "type 'gemma' are not supported"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
        ({"sliding_window": 8}, "sliding_window is 8"),
        ({"layer_types": ["sliding_attention"]}, "sliding_attention"),
        ({"mlp_bias": True}, "attention_bias and mlp_bias differ"),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 2.0}}, "'dynamic' is not"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "mscale": 1.0}}, "mscale is 1.0"),
        ({"quantization_config": {"bits": 4}}, "quantization_config is"),
        ({"num_hidden_layers": 10**9}, "n_layer"),
        ({"num_hidden_layers": 1000}, "lacks layers"),
        ({"hidden_size": "32"}, "hidden_size is '32', and must be a whole number"),
        ({"hidden_size": 16}, "have the shape [262, 32], where the settings say [262, 16]"),
    ],
)
def test_what_our_model_cannot_do_is_named(folder, change, named):
    settings(folder, **change)
    assert named in refused(folder)


def test_values_that_are_no_numbers_are_refused(folder):
    tensors = stored(folder)
    tensors["model.norm.weight"][3] = np.nan
    write_safetensors(folder / WHOLE, tensors, {})
    with pytest.raises(UserError, match="model.norm.weight are not all numbers"):
        convert.load(folder).model()


def test_a_folder_without_a_tokenizer_of_ours_says_what_it_has(folder):
    (folder / "tokenizer.json").unlink()
    needed = "; a byte-level tokenizer is needed."
    assert refused(folder) == f"{folder} has no tokenizer.json or vocab.json{needed}"
    (folder / "tokenizer.model").write_bytes(b"\n\x00")
    assert refused(folder).endswith(f", only SentencePiece's tokenizer.model{needed}")


def test_a_chat_template_is_ours_or_is_named(tmp_path, capsys):
    known = tiny(LLAMA, tokenizer(chat=True))
    known.meta["data"]["split"] = "conversations"
    folder = tmp_path / "chat"
    convert.save(known, folder, "huggingface")
    found = convert.load(folder)
    assert found.meta["data"]["split"] == "conversations" and "chat_template" not in found.meta
    (folder / "chat_template.jinja").write_text("{{ '<|im_start|>' + messages[0]['role'] }}")
    found = convert.load(folder)
    assert found.meta["data"]["split"] == "none" and "(ChatML)" in found.meta["chat_template"]
    assert "(ChatML)" in call(capsys, "convert", folder, tmp_path / "a.safetensors").sentence()
    assert not (tmp_path / "a.safetensors").exists()
    answer = call(capsys, "convert", folder, tmp_path / "a.safetensors", "--without-chat-template")
    assert answer.code == 0, answer
    assert "(ChatML)" in call(capsys, "chat", folder).sentence()


def test_commands_take_a_folder_as_it_is(folder, capsys):
    for words in (["sample", "-n", 1, "--max-tokens", 3], ["attention", "--prompt", "hello"]):
        answer = call(capsys, words[0], folder, *words[1:])
        assert answer.code == 0 and answer.out, answer
    assert "a Hugging Face folder (llama)" in call(capsys, "info", folder).out
    text = folder / "text.txt"
    text.write_text("hello the cats\n" * 20)
    answer = call(capsys, "finetune", "chat", folder, "--lora-rank", 2)
    assert "Adapters need a base in a file of ours" in answer.sentence()
    answer = call(capsys, "evaluate", folder, "--data", text)
    assert answer.code == 0 and "bits" in answer.out, answer


def test_check_says_what_to_install(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setitem(sys.modules, "torch", None)
    sentence = call(capsys, "convert", folder, tmp_path / "a.safetensors", "--check").sentence()
    assert "needs the packages torch and transformers, and torch is not" in sentence
    assert "`pip install torch transformers`" in sentence and (tmp_path / "a.safetensors").exists()


def test_a_served_folder_keeps_its_name(folder):
    folder = folder.rename(folder.with_name("Llama-3.2-1B"))
    assert list(load_models([str(folder)])) == ["Llama-3.2-1B"]


def test_a_folder_with_more_weights_than_memory_is_refused(folder, monkeypatch, capsys):
    monkeypatch.setattr("microgpt.convert.memory.available_memory", lambda: 1000)
    sentence = call(capsys, "sample", folder).sentence()
    assert "weights: as float32 they take 0.0 GB of memory, and there are 0.0 GB" in sentence
    assert call(capsys, "info", folder).code == 0


def test_out_is_neither_in_nor_something_else(folder, tmp_path, capsys):
    assert (
        "IN and OUT are the same"
        in call(capsys, "convert", folder, folder, "--to=huggingface").sentence()
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "poem").write_text("x")
    sentence = call(capsys, "convert", folder, tmp_path / "mine", "--to", "huggingface").sentence()
    assert "is there already" in sentence and "--force" in sentence
    assert "Name one with --to" in call(capsys, "convert", folder, tmp_path / "a").sentence()
    assert (
        "no format 'lama'"
        in call(capsys, "convert", folder, tmp_path / "a", "--to", "lama").sentence()
    )
