"""What `build.py build` and `build.py serve` are made of. Standard library only; not in the site.

runtime.py    the pinned files: where they come from, and that they are the right ones
repack.py     zips and wheels, the same bytes every time (it also runs inside Pyodide)
compiler.py   Python compiled ahead: what, and where the results are kept
compile.mjs   starts Pyodide under Node, for repack.py to compile Python with the right Python
assemble.py   the site, put together from all of it
server.py     the site, served
"""
