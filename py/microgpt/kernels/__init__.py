"""A SIMD kernel for the browser: what Pyodide's numpy does slowly, done by a few kB of wasm."""

from .kernel import load

__all__ = ["load"]
