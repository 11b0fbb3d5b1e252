"""A page about a run, in one file that needs nothing else: loss curve, settings, samples."""

from html import escape

from ..checkpoint import write_whole
from .progress import duration

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 380, 44, 130, 12, 28

STYLE = """
:root { color-scheme: light dark; --paper: light-dark(#fdfdfb, #111312);
  --ink: light-dark(#161816, #eceeea); --soft: light-dark(#565b56, #a8ada8);
  --line: light-dark(#dcdfda, #2c302d); --trace: light-dark(#0a6b4b, #5fd3a5) }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1rem; margin-top: 2.5rem }
p, caption { color: var(--soft); text-align: left } svg { width: 100%; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft) }
.samples { columns: 10rem; list-style: none; padding: 0; font-family: ui-monospace, monospace }
.samples li { white-space: pre-wrap; overflow-wrap: anywhere } .seen { color: var(--soft) }
table { border-collapse: collapse; font-size: .9rem } td, th { padding: .1rem 1.5rem .1rem 0;
  text-align: left; font-weight: normal; border-top: 1px solid var(--line) }
th { color: var(--soft) } .settings { columns: 20rem }
"""


def write_report(run, samples, seconds, path):
    write_whole(path, report(run, samples, seconds).encode("utf-8", "replace"))


def report(run, samples, seconds):
    held_out = f"{run.evaluations[-1].loss:.4f}" if run.evaluations else "not measured"
    last = f"{run.losses[-1]:.4f}" if run.losses else "none"
    items = "".join(
        f'<li class="{"new" if new else "seen"}">{"+" if new else "="} {escape(text)}</li>'
        for text, new in samples
    )
    settings = {**run.config.to_dict(), **run.model.config.to_dict()}
    rows = "".join(f"<tr><th>{k.replace('_', ' ')}<td>{v}" for k, v in settings.items())
    points = "".join(f"<tr><td>{e.step:,}<td>{e.loss:.4f}" for e in run.evaluations)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A microgpt run</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style>
<h1>{run.model.weights.count:,} numbers, {run.step:,} steps</h1>
<p>Trained on {len(run.corpus.documents):,} documents from {escape(run.corpus.source)} in
{duration(seconds)}. Last loss {last}, held out {held_out}.</p>
<h2>Loss: how much the next token surprises the model</h2>
{curve(run)}
<h2>Samples</h2><p>+ new, = in the data</p><ul class="samples">{items}</ul>
<h2>Held out</h2><table><tr><th>step<th>loss{points}</table>
<h2>Settings</h2><div class="settings"><table>{rows}</table></div>
"""


def curve(run):
    """The loss as a picture: every step a dot, their mean a line, and the lines to beat."""
    losses = run.losses or [run.uniform_loss]
    lines = {"guessing": run.uniform_loss}
    if run.bigram_loss == run.bigram_loss:
        lines["letter pairs"] = run.bigram_loss
    values = [*losses, *lines.values(), *(e.loss for e in run.evaluations)]
    low, high = min(values), max(values)
    high += (high - low) * 0.04 or 1
    x = lambda step: LEFT + (WIDTH - LEFT - RIGHT) * step / max(1, len(losses))  # noqa: E731
    y = lambda loss: TOP + (HEIGHT - TOP - BOTTOM) * (high - loss) / (high - low)  # noqa: E731
    every = max(1, len(losses) // 2000)  # a picture shows no more
    dots = "".join(
        f'<circle cx="{x(i + 1):.1f}" cy="{y(loss):.1f}" r="1"/>'
        for i, loss in list(enumerate(losses))[::every]
    )
    path = " ".join(f"{x(i):.1f},{y(loss):.1f}" for i, loss in smooth_points(losses))
    held = "".join(
        f'<circle cx="{x(e.step):.1f}" cy="{y(e.loss):.1f}" r="3.5"/>' for e in run.evaluations
    )
    labels = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}"'
        f' stroke="var(--soft)" stroke-dasharray="{"" if name == "guessing" else "6 4"}"/>'
        f'<text x="{WIDTH - RIGHT + 8}" y="{y(v) + 4:.1f}">{v:.3f} {name}</text>'
        for name, v in lines.items()
    )
    ticks = "".join(
        f'<text x="{LEFT - 8}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.1f}</text>'
        for v in (low + (high - low) * k / 4 for k in range(5))
    )
    return f"""<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
aria-label="Loss by step: from {losses[0]:.2f} to {losses[-1]:.2f}">
{ticks}<g fill="var(--soft)" opacity=".5">{dots}</g>{labels}
<polyline points="{path}" fill="none" stroke="var(--trace)" stroke-width="2"/>
<g fill="var(--paper)" stroke="var(--ink)">{held}</g>
<text x="{LEFT}" y="{HEIGHT - 6}">step 0</text>
<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{len(losses):,}</text></svg>
<p>dots: each step; line: mean of the steps before it; circles: held out, never trained on;
guessing is ln {run.tokenizer.vocab_size}</p>"""


def smooth_points(losses, points=300):
    """(step, mean of the losses before it) at evenly spaced steps."""
    span = max(1, min(50, len(losses) // 10))
    stride = max(1, len(losses) // points)
    for end in range(span, len(losses) + 1, stride):
        yield end, sum(losses[end - span : end]) / span
