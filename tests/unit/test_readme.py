"""The README tells the truth about what is where."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tree():
    """The paths that the README's tree lists."""
    block = re.search(r"```\n(build\.py .*?)```", README, re.DOTALL)[1]
    paths, folders = set(), []
    for line in block.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        folders = folders[:depth]
        if name.endswith("/"):
            folders.append(name[:-1])
        else:
            paths.add("/".join([*folders, name]))
    return paths


def sources():
    """Every file of the program that a reader may look for."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    folders = ["build.py", "py", "web", "fallback_data"]
    listed = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True)
    found = {path for path in listed.stdout.splitlines() if (ROOT / path).exists()}
    return {path for path in found if not path.endswith("__init__.py")}


def test_every_file_has_its_line_and_every_line_its_file():
    listed = {path for path in tree() if not path.endswith("__init__.py")}
    assert sources() - listed == set()
    assert listed - sources() == set()


def test_every_line_says_something():
    block = re.search(r"```\n(build\.py .*?)```", README, re.DOTALL)[1]
    for line in block.splitlines():
        assert line.endswith("/") or len(line.split()) > 2, line


def test_the_commands_exist():
    build = (ROOT / "build.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"build\.py (\w+)", README)):
        assert f'"{name}"' in build
    files = [ROOT / "py/microgpt/cli.py", ROOT / "py/microgpt/terminal/tokenize_arguments.py"]
    cli = "".join(path.read_text(encoding="utf-8") for path in files)
    for name in set(re.findall(r"^microgpt (\w+)", README, re.MULTILINE)):
        assert f'"{name}"' in cli
