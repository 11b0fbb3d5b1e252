"""Weights in eight bits: what is lost, what the file is good for, and what of it is refused."""

import json

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.data.conversations.corpus import ConversationCorpus
from microgpt.errors import UserError
from microgpt.int8 import SCALES, packed, stored
from microgpt.safetensors import CheckpointError
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.run import Run
from talker import LINES, Source, base, read_messages


def small():
    return from_bytes(to_bytes(packed(base())))


def test_a_packed_model_is_a_quarter_and_nearly_the_same():
    whole, found = base(), small()
    assert found.is_packed and not whole.is_packed and found.losses == []
    for name, view in found.model().weights.named().items():
        array = np.asarray(whole.tensors[name])
        if view.ndim > 1:
            step = np.abs(array).max(1, keepdims=True) / 127
            assert (np.abs(view - array) <= 0.51 * step + 1e-9).all(), name
        else:
            assert np.array_equal(view, array.astype(np.float32)), name
    arrays = stored(packed(whole).tensors).values()
    assert sum(a.nbytes for a in arrays) < 0.3 * 4 * whole.model().weights.count
    assert to_bytes(found) == to_bytes(packed(whole))  # kept again it stays as it is


def test_a_packed_model_is_one_to_begin_with_but_not_to_resume():
    source = Source(read_messages(json.loads(each)) for each in LINES)
    corpus = ConversationCorpus("known", source, "a few conversations")
    run = finetune(small(), corpus, TrainConfig(steps=1, dtype="float32"), None)
    assert run.parent["weights"] == small().weights_checksum()
    with pytest.raises(UserError, match="a model alone, packed or merged"):
        Run.restore(small(), corpus)


@pytest.mark.parametrize("change", ["gone", "short", "wide"])
def test_scales_that_do_not_fit_are_refused(change):
    tensors = stored(packed(base()).tensors)
    scales = tensors.pop("wte" + SCALES)
    if change != "gone":
        tensors["wte" + SCALES] = scales[1:] if change == "short" else scales.astype(np.float32)
    with pytest.raises(CheckpointError, match="lacks the scales of wte"):
        from_bytes(to_bytes(Checkpoint(tensors, base().meta)))


def test_a_word_names_the_model_that_comes_with_the_package(tmp_path, monkeypatch):
    checkpoints.save(packed(base()), tmp_path / "story.st")
    monkeypatch.setattr(checkpoints, "fallback_path", lambda name: tmp_path / "story.st")
    assert checkpoints.load("story-chat").is_packed
    with pytest.raises(UserError, match="no checkpoint at story"):
        checkpoints.load("story")
