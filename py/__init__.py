"""Makes `python -m py.microgpt` work from the repository's root.

pytest ships a module of this very name. Without this file that module would hide this folder;
with an empty one, `python -m pytest` started here would look for its `py.path` and crash.
"""


def __getattr__(name):
    if name in ("path", "error"):
        # Lazily: the package itself must run where pytest is not installed.
        from importlib import import_module

        return import_module(f"_pytest._py.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
