"""Commands that build.py runs: what is shown of them, and that nothing is left of them."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from web.build import Failure, processes

ROOT = Path(__file__).resolve().parents[3]


def test_a_failing_step_shows_what_was_printed_and_a_sentence(capsys):
    broken = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    assert processes.step("trying", broken) is False
    assert "the reason" not in capsys.readouterr().err
    with pytest.raises(Failure, match="It did not work."):
        processes.step("installing", broken, "It did not work.")
    err = capsys.readouterr().err
    assert "- installing ... failed, " in err and "the reason" in err


def test_a_good_step_is_one_line(capsys):
    assert processes.step("greeting", [sys.executable, "-c", "print('hello')"], "Never said.")
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "hello" not in err


# Processes of our own, so that what they do to this one's input or life does no harm.
IMPORT_IT = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from web.build import processes; import os\n"
)


def test_steps_see_no_keyboard_and_no_pythonpath():
    code = "import os, sys; print(os.environ.get('PYTHONPATH'), repr(sys.stdin.read()))"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            IMPORT_IT + f"print(processes.quietly([sys.executable, '-c', {code!r}]))",
        ],
        env={**os.environ, "PYTHONPATH": "elsewhere"},
        input="typed",
        capture_output=True,
        text=True,
    )
    assert done.stdout == "(0, \"None ''\")\n"


@pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")
def test_a_time_out_ends_the_children_too(tmp_path):
    # The grandchild holds this open for writing; it reads as ended when the grandchild is gone.
    os.mkfifo(tmp_path / "life")
    life = os.open(tmp_path / "life", os.O_RDONLY | os.O_NONBLOCK)
    shell = f"exec > '{tmp_path}/life'; echo started; exec sleep 60"
    code = f"import subprocess; subprocess.run(['sh', '-c', {shell!r}])"
    result = processes.quietly([sys.executable, "-c", code], timeout=1)
    assert result == (1, "no end after 1 s")
    assert os.read(life, 100) == b"started\n"
    assert select.select([life], [], [], 5)[0], "the grandchild lives on"
    assert os.read(life, 100) == b""
    os.close(life)


@pytest.mark.parametrize("code", [0, 2, 130])
def test_exit_codes_pass_through(code):
    program = f"print('ran'); raise SystemExit({code})"
    script = f"sys.exit(processes.become([sys.executable, '-c', {program!r}], dict(os.environ)))"
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_IT + script], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (code, "ran\n")


def test_a_command_beside_another_has_ended_when_its_block_has(tmp_path, capfd):
    late = f"time.sleep(0.1); pathlib.Path({str(tmp_path / 'x')!r}).touch()"
    code = f"import pathlib, time; print('hi'); {late}"
    with processes.meanwhile([sys.executable, "-c", code], dict(os.environ)):
        pass
    assert (tmp_path / "x").exists() and capfd.readouterr() == ("", "")


def test_a_command_beside_one_that_fails_is_not_waited_for():
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    start = time.monotonic()
    with pytest.raises(Failure), processes.meanwhile(sleeps, dict(os.environ)):
        raise Failure("No.")
    assert time.monotonic() - start < 30
