"""What is refused, as OpenAI's error object says it: a sentence, and the field that it is about."""

import json

TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
    504: "server_error",
}


class Refused(Exception):
    """A request that is not done, and why; `param` names the field."""

    def __init__(self, message, param=None, status=400, code=None, headers=()):
        super().__init__(message)
        self.status, self.headers = status, dict(headers)
        kind = TYPES.get(status, "invalid_request_error")
        self.error = {"message": message, "type": kind, "param": param, "code": code}

    @property
    def body(self):
        return json.dumps({"error": self.error}).encode()


class Left(BaseException):  # nothing on the way shall answer it
    """The client has gone, and what it wanted with it."""


def too_long(param, length, room):
    return Refused(
        f"This model reads at most {room:,} tokens and needs room for one of its own, and this is"
        f" {length:,}; send less.",
        param,
        code="context_length_exceeded",
    )
