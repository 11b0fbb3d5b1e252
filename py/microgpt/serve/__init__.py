"""The endpoint: models behind OpenAI's wire format. `start` is what the command calls."""

import importlib.util

from ..errors import UserError

NEEDS = ("starlette", "uvicorn")


def start(paths, options, say):
    """Serve until a signal asks for the end; returns the exit code."""
    if missing := [name for name in NEEDS if importlib.util.find_spec(name) is None]:
        raise UserError(
            f"Serving needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'}"
            " not installed: pip install '.[serve]' in the project's folder."
        )
    from .workers import serve

    return serve(paths, options, say)
