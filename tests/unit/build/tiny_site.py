"""A repository and a runtime of a few bytes each, and the site that is built of them."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

from web.build import assemble

ROOT = Path(__file__).resolve().parents[3]


def entry(data, stage="python", **more):
    digest = hashlib.sha256(data).hexdigest()
    return {"stage": stage, "bytes": len(data), "sha256": digest, "cdn": "https://cdn/x", **more}


def gives(files, asked=None):
    def source(wanted):
        if asked is not None:
            asked.append(sorted(wanted))
        return {name: data for name, data in files.items() if name in wanted}

    return source


def tar_of(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zip_of(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


# The site, from a tiny runtime

CORE = {
    "pyodide.mjs": (b"export {}", "python"),
    "pyodide.asm.mjs": (b"//", "python"),
    "pyodide.asm.wasm": (b"\0asm", "python"),
    "python_stdlib.zip": (b"zip", "library"),
    "numpy-1-any.whl": (zip_of({"numpy/__init__.py": b""}), "numpy"),
    "micropip-1-any.whl": (b"wheel too", "extra"),
    "uPlot.iife.min.js": (b"chart", "vendor"),
}


def build(tiny, out, **options):
    options = {"compiled": False, **options}
    nowhere = {"say": lambda text: None, "run": None}
    return assemble.build(tiny["root"], out, **without(tiny, "root"), **nowhere, **options)


def without(mapping, key):
    return {k: v for k, v in mapping.items() if k != key}


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(Path(folder).rglob("*"))
        if p.is_file()
    }
