"""The terminal's regex cuts texts where the page's does: their Unicode tables are compared.

A newer regex may know more characters than the page's; where both know one, they must agree.
"""

import json

import numpy as np
import pytest
import regex

CLASSES = (r"\p{L}", r"\p{N}", r"\s", r"\P{Cn}")  # what the split patterns ask; what is known
# Every character, and the runs of each class in them. Read here and in Pyodide.
TABLES = """
every = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
tables = {c: [m.span() for m in regex.finditer(c + "+", every)] for c in classes}
"""
IN_PYODIDE = """
import glob, json, sysconfig, zipfile
zipfile.ZipFile(glob.glob("regex-*.whl")[0]).extractall(sysconfig.get_path("purelib"))
import regex
classes = %r
%s
print(json.dumps(tables))
"""


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
def test_the_tables_agree_with_the_pages(pyodide, run_in_pyodide, tmp_path):
    (wheel,) = pyodide.glob("regex-*.whl")
    script = tmp_path / "tables.py"
    script.write_text(IN_PYODIDE % (CLASSES, TABLES))
    theirs = json.loads(run_in_pyodide(script, wheel))
    found = {"regex": regex, "classes": CLASSES}
    exec(TABLES, found)
    ours = found["tables"]
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
