"""The terminal's regex cuts texts where the page's does: their Unicode tables are compared.

A newer regex may know more characters than the page's; where both know one, they must agree.
"""

import numpy as np
import pytest
from in_wasm_tables import CLASSES, tables


def members(spans):
    found = np.zeros(0x110000, bool)
    for start, end in spans:
        found[start:end] = True
    return found


def differing(ours, theirs):
    """{class: the characters that both know and only one has in the class}."""
    ours = {name: members(spans) for name, spans in ours.items()}
    theirs = {name: members(spans) for name, spans in theirs.items()}
    known = ours[r"\P{Cn}"] & theirs[r"\P{Cn}"]
    found = {n: np.flatnonzero((ours[n] ^ theirs[n]) & known).tolist() for n in CLASSES}
    return {name: numbers for name, numbers in found.items() if numbers}


@pytest.mark.slow
def test_the_tables_agree_with_the_pages(in_pyodide):
    ours, theirs = tables(), in_pyodide["tables"]
    # Nothing that the page knows is unknown here: regex is not older than the lower bound.
    assert not (members(theirs[r"\P{Cn}"]) & ~members(ours[r"\P{Cn}"])).any()
    assert members(theirs[r"\p{L}"]).sum() > 100_000
    assert differing(ours, theirs) == {}


def test_a_difference_is_seen():
    ours = {r"\p{L}": [(65, 70)], r"\p{N}": [], r"\s": [(32, 33)], r"\P{Cn}": [(0, 100)]}
    theirs = {**ours, r"\p{L}": [(65, 69)]}
    assert differing(ours, ours) == {}
    assert differing(ours, theirs) == {r"\p{L}": [69]}
    newer = {**ours, r"\p{L}": [(65, 70), (200, 210)], r"\P{Cn}": [(0, 100), (200, 210)]}
    assert differing(newer, ours) == {}
