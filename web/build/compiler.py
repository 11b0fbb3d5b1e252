"""Python compiled ahead of time: most of a plain start is Python compiling its own sources."""

import io
import json
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from . import Failure, runtime
from .repack import LATER, make_zip, module_of
from .runtime import sha256, write_whole

# What no tab can use: it needs a compiler, a type checker or numpy's own test suite.
TRIM = {
    "numpy": [
        r"\.(pyi|pxd|pyx|h|a|c|ini|pc|lib)$",
        r"^numpy/(_pyinstaller|doc)/",
        r"/(tests|include|examples|f2py/src)/",
        r"^numpy/(conftest|_configtool)\.py$",
    ],
    # Servers and mail, which a tab's Python has no sockets for, and tools of a terminal.
    "library": [
        r"\.(bat|ctypes)$",
        r"^(wsgiref|xmlrpc|idlelib|turtledemo|pydoc_data|ensurepip|venv)/",
        r"^(imaplib|mailbox|poplib|smtplib|ftplib|webbrowser)\.py$",
    ],
}
PLACE = {"numpy": "site-packages/", "library": ""}
COMPILE_SECONDS = 180
CORE = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"),
    *("python_stdlib.zip", "pyodide-lock.json"),
)
IN_PYODIDE = ("repack.py", "imported.py")  # what runs there
# What the page imports before it is ready (see web/worker/load.js).
START = ["site", "microgpt.late_imports", "microgpt.page"]
# And what a first run imports besides, to read its text.
START += ["encodings.utf_8_sig", "encodings.utf_32_le"]
MODULES = "modules.json"


def compile_all(pinned, wheel_name, wheel, lock, cache, run, node, say):
    """(the pinned files, our wheel) with .pyc in place of .py; what a start does without apart.

    Without Node, or where it fails, all is as it was, and nothing comes later.
    """
    stages = {name: entry["stage"] for name, entry in lock["files"].items()}
    zips = {
        n: Zip(pinned[n], TRIM[stages[n]], PLACE[stages[n]]) for n in pinned if stages[n] in TRIM
    }
    numpy = next(zips[name].data for name in zips if stages[name] == "numpy")
    compiler = Compiler(pinned, cache, run, node, say)
    try:
        # Two processes: what a compiled file holds depends a little on what was compiled before,
        # and the second has nothing to do when only our own code has changed.
        own = {wheel_name: Zip(wheel)}
        small = compiler.repack(own, imports=START, site=[numpy, wheel])
        first = json.loads(small[MODULES])
        # But for our own, and for what TYPES in repack.py spares.
        left = re.compile(r"(microgpt|numpy\._typing)\b")
        first = [name for name in first if not left.match(name)]
        # All of numpy: without docstrings it is no larger compiled, and parts of it that keep
        # theirs (numpy.ma) refuse to work with parts that do not. f2py is never used here.
        modules = [name for name in modules_in(numpy) if not name.startswith("numpy.f2py")]
        modules = sorted({*first, *modules})
        big = compiler.repack(zips, optimize=2, modules=modules, first=first)
    except NotCompiled as reason:
        say(f"- Python is not compiled ahead, the page starts a second later ({reason})")
        return pinned, wheel
    return {**pinned, **{name: big[name] for name in (*zips, LATER)}}, small[wheel_name]


@dataclass(frozen=True)
class Zip:
    """A zip to repack: without the names that a pattern in `trim` matches."""

    data: bytes
    trim: tuple = ()
    place: str = ""  # where its files go, below Python's library

    def key(self):
        return sha256(self.data), self.trim, self.place


def modules_in(wheel):
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return [module_of(name) for name in archive.namelist() if name.endswith(".py")]


class NotCompiled(Exception):
    """Why compiling did not work; the site works without."""


class Compiler:
    """Repacks zips inside Pyodide, and keeps the results in the cache."""

    def __init__(self, pinned, cache, run, node, say):
        self.pinned, self.cache = pinned, cache
        self.run, self.node, self.say = run, node, say

    def repack(self, zips, optimize=0, modules=(), first=(), imports=(), site=()):
        """{name: Zip} as {name: zip}, and what comes later or which modules were imported.

        `modules` are compiled; or those that come of `imports`, with the wheels in `site`.
        """
        job = {"optimize": optimize, "modules": modules, "first": first, "imports": imports}
        parts = [own_digest(), sha256(self.pinned["pyodide.asm.wasm"]), *job.values()]
        parts += [sha256(wheel) for wheel in site]
        parts += sorted((name, *one.key()) for name, one in zips.items())
        done = Path(self.cache, "compiled", sha256(repr(parts).encode())[:16] + ".zip")
        kept = unpack_checked(runtime.read(done))
        if kept is None:
            self.say(f"- compiling {runtime.some(zips)} with Pyodide's own Python")
            kept = self.repack_now(zips, job, site)
            write_whole(done, pack_checked(kept))
        return kept

    def repack_now(self, zips, job, site):
        job["zips"] = {name: [one.trim, one.place] for name, one in zips.items()}
        try:
            with tempfile.TemporaryDirectory(prefix="microgpt-") as folder:
                folder = Path(folder)
                for name in CORE:
                    (folder / name).write_bytes(self.pinned[name])
                for name in IN_PYODIDE:
                    (folder / name).write_bytes(Path(__file__).with_name(name).read_bytes())
                for name, one in zips.items():
                    (folder / name).write_bytes(one.data)
                for wheel in site:
                    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
                        archive.extractall(folder / "site")
                (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
                script = Path(__file__).with_name("compile.mjs")
                code, output = self.run([self.node, script, folder], timeout=COMPILE_SECONDS)
                if code:
                    lines = output.strip().splitlines() or ["Node says nothing"]
                    telling = [line for line in lines if "Error" in line] or lines
                    raise NotCompiled(telling[-1].strip()[:200])
                made = [*zips, *([LATER] if job["first"] else []), *([MODULES] if site else [])]
                return {name: (folder / name).read_bytes() for name in made}
        except OSError as error:
            raise Failure(
                f"Could not compile in {tempfile.gettempdir()} ({error.strerror or error});"
                " free some space there, or build with --no-compile."
            ) from error


def own_digest():
    """What the code that compiles is: results of another version are not used."""
    here = Path(__file__).parent
    names = ("compiler.py", "compile.mjs", *IN_PYODIDE)
    return sha256(b"".join((here / name).read_bytes() for name in names))


def pack_checked(entries):
    packed = make_zip(entries)
    return sha256(packed).encode() + packed


def unpack_checked(data):
    if data is None or sha256(data[64:]).encode() != data[:64]:
        return None
    with zipfile.ZipFile(io.BytesIO(data[64:])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
