"""GGUF files that are refused, or read in part: each says in a sentence what stands in the way."""

import struct

import numpy as np
import pytest
from foreign import GPT2, LLAMA, NANOCHAT, assert_same, tiny
from gguf import GGMLQuantizationType, GGUFWriter
from gguf_models import model
from microgpt import convert
from microgpt.convert.gguf import settings
from microgpt.convert.gguf.blocks import Encoded
from microgpt.convert.gguf.container import file_parts, read_file
from microgpt.errors import UserError
from microgpt.quantization import quantized

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
