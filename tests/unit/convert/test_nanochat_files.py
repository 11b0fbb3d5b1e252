"""nanochat's and gonanochat's files: there and back, and pickles that are read but never run."""

import doctest
import json
import zipfile

import numpy as np
import pytest
from foreign import LLAMA, NANOCHAT, assert_same, tiny, tokenizer
from microgpt import convert
from microgpt.convert import nanochat
from microgpt.convert.pickles import Call, read_pickle, write_pickle
from microgpt.convert.tensors import made
from microgpt.convert.torch_files import read_pt, write_pt
from microgpt.errors import UserError
from program import call

EXACT = {"window_tile": 128, "mlp_hidden": 0, "norm_eps": 1.1920929e-07}


def small(dtype=np.float32, **changes):
    words = tokenizer("nanochat", chat=True)
    return tiny(NANOCHAT, words, dtype, **{**EXACT, "n_layer": 3, **changes})


def refused(path):
    with pytest.raises(UserError) as problem:
        convert.load(path)
    assert str(problem.value).endswith(".")
    return str(problem.value)


def test_the_examples_in_the_texts():
    assert doctest.testmod(nanochat) == (0, 1)


@pytest.mark.parametrize("name", ["nanochat", "gonanochat"])
@pytest.mark.parametrize("changes", [{}, {"window": "L", "norm_eps": 1e-6}, {"n_kv_head": 4}])
def test_there_and_back_nothing_changes(name, changes, tmp_path):
    if name == "nanochat":
        changes = {key: value for key, value in changes.items() if key != "norm_eps"}
    known = small(**changes)
    convert.save(known, tmp_path / "theirs", name)
    assert convert.recognise(tmp_path / "theirs") == name
    found = convert.load(tmp_path / "theirs")
    assert_same(known, found, name)
    assert found.meta["data"]["split"] == "conversations"
    convert.save(found, tmp_path / "ours.safetensors", "microgpt")
    assert_same(known, convert.load(tmp_path / "ours.safetensors"), name)


def test_float64_is_kept_where_the_file_can_hold_it(tmp_path):
    known = small(np.float64)
    convert.save(known, tmp_path / "theirs", "nanochat")
    assert_same(known, convert.load(tmp_path / "theirs"))


def test_padding_of_the_vocabulary_is_there_in_the_file_alone(tmp_path):
    known = small()
    convert.save(known, tmp_path, "nanochat")
    rows = {name: tensor.shape[0] for name, tensor in read_pt(tmp_path / nanochat.FIRST).items()}
    assert known.tokenizer().vocab_size == 270
    assert rows["transformer.wte.weight"] == rows["lm_head.weight"] == 320
    assert rows["value_embeds.2.weight"] == rows["value_embeds.0.weight"] == 320


def test_commands_take_them_as_they_are(tmp_path, capsys):
    convert.save(small(), tmp_path / "a", "nanochat")
    answer = call(capsys, "convert", tmp_path / "a", tmp_path / "b", "--to", "gonanochat")
    assert answer.code == 0 and "as gonanochat" in answer.err
    answers = [
        call(capsys, "sample", tmp_path / x, "-n", 1, "--max-tokens", 5, "--temperature", 0)
        for x in ("a", "b", "b/model.bin")
    ]
    assert len({answer.out for answer in answers}) == 1 and answers[0].code == 0
    assert "a nanochat checkpoint" in call(capsys, "info", tmp_path / "a").out


def test_other_models_are_refused_by_what_they_have(tmp_path):
    for name in ("nanochat", "gonanochat"):
        with pytest.raises(UserError, match="no norm rms-gain.*no activation swiglu"):
            convert.save(tiny(LLAMA), tmp_path / name, name)
    convert.save(small(block_size=512, window_tile=64), tmp_path / "same", "nanochat")
    with pytest.raises(UserError, match="no window_tile 64"):
        convert.save(small(block_size=256, window_tile=64), tmp_path / "x", "nanochat")
    with pytest.raises(UserError, match="no norm_eps 1e-05"):
        convert.save(small(norm_eps=1e-5), tmp_path / "x", "nanochat")


def test_tensors_without_a_place_and_missing_files_are_named(tmp_path):
    convert.save(small(), tmp_path, "nanochat")
    path = tmp_path / nanochat.FIRST
    tensors = read_pt(path)
    write_pt(path, {name: made(t.shape, t.dtype, lambda t=t: t) for name, t in tensors.items()})
    convert.load(tmp_path)
    write_pt(path, {"mtp.weight": np.zeros(3, np.float32)} | dict.fromkeys(tensors, np.zeros(1)))
    assert "no place here for mtp.weight" in refused(tmp_path)
    (tmp_path / nanochat.TOKENIZER).unlink()
    assert "no tokenizer.pkl and no tokenizer.json" in refused(tmp_path)
    (tmp_path / "meta_000000.json").unlink()
    assert "meta_000000.json is missing" in refused(tmp_path)
    (tmp_path / "model_000007.pt").write_bytes(b"\x80\x02.")
    with pytest.raises(UserError, match="another step"):
        convert.save(small(), tmp_path, "nanochat")


def with_pickle(folder, data):
    """A model of nanochat whose pickle is another."""
    convert.save(small(), folder, "nanochat")
    with zipfile.ZipFile(folder / nanochat.FIRST) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(folder / nanochat.FIRST, "w") as new:
        for name, part in parts.items():
            new.writestr(name, data if name.endswith("data.pkl") else part)


def test_a_pickle_that_wants_to_run_something_is_refused_by_what(tmp_path):
    mark = tmp_path / "ran"
    evil = write_pickle({"a": Call("os system", (f"touch {mark}",))}, 2)
    with_pickle(tmp_path / "m", evil)
    assert "wants to call 'os system'" in refused(tmp_path / "m")
    with_pickle(tmp_path / "n", write_pickle({"a": Call("torch.nn Linear", (1, 2))}, 2))
    assert "wants to call 'torch.nn Linear'" in refused(tmp_path / "n")
    convert.save(small(), tmp_path / "o", "nanochat")
    (tmp_path / "o" / nanochat.TOKENIZER).write_bytes(evil)
    assert "wants to call 'os system'" in refused(tmp_path / "o")
    assert not mark.exists()


def test_a_pickle_is_read_without_python_s_own():
    value = {"a": (1, -2, 2**40, True, False, None, b"x\0", "é"), "b": {}, 3: ()}
    assert read_pickle(write_pickle(value, 3), {}, "a") == value
    for data, named in (
        (b"(i__main__\nf\n.", "INST"),
        (b"\x82\x01.", "EXT1"),
        (b"Pid\n.", "PERSID"),
    ):
        with pytest.raises(UserError, match=f"the opcode {named}"):
            read_pickle(data, {}, "a")
    for data in (b"", b".", b"N", b"(.", b"NN.", b"h\0.", b"}s.", b"I1\n" + b"q\0" * 9):
        with pytest.raises(UserError):
            read_pickle(data, {}, "a")


def test_a_compressed_or_moved_entry_is_refused(tmp_path):
    convert.save(small(), tmp_path, "nanochat")
    path = tmp_path / nanochat.FIRST
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    assert "no plain entry" in refused(tmp_path)
    path.write_bytes(b"\x80\x02}q\0.")
    assert "no zip of torch.save" in refused(tmp_path)


def test_the_table_of_a_model_bin_is_not_believed(tmp_path):
    convert.save(small(), tmp_path, "gonanochat")
    path = tmp_path / "model.bin"
    data = path.read_bytes()
    for bad, named in (
        (data[:200], "cut short"),
        (data + b"\0", "more in it"),
        (data[:4] + b"\2" + data[5:], "of version 2"),
        (data[:8] + b"\xff\xff\xff\x7f" + data[12:], "would be 2,147,483,647 bytes"),
    ):
        path.write_bytes(bad)
        assert named in refused(tmp_path)
    path.write_bytes(data)
    settings = json.loads(data[12 : data.index(b"}") + 1])
    assert settings["norm_eps"] == 1.1920929e-07 and settings["window_pattern"] == "SSSL"
