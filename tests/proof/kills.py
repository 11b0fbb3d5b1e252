"""kill -9 while a checkpoint is being saved: the file is the old one or the new one, whole."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from microgpt import checkpoint as checkpoints

from proof.made import small_checkpoint

COUNT = 300
SAVING = """
import sys
from dataclasses import replace
from microgpt import checkpoint as checkpoints
path = sys.argv[1]
kept = checkpoints.load(path)
for step in range(10**9):
    kept.meta["data"]["source"] = f"save {step}"
    checkpoints.save(kept, path)
    print(flush=True)
"""


def prove(count, seed):
    random, left = Random(f"kills {seed}"), 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.safetensors")
        checkpoints.save(small_checkpoint(), path)
        env = {**os.environ, "PYTHONPATH": str(Path(checkpoints.__file__).parents[1])}
        for number in range(count):
            if number and number % 20 == 0:
                yield number
            command = [sys.executable, "-c", SAVING, str(path)]
            with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as process:
                process.stdout.readline()
                time.sleep(random.random() * 0.02)
                process.send_signal(signal.SIGKILL)
            kept = checkpoints.load(path)
            assert kept.meta["data"]["source"].startswith("save "), kept.meta["data"]
            others = [name for name in os.listdir(folder) if name != path.name]
            assert len(others) <= 1, f"{others} were left, though each save tidies up"
            left += len(others)
        checkpoints.save(small_checkpoint(), path)
        assert os.listdir(folder) == [path.name], os.listdir(folder)
    return (
        f"kills: {count:,} while saving, the checkpoint was whole each time; {left:,} left a part"
        " behind, which the next save removed"
    )
