"""How many threads make a server's products: all for several rows of a large model, else one."""

from types import SimpleNamespace

import numpy as np
from microgpt import checkpoint as checkpoints
from microgpt.training import threads as threads_module
from microgpt.training.threads import LARGE, BlasThreads
from serving import Within
from talker import base
from threadpoolctl import threadpool_info, threadpool_limits


def threads():
    """Of the library that makes products."""
    (found,) = {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    return found


def test_one_row_or_a_small_model_takes_one_thread():
    large, small = (SimpleNamespace(flat=np.empty(n, np.int8)) for n in (LARGE, LARGE - 1))
    seen = []
    with threadpool_limits(2, "blas"):
        both = BlasThreads()
        for rows, model in ((2, large), (1, large), (2, small), (16, large)):
            both.for_rows(rows, model)
            seen.append(threads())
        assert seen == [2, 1, 1, 2]
        alone = BlasThreads(processes=2)  # each has its share
        alone.for_rows(16, large)
        assert threads() == 1


def test_a_server_takes_more_for_several_rows(tmp_path, monkeypatch):
    path, seen, asked = tmp_path / "base.safetensors", [], []
    checkpoints.save(base(), path)
    within = Within(path)
    batcher = within.served.batcher
    engine, step = batcher._engine, batcher._engine.step
    monkeypatch.setattr(batcher._threads, "most", 2)
    monkeypatch.setattr(batcher._threads, "use", asked.append)

    def watched():
        seen.append((len(engine.rows) > 1, asked[-1]))
        return step()

    async def ask(client):
        for n in (1, 3):
            await client.completions.create(model="base", prompt="one", max_tokens=4, n=n)

    monkeypatch.setattr(engine, "step", watched)
    within.run(ask)
    assert set(seen) == {(False, 1), (True, 1)} and asked[-1] == 2  # a small model; put back
    monkeypatch.setattr(threads_module, "LARGE", 0)
    seen.clear()
    within.run(ask)
    assert set(seen) == {(False, 1), (True, 2)}
