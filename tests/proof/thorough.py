"""The unit and parity tests with every case of their tables, and with many made-up inputs."""

import os
import subprocess
import sys
from pathlib import Path

COUNT = 1000  # made-up inputs of each property
ROOT = Path(__file__).resolve().parents[2]


def prove(count, seed):
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadscope"]
    command += [f"--hypothesis-seed={seed}", "tests/unit", "tests/parity"]
    env = {**os.environ, "MICROGPT_THOROUGH": str(max(1, count))}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as tests:
        lines = list(tests.stdout)
    yield count
    assert tests.returncode == 0, "".join(lines[-60:])
    return f"thorough: {lines[-1].strip()}"
