"""Servers that do what servers should not: the file arrives, or a sentence says why not."""

import socket
import threading
import time
from contextlib import suppress
from random import Random

from microgpt.data import download
from microgpt.data.download import DownloadError, fetch

from proof.made import refusal

COUNT = 200
BODY = bytes(range(256)) * 40
LIMIT = 0.5


def prove(count, seed):
    random, arrived, refused = Random(f"networks {seed}"), 0, 0
    pause, download.PAUSE_SECONDS = download.PAUSE_SECONDS, 0.01
    try:
        for number in range(count):
            if number and number % 20 == 0:
                yield number
            with Server(random.randbytes(8)) as address:
                began = time.monotonic()
                try:
                    data = fetch(address, size=len(BODY), timeout=0.3, limit=LIMIT, retries=1)
                    assert data == BODY, f"number {number}: other bytes were taken"
                    arrived += 1
                except DownloadError as error:
                    refusal(error)
                    refused += 1
                took = time.monotonic() - began
                assert took < LIMIT + 5, f"number {number}: it took {took:.1f} seconds"
    finally:
        download.PAUSE_SECONDS = pause
    return f"networks: {count:,} bad servers, {arrived:,} files arrived, {refused:,} were refused"


class Server:
    """Answers each connection in a way of its own."""

    def __init__(self, seed):
        self._random, self._over = Random(seed), threading.Event()

    def __enter__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/names.txt"

    def __exit__(self, *error):
        self._over.set()
        self._socket.close()
        self._thread.join(5)

    def _serve(self):
        self._socket.settimeout(0.05)
        while not self._over.is_set():
            with suppress(OSError):
                connection, _ = self._socket.accept()
                with connection:
                    connection.settimeout(1)
                    if self._random.random() < 0.8:
                        connection.recv(4096)
                    self._answer(connection)

    def _answer(self, connection):
        random = self._random
        status = random.choice(["200 OK"] * 5 + ["404 no", "500 no", "302 Moved", "999", "x", ""])
        length = random.choice([len(BODY)] * 4 + [0, 5, len(BODY) + 9, 10**12, -1, "many", None])
        lines = [f"HTTP/1.{random.choice('01')} {status}"]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        if random.random() < 0.3:
            odd = ["Location: /x", "Transfer-Encoding: chunked", "X" * 70_000]
            lines.append(random.choice(odd))
        body = random.choice([BODY, BODY, BODY, BODY[:99], BODY * 2, b"", random.randbytes(500)])
        data = "\r\n".join([*lines, "", ""]).encode() + body
        if random.random() < 0.1:
            data = random.randbytes(300)
        step = random.choice([len(data) or 1, 4096, 1000, 1])
        for at in range(0, len(data), step):
            connection.sendall(data[at : at + step])
            if step < 1000 and self._over.wait(0.02):
                return
        if random.random() < 0.2:
            self._over.wait(1)  # neither more nor an end
