"""GGUF: there and back to the bit, and as the package gguf reads it."""

import math

import numpy as np
import pytest
from foreign import LLAMA, assert_same, tiny, tokenizer
from gguf import dequantize
from gguf_models import MODELS, model, weights, written
from microgpt import checkpoint as checkpoints
from microgpt import convert
from microgpt.autograd import no_grad
from microgpt.convert.gguf import container, names, settings
from microgpt.errors import UserError
from microgpt.quantization import Quantized, quantized
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.files.huggingface import DIGIT_BY_DIGIT
from microgpt.tokenizer.special import with_chat_tokens
from program import call


@pytest.mark.parametrize("name", MODELS)
def test_there_and_back_to_the_bit(name, tmp_path):
    before, path = model(name), tmp_path / "m.gguf"
    convert.save(before, path, "gguf")
    assert convert.recognise(path) == "gguf"
    after = convert.load(path)
    assert_same(before, after, name)
    (tmp_path / "other").mkdir()
    convert.save(after, tmp_path / "other" / "m.gguf", "gguf")
    assert (tmp_path / "other" / "m.gguf").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", MODELS)
def test_the_package_gguf_reads_the_same_tensors_and_values(name, tmp_path):
    checkpoint = model(name)
    reader = written(checkpoint, tmp_path / "m.gguf")
    config, family = checkpoint.model_config(), "gpt2" if "gpt2" in name else "llama"
    found = {tensor.name: tensor for tensor in reader.tensors}
    if name == "llama3":
        factors = found.pop("rope_freqs.weight").data.tolist()
        assert factors == pytest.approx([*llama3_factors(config)], rel=1e-6)
    parts = {}
    for ours, array in weights(checkpoint).items():
        order = names.row_order(ours, config, family)
        theirs = names.their_name(ours, family)
        parts.setdefault(theirs, []).append(array if order is None else array[order])
    assert found.keys() == parts.keys()
    for theirs, arrays in parts.items():
        array = np.concatenate(arrays)
        assert found[theirs].shape.tolist() == list(array.shape[::-1])
        assert np.array_equal(found[theirs].data, array), theirs
    values = {key: field.contents() for key, field in reader.fields.items()}
    assert values["general.architecture"] == family
    for ours, theirs in settings.SIZES.items():
        expected = {"n_kv_head": config.kv_heads}.get(ours, getattr(config, ours))
        assert values[f"{family}.{theirs}"] == expected
    assert len(values["tokenizer.ggml.tokens"]) == config.vocab_size
    assert values["tokenizer.ggml.merges"] == ["h e", "l l", "he ll", "hell o", "Ġ t"]
    assert values["tokenizer.ggml.tokens"][-1] == "<|bos|>"
    assert values["tokenizer.ggml.bos_token_id"] == config.vocab_size - 1


def llama3_factors(config):
    """As convert_hf_to_gguf works them out, in plain Python."""
    for pair in range(config.head_size // 2):
        frequency = config.rope_base ** (-2 * pair / config.head_size)
        wave = 2 * math.pi / frequency
        if wave < config.rope_original / config.rope_high:
            yield 1.0
        elif wave > config.rope_original / config.rope_low:
            yield config.rope_factor
        else:
            smooth = (config.rope_original / wave - config.rope_low) / (
                config.rope_high - config.rope_low
            )
            yield 1 / ((1 - smooth) / config.rope_factor + smooth)


@pytest.mark.parametrize(
    ("kind", "group", "theirs"),
    [("int8", 32, "Q8_0"), ("int4", 32, "Q4_0"), ("int4", 64, "Q4_0"), ("float16", 32, "F16")],
)
@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_what_export_made_goes_over_bit_for_bit(name, kind, group, theirs, tmp_path):
    whole = model(name, n_embd=96, mlp_hidden=160)
    small = quantized(whole, kind, group)
    reader = written(small, tmp_path / "m.gguf")
    found = {tensor.name: tensor for tensor in reader.tensors}
    family = settings.family_of(small.model_config())
    assert found["blk.0.ffn_up.weight"].tensor_type.name == theirs
    assert found["token_embd.weight"].tensor_type.name == {"Q4_0": "Q8_0"}.get(theirs, theirs)
    assert found["output_norm.weight"].tensor_type.name == "F32"
    after = convert.load(tmp_path / "m.gguf")
    for ours, numbers in weights(small).items():
        assert np.array_equal(after.tensors[ours], numbers), ours
        tensor = found[names.their_name(ours, family)]
        if ours.endswith(("fc1", "fc2", "wo", "wte")):  # by the other program's own arithmetic
            assert np.array_equal(dequantize(tensor.data, tensor.tensor_type), numbers), ours
    assert reader.fields["general.file_type"].contents() == {"F16": 1, "Q4_0": 2, "Q8_0": 7}[theirs]


def test_rows_that_are_no_whole_blocks_stay_float32(tmp_path):
    whole = model("llama", n_embd=40, mlp_hidden=64, head_dim=10, n_head=4, n_kv_head=2)
    small = quantized(whole, "int4", 48)
    kinds = {t.name: t.tensor_type.name for t in written(small, tmp_path / "m.gguf").tensors}
    assert set(kinds.values()) == {"F32"}
    after = convert.load(tmp_path / "m.gguf")
    assert all(np.array_equal(after.tensors[n], a) for n, a in weights(small).items())


def test_a_quantized_tensor_is_never_in_memory_whole(tmp_path):
    """What is read is the file's: no array of the model is made before its numbers are wanted."""
    convert.save(quantized(model("llama", n_embd=64), "int8"), tmp_path / "m.gguf", "gguf")
    for tensor in convert.open_checkpoint(tmp_path / "m.gguf").tensors.values():
        assert not isinstance(tensor, Quantized | np.ndarray) or tensor.size == 0


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_the_scores_are_the_same(name, tmp_path):
    before = model(name)
    convert.save(before, tmp_path / "m.gguf", "gguf")
    ids = np.arange(12)[None] * 7 % before.model_config().vocab_size
    with no_grad():
        one, other = (
            c.model().logits(ids).data for c in (before, convert.load(tmp_path / "m.gguf"))
        )
    assert np.array_equal(one, other)


# ---- tokenizers


def test_characters_of_one_byte_are_a_vocabulary_without_merges(tmp_path):
    words = CharTokenizer("abc xyz\n")
    before = tiny(LLAMA, words, n_kv_head=2)
    reader = written(before, tmp_path / "m.gguf")
    values = {key: field.contents() for key, field in reader.fields.items()}
    assert values["tokenizer.ggml.tokens"] == [*"ĊĠabcxyz", "<|bos|>"]
    assert values["tokenizer.ggml.merges"] == []
    after = convert.load(tmp_path / "m.gguf").tokenizer()
    assert isinstance(after, CharTokenizer)
    assert (after.chars, after.specials) == (words.chars, words.specials)


def test_wider_characters_are_refused_by_name(tmp_path):
    with pytest.raises(UserError, match="'éü' are more than one byte"):
        convert.save(tiny(LLAMA, CharTokenizer("abéü"), n_kv_head=2), tmp_path / "m.gguf", "gguf")


@pytest.mark.parametrize(
    ("pattern", "pre"),
    [("gpt2", "gpt-2"), ("llama3", "llama-bpe"), (DIGIT_BY_DIGIT, "smollm")],
)
def test_the_pattern_goes_by_llama_cpps_name(pattern, pre, tmp_path):
    before = tiny(LLAMA, tokenizer(pattern), n_kv_head=2)
    reader = written(before, tmp_path / "m.gguf")
    assert reader.fields["tokenizer.ggml.pre"].contents() == pre
    assert_same(before, convert.load(tmp_path / "m.gguf"))


@pytest.mark.parametrize("pattern", ["nanochat", "digits", "o200k", "none"])
def test_a_pattern_that_llama_cpp_does_not_have_is_refused(pattern, tmp_path):
    with pytest.raises(UserError, match="llama.cpp does not cut words"):
        convert.save(tiny(LLAMA, tokenizer(pattern), n_kv_head=2), tmp_path / "m.gguf", "gguf")


@pytest.mark.parametrize("words", [tokenizer(chat=True), with_chat_tokens(CharTokenizer("ab "))])
def test_a_chat_model_takes_its_template_with_it(words, tmp_path):
    before = tiny(LLAMA, words, n_kv_head=2)
    before.meta["data"]["split"] = "conversations"
    reader = written(before, tmp_path / "m.gguf")
    values = {key: field.contents() for key, field in reader.fields.items()}
    assert "<|user_start|>" in values["tokenizer.chat_template"]
    assert values["tokenizer.ggml.eos_token_id"] == words.specials["<|assistant_end|>"]
    after = convert.load(tmp_path / "m.gguf")
    assert after.meta["data"]["split"] == "conversations"
    assert after.tokenizer().specials == words.specials


# ---- the commands


def test_the_commands_read_it(tmp_path, capsys):
    words = tokenizer(chat=True)
    before = tiny(LLAMA, words, n_kv_head=2)
    checkpoints.save(before, tmp_path / "m.safetensors")
    path = tmp_path / "m.gguf"
    answer = call(capsys, "convert", tmp_path / "m.safetensors", path)
    assert answer.code == 0 and "as gguf" in answer.err
    flags = ("--greedy", "-n", 1, "--max-tokens", 12, "--prompt", "hello")
    texts = [
        call(capsys, "sample", file, *flags).out for file in (path, tmp_path / "m.safetensors")
    ]
    assert texts[0] == texts[1] != ""
    assert "a GGUF file (llama)" in call(capsys, "info", path).out
    refused = call(capsys, "convert", path, tmp_path / "none", "--to", "ggml")
    assert "There is no format 'ggml'" in refused.sentence()
    assert call(capsys, "convert", path, tmp_path / "n.safetensors").code == 0
    assert_same(before, checkpoints.load(str(tmp_path / "n.safetensors")))
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(path.read_bytes()[:3000])
    assert "is cut short" in call(capsys, "info", cut).sentence()


def test_values_larger_than_what_is_read_ahead(tmp_path, monkeypatch):
    before = model("gpt2")
    convert.save(before, tmp_path / "m.gguf", "gguf")
    monkeypatch.setattr(container, "AHEAD", 50)
    assert_same(before, convert.load(tmp_path / "m.gguf"))
