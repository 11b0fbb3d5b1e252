"""The parameters of a model, counted without making it."""

from dataclasses import replace

import pytest
from family import FAMILIES, new_model
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
