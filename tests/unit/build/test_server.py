"""The server of the site: types, packing, what is asked again, and what it never gives away."""

import gzip
import http.client
import os
import socket
import threading

import pytest

from web.build import Failure
from web.build.server import open_server


@pytest.fixture
def served(tmp_path):
    """A function that asks a small site: ask(path, method, **headers) -> (response, body)."""
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "runtime" / "abc").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>" + "hello " * 500)
    (folder / "404.html").write_text("not here")
    (folder / "sub" / "index.html").write_text("inner")
    for name in ("a.mjs", "a.wasm", "a.whl", "a.zip", "a.webmanifest", "a.css", "a.json"):
        (folder / name).write_bytes(b"x" * 2000)
    (folder / "runtime" / "abc" / "a.wasm").write_bytes(b"\0asm")
    (tmp_path / "secret.txt").write_text("secret")
    server = open_server(folder, tmp_path / "cache", "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)

    def ask(path, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Accept-Encoding": "identity", **named})
        response = connection.getresponse()
        return response, response.read()

    ask.folder = folder
    yield ask
    connection.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.whl", "application/octet-stream"),
        ("a.zip", "application/zip"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_types(served, name, kind):
    response, _ = served("/" + name)
    assert (response.status, response.headers["Content-Type"]) == (200, kind)


def test_gzip_where_it_helps_and_is_understood(served):

    plain = (served.folder / "index.html").read_bytes()
    response, body = served("/", Accept_Encoding="gzip, br")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert len(body) < len(plain) and gzip.decompress(body) == plain
    for header in ("identity", "gzip;q=0", "br"):
        response, body = served("/", Accept_Encoding=header)
        assert response.headers["Content-Encoding"] is None
        assert body == plain
    response, _ = served("/a.whl", Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] is None


def test_an_unchanged_file_is_not_sent_again(served):
    response, body = served("/")
    tag = response.headers["ETag"]
    assert response.headers["Cache-Control"] == "no-cache"
    again, nothing = served("/", If_None_Match=tag)
    assert (again.status, nothing) == (304, b"")
    (served.folder / "index.html").write_text("changed")
    changed, new = served("/", If_None_Match=tag)
    assert (changed.status, new) == (200, b"changed")


def test_what_is_named_by_its_hash_is_kept_for_good(served):
    response, _ = served("/runtime/abc/a.wasm")
    assert "immutable" in response.headers["Cache-Control"]
    response, _ = served("/runtime/abc/none")
    assert response.status == 404 and "immutable" not in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/sub/../../secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/sub/%2e%2e/%2e%2e/secret.txt",
        "/%00",
        "/index.html/",
        "//../secret.txt",
    ],
)
def test_nothing_outside_is_served(served, path):
    response, body = served(path)
    assert response.status == 404
    assert body == b"not here"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_links_to_the_outside_are_not_followed(served):
    (served.folder / "link.txt").symlink_to(served.folder.parent / "secret.txt")
    assert served("/link.txt")[0].status == 404


def test_a_folder_is_its_page(served):
    response, _ = served("/sub")
    assert (response.status, response.headers["Location"]) == (301, "/sub/")
    assert served("/sub/")[1] == b"inner"
    # Two slashes would be an address on another host.
    assert served("//sub")[0].headers["Location"] in (None, "/sub/")


def test_head_and_ranges(served):
    whole, body = served("/a.wasm")
    head, nothing = served("/a.wasm", method="HEAD")
    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    part, all_of_it = served("/a.wasm", Range="bytes=0-9")
    assert (part.status, all_of_it) == (200, body)
    assert part.headers["Accept-Ranges"] == "none"


def test_a_taken_port_is_replaced_by_a_free_one(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = open_server(tmp_path, tmp_path, "127.0.0.1", port)
        try:
            assert server.server_address[1] != port
        finally:
            server.server_close()


def test_a_host_that_is_not_ours_is_told(tmp_path):
    with pytest.raises(Failure, match="Could not listen on 203.0.113.1:8000"):
        open_server(tmp_path, tmp_path, "203.0.113.1", 8000)
