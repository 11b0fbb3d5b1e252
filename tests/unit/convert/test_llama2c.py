"""llama2.c's model.bin: there and back, its three versions, and what it has no word for."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from foreign import LLAMA, assert_same, tiny
from microgpt import convert
from microgpt.convert import llama2c
from microgpt.convert.llama2c import _neighbours, _places
from microgpt.errors import UserError
from microgpt.tokenizer.files.formats import write as write_tokenizer
from program import call

PLAIN = replace(LLAMA, rope_base=10_000.0, norm_eps=1e-5)


def small(**changes):
    return tiny(PLAIN, **{"n_kv_head": 2, **changes})


@pytest.mark.parametrize("tied", [False, True])
def test_there_and_back_nothing_changes(tied, tmp_path):
    known = small(tied_head=tied)
    convert.save(known, tmp_path, "llama2c")
    assert convert.recognise(tmp_path) == convert.recognise(tmp_path / "model.bin") == "llama2c"
    assert_same(known, convert.load(tmp_path))
    convert.save(convert.load(tmp_path), tmp_path / "again", "llama2c")
    ours, again = (folder / "model.bin" for folder in (tmp_path, tmp_path / "again"))
    assert ours.read_bytes() == again.read_bytes()


def scores_of_c(path, ids):
    """The scores of a version 0 file, computed as the C program does, in plain loops."""
    data = path.read_bytes()
    width, hidden, layers, heads, kv_heads, vocab, positions = struct.unpack_from("<7i", data)
    numbers, at = np.frombuffer(data, "<f4", offset=28).astype(np.float64), 0

    def take(*shape):
        nonlocal at
        at += int(np.prod(shape))
        return numbers[at - int(np.prod(shape)) : at].reshape(shape)

    size, shared = width // heads, vocab > 0
    vocab = abs(vocab)
    embedding, norm1 = take(vocab, width), take(layers, width)
    wq, wk = take(layers, width, width), take(layers, kv_heads * size, width)
    wv, wo = take(layers, kv_heads * size, width), take(layers, width, width)
    norm2, w1 = take(layers, width), take(layers, hidden, width)
    w2, w3 = take(layers, width, hidden), take(layers, hidden, width)
    last = take(width)
    take(2, positions, size // 2)
    head = embedding if shared else take(vocab, width)
    assert at == len(numbers)

    def norm(x, gain):
        return gain * x / np.sqrt((x * x).mean() + 1e-5)

    keys, values, scores = [[] for _ in range(layers)], [[] for _ in range(layers)], []
    for position, id in enumerate(ids):
        x = embedding[id].copy()
        for i in range(layers):
            h = norm(x, norm1[i])
            q, k, v = wq[i] @ h, wk[i] @ h, wv[i] @ h
            for vector in (q, k):
                for j in range(0, len(vector), 2):
                    turn = position / 10_000.0 ** (j % size / size)
                    a, b = vector[j], vector[j + 1]
                    vector[j] = a * np.cos(turn) - b * np.sin(turn)
                    vector[j + 1] = a * np.sin(turn) + b * np.cos(turn)
            keys[i].append(k)
            values[i].append(v)
            out = np.zeros(width)
            for h_ in range(heads):
                kv = slice(h_ * kv_heads // heads * size, (h_ * kv_heads // heads + 1) * size)
                part = slice(h_ * size, (h_ + 1) * size)
                weights = np.array([q[part] @ key[kv] for key in keys[i]]) / np.sqrt(size)
                weights = np.exp(weights - weights.max())
                weights /= weights.sum()
                out[part] = sum(w * value[kv] for w, value in zip(weights, values[i]))
            x += wo[i] @ out
            h = norm(x, norm2[i])
            gate = w1[i] @ h
            x += w2[i] @ (gate / (1 + np.exp(-gate)) * (w3[i] @ h))
        scores.append(head @ norm(x, last))
    return np.array(scores)


def test_the_scores_are_those_of_the_c_program(tmp_path):
    known = small()
    convert.save(known, tmp_path, "llama2c")
    ids = np.random.default_rng(1).integers(0, known.tokenizer().vocab_size, 12)
    ours = convert.load(tmp_path).model(np.float64).logits(ids[None]).data
    assert np.abs(ours - scores_of_c(tmp_path / "model.bin", ids)).max() < 1e-10


def later(known, version, group=8):
    """The bytes of a file of version 1 or 2, written from the description of the format."""
    config = known.model_config()
    sizes = config.n_embd, config.hidden, config.n_layer, config.n_head, config.kv_heads
    head = struct.pack("<Ii7i", 0x616B3432, version, *sizes, config.vocab_size, config.block_size)
    head += struct.pack("<Bi", config.tied_head, group)
    places, parts, scales = _places(config, version, group)[0], [], []
    for name in sorted(places, key=lambda name: places[name][0]):
        array = np.asarray(known.tensors[name])
        if name.endswith((".wq", ".wk")):
            array = _neighbours(array, len(array) // config.head_size)
        if version == 2 and array.ndim > 1:
            rows = array.reshape(-1, group)
            scale = np.abs(rows).max(1, keepdims=True) / 127
            parts.append(np.rint(rows / scale).astype(np.int8).tobytes())
            scales.append(scale.astype("<f4").tobytes())
        else:
            parts.append(array.tobytes())
    return head.ljust(256, b"\0") + b"".join(parts + scales)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("version", [1, 2])
def test_later_versions_are_read(version, tied, tmp_path):
    known = small(tied_head=tied)
    (tmp_path / "model.bin").write_bytes(later(known, version))
    words = write_tokenizer(known.tokenizer(), "microgpt")[""]
    (tmp_path / "tokenizer.json").write_bytes(words)
    found = convert.load(tmp_path)
    if version == 1:
        return assert_same(known, found)
    for name in known.shapes():
        exact, near = np.asarray(known.tensors[name]), np.asarray(found.tensors[name])
        assert np.abs(exact - near).max() <= 0.51 * np.abs(exact).max() / 127, name


def test_what_the_format_has_no_word_for_is_named(tmp_path):
    with pytest.raises(UserError, match="no rope_base 500000.0"):
        convert.save(tiny(LLAMA), tmp_path / "x", "llama2c")
    with pytest.raises(UserError, match="no bias True"):
        convert.save(small(bias=True), tmp_path / "x", "llama2c")
    assert not (tmp_path / "x").exists()


def test_numbers_that_are_rounded_are_mentioned(tmp_path, capsys):
    convert.save(tiny(PLAIN, dtype=np.float64), tmp_path / "a.safetensors", "microgpt")
    answer = call(capsys, "convert", tmp_path / "a.safetensors", tmp_path / "b", "--to", "llama2c")
    assert answer.code == 0 and "Rounded to float32: this format has no float64." in answer.err
    answer = call(capsys, "convert", tmp_path / "b", tmp_path / "c", "--to", "huggingface")
    assert answer.code == 0 and "Rounded" not in answer.err


def test_a_file_of_another_length_is_none(tmp_path):
    convert.save(small(), tmp_path, "llama2c")
    path, data = tmp_path / "model.bin", (tmp_path / "model.bin").read_bytes()
    path.write_bytes(data[:-1])
    assert not llama2c.reads(tmp_path)
    path.write_bytes(later(small(), 1)[:-1])
    with pytest.raises(UserError, match="cut short, or longer"):
        convert.load(tmp_path)
    path.write_bytes(later(small(), 3))
    with pytest.raises(UserError, match="of version 3"):
        convert.load(tmp_path)
    path.write_bytes(data)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="tokenizer.bin of llama2.c cannot be expressed"):
        convert.load(tmp_path)
