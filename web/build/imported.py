"""Which modules a start imports. It runs inside a fresh Pyodide, and imports nothing itself."""


def modules_after(imports):
    """The modules that are there when these have been imported, but for the built-in ones."""
    import importlib
    import sys

    for name in imports:
        importlib.import_module(name)
    specs = [(name, getattr(module, "__spec__", None)) for name, module in sys.modules.items()]
    ours = __name__
    return sorted(name for name, spec in specs if spec and spec.has_location and name != ours)
