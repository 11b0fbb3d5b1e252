"""Weights in fewer bits: what is lost, what the file is good for, and what of it is refused."""

import json

import numpy as np
import pytest
from family import FAMILIES, new_model
from hypothesis import example, given, settings
from hypothesis import strategies as st
from microgpt import checkpoint as checkpoints
from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.data.conversations.corpus import ConversationCorpus
from microgpt.errors import UserError
from microgpt.quantization import KINDS, quantized, stored, to_float16, to_int4, to_int8
from microgpt.safetensors import CheckpointError
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.run import Run
from talker import LINES, Source, base, read_messages

FLOAT16_STEP = 2.0**-10  # the largest relative distance of two neighbours
SMALLEST_FLOAT16 = 2.0**-24  # so far from each other are those near zero


def small(kind, group=32):
    return from_bytes(to_bytes(quantized(base(), kind, group)))


# ---- rounding


@st.composite
def matrices(draw):
    """Some ordinary, some with outliers, rows of zeros, tiny and huge numbers."""
    rows, pairs = draw(st.integers(1, 4)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    array = rng.normal(0, 10.0 ** draw(st.integers(-3, 3)), (rows, 2 * pairs)).astype(np.float32)
    if draw(st.booleans()):
        array[draw(st.integers(0, rows - 1)), draw(st.integers(0, 2 * pairs - 1))] *= 100
    if draw(st.booleans()):
        array[draw(st.integers(0, rows - 1))] = 0
    return array


@settings(max_examples=60, deadline=None)
@given(matrices(), st.integers(1, 70))
@example(np.float32([[1.2573e-4, -1.321e-4]]), 1)  # a step that float16 holds with three digits
@example(np.float32([[-1.0487965e-06, 1e-9]]), 1)  # and one with a single digit
def test_the_error_is_bounded_by_the_step(array, group):
    """Half a step; in four bits a whole one where there is no level on the other side."""
    found = to_int8(array)
    step = np.abs(np.asarray(found.scales, np.float64))[:, None]
    rounding = np.maximum(step * FLOAT16_STEP, SMALLEST_FLOAT16 / 2)  # of the step itself
    assert (np.abs(found.numbers() - array) <= step * 0.5 + 127 * rounding).all()

    found = to_int4(array, group)
    assert found.shape == array.shape
    assert found.scales.shape == (len(array), -(-array.shape[1] // group))
    step = np.asarray(found.scales, np.float64).repeat(group, 1)[:, : array.shape[1]]
    level = np.divide(array, step, out=np.zeros(array.shape), where=step != 0)
    step = np.abs(step)
    rounding = np.maximum(step * FLOAT16_STEP, SMALLEST_FLOAT16 / 2)
    away = np.where(level > 7.5, level - 7, 0.5)
    assert (np.abs(found.numbers() - array) <= (step * away + 8 * rounding) * (1 + 1e-6)).all()
    assert (level * step <= 8 * (step + rounding)).all()  # so that it is never more than a step


def test_a_number_of_four_bits_by_hand():
    """-16 is -8 steps of 2; 15 would be 7.5 of them, and 7 is the last level there is."""
    found = to_int4(np.array([[-16, 15, 3, 0.9, 0, 0, 5, 10]], np.float32), 4)
    assert found.scales.tolist() == [[2, -1.25]]
    assert found.pairs.tolist() == [[0x_F0, 0x_8A, 0x_88, 0x_04]]
    assert found.numbers().tolist() == [[-16, 14, 4, 0, 0, 0, 5, 10]]


def test_what_is_rounded_stays_when_it_is_rounded_again():
    array = np.random.default_rng(0).normal(size=(5, 70)).astype(np.float32)
    for to in (to_int8, to_float16, lambda array: to_int4(array, 32)):
        once = to(array)
        again = to(once.numbers())
        assert all(np.array_equal(a, b) for a, b in zip(once.arrays().values(),
                                                       again.arrays().values()))  # fmt: skip


def test_an_outlier_spoils_its_group_alone():
    array = np.random.default_rng(0).normal(0, 0.1, (1, 64)).astype(np.float32)
    array[0, 3] = 50
    wrong = np.abs(to_int4(array, 32).numbers() - array)[0]
    assert wrong[32:].max() < 0.05 and np.abs(to_int4(array, 32).numbers()[0, 4:32]).max() == 0


@pytest.mark.parametrize("to", [to_int8, to_int4, to_float16])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_what_cannot_be_kept_is_refused(to, value):
    array = np.ones((3, 4), np.float32)
    array[1, 2] = value
    with pytest.raises(UserError, match="too large, or no numbers"):
        to(array)


# ---- models


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_kept_in_fewer_bits(kind, family):
    """The matrices of the layers in four bits, the others in eight; vectors only in float16."""
    model = new_model(FAMILIES[family], np.float32)
    named = model.weights.named()
    meta = {**base().meta, "model": FAMILIES[family].to_dict()}
    found = quantized(Checkpoint(named, meta), kind, 16)
    assert found.is_quantized and found.tensors.keys() == named.keys()
    for name, array in named.items():
        kept = found.tensors[name]
        assert kept.shape == array.shape and kept.dtype == np.float32
        if array.ndim == 1 and kind != "float16":
            assert np.array_equal(kept, array)
        else:
            error = np.abs(np.asarray(kept) - array).max()
            most = np.abs(array).max()
            assert error <= most * {"int8": 0.005, "int4": 0.13, "float16": 0.0005}[kind]
            in_layer = name.rpartition(".")[2] in ("wq", "wk", "wv", "wo", "fc_gate", "fc1", "fc2")
            expected = "int8 by row" if kind == "int4" and not in_layer else KEPT_AS[kind]
            assert kept.kind == expected, name


KEPT_AS = {"int8": "int8 by row", "int4": "int4 by 16", "float16": "float16"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_quantized_model_is_small_and_kept_again_it_stays_as_it_is(kind):
    whole, found = base(), small(kind)
    assert found.is_quantized and not whole.is_quantized and found.losses == []
    assert to_bytes(found) == to_bytes(quantized(whole, kind))
    arrays = stored(found.tensors).values()
    share = sum(np.asarray(a).nbytes for a in arrays) / (4 * whole.model().weights.count)
    assert share < {"int8": 0.3, "int4": 0.27, "float16": 0.51}[kind]
    assert np.isfinite(found.model().weights.flat).all()


def test_four_bits_read_what_was_written():
    whole, found = base(), small("int4", 5)
    assert found.meta["int4_group"] == 5
    for name, view in found.model().weights.named().items():
        array = np.asarray(whole.tensors[name], np.float32)
        if name.endswith(".wq"):
            assert np.array_equal(view, to_int4(array, 5).numbers())
    assert "int4_group" not in quantized(found, "int8").meta


@pytest.mark.parametrize("kind", KINDS)
def test_a_quantized_model_is_one_to_begin_with_but_not_to_resume(kind):
    source = Source(read_messages(json.loads(each)) for each in LINES)
    corpus = ConversationCorpus("known", source, "a few conversations")
    run = finetune(small(kind), corpus, TrainConfig(steps=1, dtype="float32"), None)
    assert run.parent["weights"] == small(kind).weights_checksum()
    with pytest.raises(UserError, match="a model alone, quantized or merged"):
        Run.restore(small(kind), corpus)


@pytest.mark.parametrize("change", ["gone", "short", "wide"])
@pytest.mark.parametrize("scales", ["wte.row_scale", "layer0.wq.group_scale"])
def test_scales_that_do_not_fit_are_refused(change, scales):
    whole = quantized(base(), "int4")
    tensors = stored(whole.tensors)
    found = tensors.pop(scales)
    if change != "gone":
        tensors[scales] = found[1:] if change == "short" else found.astype(np.float32)
    with pytest.raises(CheckpointError, match=f"lacks the scales of {scales.rpartition('.')[0]}"):
        from_bytes(to_bytes(Checkpoint(tensors, whole.meta)))


@pytest.mark.parametrize("group", [None, 0, -1, 1.5, True, "32", 10**30])
def test_a_size_of_groups_that_makes_no_sense_is_refused(group):
    whole = quantized(base(), "int4")
    with pytest.raises(CheckpointError, match="how large its groups are|lacks the scales"):
        from_bytes(to_bytes(Checkpoint(whole.tensors, {**whole.meta, "int4_group": group})))


def test_a_word_names_the_model_that_comes_with_the_package(tmp_path, monkeypatch):
    checkpoints.save(quantized(base(), "int8"), tmp_path / "story.st")
    monkeypatch.setattr(checkpoints, "fallback_path", lambda name: tmp_path / "story.st")
    assert checkpoints.load("story-chat").is_quantized
    with pytest.raises(UserError, match="no checkpoint at story"):
        checkpoints.load("story")
