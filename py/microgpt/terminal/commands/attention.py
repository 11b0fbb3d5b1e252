"""`attention`: where a model looks while it reads a prompt, by layer and head."""

import json
import shutil
import sys
from html import escape

from ...inference.inspect import attention_maps
from ..args import add_force
from ..find import find_model
from ..html import write_page
from ..outputs import check_outputs

CELL, LETTER, EDGE = 10, 6.2, 4  # in the units of a picture: a cell, a letter's width, a margin
SHADES = 20  # steps from paper to ink, by the root of a share; one path each is a small page
STYLE = """
body { max-width: 100rem } .heads { display: flex; flex-wrap: wrap; gap: 1.5rem }
figure { margin: 0; flex: 0 1 auto; max-width: 100% } figcaption { font-size: .9rem }
.map text, table.map { font: 8px ui-monospace, monospace } .map text { fill: var(--ink) }
path { fill: var(--trace) } path.seen { fill: var(--line); opacity: .45 }
.frame { fill: none; stroke: var(--line) }
.key { width: 12rem }
.overview svg { width: clamp(3.5rem, 12vw, 9rem); display: block }
.overview td, .overview th { border: 0; padding: .25rem }
.scroll { overflow: auto; max-height: 70vh; max-width: min(90rem, 92vw) }
table.map { font-size: .75rem } table.map td, table.map th { padding: 1px 4px; text-align: right }
table.map thead th { position: sticky; top: 0; background: var(--paper) }
table.map tbody th { position: sticky; left: 0; background: var(--paper) }
""" + "".join(f".s{i} {{ opacity: {i / SHADES:g} }}\n" for i in range(1, SHADES))


def add(parser):
    parser.usage = "%(prog)s FILE --prompt TEXT [options]"
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out or --link")
    parser.add_argument("--prompt", required=True, metavar="TEXT", help="what it reads")
    parser.add_argument("--html", metavar="FILE.html", help="write a page instead")
    add_force(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    check_outputs({"--html": (args.html, "a page")}, {"FILE": args.checkpoint}, args.force)
    tokens, layers = attention_maps(*find_model(args.checkpoint), args.prompt)
    if args.html:
        write_page(args.html, f"Attention on “{args.prompt}”", page(tokens, layers), STYLE)
        print(f"The page is in {args.html}.", file=sys.stderr)
    if args.json:
        maps = [[head.round(4).tolist() for head in layer] for layer in layers]
        print(json.dumps({"tokens": tokens, "layers": maps}))
    elif not args.html:
        for number, layer in enumerate(layers):
            for head, weights in enumerate(layer):
                print(f"layer {number}, head {head}")
                print_map(tokens, weights)


def print_map(tokens, weights):
    """A heat map in characters; rows look at columns."""
    width = max(map(len, tokens))
    wide = 2 if 2 * len(tokens) + 2 * width + 20 <= shutil.get_terminal_size().columns else 1
    for token, row in zip(tokens, weights):
        cells = "".join(" ·:░▒▓█"[min(6, int(w * 6.999))] * wide for w in row)
        top = row.argmax()
        print(f"  {token:>{width}} {cells}  most at {tokens[top]} ({row[top]:.0%})")


# ---- the page


def page(tokens, layers):
    heads = range(len(layers[0]))
    columns = "".join(f'<th scope="col">head {head}</th>' for head in heads)
    rows = "".join(
        f'<tr><th scope="row">layer {number}</th>'
        + "".join(f"<td>{_thumbnail(len(tokens), number, head)}</td>" for head in heads)
        + "</tr>\n"
        for number in range(len(layers))
    )
    parts = [
        "<p>Each row is a position reading; each column is what it may look at: itself and what"
        " came before. The stronger a cell, the larger the share of its attention; a row adds up to"
        f" 100 %.</p>\n{_key()}"
        f'<table class="overview"><tr><td></td>{columns}</tr>\n{rows}</table>'
    ]
    for number, layer in enumerate(layers):
        parts.append(f'<h2>Layer {number}</h2>\n<div class="heads">')
        for head, weights in enumerate(layer):
            parts.append(_figure(tokens, number, head, weights))
        parts.append("</div>")
    return "\n".join(parts)


def _figure(tokens, layer, head, weights):
    name, count = f"l{layer}h{head}", len(tokens)
    label = LETTER * max(map(len, tokens)) + EDGE
    size = label + CELL * count + EDGE
    down = "".join(
        f'<text x="{label - 3:.0f}" y="{label + CELL * i + 7.5:.1f}" text-anchor="end">'
        f"{escape(token)}</text>"
        for i, token in enumerate(tokens)
    )
    across = "".join(
        f'<text transform="translate({label + CELL * i + 7.5:.1f} {label - 3:.0f}) rotate(-90)">'
        f"{escape(token)}</text>"
        for i, token in enumerate(tokens)
    )
    zoom = max(1.25, min(2.2, 420 / size))  # a few tokens large, many still to be read
    return f"""<figure id="{name}"><figcaption>layer {layer}, head {head}</figcaption>
<svg class="map" viewBox="0 0 {size:.0f} {size:.0f}" style="width:{size * zoom:.0f}px" role="img"
aria-label="{_summary(tokens, weights)}; the table below has every share">
<g transform="translate({label:.0f} {label:.0f})"><g id="{name}m">{_cells(weights)}</g></g>
{down}{across}</svg>
<details><summary>Layer {layer}, head {head} in percent</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Layer {layer}, head {head} in percent">
{_table(tokens, weights)}</div></details></figure>"""


def _cells(weights):
    """What may be seen, a run for each row, and above it one path for each shade."""
    seen, shades = [], [[] for _ in range(SHADES + 1)]
    for i, row in enumerate(weights):
        (columns,) = row.nonzero()
        first, last = columns[0], columns[-1] + 1
        seen.append(f"M{CELL * first} {CELL * i}h{CELL * (last - first)}v{CELL}"
                    f"h-{CELL * (last - first)}z")  # fmt: skip
        for j in columns:
            shades[round(float(row[j]) ** 0.5 * SHADES)].append(f"M{CELL * j} {CELL * i}h9v9h-9z")
    paths = "".join(
        f'<path class="s{i}" d="{"".join(cells)}"/>'
        for i, cells in enumerate(shades)
        if i and cells
    )
    size = CELL * len(weights)
    frame = f'<rect class="frame" width="{size}" height="{size}"/>'
    return f'<path class="seen" d="{"".join(seen)}"/>{frame}{paths}'


def _thumbnail(count, layer, head):
    """The same picture, small; it leads to the large one."""
    size = CELL * count
    return (
        f'<a href="#l{layer}h{head}" aria-label="layer {layer}, head {head}">'
        f'<svg viewBox="0 0 {size} {size}" aria-hidden="true">'
        f'<use href="#l{layer}h{head}m"/></svg></a>'
    )


def _key():
    steps = "".join(f'<path class="s{i}" d="M{i * 10} 0h9v9h-9z"/>' for i in range(1, SHADES + 1))
    return (
        f'<p>0 % <svg class="key" viewBox="0 0 210 9" aria-hidden="true">{steps}</svg>'
        " 100 %; 25 % is half-way, so that small shares are seen as well</p>\n"
    )


def _summary(tokens, weights):
    top = weights.mean(0).argmax()
    return escape(
        f"{len(tokens)} by {len(tokens)} cells, most attention at {tokens[top]}, position {top}"
    )


def _table(tokens, weights):
    names = [escape(token) for token in tokens]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = []
    for i, (name, row) in enumerate(zip(names, weights)):
        cells = "".join(f"<td>{w * 100:.0f}" if w else "<td>" for w in row[: i + 1])
        rows.append(f'<tr><th scope="row">{name}</th>{cells}')
    body = "\n".join(rows)
    return f'<table class="map"><thead><tr><td></td>{head}</tr></thead><tbody>\n{body}</table>'
