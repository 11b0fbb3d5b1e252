"""The README tells the truth about what is where."""

import re
import subprocess
from pathlib import Path

import pytest
from microgpt.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def folders_of_the_map():
    """The folders that the README gives a line each."""
    block = re.search(r"```\n(build\.py .*?)```", README, re.DOTALL)[1]
    return {line.split()[0].rstrip("/") for line in block.splitlines() if line.strip()}


def sources():
    """Every file of the program that a reader may look for."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    folders = ["build.py", "py", "web", "fallback_data"]
    listed = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True)
    return {path for path in listed.stdout.splitlines() if (ROOT / path).exists()}


def test_every_folder_has_its_line_and_every_line_its_folder():
    folders = {str(Path(path).parent) for path in sources()} - {"."}
    listed = folders_of_the_map()
    assert folders - listed == set()
    assert {path for path in listed if not (ROOT / path).exists()} == set()


def test_every_line_of_the_map_says_something():
    block = re.search(r"```\n(build\.py .*?)```", README, re.DOTALL)[1]
    for line in block.splitlines():
        assert len(line.split()) > 2, line


def first_words(path, text):
    """What a source file says in its first line about itself, without the marks of a comment."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#!")]
    line = lines[0] if lines else ""
    if line.strip() in ("/**", '"""') or line.lower().startswith("<!doctype"):
        line = lines[1]
    return re.sub(r'^\s*("""|//|/\*+|\*|<!--|#)', "", line) if is_comment(path, line) else ""


def is_comment(path, line):
    marks = {".py": ('"""', "#"), ".css": ("/*",), ".c": ("//", "/*"), ".h": ("//", "/*")}
    return line.strip().startswith(marks.get(Path(path).suffix, ("//", "/*", "*", "<!--")))


def test_every_source_says_in_its_first_line_what_it_is():
    kinds = {".py", ".js", ".mjs", ".css", ".c", ".h"}
    silent = [
        path
        for path in sources()
        if Path(path).suffix in kinds
        and len(first_words(path, (ROOT / path).read_text(encoding="utf-8")).split()) < 3
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("a.py", '"""What it is for."""\nimport os\n', 4),
        ("a.py", "import os\n", 0),
        ("a.js", "/**\n * What it is for.\n */\n", 4),
        ("a.js", "import './b.js';\n// late\n", 0),
        ("a.css", "/* How it looks. */\n", 4),
    ],
)
def test_a_silent_source_is_seen(path, text, count):
    assert len(first_words(path, text).split()) >= count
    assert (len(first_words(path, text).split()) < 3) == (count == 0)


def test_the_commands_exist():
    build = (ROOT / "build.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"build\.py (\w+)", README)):
        assert f'"{name}"' in build
    assert set(re.findall(r"^microgpt (\w+)", README, re.MULTILINE)) <= set(COMMANDS)


def test_nobody_is_sent_to_another_program_of_this_name():
    """The registry has a `microgpt` that is not this one: this one is installed from its folder."""
    texts = {path: ROOT / path for path in sources() if Path(path).suffix in (".py", ".js", ".md")}
    texts["README.md"] = ROOT / "README.md"
    elsewhere = re.compile(r"pip install['\"`\s]*microgpt|microgpt\[")
    found = {p for p, file in texts.items() if elsewhere.search(file.read_text(encoding="utf-8"))}
    assert found == set()
