"""A crowd of clients at one server: some leave, some are slow, some send nonsense; thrice the same.

Every answer is compared with the one that a client alone was given: of a model in float64 it is the
same, token for token; of one in float32 at most one in a thousand may differ, and where it does
not, its log-probabilities are the same to 1e-4. What the server keeps in memory may not grow, once
a round before these has shown it every size of step that it records.
"""

import asyncio
import json
import os
import tempfile
from pathlib import Path
from random import Random

from microgpt import checkpoint as checkpoints
from serving import program
from talker import base

COUNT = 200  # clients at a time
ROUNDS = 3
GROWTH = 0.05  # that memory may have from the first to the last round
EACH = 3  # requests of a client
WAIT = 240  # seconds for one of them
SINGLE = "story-chat"  # in float32
NEAR = 1e-4
MOST_DIFFERENT = 1 / 1000
NONSENSE = [
    (b"{", 400),
    (b'{"model": "talker", "prompt": 3}', 400),
    (b'{"model": "talker", "prompt": "a", "nonsense": 1}', 400),
    (b'{"model": "other", "prompt": "a"}', 404),
    (b"x" * 10_000_000, 413),
]


def prove(count, seed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "talker.safetensors")
        checkpoints.save(base(), path)
        queue = str(8 * count)  # all come from one address
        with program(path, SINGLE, "--queue", queue, "--quiet", "--patience", "60") as server:
            asked = [request(Random(f"{seed} {i}")) for i in range(count)]
            expected = asyncio.run(alone(server.port, asked))
            yield 0
            sizes, told = [], {}
            for number in range(-1, ROUNDS):
                clients = (
                    client(server.port, Random(f"{seed} {i}"), i, asked, expected, told)
                    for i in range(count)
                )
                asyncio.run(all_of(clients))
                sizes.append(asyncio.run(settled(server)))
                yield (number + 1) * count // ROUNDS
            growth = sizes[-1] / sizes[1] - 1
            assert growth <= GROWTH, f"resident memory grew by {growth:.1%}: {sizes}"
            code, log = server.end()
            assert code == 0, (code, log)
    different, single = told.pop("different", 0), told.pop(SINGLE)
    assert different <= single * MOST_DIFFERENT, f"{different} of {single} in float32 differ"
    words = ", ".join(f"{told[kind]:,} {kind}" for kind in sorted(told))
    return (
        f"serve: {ROUNDS} rounds of {count} clients at a time ({words}); every answer was the one"
        f" given alone but for {different} of {single:,} in float32; memory after the last round"
        f" {growth:+.1%} of that after the first"
    )


def request(random):
    """A request whose answer depends on every number of the model."""
    prompt = "".join(random.choice("abcdefghij ") for _ in range(random.randint(1, 30)))
    body = {"model": random.choice(["talker", SINGLE]), "prompt": prompt, "logprobs": 0}
    return body | {
        "seed": random.randrange(1 << 40),
        "max_tokens": random.randint(1, 30),
        "temperature": 1.5,
    }


async def all_of(clients):
    await asyncio.gather(*clients)


async def alone(port, asked):
    return [await answer(port, each) for each in asked]


async def client(port, random, number, asked, expected, told):
    """Some requests, one after the other; a third of the clients leave in the middle of one."""
    kind = "who left" if number % 3 == 0 else "slow" if number % 10 == 1 else "patient"
    if number % 10 == 5:
        kind = "with nonsense"
    for _ in range(EACH):
        at = random.randrange(len(asked))
        await asyncio.sleep(random.random() * 0.2)
        told[kind] = told.get(kind, 0) + 1
        async with asyncio.timeout(WAIT):
            if kind == "who left":
                await leave(port, random, asked[at])
            elif kind == "with nonsense":
                body, status = random.choice(NONSENSE)
                found, _ = await post(port, body)
                assert found == status, (found, status, body[:60])
            else:
                streams = kind == "slow" or random.random() < 0.5
                found = await answer(port, asked[at], streams, 0.01 * (kind == "slow"))
                single = asked[at]["model"] == SINGLE
                told[SINGLE] = told.get(SINGLE, 0) + single
                same = found[:3] == expected[at][:3] and near(found[3], expected[at][3])
                told["different"] = told.get("different", 0) + (single and not same)
                assert same or single, (asked[at], found, expected[at])


def near(a, b):
    return len(a) == len(b) and all(abs(x - y) < NEAR for x, y in zip(a, b))


def head(length):
    return (
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def post(port, body, pause=0.0):
    """(status, body) of an answer, read a little at a time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 12)
    try:
        writer.write(head(len(body)) + body)
        parts = []
        while part := await reader.read(200 if pause else 1 << 16):
            parts.append(part)
            await asyncio.sleep(pause)
    finally:
        writer.close()
    start, _, rest = b"".join(parts).partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 "), start
    return int(start.split()[1]), joined(rest) if b"chunked" in start else rest


def joined(data):
    """The body that came in chunks."""
    parts = []
    while data:
        size, _, data = data.partition(b"\r\n")
        parts.append(data[: int(size, 16)])
        data = data[int(size, 16) + 2 :]
    return b"".join(parts)


async def answer(port, body, streams=False, pause=0.0):
    """(text, reason, tokens, log-probabilities) of an answer."""
    more = {"stream": True, "stream_options": {"include_usage": True}} if streams else {}
    status, data = await post(port, json.dumps(body | more).encode(), pause)
    assert status == 200, (status, data)
    if not streams:
        found = json.loads(data)
        (choice,) = found["choices"]
        used, logs = found["usage"]["completion_tokens"], choice["logprobs"]["token_logprobs"]
        return choice["text"], choice["finish_reason"], used, logs
    *events, done = [line[6:] for line in data.split(b"\n") if line.startswith(b"data: ")]
    assert done == b"[DONE]", done
    *chunks, last = map(json.loads, events)
    choices = [chunk["choices"][0] for chunk in chunks]
    (reason,) = [c["finish_reason"] for c in choices if c["finish_reason"]]
    text = "".join(c["text"] for c in choices)
    logs = [value for c in choices for value in c["logprobs"]["token_logprobs"]]
    return text, reason, last["usage"]["completion_tokens"], logs


async def leave(port, random, body):
    """Ask, and go away: at once, after a while, or within the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(body | {"stream": True}).encode()
    data = head(len(body)) + body
    writer.write(data[: random.randint(1, len(data))] if random.random() < 0.3 else data)
    await asyncio.sleep(random.random() * 0.1)
    if random.random() < 0.5:
        await asyncio.wait({asyncio.ensure_future(reader.read(random.randint(1, 500)))}, timeout=5)
    writer.transport.abort()


async def settled(server):
    """What the worker holds in memory, once nobody is served any more."""
    for _ in range(600):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        stats = json.loads((await reader.read()).partition(b"\r\n\r\n")[2])
        writer.close()
        if not (stats["active"] or stats["waiting"]) and stats["connections"] <= 1:
            break
        await asyncio.sleep(0.1)
    assert not stats["active"] and not stats["waiting"], stats
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return pages * os.sysconf("SC_PAGE_SIZE")
