"""GGUF: there and back to the bit, as the package gguf reads it, and what is refused."""

import math
import struct

import numpy as np
import pytest
from foreign import GPT2, LLAMA, NANOCHAT, assert_same, tiny, tokenizer
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, dequantize
from microgpt import checkpoint as checkpoints
from microgpt import convert
from microgpt.autograd import no_grad
from microgpt.convert.gguf import container, names, settings
from microgpt.convert.gguf.blocks import Encoded
from microgpt.convert.gguf.container import file_parts, read_file
from microgpt.errors import UserError
from microgpt.quantization import Quantized, quantized
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.files.huggingface import DIGIT_BY_DIGIT
from microgpt.tokenizer.special import with_chat_tokens
from program import call

LLAMA3 = {"rope_factor": 8.0, "rope_original": 16, "rope_low": 1.5}
YARN = {"rope_factor": 4.0, "rope_scaling": "yarn", "rope_original": 16, "rope_high": 32.0}
MODELS = {
    "gpt2": (GPT2, {}),
    "gpt2-untied": (GPT2, {"tied_head": False}),
    "llama": (LLAMA, {"n_kv_head": 2}),
    "llama-tied": (LLAMA, {"n_kv_head": 4, "tied_head": True, "head_dim": 24}),
    "llama-biases": (LLAMA, {"n_kv_head": 1, "bias": True}),
    "llama3": (LLAMA, {"n_kv_head": 2, **LLAMA3}),
    "linear": (LLAMA, {"n_kv_head": 2, "rope_factor": 4.0, "rope_scaling": "linear"}),
    "yarn": (LLAMA, {"n_kv_head": 2, **YARN}),
}


def model(name, **more):
    config, changes = MODELS[name]
    return tiny(config, **{**changes, **more})


def written(checkpoint, path):
    convert.save(checkpoint, path, "gguf")
    return GGUFReader(path)


def weights(checkpoint):
    return {name: np.asarray(checkpoint.tensors[name]) for name in checkpoint.shapes()}


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


# ---- what is refused


@pytest.mark.parametrize(
    ("config", "changes", "sentence"),
    [
        (NANOCHAT, {}, "no activation relu2.*no value_embeddings True"),
        (GPT2, {"activation": "gelu"}, "no activation gelu"),
        (LLAMA, {"n_kv_head": 2, "window": "SL", "window_tile": 1}, "no window SL"),
        (LLAMA, {"n_kv_head": 2, "norm_eps": 1.00000001e-5}, "no norm_eps"),
    ],
)
def test_what_llama_cpp_has_not_is_named(config, changes, sentence, tmp_path):
    with pytest.raises(UserError, match=sentence):
        convert.save(tiny(config, **changes), tmp_path / "m.gguf", "gguf")
    assert not (tmp_path / "m.gguf").exists()


def parts_of(path):
    """(values, tensors) of a file, to be changed and written again."""
    values, found = read_file(path)
    values = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}
    return values, {name: Encoded(((np.asarray(t), None),)) for name, t in found.items()}


def changed(path, change):
    values, tensors = parts_of(path)
    change(values, tensors)
    path.write_bytes(b"".join(file_parts(values, tensors)))
    return path


def setting(key, value):
    return lambda values, tensors: values.__setitem__(key, value)


CHANGES = {
    "architecture": (setting("general.architecture", "qwen2"), "architecture 'qwen2' are not"),
    "unknown setting": (setting("llama.logit_scale", 2.0), "no place here for llama.logit_scale"),
    "experts": (setting("llama.expert_count", 8), "llama.expert_count is 8, which"),
    "rope": (setting("llama.rope.dimension_count", 4), "is 4, where a head is 8 wide"),
    "scaling": (
        lambda v, t: v.update({"llama.rope.scaling.type": "x", "llama.rope.scaling.factor": 2.0}),
        "only linear and yarn",
    ),
    "heads": (setting("llama.attention.head_count", 0), "it has 0 heads"),
    "no size": (lambda v, t: v.pop("llama.block_count"), "llama.block_count is missing"),
    "many layers": (setting("llama.block_count", 900), "lacks layers"),
    "sentencepiece": (setting("tokenizer.ggml.model", "llama"), "only byte-level"),
    "pattern": (setting("tokenizer.ggml.pre", "tekken"), "cuts words as 'tekken'"),
    "no tokens": (lambda v, t: v.pop("tokenizer.ggml.tokens"), "has no list of tokens"),
    "twins": (
        lambda v, t: v["tokenizer.ggml.tokens"].__setitem__(3, v["tokenizer.ggml.tokens"][4]),
        "two of its tokens are alike",
    ),
    "types": (lambda v, t: v["tokenizer.ggml.token_type"].pop(), "types of its tokens"),
    "a tensor more": (
        lambda v, t: t.__setitem__("blk.0.attn_q_norm.weight", t["output_norm.weight"]),
        "no place here for blk.0.attn_q_norm.weight",
    ),
    "a tensor less": (lambda v, t: t.pop("blk.1.ffn_up.weight"), "lacks the weights"),
    "shape": (
        lambda v, t: t.__setitem__("blk.0.attn_q.weight", t["blk.0.attn_k.weight"]),
        "attn_q.weight has the shape",
    ),
    "factors": (
        lambda v, t: t.__setitem__("rope_freqs.weight", Encoded(((np.full(4, 3.0), None),))),
        "are not those of Llama 3.1",
    ),
    "not numbers": (
        lambda v, t: t.__setitem__("output_norm.weight", Encoded(((np.full(32, np.nan), None),))),
        "are not all numbers",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_we_have_not_is_named(name, tmp_path):
    change, sentence = CHANGES[name]
    convert.save(model("llama"), tmp_path / "m.gguf", "gguf")
    with pytest.raises(UserError, match=sentence) as error:
        convert.load(changed(tmp_path / "m.gguf", change)).model()
    assert str(error.value).endswith(".")


def test_llama_3_is_known_without_our_own_keys(tmp_path):
    """A file of llama.cpp's own converter holds the factors alone."""
    before = model("llama3", rope_original=8192, rope_low=1.0, block_size=64)
    convert.save(before, tmp_path / "m.gguf", "gguf")

    def drop(values, tensors):
        for key in [key for key in values if key.startswith(settings.OURS)]:
            del values[key]

    assert_same(before, convert.load(changed(tmp_path / "m.gguf", drop)))


def test_rows_of_no_token_are_left_out_and_said(tmp_path):
    def pad(values, tensors):
        values["tokenizer.ggml.tokens"] += ["[PAD]", "[PAD2]"]
        values["tokenizer.ggml.token_type"] += [5, 5]
        del values["llama.vocab_size"]
        for name in ("token_embd.weight", "output.weight"):
            ((array, _),) = tensors[name].weights
            tensors[name] = Encoded(((np.concatenate([array, array[:2]]), None),))

    before = model("llama")
    convert.save(before, tmp_path / "m.gguf", "gguf")
    after = convert.load(changed(tmp_path / "m.gguf", pad))
    assert after.meta["left_out"] == "2 rows that no token of the tokenizer has"
    assert_same(before, after)


def test_other_kinds_of_numbers_are_named(tmp_path):
    path = tmp_path / "m.gguf"
    convert.save(model("llama"), path, "gguf")
    name = b"token_embd.weight"
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name) + 4 + 16
    data[at : at + 4] = struct.pack("<I", 14)
    path.write_bytes(data)
    with pytest.raises(UserError, match="token_embd.weight is kept as Q6_K, and only F32, F16"):
        convert.load(path)


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_a_scale_that_is_no_number_is_refused(kind, tmp_path):
    path, small = tmp_path / "m.gguf", quantized(model("llama", n_embd=64), kind)
    scales = small.tensors["layer0.fc1"].scales
    scales.reshape(-1)[3] = np.inf
    convert.save(small, path, "gguf")
    with pytest.raises(UserError, match="blk.0.ffn_up.weight are not all numbers"):
        convert.load(path).model()


def test_bfloat16_is_read(tmp_path):
    path, before = tmp_path / "m.gguf", model("llama")
    convert.save(before, path, "gguf")
    values, tensors = parts_of(path)
    upper = {
        n: (np.asarray(t.weights[0][0]).view("<u4") >> 16).astype("<u2") for n, t in tensors.items()
    }
    writer = GGUFWriter(tmp_path / "b.gguf", "llama")
    for key, value in values.items():
        add(writer, key, value)
    for name, bits in upper.items():
        writer.add_tensor(name, bits.view(np.uint8), raw_dtype=GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    after = convert.load(tmp_path / "b.gguf")
    found = np.asarray(after.tensors["layer0.fc1"])
    assert np.array_equal(found.view("<u4") >> 16, upper["blk.0.ffn_up.weight"])
    assert not (found.view("<u4") & 0xFFFF).any()


def add(writer, key, value):
    """A value by the other program's writer."""
    if key == "general.architecture":
        return
    kinds = {str: writer.add_string, bool: writer.add_bool, int: writer.add_uint32}
    kinds |= {float: writer.add_float32, list: writer.add_array}
    kinds[type(value)](key, value)


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
