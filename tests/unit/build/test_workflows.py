"""GitHub's files: they follow its schemas, and try every Python and system that is promised."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GITHUB = ROOT / ".github"


def check(schema, *files):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor." + schema]
    done = subprocess.run([*command, *files], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "schema, pattern",
    [("github-workflows", "workflows/*.yml"), ("github-issue-forms", "ISSUE_TEMPLATE/*.yml")],
)
def test_they_follow_githubs_schema(schema, pattern):
    files = sorted(GITHUB.glob(pattern))
    assert files
    code, said = check(schema, *files)
    assert code == 0, said


def test_the_check_can_say_no(tmp_path):
    broken = tmp_path / "test.yml"
    text = (GITHUB / "workflows" / "test.yml").read_text(encoding="utf-8")
    broken.write_text(text.replace("runs-on:", "run-on:"), encoding="utf-8")
    code, said = check("github-workflows", broken)
    assert code != 0 and "run-on" in said


def test_every_promised_python_is_tried_on_every_system():
    text = (GITHUB / "workflows" / "test.yml").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    (listed,) = re.findall(r"python: \[(.+)\]", text)
    assert re.findall(r"3\.\d+", listed) == named != []
    assert project["requires-python"] == ">=" + named[0]
    for system in ("ubuntu", "windows", "macos"):
        assert f"{system}-latest" in text


def test_nothing_is_published_untested():
    text = (GITHUB / "workflows" / "pages.yml").read_text(encoding="utf-8")
    assert "uses: ./.github/workflows/test.yml" in text and "needs: test" in text


def test_every_file_that_contributing_names_is_there():
    text = (GITHUB / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:py|web|tests)/[\w./-]*", text))
    named |= {"py/microgpt/" + name for name in re.findall(r"`(gpt/\w+\.py)`", text)}
    assert len(named) > 20
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert len(text.splitlines()) < 80  # a page
