"""What the commands of build.py are made of. Standard library only; not in the site.

commands.py     run, test, build, serve
environment.py  `.venv`, and what is installed into it
chromium.py     the browser of the tests
processes.py    other programs, run with a line each
runtime.py      the pinned files: where they come from, and that they are the right ones
repack.py       zips and wheels, the same bytes every time (it also runs inside Pyodide)
compiler.py     Python compiled ahead: what, and where the results are kept
compile.mjs     starts Pyodide under Node, for repack.py to compile Python with the right Python
join.py         the page's modules as one script
minify.py       scripts, styles and pages without comments and indentation
assemble.py     the site, put together from all of it
server.py       the site, served
"""


class Failure(Exception):
    """Something the user can act on, as one sentence: shown as it is, without a traceback."""
