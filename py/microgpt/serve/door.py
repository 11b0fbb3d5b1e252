"""What stands before the endpoints: who may come in; and what is noted of every answer."""

import hashlib
import hmac
import json
import secrets
import time
import traceback
from urllib.parse import urlsplit

from .refusals import Left, Refused

OPEN = ("/health",)  # without a token, and the page's files
OURS = ("/v1/", "/stats", "/metrics")
LOCAL = {"localhost", "127.0.0.1", "::1"}


class Door:
    """An ASGI application around another."""

    def __init__(self, app, endpoints):
        self._app, self._endpoints = app, endpoints
        self._tokens = [_digest(token.encode()) for token in endpoints.options.tokens]

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status, headers = time.perf_counter(), 0, dict(scope["headers"])
        noted = {"id": f"req-{secrets.token_hex(8)}", "method": scope["method"]}
        noted["path"] = scope["path"]
        state = scope.setdefault("state", {})
        state.update(noted=noted, client=scope["client"][0] if scope["client"] else "")

        async def told(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(b"x-request-id", noted["id"].encode())]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        try:
            try:
                self._check(scope, headers, state)
            except Refused as refused:
                noted["error"] = refused.error["message"]
                return await _send_refusal(refused, told)
            await self._app(scope, receive, told)
        except Left:
            status = 499
            if (abort := scope.get("abort")) is not None:
                abort()
        except Exception as error:  # it was answered already
            traceback.print_exception(error)
        finally:
            scope.pop("write", None)  # it holds the connection, which holds this
            seconds = time.perf_counter() - began
            self._endpoints.counted.status(status)
            if scope["path"].startswith("/v1/"):
                self._endpoints.counted.time("request", seconds)
            self._endpoints.note({**noted, "status": status, "ms": round(seconds * 1e3, 1)})

    def _check(self, scope, headers, state):
        """Raise `Refused` unless this request may come in."""
        path, options = scope["path"], self._endpoints.options
        # A page from elsewhere that has its name point here would be let in without this.
        if options.is_local and not self._tokens:
            host = urlsplit("//" + headers.get(b"host", b"localhost").decode("latin-1")).hostname
            if host not in LOCAL | {options.host}:
                raise Refused("This server answers to localhost alone.", status=403)
        if not self._tokens or path in OPEN or not path.startswith(OURS):
            return
        kind, _, token = headers.get(b"authorization", b"").partition(b" ")
        given, good = _digest(token.strip()), False
        for known in self._tokens:  # all of them, in the same time
            good |= hmac.compare_digest(given, known)
        if not (good and kind.lower() == b"bearer"):
            raise Refused(
                "This server wants a token: send Authorization: Bearer TOKEN.",
                status=401,
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
        state["client"] = given


def _digest(token):
    return hashlib.sha256(token).digest()


async def _send_refusal(refused, send):
    headers = {"Content-Type": "application/json", "Content-Length": str(len(refused.body))}
    headers = [(k.encode(), v.encode()) for k, v in {**headers, **refused.headers}.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": refused.body})


def line_of(noted, as_json):
    """What is written in the log of an answer."""
    if as_json:
        return json.dumps({"time": round(time.time(), 3), **noted})
    words = [time.strftime("%H:%M:%S"), noted["method"], noted["path"], str(noted["status"])]
    if "model" in noted:
        words.append(noted["model"])
    if "completion_tokens" in noted:
        words.append(f"{noted['prompt_tokens']}+{noted['completion_tokens']} tokens")
    words.append(f"{noted['ms']:g} ms")
    if "error" in noted:
        words.append(f"({noted['error']})")
    # What a client chose to write there must not look like another line.
    return " ".join("".join(c if c.isprintable() else "?" for c in word) for word in words)
