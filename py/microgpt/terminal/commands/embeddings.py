"""`embeddings`: the tokens of a model as points in a plane, near where it treats them alike."""

import json
import sys
from html import escape

import numpy as np

from ...errors import UsageError, UserError
from ...inference.inspect import nearest, pca, tsne
from ..args import add_force, add_number, add_word
from ..find import find_model
from ..html import write_page
from ..outputs import check_outputs

WIDTH, HEIGHT, EDGE = 900, 900, 40
LETTER, LINE = 8.5, 14  # about the width and the height of a letter on the page
STYLE = """
.points circle { fill: var(--trace) } .points text { fill: var(--ink); font-size: 13px }
.points { border: 1px solid var(--line) } .axis { stroke: var(--line) }
.tokens td, .tokens th { font-variant-numeric: tabular-nums } .tokens td { text-align: right }
.tokens td:last-child { text-align: left }
"""


def add(parser):
    parser.usage = "%(prog)s FILE [options]"
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out or --link")
    add_word(parser, "--method", ("pca", "tsne"), "how they are laid out (pca)", "pca")
    add_number(
        parser, "--perplexity", None, "tsne: how many neighbours count (30)", low=1, kind=float
    )
    add_number(parser, "--seed", 0, "tsne: the same seed lays out the same (0)", high=2**64 - 1)
    parser.add_argument("--html", metavar="FILE.html", help="write a page instead")
    add_force(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    if args.perplexity is not None and args.method != "tsne":
        raise UsageError("--perplexity is for --method tsne.")
    check_outputs({"--html": (args.html, "a page")}, {"FILE": args.checkpoint}, args.force)
    model, tokenizer = find_model(args.checkpoint)
    x = np.array(model.weights.named()["wte"], np.float64)
    names = [tokenizer.token_text(i) for i in range(len(x))]
    points, note, axes, more = _laid_out(x, args)
    alike = [[names[j] for j in row] for row in nearest(x, 3)]
    if args.html:
        body = (
            f"<p>{len(names):,} tokens, each {x.shape[1]} numbers, in a plane. {note}</p>\n"
            f"{picture(names, points, axes)}\n{as_table(names, points, alike)}"
        )
        write_page(args.html, "What the model treats alike", body, STYLE)
        print(f"The page is in {args.html}.", file=sys.stderr)
    if args.json:
        points = points.round(5).tolist()
        record = {"method": args.method, **more, "tokens": names, "points": points, "alike": alike}
        print(json.dumps(record))
    elif not args.html:
        print(note, file=sys.stderr)
        for name, (a, b), others in zip(names, points, alike):
            print(f"{name}\t{a:.4f}\t{b:.4f}\t{' '.join(others)}")


def _laid_out(x, args):
    """(points, a sentence about them, what the axes are, more for the record)."""
    if len(x) < 2:
        raise UserError("This model has a single token; there is nothing to compare it with.")
    if args.method == "pca":
        points, share = pca(x)
        shares = [float(s) for s in share]
        axes = [f"{share:.0%} of the variance" for share in shares]
        text = " and ".join(f"{share:.0%}" for share in shares)
        note = f"PCA: the directions in which they differ most; they hold {text} of the variance."
        return points, note, axes, {"shares": shares}
    perplexity = args.perplexity or max(1.0, min(30.0, (len(x) - 1) / 3))
    points = tsne(x, perplexity, seed=args.seed)
    note = (
        f"t-SNE, perplexity {perplexity:.3g}: who is near to whom is kept as well as can be; large"
        " distances and the axes mean nothing."
    )
    return points, note, [], {"perplexity": perplexity}


# ---- the page


def picture(names, points, axes):
    low, high = points.min(0), points.max(0)
    span = np.maximum(high - low, 1e-12)
    scale = min((WIDTH - 2 * EDGE) / span[0], (HEIGHT - 2 * EDGE) / span[1])  # one for both
    height = max(240, span[1] * scale + 2 * EDGE)
    centre = np.array([WIDTH, height]) / 2
    places = centre + (points - (low + high) / 2) * scale * [1, -1]
    marks, taken = [], []
    for name, (x, y) in zip(names, places):
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(name)}</title>'
                     "</circle>")  # fmt: skip
        box = (x + 5, y - LINE / 2, x + 6 + LETTER * len(name), y + LINE / 2)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            marks.append(f'<text x="{x + 6:.1f}" y="{y + 4.5:.1f}">{escape(name)}</text>')
    zero = centre - (low + high) / 2 * scale * [1, -1]
    if axes:
        marks.append(
            f'<path class="axis" d="M0 {zero[1]:.1f}H{WIDTH}M{zero[0]:.1f} 0V{height:.0f}"/>'
            f'<text x="{WIDTH - 6}" y="{zero[1] - 6:.1f}" text-anchor="end">→ {axes[0]}</text>'
            + "".join(f'<text x="{zero[0] + 6:.1f}" y="16">↑ {axis}</text>' for axis in axes[1:])
        )
    return (
        f'<svg class="points" viewBox="0 0 {WIDTH} {height:.0f}" role="img"'
        f' aria-label="{len(names)} tokens as points; the table below lists them">\n'
        + "\n".join(marks)
        + "</svg>"
    )


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def as_table(names, points, alike):
    rows = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{a:.3f}</td><td>{b:.3f}</td>'
        f"<td>{escape('  '.join(others))}</td></tr>"
        for name, (a, b), others in zip(names, points, alike)
    )
    head = "".join(
        f'<th scope="col">{word}</th>' for word in ("token", "across", "up", "treated most alike")
    )
    return (
        "<details><summary>As a table, with the tokens each is treated most alike"
        f'</summary><table class="tokens"><tr>{head}</tr>\n{rows}</table></details>'
    )
