"""Several workers of the tab share the steps of a run: the same run as with one."""

import re

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from playwright.sync_api import expect
from steps import button, expect_status, full_speed, go, save, setting, start, step_number

pytestmark = pytest.mark.slow


# The worker knows the last one it started.
REMEMBER = """() => {
  self.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      self.latest = this;
    }
  };
}"""
# What it is told is none of ours: its Python raises an error.
BREAK = "() => latest.postMessage(0)"


def kept(page, folder):
    folder.mkdir()
    return checkpoints.load(save(page, folder))


def test_two_workers_make_the_run_of_one_also_where_one_is_lost(ready, faults, tmp_path):
    # So many steps that it does not end before the other worker has its Python.
    go(ready, "train?shards=2&batch_size=16&seed=3&schedule=constant&steps=1000000")
    full_speed(ready)
    setting(ready, "Workers", "2")
    ready.workers[0].evaluate(REMEMBER)
    start(ready)
    exchange = ready.locator("[data-pace]").get_by_text("2 workers share each step")
    expect(exchange).to_be_visible(timeout=60_000)
    expect(exchange).to_contain_text(re.compile(r"exchange, 0.0\d MB with each, took \d+ ms"))
    ready.workers[0].evaluate(BREAK)
    expect(exchange).to_be_hidden()
    alone = step_number(ready)
    expect(exchange).to_be_visible(timeout=60_000)  # with another in its place
    button(ready, "Pause").click()
    expect_status(ready, "^Paused at")
    assert step_number(ready) > alone > 0
    steps, two = step_number(ready), kept(ready, tmp_path / "two")
    go(ready, f"train?shards=2&batch_size=16&seed=3&schedule=constant&steps={steps}")
    setting(ready, "Workers", "1")
    button(ready, "Reset").click()
    start(ready)
    expect_status(ready, "^Finished", timeout=120_000)
    one = kept(ready, tmp_path / "one")
    assert len(one.losses) == steps and np.array_equal(one.losses, two.losses)
    assert all(np.array_equal(a, two.tensors[name]) for name, a in one.tensors.items())
