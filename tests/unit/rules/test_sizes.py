"""How long a file and how full a folder may be, and what a test file may be called."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MAX_LINES = 350
MAX_FILES = 15  # in a folder
TOPS = ("py", "web", "tests")
SOURCES = {".py", ".js", ".mjs", ".html", ".css", ".c"}


def files_too_many(files):
    """The folders with more source files than a reader takes in at a glance."""
    counts = Counter(str(Path(f).parent) for f in files if Path(f).suffix in SOURCES)
    return {folder: n for folder, n in counts.items() if n > MAX_FILES}


def test_every_folder_is_seen_at_a_glance():
    files = [f.relative_to(ROOT) for top in TOPS for f in (ROOT / top).rglob("*")]
    assert files_too_many(files) == {}


def test_no_two_test_files_have_one_name():
    """Pytest imports a test file by its bare name, and refuses the second one."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_full_folder_is_seen():
    assert files_too_many([f"a/{i}.py" for i in range(MAX_FILES)] + ["a/b/c.js", "a/d.json"]) == {}
    assert files_too_many([f"a/{i}.py" for i in range(MAX_FILES + 1)]) == {"a": MAX_FILES + 1}


def test_every_source_is_read_in_one_sitting():
    files = [ROOT / "build.py"]
    for folder in TOPS:
        files += [f for f in sorted((ROOT / folder).rglob("*")) if f.suffix in {*SOURCES, ".ts"}]
    lengths = {str(f.relative_to(ROOT)): f.read_bytes().count(b"\n") for f in files}
    assert len(lengths) > 1
    assert {name: n for name, n in lengths.items() if n > MAX_LINES} == {}
