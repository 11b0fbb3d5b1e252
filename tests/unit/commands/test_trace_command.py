"""`trace`: the recorded steps as numpy to read; where one cannot be recorded, why."""

import pytest
from microgpt.gpt.model import GPT
from program import call


@pytest.mark.parametrize("flags", [[], ["--show"]])
def test_the_steps_of_training(flags, capsys):
    answer = call(capsys, "trace", *flags)
    assert answer.code == 0 and answer.err == ""
    assert "# ---- forward and backward: " in answer.out and "# ---- update: " in answer.out
    assert ("np.matmul(" in answer.out) == bool(flags)


@pytest.mark.parametrize("flags", [[], ["--show"]])
def test_a_step_that_cannot_be_recorded(flags, capsys, monkeypatch):
    usual = GPT.loss

    def loss(model, *batch):
        result = usual(model, *batch)
        return result if result.data > 0 else result * 1

    monkeypatch.setattr(GPT, "loss", loss)
    answer = call(capsys, "trace", *flags)
    assert answer.code == 0 and answer.err == ""
    first, second, third, *_ = answer.out.splitlines()
    assert first == "# ---- forward and backward: not recorded, it runs as it is and slower"
    assert second.startswith("# This cannot be recorded: a branch on a value. test_trace_command")
    assert third.startswith("# ---- update: 10 calls")
