"""axe-core, the checker of accessibility: fetched by a test that wants it, never kept in git."""

import hashlib
import shutil
import subprocess
import tarfile

import pytest

from web.build import runtime

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"  # of axe.min.js
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
  async (tags) => {
    const { violations } = await axe.run(document, {
      runOnly: { type: "tag", values: tags }, resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) =>
      `${id} (${help}): ${node.target.join(" ")}: ${node.failureSummary}`));
  }
"""


def source():
    """The text of axe.min.js; skips the test where it cannot be had."""
    folder = runtime.cache_dir() / "axe-core"
    kept = folder / f"axe-{VERSION}.min.js"
    if not kept.exists() or not is_right(kept.read_bytes()):
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(fetched(folder))
    return kept.read_text(encoding="utf-8")


def fetched(folder):
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("axe-core is not here and there is no npm to fetch it with")
    command = [npm, "pack", "--silent", f"axe-core@{VERSION}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(f"axe-core {VERSION} could not be fetched with npm: {done.stderr[-300:]}")
    packed = folder / done.stdout.split()[-1]
    with tarfile.open(packed) as archive:
        found = archive.extractfile("package/axe.min.js").read()
    packed.unlink()
    assert is_right(found), f"another axe-core {VERSION} came than the one that is pinned here"
    return found


def is_right(content):
    return hashlib.sha256(content).hexdigest() == SHA256


def violations(page):
    """What it finds, one sentence each."""
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(source())  # not a script of the page: its policy would not let it in
    return page.evaluate(RUN, TAGS)
