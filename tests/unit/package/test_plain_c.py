"""The C yardstick does the very work it is compared with."""

import pytest
from microgpt.bench import plain_c
from microgpt.data.builtin import load_names
from microgpt.presets import MICROGPT
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step
from microgpt.training.run import Run


@pytest.mark.skipif(not plain_c.has_compiler(), reason="there is no C compiler here")
def test_plain_c_follows_the_reference_run(names_file, monkeypatch):
    monkeypatch.setenv("MICROGPT_NAMES", str(names_file))
    run = Run.start(load_names(), MICROGPT, TrainConfig(steps=300, eval_every=0, val_fraction=0))
    with plain_c.PlainC(run, steps=300) as program:
        seconds, loss = program.run()
    for _ in range(300):
        step = take_step(run)
    assert loss == pytest.approx(step.loss, rel=1e-9) and seconds > 0
