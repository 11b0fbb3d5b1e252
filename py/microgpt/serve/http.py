"""uvicorn as it is used here: silent clients are let go, signals are somebody else's."""

import asyncio
import contextlib
import functools
import os
import socket

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import UserError

BACKLOG = 1024
LAST_WORD = 1.0  # seconds for a request that was on its way when the server ended
TICK = 0.25  # seconds between two looks at how things are


def listen(host, port):
    """A socket that listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only a socket that says it is TCP is told by asyncio to send small pieces at once.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        found.close()
        why = getattr(error, "strerror", None) or error
        raise UserError(
            f"{host} port {port} cannot be used ({why}); choose another with"
            " --port, or 0 for any that is free."
        ) from None
    found.setblocking(False)
    return found


class Protocol(H11Protocol):
    """A connection. Its client has some time for each request to arrive, and then to be read."""

    patience = 20.0
    _timer, _ends = None, False

    def connection_made(self, transport):
        super().connection_made(transport)
        self._arm()

    def data_received(self, data):
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            if not self._timer:
                self._arm()
        else:
            self._disarm()

    def handle_events(self):
        super().handle_events()
        if self.scope is not None:
            self.scope["abort"] = self.transport.abort
            self.scope["write"] = functools.partial(self._write, self.cycle)
        if self._ends and self.cycle:
            self.cycle.keep_alive = False

    def _write(self, cycle, data):
        """Send a chunk of a body that has begun, past everything that only the first one needs.

        False where it cannot go at once, or not as a chunk (HTTP/1.0).
        """
        if self.flow.write_paused or cycle.disconnected or cycle.scope["http_version"] != "1.1":
            return False
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))
        return True

    def shutdown(self):
        """The server ends. A connection that was just made may still ask what it came for."""
        if self.cycle is None and not self.transport.is_closing():
            self._ends = True
            self._arm(min(self.patience, LAST_WORD))
        else:
            super().shutdown()

    def connection_lost(self, exc):
        self._disarm()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self):
        super().timeout_keep_alive_handler()
        self._arm()  # what was not read by then is dropped

    def _arm(self, patience=None):
        self._disarm()
        self._timer = self.loop.call_later(patience or self.patience, self.transport.abort)

    def _disarm(self):
        if self._timer:
            self._timer.cancel()
            self._timer = None


class Server(uvicorn.Server):
    """A server that is told to end by `should_exit`."""

    on_closed = staticmethod(lambda: None)  # called when no more connections are accepted

    @contextlib.contextmanager
    def capture_signals(self):
        yield

    async def shutdown(self, sockets=None):
        for server in self.servers:
            server.close()
        self.on_closed()
        await super().shutdown(sockets)


async def run(endpoints, listener, stop, on_ready, on_closed):
    """Answer until `stop`, an asyncio.Event, is set; then end what is going on, and return."""
    options = endpoints.options
    kind = type("Protocol", (Protocol,), {"patience": options.patience})
    config = uvicorn.Config(
        endpoints.app(),
        http=kind,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        log_level="critical",
        server_header=False,
        limit_concurrency=options.connections,
        timeout_graceful_shutdown=options.grace,
        backlog=BACKLOG,
    )
    server = Server(config)
    server.on_closed = on_closed

    async def follow():
        while not server.started:
            await asyncio.sleep(0.005)
        on_ready()
        while not stop.is_set():
            endpoints.counted.set("connections", len(server.server_state.connections))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK)
        server.should_exit = True

    following = asyncio.create_task(follow())
    await server.serve([listener])
    await following
