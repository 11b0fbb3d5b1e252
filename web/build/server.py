"""A small static server for the site: right types, gzip, ETags; for this machine, not the web."""

import errno
import gzip
import hashlib
import os
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from . import Failure
from .runtime import read, write_whole

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
    ".whl": "application/octet-stream",
    ".txt": "text/plain; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
PACKED = {".zip", ".whl", ".png"}  # gzip gains nothing
PORTS_TO_TRY = 20


class Site:
    """The files of one folder, read and packed once each, again when they change."""

    def __init__(self, folder, cache):
        self.folder = Path(folder).resolve()
        self.cache = Path(cache)
        self.known = {}
        self.lock = threading.Lock()

    def find(self, url):
        """The file behind an address: (status, path), or None in place of a path."""
        parts = unquote(urlsplit(url).path).split("/")[1:]
        if any(part in (".", "..") or "\\" in part or "\0" in part for part in parts):
            return HTTPStatus.NOT_FOUND, None
        path = self.folder.joinpath(*parts)
        if path.is_dir():
            # Without the slash, the page's relative addresses would miss it.
            if parts[-1]:
                return HTTPStatus.MOVED_PERMANENTLY, None
            path = path / "index.html"
        elif not parts[-1]:
            return HTTPStatus.NOT_FOUND, None
        inside = path.is_file() and path.resolve().is_relative_to(self.folder)
        return (HTTPStatus.OK, path) if inside else (HTTPStatus.NOT_FOUND, None)

    def is_named_by_hash(self, path):
        """Whether the bytes behind this address can never change: runtime/<hash>/…"""
        return path.is_relative_to(self.folder / "runtime")

    def load(self, path):
        """(ETag, bytes, gzipped bytes or None) of a file."""
        stat = path.stat()
        key = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        with self.lock:  # so that a file asked for twice at once is packed once
            known = self.known.get(path)
            if known is None or known[0] != key:
                body = path.read_bytes()
                digest = hashlib.sha256(body).hexdigest()
                self.known[path] = known = (key, digest[:32], body, self.packed(path, digest, body))
        return known[1:]

    def packed(self, path, digest, body):
        if path.suffix in PACKED or len(body) < 1000:
            return None
        kept = self.cache / "gzip" / (digest[:32] + ".gz")
        data = read(kept)
        if data is None or not unpacks_to(data, body):
            data = gzip.compress(body, 9, mtime=0)
            write_whole(kept, data)
        return data


def unpacks_to(data, body):
    try:
        return gzip.decompress(data) == body
    except (OSError, EOFError, ValueError):
        return False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps the connection: the page asks for forty files
    server_version = "microgpt"
    sys_version = ""
    site = None  # set by `handler_for`
    # Otherwise the last packet of a small answer waits for the browser's word: 40 ms each.
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(with_body=True)

    def do_HEAD(self):
        self.answer(with_body=False)

    def answer(self, with_body):
        status, path = self.site.find(self.path)
        if status == HTTPStatus.MOVED_PERMANENTLY:
            # The decoded path, quoted: a raw one could begin with two slashes, another host.
            target = "/" + quote(unquote(urlsplit(self.path).path).strip("/")) + "/"
            return self.send(status, {"Location": target}, b"", with_body)
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        if path and self.site.is_named_by_hash(path):
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if path is None:
            path = self.site.folder / "404.html"
            if not path.is_file():
                headers["Content-Type"] = TYPES[".txt"]
                return self.send(status, headers, b"Not found\n", with_body)
        headers["Content-Type"] = TYPES.get(path.suffix, "application/octet-stream")
        tag, body, packed = self.site.load(path)
        if packed is not None:
            headers["Vary"] = "Accept-Encoding"
            if accepts_gzip(self.headers.get("Accept-Encoding", "")):
                headers["Content-Encoding"] = "gzip"
                tag, body = tag + "-gzip", packed
        headers["ETag"] = f'"{tag}"'
        # Ranges are not offered: a request for one gets the whole, as the standard allows.
        headers["Accept-Ranges"] = "none"
        if status == HTTPStatus.OK and tag_matches(self.headers.get("If-None-Match"), tag):
            return self.send(HTTPStatus.NOT_MODIFIED, headers, None, with_body)
        return self.send(status, headers, body, with_body)

    def send(self, status, headers, body, with_body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body and body:
            self.wfile.write(body)

    def log_message(self, format, *arguments):
        """Silent: the browser's own network view says more."""


def accepts_gzip(header):
    for part in header.lower().split(","):
        coding, _, quality = part.strip().partition(";")
        if coding.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def tag_matches(header, tag):
    if not header:
        return False
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in tags or f'"{tag}"' in tags


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of connections that wait: a page opens many at once
    # Without this a port that another program listens on could be taken away from it (Windows).
    allow_reuse_address = os.name != "nt"

    def handle_error(self, request, client_address):
        """A browser that hangs up early is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def open_server(folder, cache, host, port):
    """A server that listens on the port, or on the next free one."""
    handler = type("SiteHandler", (Handler,), {"site": Site(folder, cache)})
    last = None
    ports = [port, *range(port + 1, min(port + PORTS_TO_TRY, 65536)), 0] if port else [0]
    for candidate in ports:
        try:
            return Server((host, candidate), handler)
        except OSError as error:
            last = error
            if not is_taken(error):
                break
    raise Failure(f"Could not listen on {host}:{port} ({last.strerror or last}).") from last


def is_taken(error):
    return error.errno in (errno.EADDRINUSE, errno.EACCES, 10048, 10013)


def address(server, host):
    shown = {"0.0.0.0": "127.0.0.1", "::": "localhost", "": "127.0.0.1"}.get(host, host)
    return f"http://{shown}:{server.server_address[1]}/"
