"""Python compiled ahead of time: most of a plain start is Python compiling its own sources."""

import io
import json
import tempfile
import zipfile
from pathlib import Path

from . import runtime
from .failure import Failure
from .repack import make_zip, module_of
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
COMPILE_SECONDS = 180
CORE = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"),
    *("python_stdlib.zip", "pyodide-lock.json"),
)
START = ["numpy", "microgpt.page"]  # what the page imports before it is ready


def compile_all(pinned, wheel_name, wheel, lock, cache, run, node, say):
    """The standard library, numpy and our wheel with .pyc in place of .py; else all as it is."""
    stages = {name: entry["stage"] for name, entry in lock["files"].items()}
    numpy = next(name for name in stages if stages[name] == "numpy")
    zips = {name: (pinned[name], TRIM[stages[name]]) for name in pinned if stages[name] in TRIM}
    compiler = Compiler(pinned, numpy, cache, run, node, say)
    try:
        # Two processes: what a compiled file holds depends a little on what was compiled before,
        # and the second has nothing to do when only our own code has changed.
        small = compiler.repack({wheel_name: (wheel, [])}, 0, imports=START)
        modules = json.loads(small["modules.json"])
        modules = [name for name in modules if name.split(".")[0] != "microgpt"]
        # All of numpy: without docstrings it is no larger compiled, and parts of it that keep
        # theirs (numpy.ma) refuse to work with parts that do not. f2py is never used here.
        own = modules_in(pinned[numpy])
        modules += [name for name in own if not name.startswith("numpy.f2py")]
        big = compiler.repack(zips, 2, modules=modules)
    except NotCompiled as reason:
        say(f"- Python is not compiled ahead, the page starts a second later ({reason})")
        return pinned, wheel
    return {**pinned, **{name: big[name] for name in zips}}, small[wheel_name]


def modules_in(wheel):
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return sorted(filter(None, map(module_of, archive.namelist())))


class NotCompiled(Exception):
    """Why compiling did not work; the site works without."""


class Compiler:
    """Repacks zips inside Pyodide, and keeps the results in the cache."""

    def __init__(self, pinned, numpy, cache, run, node, say):
        self.pinned, self.numpy = pinned, numpy
        self.cache, self.run, self.node, self.say = cache, run, node, say

    def repack(self, zips, optimize, modules=None, imports=None):
        """{name: (zip, patterns to trim)} as {name: zip}, and the modules as modules.json."""
        parts = [own_digest(), sha256(self.pinned["pyodide.asm.wasm"]), optimize, modules, imports]
        parts += sorted((name, sha256(data), trim) for name, (data, trim) in zips.items())
        done = Path(self.cache, "compiled", sha256(repr(parts).encode())[:16] + ".zip")
        kept = unpack_checked(runtime.read(done))
        if kept is None:
            self.say(f"- compiling {runtime.some(zips)} with Pyodide's own Python")
            kept = self.repack_now(zips, {"optimize": optimize, "modules": modules}, imports)
            write_whole(done, pack_checked(kept))
        return kept

    def repack_now(self, zips, job, imports):
        try:
            with tempfile.TemporaryDirectory(prefix="microgpt-") as folder:
                folder = Path(folder)
                job["repack"] = str(Path(__file__).with_name("repack.py"))
                job["runtime"], job["report"] = str(folder), str(folder / "modules.json")
                for name in (*CORE, *([self.numpy] if imports else [])):
                    (folder / name).write_bytes(self.pinned[name])
                job["zips"] = []
                for name, (data, trim) in zips.items():
                    one = {
                        "from": str(folder / ("from-" + name)),
                        "to": str(folder / ("to-" + name)),
                    }
                    Path(one["from"]).write_bytes(data)
                    job["zips"].append({**one, "trim": trim})
                if imports:
                    job["imports"], job["wheel"] = imports, job["zips"][0]["from"]
                (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
                script = Path(__file__).with_name("compile.mjs")
                command = [self.node, script, folder / "job.json"]
                code, output = self.run(command, timeout=COMPILE_SECONDS)
                if code:
                    lines = output.strip().splitlines() or ["Node says nothing"]
                    telling = [line for line in lines if "Error" in line] or lines
                    raise NotCompiled(telling[-1].strip()[:200])
                results = {name: (folder / ("to-" + name)).read_bytes() for name in zips}
                return {**results, "modules.json": (folder / "modules.json").read_bytes()}
        except OSError as error:
            raise Failure(
                f"Could not compile in {tempfile.gettempdir()} ({error.strerror or error});"
                " free some space there, or build with --no-compile."
            ) from error


def own_digest():
    """What the code that compiles is: results of another version are not used."""
    here = Path(__file__).parent
    names = ("compiler.py", "repack.py", "compile.mjs")
    return sha256(b"".join((here / name).read_bytes() for name in names))


def pack_checked(entries):
    packed = make_zip(entries)
    return sha256(packed).encode() + packed


def unpack_checked(data):
    if data is None or sha256(data[64:]).encode() != data[:64]:
        return None
    with zipfile.ZipFile(io.BytesIO(data[64:])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
