"""What the page's own unzip reads out of the zips that the build makes."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from web.build.repack import make_zip

ROOT = Path(__file__).resolve().parents[3]
LIST = """
import fs from "node:fs";
import { entries } from "./unzip.mjs";
const sum = (bytes) => bytes.reduce((total, byte) => total + byte, 0);
for (const { name, bytes } of entries(new Uint8Array(fs.readFileSync("a.zip"))))
  console.log(name, bytes.length, sum(bytes));
"""
FILES = {"pkg/a.pyc": bytes(range(256)), "pkg/sub/é.txt": b"two words", "empty.py": b""}


@pytest.fixture
def listed(tmp_path):
    """What unzip.js finds in a zip: its lines, or why it refuses."""
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not here")
    (tmp_path / "unzip.mjs").write_text((ROOT / "web/worker/unzip.js").read_text())
    (tmp_path / "list.mjs").write_text(LIST)

    def run(archive):
        (tmp_path / "a.zip").write_bytes(archive)
        done = subprocess.run([node, "list.mjs"], cwd=tmp_path, capture_output=True, text=True)
        return done.stdout.splitlines() if done.returncode == 0 else done.stderr

    return run


def test_it_finds_every_file_and_its_bytes(listed):
    archive = make_zip(FILES, zipfile.ZIP_STORED)
    assert listed(archive) == [f"{n} {len(FILES[n])} {sum(FILES[n])}" for n in sorted(FILES)]


def test_it_refuses_what_the_build_does_not_write(listed):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"a" * 1000)
    assert "this zip is compressed" in listed(buffer.getvalue())
    assert "this is not a zip" in listed(buffer.getvalue()[:-10])
    assert "this is not a zip" in listed(b"")
