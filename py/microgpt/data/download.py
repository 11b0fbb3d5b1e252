"""Files from the web: checked, tried again where that helps, never waited for without end."""

import hashlib
import sys
import time

from ..errors import UserError

CHUNK = 1 << 16
LOOK_UP_SECONDS = 2  # how long a server's name may take to resolve
PAUSE_SECONDS = 0.3  # before the second attempt; doubled before each later one


class DownloadError(UserError):
    """A download that failed. Its text is one sentence that says why."""


def fetch(url, *, sha256=None, size=None, timeout=10, limit=60, retries=3, on_progress=None):
    """The bytes of a small file from the web.

    `timeout` is how many seconds a server may be silent, `limit` how many all may take together,
    `retries` counts the attempts after the first, made only where waiting can help.
    `on_progress(received, total)` is called as bytes arrive; total is None if unknown.
    """
    if sys.platform == "emscripten":
        raise DownloadError(f"Could not download {url}: Python in a browser has no network.")
    _look_up(url)
    end = time.monotonic() + limit
    for attempt in range(retries + 1):
        try:
            data = _receive(url, size, timeout, end, on_progress)
            break
        except (OSError, ValueError, _http_exception()) as error:
            reason, passing = _explain(error, timeout)
            reason = _on_one_line(reason)
            _close(error)
            if time.monotonic() >= end:
                reason, passing = f"it took longer than {limit:g} seconds", False
            if not passing or attempt == retries:
                raise DownloadError(f"Could not download {url}: {reason}.") from error
        time.sleep(PAUSE_SECONDS * 2**attempt)
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256:
        raise DownloadError(
            f"Could not download {url}: what came is not the expected file"
            f" (SHA-256 {found[:12]}… instead of {sha256[:12]}…); is there a log-in page before it?"
        )
    return data


def _receive(url, size, timeout, end, on_progress):
    """One attempt; returns the bytes that came."""
    data, total = bytearray(), None
    for length, chunk in _chunks(url, timeout, end):
        if not chunk:
            total = int(length) if length.isdigit() else size
            if size is not None and total != size:
                raise ValueError(f"it has {total:,} bytes instead of {size:,}")
            continue
        data += chunk
        if total is not None and len(data) > total:
            raise ValueError(f"it has more than {total:,} bytes")
        if on_progress:
            on_progress(len(data), total)
    if total is not None and len(data) < total:
        raise ConnectionError(f"{len(data):,} of {total:,} bytes came")
    return bytes(data)


def _chunks(url, timeout, end):
    """Yield (what the server says of the length, no bytes), then (…, bytes), until a moment.

    A thread reads, so that no way of being slow can hold up whoever waits.
    """
    import queue
    import threading
    from urllib.request import Request, build_opener

    answers, given_up = queue.Queue(), threading.Event()

    def read():
        try:
            request = Request(url, headers={"User-Agent": "microgpt"})
            with build_opener().open(request, timeout=timeout) as response:
                length = response.headers.get("Content-Length", "")
                answers.put((length, b""))
                while not given_up.is_set() and (chunk := response.read1(CHUNK)):
                    answers.put((length, chunk))
            answers.put(None)
        except Exception as error:
            if given_up.is_set():
                _close(error)  # nobody else will
            answers.put(error)

    threading.Thread(target=read, daemon=True).start()
    try:
        while True:
            try:
                found = answers.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            if isinstance(found, Exception):
                raise found
            if found is None:
                return
            yield found
    finally:
        given_up.set()


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


def _on_one_line(text):
    """What a server says may be anything: of it only letters, and not too many."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())


def _http_exception():
    from http.client import HTTPException

    return HTTPException


def _close(error):
    """Let go of the connection that an HTTPError holds."""
    if hasattr(error, "close"):
        error.close()
