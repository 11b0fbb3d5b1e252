"""What a server is told: where it listens, whom it lets in, and its limits."""

import os
from dataclasses import dataclass

from ..errors import UserError

TOKEN = "MICROGPT_TOKEN"  # the environment's name of a token


@dataclass(frozen=True)
class Options:
    """The limits are those of each worker."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    slots: int = 32  # texts that a model writes side by side
    queue: int = 512  # texts that may wait for their turn
    prefix_bytes: int = 256 << 20
    max_body: int = 1 << 20  # bytes
    max_messages: int = 256
    max_choices: int = 16
    timeout: float = 600.0  # seconds that a request may take
    patience: float = 20.0  # seconds for a request to arrive, or for a part of an answer to leave
    grace: float = 30.0  # seconds for what is being written when the server shall end
    connections: int = 1024
    cors: tuple = ()
    tokens: tuple = ()
    json: bool = False
    quiet: bool = False
    page: str | None = None  # the folder of the built page

    @property
    def is_local(self):
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


def read_tokens(path):
    """The tokens of a file, one a line, and the one of the environment."""
    lines = []
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except (OSError, UnicodeDecodeError):
            raise UserError(f"{path} cannot be read; give a file with one token a line.") from None
    found = [line.strip() for line in [*lines, os.environ.get(TOKEN, "")] if line.strip()]
    if path and not found:
        raise UserError(f"{path} has no token in it; write one a line.")
    if any(not token.isascii() or " " in token for token in found):
        raise UserError("A token is a word of plain letters, digits and signs; choose another.")
    return tuple(found)
