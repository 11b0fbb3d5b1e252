"""Servers for tests: as processes of their own, or within the test.

openai takes a second to be imported, and every process of pytest collects all tests: those that
use it import it themselves.
"""

import asyncio
import contextlib
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import httpx2
from microgpt.serve.app import Endpoints
from microgpt.serve.batcher import Batcher
from microgpt.serve.metrics import Metrics
from microgpt.serve.models import load_models
from microgpt.serve.options import Options
from program import start


def run(coroutine):
    """Its result. In a thread of its own: Playwright, once started, has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Program:
    """A `serve` that listens on any free port."""

    def __init__(self, *arguments):
        self.process = start("serve", *arguments, "--port", "0")
        self.log = []
        while not (found := re.search(r"http://([^/]+)/v1", self.log[-1] if self.log else "")):
            assert (line := self.process.stderr.readline()), self.log
            self.log.append(line)
        self.host = found[1]
        self.port = int(self.host.rpartition(":")[2])

    @property
    def url(self):
        return f"http://{self.host}/v1"

    def client(self, key="none", **options):
        import openai

        return openai.OpenAI(base_url=self.url, api_key=key, max_retries=0, **options)

    def read_until(self, text):
        """Read the log up to a line with this text."""
        while text not in (self.log[-1] if self.log else ""):
            assert (line := self.process.stderr.readline()), self.log
            self.log.append(line)
        return self.log[-1]

    def end(self, number=signal.SIGTERM):
        """The exit code and the rest of the log."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        assert "Traceback" not in err, err
        return self.process.returncode, out + err


@contextlib.contextmanager
def program(*arguments):
    server = Program(*arguments)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()
        server.process.stdout.close()
        server.process.stderr.close()


class Within:
    """The endpoints within this process, with the official client in front of them."""

    def __init__(self, path, **options):
        self.options, (self.served,) = Options(**options), load_models([path]).values()
        self.metrics, self.log = Metrics(1), []
        served, options = self.served, self.options
        counted = self.metrics.row(0)
        settings = options.slots, options.queue, options.prefix_bytes, counted
        batcher = Batcher(served.model, served.tokenizer, *settings)
        # A dataclass is frozen for those who only read it; this is where it is put together.
        object.__setattr__(served, "batcher", batcher)
        models = {served.name: served}
        self.endpoints = Endpoints(models, options, self.metrics, counted, self.log.append)
        self.app = self.endpoints.app()

    def run(self, work):
        """The result of `work(client)`, a coroutine function of an AsyncOpenAI."""
        import openai

        async def with_client():
            transport = httpx2.ASGITransport(self.app)
            async with (
                httpx2.AsyncClient(transport=transport) as http,
                openai.AsyncOpenAI(
                    base_url="http://localhost/v1", api_key="none", max_retries=0, http_client=http
                ) as client,
            ):
                return await work(client)

        return run(with_client())
