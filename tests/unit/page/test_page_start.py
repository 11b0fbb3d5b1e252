"""What a start of the page does without: each of these would be waited for by every visitor."""

import subprocess
import sys
from pathlib import Path

from page_caller import Caller

PACKAGES = Path(__file__).resolve().parents[3] / "py"
LATER = ["numpy.random", "microgpt.data.tasks", "microgpt.data.check", "microgpt.evaluation"]
LATER += ["microgpt.page.benchmark", "microgpt.page.inside", "microgpt.tokenizer.files.formats"]


def test_a_start_imports_no_more_than_a_first_run_needs():
    code = f"import sys, microgpt.page; print([m for m in {LATER} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=PACKAGES, capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr


def test_what_comes_later_is_there_when_it_is_asked_for():
    call = Caller()
    assert call.session.inside is None
    assert "refused" in call("go_on_measuring", milliseconds=1)
    assert "refused" in call("embeddings", method="pca")
