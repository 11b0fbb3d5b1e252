"""Downloads from a server of our own: what is retried, what is not, and that nothing is left."""

import hashlib
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from microgpt.data import download as module
from microgpt.data.download import DownloadError, fetch
from microgpt.errors import UserError

BODY = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(BODY).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        first = self.server.asked.count(self.path) == 1
        status, length, body = 200, len(BODY), BODY
        match self.path:
            case "/missing":
                status, length, body = 404, 0, b""
            case "/flaky" if first:
                status, length, body = 503, 0, b""
            case "/broken":
                status, length, body = 500, 0, b""
            case "/truncated-once" if first:
                body = BODY[:1000]
            case "/truncated":
                body = BODY[:1000]
            case "/moved":
                status, length, body = 302, 0, b""
            case "/slow":
                self.server.stopping.wait(5)
            case "/odd":
                return self.wfile.write(b"HTTP/1.0 \x1b[2J \r\n" + bytes(2000))
            case "/slow-headers":
                return self.drop_by_drop(b"HTTP/1.0 200 OK\r\nX: " + bytes(1000))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/ok")
        if self.path != "/unsized":
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.path == "/drop-by-drop":
            return self.drop_by_drop(BODY)
        with suppress(ConnectionError):  # the client may have given up
            self.wfile.write(body)

    def drop_by_drop(self, data):
        with suppress(ConnectionError):
            for i in range(len(data)):
                self.wfile.write(data[i : i + 1])
                self.wfile.flush()
                if self.server.stopping.wait(0.05):
                    return

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.stopping = [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.stopping.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def direct_and_quick(monkeypatch):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.001)


def test_a_good_file_arrives_with_progress(server):
    seen = []
    data = fetch(
        f"{server.url}/ok",
        sha256=SHA256,
        size=len(BODY),
        on_progress=lambda received, total: seen.append((received, total)),
    )
    assert data == BODY == fetch(f"{server.url}/moved")
    assert seen == sorted(seen) and len(seen) > 1
    assert seen[-1] == (len(BODY), len(BODY))


def test_a_length_the_server_does_not_tell(server):
    seen = []
    data = fetch(f"{server.url}/unsized", on_progress=lambda *now: seen.append(now))
    assert data == BODY
    assert seen[-1] == (len(BODY), None)
    with pytest.raises(DownloadError, match="256,000 of 256,001 bytes"):
        fetch(f"{server.url}/unsized", size=len(BODY) + 1, retries=0)
    with pytest.raises(DownloadError, match="more than 255,999"):
        fetch(f"{server.url}/unsized", size=len(BODY) - 1)


@pytest.mark.parametrize("path", ["/flaky", "/truncated-once"])
def test_what_can_pass_is_tried_again(server, path):
    assert fetch(server.url + path, sha256=SHA256) == BODY
    assert server.asked == [path] * 2


@pytest.mark.parametrize("path, words", [("/broken", "500"), ("/truncated", "1,000 of 256,000")])
def test_trying_again_has_an_end(server, path, words):
    with pytest.raises(DownloadError, match=words):
        fetch(server.url + path, retries=2)
    assert server.asked == [path] * 3


@pytest.mark.parametrize(
    "path, checks, words",
    [
        ("/missing", {}, "404"),
        ("/ok", {"sha256": "0" * 64}, "not the expected file"),
        ("/ok", {"size": 10}, "256,000 bytes instead of 10"),
    ],
)
def test_what_cannot_pass_is_not_tried_again(server, path, checks, words):
    with pytest.raises(DownloadError, match=words):
        fetch(server.url + path, **checks)
    assert server.asked == [path]


def test_a_silent_server(server):
    with pytest.raises(DownloadError, match="silent for 0.1 seconds"):
        fetch(f"{server.url}/slow", timeout=0.1, retries=1)
    assert server.asked == ["/slow"] * 2


def test_what_a_server_says_of_itself_stays_on_one_line(server):
    with pytest.raises(DownloadError) as failure:
        fetch(f"{server.url}/odd", retries=0)
    assert str(failure.value).endswith("the connection broke off (HTTP/1.0 [2J ).")


def test_a_refused_connection():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(DownloadError, match="refused"):
            fetch(f"http://127.0.0.1:{unused.getsockname()[1]}/")


def test_a_name_that_does_not_exist_fails_at_once(monkeypatch):
    def unknown(*args):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    start = time.perf_counter()
    with pytest.raises(DownloadError, match="nowhere.invalid was not found; are you offline"):
        fetch("http://nowhere.invalid/file")
    assert time.perf_counter() - start < 1


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: over.wait(20))
    monkeypatch.setattr(module, "LOOK_UP_SECONDS", 0.05)
    start = time.perf_counter()
    with pytest.raises(DownloadError, match="are you offline"):
        fetch("http://nowhere.invalid/file")
    assert time.perf_counter() - start < 2
    over.set()


@pytest.mark.parametrize("url", ["names.txt", "gopher://127.0.0.1/x", "http://[bad/x", "http://"])
def test_addresses_that_are_none(url):
    with pytest.raises(DownloadError):
        fetch(url)


def test_a_proxy_is_looked_up_instead_of_the_server(server, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    assert fetch("http://nowhere.invalid/ok") == BODY
    assert server.asked == ["http://nowhere.invalid/ok"]


def test_an_interrupt_ends_it(server):
    def interrupt(received, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(f"{server.url}/ok", on_progress=interrupt)
    assert server.asked == ["/ok"]


@pytest.mark.parametrize("path", ["/drop-by-drop", "/slow-headers"])
def test_the_whole_has_a_limit(server, path):
    """A byte now and then is never silence, and would take for ever."""
    start = time.perf_counter()
    with pytest.raises(DownloadError, match=r"it took longer than 0\.3 seconds\.$"):
        fetch(server.url + path, timeout=5, limit=0.3, retries=3)
    assert time.perf_counter() - start < 4 and server.asked == [path]


def test_a_browser_has_no_network(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(DownloadError, match="browser"):
        fetch("http://127.0.0.1/")


def test_a_download_error_is_a_user_error():
    assert issubclass(DownloadError, UserError)
