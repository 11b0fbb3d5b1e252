"""`embeddings`: the tokens of a model as points in a plane, near where it treats them alike."""

import json
import sys
from html import escape

import numpy as np

from .. import checkpoint as checkpoints
from ..errors import UserError
from ..inference.inspect import pca, tsne
from .page import write_page

MOST_FOR_TSNE = 4000  # its work and memory grow with the square
SIZE, EDGE = 800, 30


def embeddings_command(args):
    checkpoint = checkpoints.load(args.checkpoint)
    model, tokenizer = checkpoint.model(), checkpoint.tokenizer()
    x = np.array(model.weights.named()["wte"], np.float64)
    names = [tokenizer.token_text(i) for i in range(len(x))]
    if args.method == "pca":
        points, share = pca(x)
        note = f"PCA: the two axes hold {share[0]:.0%} and {share[1]:.0%} of the variance."
    else:
        if len(x) > MOST_FOR_TSNE:
            raise UserError(
                f"t-SNE of {len(x):,} tokens would take too long here; use --method pca."
            )
        perplexity = args.perplexity or min(30.0, (len(x) - 1) / 3)
        points = tsne(x, perplexity, seed=args.seed)
        note = f"t-SNE, perplexity {perplexity:g}: near is alike, far says little."
    if args.json:
        print(json.dumps({"tokens": names, "points": points.round(5).tolist()}))
        return
    if args.html:
        body = f"<p>{note}</p>{picture(names, points)}{as_table(names, points)}"
        write_page(args.html, "What the model treats alike", body, ".tokens td { padding: 0 1rem }")
        print(f"The page is in {args.html}.", file=sys.stderr)
        return
    print(note, file=sys.stderr)
    for name, (a, b) in zip(names, points):
        print(f"{name}\t{a:.4f}\t{b:.4f}")


def picture(names, points):
    low, high = points.min(0), points.max(0)
    scale = (SIZE - 2 * EDGE) / np.maximum(high - low, 1e-12)
    places = EDGE + (points - low) * scale
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{SIZE - y:.1f}" r="3" fill="var(--trace)"/>'
        f'<text x="{x + 6:.1f}" y="{SIZE - y + 4:.1f}">{escape(name)}</text>'
        for name, (x, y) in zip(names, places)
    )
    return (
        f'<svg viewBox="0 0 {SIZE} {SIZE}" role="img" aria-label="{len(names)} tokens as points;'
        f' the table below lists them">{marks}</svg>'
    )


def as_table(names, points):
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{a:.3f}</td><td>{b:.3f}</td></tr>"
        for name, (a, b) in zip(names, points)
    )
    return f'<details><summary>As a table</summary><table class="tokens">{rows}</table></details>'
