"""Files from the web: checked, tried again where that helps, never left half written."""

import hashlib
import sys
import time
from io import BytesIO

from ..errors import UserError
from ..files import AtomicFile

CHUNK = 1 << 16
LOOK_UP_SECONDS = 2  # how long a server's name may take to resolve
PAUSE_SECONDS = 0.3  # before the second attempt; doubled before each later one


class DownloadError(UserError):
    """A download that failed. Its text is one sentence that says why."""


def download(url, path, *, sha256=None, size=None, timeout=10, retries=3, on_progress=None) -> None:
    """Put a file from the web at `path`: wholly, or not at all.

    `retries` counts the attempts after the first, made only where waiting can help.
    `on_progress(received, total)` is called as bytes arrive; total is None if unknown.
    """
    with AtomicFile(path) as sink:
        _fetch_into(sink, url, sha256, size, timeout, retries, on_progress)


def fetch(url, *, sha256=None, size=None, timeout=10, retries=3, on_progress=None) -> bytes:
    """A small file from the web, kept in memory; for the arguments see `download`."""
    sink = BytesIO()
    _fetch_into(sink, url, sha256, size, timeout, retries, on_progress)
    return sink.getvalue()


def _fetch_into(sink, url, sha256, size, timeout, retries, on_progress):
    if sys.platform == "emscripten":
        raise DownloadError(f"Could not download {url}: Python in a browser has no network.")
    _look_up(url)
    for attempt in range(retries + 1):
        sink.seek(0)
        sink.truncate()
        try:
            found = _receive(sink, url, size, timeout, on_progress)
            break
        except (OSError, ValueError, _http_exception()) as error:
            reason, passing = _explain(error, timeout)
            _close(error)
            if not passing or attempt == retries:
                raise DownloadError(f"Could not download {url}: {reason}.") from error
        time.sleep(PAUSE_SECONDS * 2**attempt)
    if sha256 and found != sha256:
        raise DownloadError(
            f"Could not download {url}: what came is not the expected file"
            f" (SHA-256 {found[:12]}… instead of {sha256[:12]}…); is there a log-in page before it?"
        )


def _receive(sink, url, size, timeout, on_progress):
    """One attempt; returns the SHA-256 of what came."""
    from urllib.request import Request, build_opener

    digest = hashlib.sha256()
    received = 0
    request = Request(url, headers={"User-Agent": "microgpt"})
    with build_opener().open(request, timeout=timeout) as response:
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else size
        if size is not None and total != size:
            raise ValueError(f"it has {total:,} bytes instead of {size:,}")
        while chunk := response.read(CHUNK):
            received += len(chunk)
            if total is not None and received > total:
                raise ValueError(f"it has more than {total:,} bytes")
            sink.write(chunk)
            digest.update(chunk)
            if on_progress:
                on_progress(received, total)
    if total is not None and received < total:
        raise ConnectionError(f"{received:,} of {total:,} bytes came")
    return digest.hexdigest()


def _look_up(url):
    """Fail fast where there is no network: resolving a name can take half a minute."""
    import socket
    import threading
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    try:
        parts = urlsplit(url)
        host = parts.hostname
        proxy = getproxies().get(parts.scheme)
        if host and proxy and not proxy_bypass(host):
            host = urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname
    except ValueError as error:
        raise DownloadError(f"{url} is not a web address; check it.") from error
    if not host:
        return
    answers = []

    def ask():
        try:
            answers.append(socket.getaddrinfo(host, None))
        except (OSError, UnicodeError):
            answers.append(None)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(LOOK_UP_SECONDS)
    if not any(answers):
        raise DownloadError(f"Could not download {url}: {host} was not found; are you offline?")


def _explain(error, timeout):
    """Why an attempt failed, in words, and whether it may pass by itself."""
    from urllib.error import HTTPError, URLError

    if isinstance(error, HTTPError):
        return f"the server answered {error.code} {error.reason}", error.code >= 500
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, TimeoutError):
        return f"the server was silent for {timeout:g} seconds", True
    if isinstance(error, ConnectionRefusedError):
        return "the server refused the connection", False
    if isinstance(error, (ConnectionError, _http_exception())):
        return f"the connection broke off ({error})", True
    return str(getattr(error, "strerror", None) or getattr(error, "reason", None) or error), False


def _http_exception():
    from http.client import HTTPException

    return HTTPException


def _close(error):
    """Let go of the connection that an HTTPError holds."""
    if hasattr(error, "close"):
        error.close()
