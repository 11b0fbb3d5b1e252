"""Checkpoints: kept whole, read by others, and refused in a sentence when anything is wrong."""

import json
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from microgpt import checkpoint as checkpoints
from microgpt.checkpoint import CheckpointError, from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.training.config import TrainConfig
from microgpt.training.loop import train
from microgpt.training.run import Run

CORPUS = corpus_from_bytes(b"anna\nbert\ncarla\n" * 8, "people.txt")


def made():
    run = Run.start(CORPUS, GPTConfig(n_embd=4, n_head=2, block_size=8), TrainConfig(steps=3))
    list(train(run))
    return run.checkpoint()


CHECKPOINT = made()
DATA = to_bytes(CHECKPOINT)
BODY = 8 + struct.unpack("<Q", DATA[:8])[0]


def parts():
    """The header, our record and the numbers of the file, to be changed."""
    header = json.loads(DATA[8:BODY])
    return header, json.loads(header["__metadata__"]["microgpt"]), DATA[BODY:]


def built(header, record=None, body=DATA[BODY:]):
    """A file of these parts, with the checksums that they should have."""
    if record is not None:
        text = record if isinstance(record, str) else json.dumps(record)
        header["__metadata__"] = {"microgpt": text, "crc32": f"{zlib.crc32(text.encode()):08x}"}
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def refused(data):
    with pytest.raises(UserError) as found:
        from_bytes(data, "a.safetensors")
    sentence = str(found.value)
    assert sentence.startswith("a.safetensors ") and sentence.endswith("."), sentence
    assert "\n" not in sentence and len(sentence) < 400
    return sentence


# ---- a file is what was saved


def test_a_file_is_what_was_saved():
    found = from_bytes(DATA)
    assert found.meta == json.loads(json.dumps(CHECKPOINT.meta))
    assert found.tensors.keys() == CHECKPOINT.tensors.keys()
    for name, array in CHECKPOINT.tensors.items():
        assert found.tensors[name].dtype == array.dtype
        assert np.array_equal(found.tensors[name], array)
    assert to_bytes(found) == DATA
    assert BODY % 8 == 0


def test_the_official_package_reads_it_and_writes_it_back(tmp_path):
    safetensors = pytest.importorskip("safetensors", reason="safetensors is not installed")
    from safetensors.numpy import load_file, save_file

    path, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    assert checkpoints.save(CHECKPOINT, path) == len(DATA) == path.stat().st_size
    tensors = load_file(path)
    for name, array in CHECKPOINT.tensors.items():
        assert np.array_equal(tensors[name], array)
    with safetensors.safe_open(path, "np") as file:
        metadata = file.metadata()
    save_file(tensors, again, metadata)  # in an order of its own
    assert to_bytes(checkpoints.load(again)) != b""
    assert checkpoints.load(again).meta == checkpoints.load(path).meta
    save_file(tensors, again)
    with pytest.raises(CheckpointError, match="not one of microgpt's"):
        checkpoints.load(again)


# ---- damage


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 100, BODY - 1, BODY, BODY + 5, len(DATA) - 1])
def test_cut_short(length):
    assert any(words in refused(DATA[:length]) for words in ("cut short", "is empty"))


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed_or_harmless(place, change):
    damaged = bytearray(DATA)
    damaged[place] ^= change
    try:
        found = from_bytes(bytes(damaged), "a.safetensors")
    except UserError as error:
        assert str(error).startswith("a.safetensors ") and str(error).endswith(".")
    else:  # a name that nothing asks for, perhaps
        assert place < BODY
        found.model()


@given(st.binary(max_size=300))
def test_noise_is_refused(noise):
    refused(noise)
    refused(struct.pack("<Q", len(noise) + 1) + b"{" + noise)


def test_every_changed_number_is_noticed():
    for place in range(BODY, len(DATA), 97):
        damaged = bytearray(DATA)
        damaged[place] ^= 1
        assert "are not those that were saved" in refused(bytes(damaged))


def test_bytes_after_the_end_are_refused():
    assert "bytes that belong to nothing" in refused(DATA + b"more")


DEEP = b'{"a":' + b"[" * 200_000


@pytest.mark.parametrize(
    "header",
    [b"{]", b'{"wte": 1, "wte": 2}', DEEP, b'{"a": \xff}', b'{"a": 1}', b'{"a": []}', b"{}"],
    ids=["no json", "twice", "deep", "no utf-8", "number", "list", "empty"],
)
def test_headers_that_are_none(header):
    refused(built(header))


HUGE = 2**62


@pytest.mark.parametrize(
    "change",
    [
        {"dtype": "F8"},
        {"dtype": ["F64"]},
        {"dtype": "F32"},
        {"shape": [-1, -4]},
        {"shape": [HUGE, HUGE, HUGE]},
        {"shape": [4.0, 2.0]},
        {"shape": [True, 8]},
        {"shape": 5},
        {"shape": None},
        {"shape": [1] * 100},
        {"data_offsets": [0]},
        {"data_offsets": [0, "8"]},
        {"data_offsets": [8, 0]},
        {"data_offsets": [-8, 8]},
        {"data_offsets": [0, HUGE]},
        {"data_offsets": [0.0, 256.0]},
        {"data_offsets": {}},
    ],
    ids=str,
)
def test_entries_that_make_no_sense(change):
    header, *_ = parts()
    header["wte"] |= change
    assert "its entry for wte makes no sense" in refused(built(header))


def test_gaps_and_overlaps_are_refused():
    header, *_ = parts()
    start, end = header["wpe"]["data_offsets"]
    size = end - start
    for moved in ([start - 8, end - 8], [start + 8, end + 8], [0, size]):
        header["wpe"]["data_offsets"] = moved
        assert "does not begin where" in refused(built(header))


def test_the_order_of_the_header_does_not_matter():
    header, *_ = parts()
    backwards = dict(reversed(header.items()))
    assert to_bytes(from_bytes(built(backwards))) == DATA


# ---- other files


def test_what_is_no_checkpoint_is_named():
    assert "not a checkpoint" in refused(b"PK\x03\x04 a zip archive of some sort")
    assert "not a checkpoint" in refused(b"\x80\x05 this could be a pickle")
    header = {"w": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}
    assert "not one of microgpt's" in refused(built(header, body=b"ab"))


@pytest.mark.parametrize("version", [2, 10**30])
def test_a_newer_file_is_refused_by_its_version(version):
    header = {"w": {"dtype": "NEW", "shape": "?"}}  # nothing else need be as it is now
    sentence = refused(built(header, {"format": version}))
    assert "newer microgpt" in sentence and "update microgpt" in sentence


@pytest.mark.parametrize("record", ["{}", "[]", "1", "{", '{"format": true}', '{"format": 0}'])
def test_records_that_are_none(record):
    header, *_ = parts()
    assert "its record of the run is not what was saved" in refused(built(header, record))


def test_a_changed_record_is_noticed():
    header, *_ = parts()
    text = header["__metadata__"]["microgpt"]
    header["__metadata__"]["microgpt"] = text.replace('"tokens": ', '"tokens": 1')
    assert "not what was saved" in refused(built(header))


@pytest.mark.parametrize("key", checkpoints.RECORD)
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], [None, [], None]])
def test_records_with_nonsense_in_them(key, value):
    header, record, _ = parts()
    record[key] = value
    try:
        found = from_bytes(built(header, record), "a.safetensors")
        assert key in ("batches", "training")  # which the run checks when it is resumed
        if (key, value) != ("training", {}):  # all settings as they are by default
            with pytest.raises(UserError):
                Run.restore(found, CORPUS)
    except UserError as error:
        assert str(error).startswith("a.safetensors ")


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("progress", {"step": 4}),
        ("progress", {"step": -1}),
        ("progress", {"step": True}),
        ("progress", {"tokens": 1.5}),
        ("progress", {"evaluations": [[1]]}),
        ("progress", {"evaluations": 5}),
        ("data", {"documents": "many"}),
        ("data", {"source": 1}),
        ("data", {"path": 1}),
        ("tokenizer", {"chars": "ab"}),
        ("tokenizer", {"type": "magic"}),
        ("model", {"n_head": 3}),
        ("model", {"n_embd": 10**9, "n_head": 1}),
        ("model", {"n_layer": 10**9}),
        ("model", {"block_size": 8000}),
        ("model", {"block_size": 10**9}),
        ("model", {"vocab_size": 10**12}),
        ("model", {"mlp_hidden": 10**9}),
        ("model", {"novelty": 1}),
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused_without_making_them(key, change):
    header, record, _ = parts()
    record[key] |= change
    data = built(header, record)
    tracemalloc.start()
    refused(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


@pytest.mark.parametrize("name", ["layer0.wo", "optimizer.mean", "history.losses"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(name, value):
    tensors = {name: array.copy() for name, array in CHECKPOINT.tensors.items()}
    tensors[name].flat[1] = value
    data = to_bytes(checkpoints.Checkpoint(tensors, CHECKPOINT.meta))
    assert f"{name} are not all numbers" in refused(data)


def test_measurements_that_are_no_numbers_are_refused():
    header, record, _ = parts()
    record["progress"]["evaluations"] = [[1, float("nan"), 1.0]]
    refused(built(header, record))


@pytest.mark.parametrize("key", [*CHECKPOINT.tensors, "all"])
def test_a_file_without_its_checksums_is_refused(key):
    header, record, _ = parts()
    if key == "all":
        del record["checksums"]
    else:
        del record["checksums"][key]
    assert "there is no checksum for" in refused(built(header, record))


def test_a_record_without_its_checksum_is_refused():
    header, *_ = parts()
    del header["__metadata__"]["crc32"]
    assert "its record of the run is not what was saved" in refused(built(header))


def test_missing_tensors_are_named():
    for name in ("wte", "layer0.fc2", "history.losses"):
        tensors = {k: v for k, v in CHECKPOINT.tensors.items() if k != name}
        refused(to_bytes(checkpoints.Checkpoint(tensors, CHECKPOINT.meta)))


# ---- files and folders


def test_save_makes_the_folder_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "new" / "folder" / "a.safetensors"
    checkpoints.save(CHECKPOINT, path)
    checkpoints.save(CHECKPOINT, path)
    assert path.read_bytes() == DATA
    assert [entry.name for entry in path.parent.iterdir()] == ["a.safetensors"]


def test_a_device_is_not_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path):
        with pytest.raises(UserError, match=r"is a folder or a device; .*\.$"):
            checkpoints.load(place)
    assert pipe.is_fifo()


def test_places_that_are_none(tmp_path):
    with pytest.raises(UserError, match=r"^There is no checkpoint at .*\.$"):
        checkpoints.load(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match=r"^Could not read .*\.$"):
        checkpoints.load(tmp_path / "file" / "below")
    with pytest.raises(UserError, match=r"^Could not write .*\.$"):
        checkpoints.save(CHECKPOINT, tmp_path / "file" / "below")
