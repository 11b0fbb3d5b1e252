"""Imports of modules whose files come later than the rest (in the page: a second archive)."""

import hashlib
import importlib
import sys
import zlib
from importlib.machinery import PathFinder


class LateImports:
    """The last of Python's finders: it has the files brought that everybody else misses.

    `bring()` lays the files of all `names` where Python looks for them, and answers "", or why it
    could not.
    """

    def __init__(self, names, bring):
        self.names, self.bring = frozenset(names), bring
        sys.meta_path.append(self)

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        problem = self.bring()
        if problem:
            raise ImportError(f"{name} has not been loaded yet, and {problem}", name=name)
        self.arrived()
        return PathFinder.find_spec(name, path, target)

    def arrived(self):
        """The files are there: from now on they are found like any others."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        importlib.invalidate_caches()


def unpack(packed, sha256):
    """Gzipped bytes unpacked, if they are the ones they should be."""
    found = hashlib.sha256(packed).hexdigest()
    if found != sha256:
        raise ValueError(f"the SHA-256 is {found} and should be {sha256}")
    return zlib.decompress(packed, wbits=31)
