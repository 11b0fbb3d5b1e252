"""The clients of `bench serve`, in a process of their own: many streams at a time, each timed.

    python -m microgpt.bench.serve_client PORT CLIENTS SECONDS SHORTEST LONGEST

Prints one JSON object. A client that has its answer asks again until the time is over.
"""

import asyncio
import json
import random
import sys
import time

TOKENS = 128  # of an answer
LETTERS = 256  # ids that prompts are made of


async def ask(reader, writer, random, lengths):
    """One request; (seconds to the first token, times of the events, tokens written)."""
    prompt = [random.randrange(LETTERS) for _ in range(random.randint(*lengths))]
    body = {"model": "bench", "prompt": prompt, "max_tokens": TOKENS, "stream": True}
    body |= {"stream_options": {"include_usage": True}, "seed": random.getrandbits(30)}
    body = json.dumps(body).encode()
    head = (
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    began, times, last = time.perf_counter(), [], b""
    async for line in reader:
        if line.startswith(b"data: {"):
            times.append(time.perf_counter())
            last = line
        elif line.startswith(b"data: [DONE]"):
            break
    while (await reader.readline()).strip() != b"0":  # the last chunk's length
        pass
    await reader.readline()
    return times[0] - began, times[:-1], json.loads(last[6:])["usage"]["completion_tokens"]


async def client(port, number, until, lengths, found):
    rng = random.Random(f"{number} {time.time()}")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        first, times, tokens = await ask(reader, writer, rng, lengths)
        found.append((first, times, tokens))
    writer.close()


async def main(port, clients, seconds, *lengths):
    found, began = [], time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(client(port, i, until, lengths, found) for i in range(clients)))
    # Of the time in which all were at it: the events until the first client had enough.
    inside = sum(time <= until for _, times, _ in found for time in times)
    gaps = [b - a for _, times, _ in found for a, b in zip(times, times[1:])]
    firsts = [first for first, _, _ in found]
    print(json.dumps({"tokens_per_second": inside / seconds, "gaps": gaps, "firsts": firsts}))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
