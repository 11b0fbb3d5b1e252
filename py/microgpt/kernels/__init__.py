"""A SIMD kernel for the browser: what Pyodide's numpy does slowly, done by a few kB of wasm."""

from .load import install, installed, remove

__all__ = ["install", "installed", "remove"]
