"""Recipes: each preset's training makes it learn; `python -m tests.proof recipes` tries more."""

import pytest
from proof import recipes

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("preset", "data"), recipes.SAMPLE)
def test_a_recipe_beats_counting_letter_pairs(preset, data):
    recipes.beats_letter_pairs(preset, data)


def test_the_first_run_of_the_page_clearly_beats_counting_pairs():
    recipes.first_run_learns(seed=42)
