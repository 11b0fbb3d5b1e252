"""Zips and wheels that are the same bytes every time, with Python compiled on request.

It runs in two places: here, and inside Pyodide under Node, because only the Python that will
read compiled files may write them. There its deflate is always the same one, too.

Compiled Python is twice the size of its source. So only what a start imports is compiled; the
rest stays as it is, and is compiled where and when somebody imports it.

A repacked zip only stores its files, and is packed as a whole with gzip: that is smaller, and the
browser unpacks it several times faster than Python in the tab would, file by file.
"""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

# They only add docstrings, a twelfth of what importing numpy takes; they go where docstrings go.
ONLY_DOCS = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
# The one place where a start of numpy needs its types, which take a fortieth of a start to make:
# they annotate fields of named tuples there, and a list can be written with brackets, too.
TYPES = ("numpy.linalg._linalg", b"from numpy._typing import NDArray\n", b"NDArray = list\n")
MODULE = re.compile(r"(.+?)(?:/__init__)?(?:\.pyc?|\.cpython-[\w-]+\.so)")
LATER = "later.zip"  # what a start does without,
NAMES = "later.txt"  # and its modules, beside the library
DATE = (1980, 1, 1, 0, 0, 0)  # the oldest a zip can hold


def repack_all(folder):
    """Do job.json: the zips in the folder anew, and what a start does without as a zip of its own.

    `zips` is {name: [patterns to leave out, the folder its files go to]}. `first` are the modules
    that a start imports; without them, all files stay where they are.
    """
    folder = Path(folder)
    job = json.loads(folder.joinpath("job.json").read_text(encoding="utf-8"))
    later, zips = {}, {}
    for name, (trim, place) in job["zips"].items():
        data = folder.joinpath(name).read_bytes()
        entries = compiled(data, trim, job["modules"], job["optimize"])
        if job["first"]:
            rest = {n: body for n, body in entries.items() if module_of(n) not in job["first"]}
            entries = {n: body for n, body in entries.items() if n not in rest}
            later |= {place + n: body for n, body in rest.items()}
        zips[name] = entries
        if not place:
            library = entries
    if job["first"]:
        names = filter(None, (module_of(n.removeprefix("site-packages/")) for n in later))
        library[NAMES] = "\n".join(sorted(names)).encode()
        zips[LATER] = later
    for name, entries in zips.items():
        folder.joinpath(name).write_bytes(packed(entries))


def compiled(data, trim=(), modules=(), optimize=0):
    """The files of a zip or wheel, without the names that match a pattern in `trim`.

    The files of `modules` are compiled, with `optimize=2` without asserts and docstrings.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        unwanted = re.compile("|".join(trim) or r"(?!)")
        entries = {name: archive.read(name) for name in names if not unwanted.search(name)}
    sources = [name for name in entries if name.endswith(".py")]
    for name in [name for name in sources if module_of(name) in modules]:
        # Pyodide reads docstrings of its own when it starts.
        level = 0 if "pyodide/" in name else optimize
        source = entries.pop(name)
        if level == 2 and module_of(name) in ONLY_DOCS:
            source = b""
        if level == 2 and module_of(name) == TYPES[0]:
            source = source.replace(*TYPES[1:])
        entries[name[:-3] + ".pyc"] = compile_source(name, source, level)
    return with_record(entries)


def packed(entries):
    return gzip.compress(make_zip(entries, zipfile.ZIP_STORED), 9, mtime=0)


def make_zip(entries, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3  # Unix wherever it is made, so that the mode below counts
            info.external_attr = 0o100644 << 16
            info.compress_type = method
            archive.writestr(info, entries[name], compresslevel=9)
    return buffer.getvalue()


def module_of(name):
    """The module a file is, if it is one: "a/b/__init__.py" is "a.b"."""
    found = MODULE.fullmatch(name)
    return found and found[1].replace("/", ".")


def compile_source(name, body, optimize):
    """The bytes of a .pyc that an import finds in its place."""
    from importlib.util import MAGIC_NUMBER
    from marshal import dumps

    code = compile(body, name, "exec", dont_inherit=True, optimize=optimize)
    # Flags 1: known by a hash that nobody checks, for there is no source beside it to compare.
    header = MAGIC_NUMBER + (1).to_bytes(4, "little") + hashlib.sha256(body).digest()[:8]
    return header + dumps(code)


def with_record(entries):
    """Entries of a wheel with RECORD written anew; of another zip, as they are."""
    records = [name for name in entries if re.fullmatch(r"[^/]+\.dist-info/RECORD", name)]
    if not records:
        return entries
    (record,) = records
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for name in sorted(set(entries) - {record}):
        digest = base64.urlsafe_b64encode(hashlib.sha256(entries[name]).digest()).rstrip(b"=")
        writer.writerow([name, "sha256=" + digest.decode(), len(entries[name])])
    writer.writerow([record, "", ""])
    return {**entries, record: lines.getvalue().encode()}
