"""What the browser calls: one `Session`, as the terminal has its commands."""

from .session import Session

__all__ = ["Session"]
