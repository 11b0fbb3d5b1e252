"""Parts by name, switched off and patched; tests/parity holds the numbers against PyTorch."""

import numpy as np
import pytest
from family import DEEP, new_model
from microgpt.errors import UserError
from microgpt.microscope.activations import activations, ids_of
from microgpt.microscope.interventions import (
    all_parts,
    find_part,
    intervene,
    next_chances,
    surprise,
    without_each,
)
from microgpt.tokenizer import CharTokenizer

LETTERS = CharTokenizer("abcdefghij")
CONFIG = DEEP["microgpt"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("head1", "There is no part 'head1'; parts are called layer0"),
        ("layer0.head", "There is no part"),
        ("layer3", "There is no layer3: this model has 3 layers, counted from 0 to 2"),
        ("layer0.head4", "There is no layer0.head4: this model has 4 heads in a layer"),
        ("layer0.unit96", "this model has 96 units in a layer, counted from 0 to 95"),
        ("layer" + "9" * 400, "There is no layer999"),
        ("", "There is no part"),
    ],
)
def test_wrong_parts(name, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        find_part(name, CONFIG)
    assert len(str(caught.value)) < 300


def test_nothing_changed_changes_nothing():
    model = new_model(CONFIG)
    found = intervene(model, LETTERS, "abcabc")
    assert np.array_equal(found["before"], found["after"])
    assert np.array_equal(found["surprise"], found["surprise_after"])
    assert found["tokens"] == ["<edge>", *"abcabc"]


def test_patched_with_itself_nothing_changes():
    model = new_model(CONFIG)
    parts = all_parts(CONFIG)
    found = intervene(model, LETTERS, "abcabc", [], parts, "abcabc", everywhere=True)
    assert np.abs(found["before"] - found["after"]).max() <= 1e-15


def test_patched_with_all_of_another_text_it_is_the_other():
    model = new_model(CONFIG)
    found = intervene(model, LETTERS, "abcabc", [], ["layer2"], "jigfed")
    other = next_chances(model, ids_of(model, LETTERS, "jigfed"))
    assert np.abs(found["after"] - other).max() <= 1e-12
    assert "surprise" not in found, "only the last position is patched"


def test_what_cannot_be_patched():
    model = new_model(CONFIG)
    with pytest.raises(UserError, match="name one"):
        intervene(model, LETTERS, "abc", patched=["layer0"])
    with pytest.raises(UserError, match="they have 4 and 3"):
        intervene(model, LETTERS, "abc", [], ["layer0"], "ab", everywhere=True)
    with pytest.raises(UserError, match="sees 8 tokens at a time, and the text has 9"):
        intervene(model, LETTERS, "abcdefgh")


def test_each_part_by_itself():
    model = new_model(CONFIG)
    rows = list(without_each(model, LETTERS, "abcabca"))  # with the start all that the block holds
    assert [name for name, _, _ in rows] == ["", *all_parts(CONFIG)]
    ids = ids_of(model, LETTERS, "abcabca")
    assert rows[0][2] == surprise(model, ids_of(model, LETTERS, "abcabca", end=True)).mean()
    assert np.abs(rows[0][1] - next_chances(model, ids)).max() <= 1e-15
    one = intervene(model, LETTERS, "abcabca", ["layer1.head2"])
    name, chances, loss = next(row for row in rows if row[0] == "layer1.head2")
    assert np.abs(chances - one["after"]).max() <= 1e-15 and loss == one["surprise_after"].mean()


def test_units_that_are_off_are_the_mlp_off():
    """Without biases; and a head off is what its columns bring taken away."""
    model = new_model(CONFIG)
    units = [f"layer0.unit{i}" for i in range(CONFIG.hidden)]
    one, other = (intervene(model, LETTERS, "abc", off) for off in (units, ["layer0.mlp"]))
    assert np.abs(one["after"] - other["after"]).max() <= 1e-15
    heads = [f"layer0.head{i}" for i in range(4)]
    one, other = (intervene(model, LETTERS, "abc", off) for off in (heads, ["layer0.attention"]))
    assert np.abs(one["after"] - other["after"]).max() <= 1e-15
    seen = activations(model, ids_of(model, LETTERS, "abc"))
    assert np.abs(seen["layer0.attention"]).max() > 0.1
