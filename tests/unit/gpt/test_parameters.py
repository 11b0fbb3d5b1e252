"""The parameters of a model, counted without making it."""

from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES, MANY, configuration, new_model
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.gpt.parameters import count_parameters


def test_parameters_are_counted_for_any_size():
    for settings in ({}, {"n_layer": 3}, {"n_embd": 24, "block_size": 7, "vocab_size": 50}):
        config = GPTConfig(**settings)
        assert count_parameters(config) == GPT(config).weights.count
    assert count_parameters(GPTConfig(n_layer=1024)) > 3 * 10**6


@pytest.mark.parametrize("layers", range(1, 8))
@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_are_counted_without_making_the_model(name, layers):
    config = replace(FAMILIES[name], n_layer=layers)
    assert count_parameters(config) == new_model(config).weights.count
    assert count_parameters(replace(config, n_layer=1024)) > 10**6


@pytest.mark.parametrize("name", MANY)
def test_by_columns_it_is_the_same_model(name):
    model = new_model(configuration(name))
    other, ids = model.by_columns(), np.arange(6).reshape(2, 3)
    assert other.flat.size == model.flat.size and not np.shares_memory(other.flat, model.flat)
    kept = other.kept()
    assert all(np.array_equal(array, kept[name]) for name, array in model.kept().items())
    assert np.abs(other.last_logits(ids) - model.last_logits(ids)).max() <= 1e-13
    # A product meets whole rows of a matrix: that is what it is for.
    assert all(
        leaf.data.T.flags.c_contiguous
        for kind, leaf in other.leaves.items()
        if kind.rpartition(".")[2] in ("qkv", "wo", "gate_up", "fc1", "fc2", "lm_head")
    )
