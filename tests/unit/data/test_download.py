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
from microgpt.data.download import DownloadError, download, fetch
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
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/ok")
        if self.path != "/unsized":
            self.send_header("Content-Length", str(length))
        self.end_headers()
        with suppress(ConnectionError):  # the client may have given up
            self.wfile.write(body)

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


def test_a_good_file_arrives_with_progress(server, tmp_path):
    path = tmp_path / "new" / "folder" / "file.bin"
    seen = []
    download(
        f"{server.url}/ok",
        path,
        sha256=SHA256,
        size=len(BODY),
        on_progress=lambda received, total: seen.append((received, total)),
    )
    assert path.read_bytes() == BODY
    assert os.listdir(path.parent) == ["file.bin"]
    assert seen == sorted(seen) and len(seen) > 1
    assert seen[-1] == (len(BODY), len(BODY))


def test_an_old_file_is_replaced_and_kept_on_failure(server, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(DownloadError):
        download(f"{server.url}/missing", path)
    assert path.read_bytes() == b"old"
    download(f"{server.url}/moved", path)
    assert path.read_bytes() == BODY
    assert os.listdir(tmp_path) == ["file"]


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
def test_trying_again_has_an_end(server, tmp_path, path, words):
    with pytest.raises(DownloadError, match=words):
        download(server.url + path, tmp_path / "file", retries=2)
    assert server.asked == [path] * 3
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "path, checks, words",
    [
        ("/missing", {}, "404"),
        ("/ok", {"sha256": "0" * 64}, "not the expected file"),
        ("/ok", {"size": 10}, "256,000 bytes instead of 10"),
    ],
)
def test_what_cannot_pass_is_not_tried_again(server, tmp_path, path, checks, words):
    with pytest.raises(DownloadError, match=words):
        download(server.url + path, tmp_path / "file", **checks)
    assert server.asked == [path]
    assert os.listdir(tmp_path) == []


def test_a_silent_server(server, tmp_path):
    with pytest.raises(DownloadError, match="silent for 0.1 seconds"):
        download(f"{server.url}/slow", tmp_path / "file", timeout=0.1, retries=1)
    assert server.asked == ["/slow"] * 2
    assert os.listdir(tmp_path) == []


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


def test_nothing_is_left_after_an_interrupt(server, tmp_path):
    def interrupt(received, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(f"{server.url}/ok", tmp_path / "file", on_progress=interrupt)
    assert os.listdir(tmp_path) == []


def test_a_place_that_cannot_be_written(server, tmp_path):
    (tmp_path / "occupied").write_text("a file where the folder should be")
    with pytest.raises(UserError, match="Could not write"):
        download(f"{server.url}/ok", tmp_path / "occupied" / "file")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="is a folder or a device"):
        download(f"{server.url}/ok", tmp_path / "folder")
    assert sorted(os.listdir(tmp_path)) == ["folder", "occupied"]


def test_a_browser_has_no_network(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(DownloadError, match="browser"):
        fetch("http://127.0.0.1/")


def test_a_download_error_is_a_user_error():
    assert issubclass(DownloadError, UserError)
