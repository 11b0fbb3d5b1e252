"""The Unicode tables of regex, here and inside Pyodide."""

import glob
import sysconfig
import zipfile

CLASSES = (r"\p{L}", r"\p{N}", r"\s", r"\P{Cn}")  # what the split patterns ask; what is known


def tables():
    """{class: the runs of its characters among all there are}."""
    for wheel in glob.glob("regex-*.whl"):  # in Pyodide, beside the script
        zipfile.ZipFile(wheel).extractall(sysconfig.get_path("purelib"))
    import regex

    every = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    return {c: [m.span() for m in regex.finditer(c + "+", every)] for c in CLASSES}
