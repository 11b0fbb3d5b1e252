"""A repository and a runtime, of a few bytes each, to build a site of."""

import json
from pathlib import Path

import pytest
from tiny_site import CORE, entry, gives

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tiny(tmp_path):
    """A repository and a runtime, each of a few bytes."""
    packages = {"numpy": {"file_name": "numpy-1-any.whl", "sha256": "?"}, "other": {}}
    stock = json.dumps({"info": {"python": "3"}, "packages": packages}).encode()
    files = {**CORE, "pyodide-lock.json": (stock, "python")}
    lock = {
        "pyodide": "1",
        "cdn": "https://cdn.jsdelivr.net/x/",
        "packages": ["numpy"],
        "files": {name: entry(data, stage) for name, (data, stage) in files.items()},
    }
    root = tmp_path / "repository"
    for name, text in {
        "pyproject.toml": (ROOT / "pyproject.toml").read_text(),
        "LICENSE": "free",
        "py/microgpt/__init__.py": '__version__ = "1"\n',
        "py/microgpt/bench/x.py": "",
        "py/microgpt/__pycache__/x.pyc": "",
        "fallback_data/names.txt": "ada\n",
        "fallback_data/names-1800.txt": "ada\n",
        "fallback_data/names-model.mgpt": "mgpt\n",
        "fallback_data/stories.txt": "Once.\n",
        "fallback_data/story-chat.safetensors": "a model\n",
        "web/index.html": "<html><head><title>x</title></head><body></body></html>",
        "web/404.html": "<head></head>",
        "web/main.js": "",
        "web/sw.js": "// before\nconst FILES = {};\nconst LATER = [];\n// after\n",
        "web/build/x.py": "",
        "web/ui/a.js": "",
        "web/.hidden": "",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = ("one", gives({name: data for name, (data, _) in files.items()}))
    return {"root": root, "lock": lock, "sources": [source], "cache": tmp_path / "cache"}
