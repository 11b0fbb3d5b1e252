"""Limits of time: who does not read is cut off, what takes too long is ended."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.inference.sampling import Sampling
from microgpt.serve.batcher import Batcher, Job
from microgpt.serve.metrics import Metrics
from microgpt.serve.writing import Order
from microgpt.training.threads import BlasThreads
from serving import Within, run
from talker import base

ASK = {"model": "base", "prompt": "one", "temperature": 1, "max_tokens": 40}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("limits") / "base.safetensors"
    checkpoints.save(base(), path)
    return path


def test_who_does_not_read_is_cut_off(path):
    within = Within(path, patience=0.2)
    headers = [(b"content-type", b"application/json"), (b"host", b"localhost")]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/completions", "root_path": "",
        "query_string": b"", "headers": headers, "client": ("127.0.0.1", 9), "scheme": "http",
        "server": ("127.0.0.1", 80), "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def ask():
        cut, sent = asyncio.Event(), []
        body = [{"type": "http.request", "body": json.dumps({**ASK, "stream": True}).encode()}]

        async def receive():
            if body:
                return body.pop()
            await cut.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if len(sent) > 1:  # nobody takes what comes after the head
                await cut.wait()

        async with asyncio.timeout(20):
            await within.app({**scope, "abort": cut.set}, receive, send)
        return sent

    assert len(run(ask())) >= 2
    assert within.log[-1]["status"] == 499 and within.metrics.stats["active"] == 0
    assert within.metrics.stats["requests"] == {"499": 1}


@pytest.mark.parametrize("stream", [False, True])
def test_what_takes_too_long_is_ended(path, stream):
    import openai

    within = Within(path, timeout=0.001)

    async def ask(client):
        answer = await client.completions.create(**ASK, n=8, stream=stream)
        return [chunk async for chunk in answer] if stream else answer

    with pytest.raises(openai.APIError) as error:
        within.run(ask)
    assert "longer than 0.001 s" in str(error.value)
    assert stream or error.value.status_code == 504
    assert within.log[-1]["status"] == (200 if stream else 504) and within.log[-1]["error"]


def test_who_leaves_gives_up_the_slot(path):
    within = Within(path, slots=1)

    async def ask(client):
        long = {**ASK, "n": 16}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await client.completions.create(**long)
        return await client.completions.create(**ASK)  # though sixteen were in front of it

    assert within.run(ask).choices[0].finish_reason in ("stop", "length")
    assert within.metrics.stats["waiting"] == 0


def test_the_models_of_a_worker_are_counted_together():
    metrics, model, tokenizer = Metrics(1), base().model(), base().tokenizer()
    busy, idle = (
        Batcher(model, tokenizer, 1, 8, 1 << 20, metrics.row(0), BlasThreads()) for _ in range(2)
    )

    async def ask():
        busy.order(Job("one"), [Order([1, 2], False, seed, Sampling()) for seed in range(3)])
        busy._begin(busy._take())
        for each in (busy, idle):  # the last one has nothing to do
            each._count()
        busy._task.cancel()

    run(ask())
    assert [metrics.stats[name] for name in ("active", "waiting")] == [1, 2]


def test_a_piece_of_a_prompt_takes_about_as_long_as_a_token_of_those_who_write():
    """What it takes is told by steps: as what they take more, or, beside the rows, as a whole."""
    model, tokenizer, metrics = base().model(), base().tokenizer(), Metrics(1)
    for beside, step, piece in ((False, 0.0164, 68), (True, 0.0128, 68)):
        batcher = Batcher(model, tokenizer, 2, 8, 1 << 20, metrics.row(0))
        writing = SimpleNamespace(since=1.0)
        batcher._choices = {1: writing, 2: SimpleNamespace(since=None)}
        batcher._engine = SimpleNamespace(is_reading=True, reads_beside=beside)
        batcher._time(0.010, 1, 0, 0)
        batcher._time(step, 1, 32, 1)  # for each of them, and for what 32 more would take
        assert batcher._next_piece() == pytest.approx(piece, abs=1)
