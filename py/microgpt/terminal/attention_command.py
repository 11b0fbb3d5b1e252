"""`attention`: where a model looks while it reads a prompt, by layer and head."""

import json
import sys
from html import escape

from .. import checkpoint as checkpoints
from ..inference.inspect import attention_maps
from .page import write_page

# Shade steps instead of inline colours: tables that a strict policy and a printer can show.
SHADES = 20
STYLE = """
.heads { display: flex; flex-wrap: wrap; gap: 1.5rem } figure { margin: 0 }
.map { font: 11px ui-monospace, monospace } .map th { padding: 0 3px; text-align: right }
.map td { width: 22px; height: 22px; text-align: center; border: 1px solid var(--line);
  color: transparent } .map td:hover { color: inherit; outline: 2px solid var(--trace) }
""" + "".join(
    f".s{i} {{ background: color-mix(in srgb, var(--trace) {i * 100 // SHADES}%, var(--paper)) }}\n"
    for i in range(SHADES + 1)
)


def attention_command(args):
    checkpoint = checkpoints.load(args.checkpoint)
    tokens, layers = attention_maps(checkpoint.model(), checkpoint.tokenizer(), args.prompt)
    if args.json:
        maps = [[head.round(4).tolist() for head in layer] for layer in layers]
        print(json.dumps({"tokens": tokens, "layers": maps}))
        return
    if args.html:
        write_page(args.html, f"Attention on “{args.prompt}”", page(tokens, layers), STYLE)
        print(f"The page is in {args.html}.", file=sys.stderr)
        return
    for number, layer in enumerate(layers):
        for head, weights in enumerate(layer):
            print(f"layer {number}, head {head}")
            print_map(tokens, weights)


def print_map(tokens, weights):
    """A heat map in characters; rows look at columns."""
    width = max(map(len, tokens))
    for token, row in zip(tokens, weights):
        cells = "".join(" ·:░▒▓█"[min(6, int(w * 6.999))] * 2 for w in row)
        top = row.argmax()
        print(f"  {token:>{width}} {cells}  most at {tokens[top]} ({row[top]:.0%})")


def page(tokens, layers):
    parts = ["<p>Each row is a position reading; the shades say how much it looks at each earlier"
             " one. Point at a cell for its share in percent.</p>"]  # fmt: skip
    for number, layer in enumerate(layers):
        parts.append(f'<h2>Layer {number}</h2><div class="heads">')
        for head, weights in enumerate(layer):
            parts.append(f"<figure><figcaption>head {head}</figcaption>{table(tokens, weights)}")
            parts.append("</figure>")
        parts.append("</div>")
    return "\n".join(parts)


def table(tokens, weights):
    names = [escape(token) for token in tokens]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = []
    for i, (name, row) in enumerate(zip(names, weights)):
        cells = "".join(
            f'<td class="s{round(float(w) * SHADES)}" title="{name} at {names[j]}: {w:.1%}">'
            f"{w * 100:.0f}</td>"
            for j, w in enumerate(row[: i + 1])
        )
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return f'<table class="map"><tr><td></td>{head}</tr>{"".join(rows)}</table>'
