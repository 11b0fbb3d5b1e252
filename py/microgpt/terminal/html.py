"""The frame of the pages the commands write: one file that needs nothing else."""

from html import escape

from ..files import write_whole

STYLE = """
:root { color-scheme: light dark; --paper: light-dark(#fdfdfb, #111312);
  --ink: light-dark(#161816, #eceeea); --soft: light-dark(#565b56, #a8ada8);
  --line: light-dark(#dcdfda, #2c302d); --trace: light-dark(#0a6b4b, #5fd3a5) }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin-bottom: 0; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin-top: 2.5rem }
p, caption, figcaption, summary { color: var(--soft); text-align: left; max-width: 46rem }
svg { width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: var(--soft) }
table { border-collapse: collapse; font-size: .9rem }
td, th { padding: .1rem 1.5rem .1rem 0; text-align: left; font-weight: normal;
  border-top: 1px solid var(--line) }
th { color: var(--soft) }
:focus-visible { outline: 2px solid var(--trace); outline-offset: 2px }
"""


def write_page(path, title, body, style=""):
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}{style}</style></head>
<body><main><h1>{escape(title)}</h1>
{body}
</main></body></html>
"""
    write_whole(path, page.encode("utf-8", "replace"))
