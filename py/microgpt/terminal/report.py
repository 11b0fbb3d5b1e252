"""A page about a run, in one file that needs nothing else: loss curve, settings, samples."""

from html import escape

from .html import write_page
from .progress import duration

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 380, 44, 130, 12, 28
MARKS = {True: "+", False: "=", None: " "}  # new, in the data, not known
CLASSES = {True: "new", False: "seen", None: ""}

STYLE = """
.samples { columns: 10rem; list-style: none; padding: 0; font-family: ui-monospace, monospace }
.samples li { break-inside: avoid; white-space: pre-wrap; overflow-wrap: anywhere }
.seen { color: var(--soft) }
.settings { columns: 20rem } .settings th { padding-right: 1.5rem }
"""


def write_report(run, samples, seconds, path):
    title = f"{run.model.weights.count:,} numbers, {run.step:,} steps"
    write_page(path, title, report(run, samples, seconds), STYLE)


def report(run, samples, seconds):
    held_out = "not measured"
    if run.evaluations:
        last = run.evaluations[-1]
        held_out = f"{last.loss:.4f}, which is {last.bits_per_byte:.3f} {run.unit}"
    loss = f"{run.losses[-1]:.4f}" if run.losses else "none"
    items = "".join(
        f'<li class="{CLASSES[new]}">{MARKS[new]} {escape(text)}</li>\n' for text, new in samples
    )
    settings = {**run.config.to_dict(), **run.model.config.to_dict()}
    rows = "".join(
        f'<tr><th scope="row">{k.replace("_", " ")}</th><td>{v}</td></tr>\n'
        for k, v in settings.items()
    )
    points = "".join(
        f"<tr><td>{e.step:,}</td><td>{e.loss:.4f}</td><td>{e.bits_per_byte:.3f}</td></tr>\n"
        for e in run.evaluations
    )
    return f"""<p>Trained on {run.corpus.size} from
{escape(run.corpus.source)} in {duration(seconds)}. Last loss {loss}, held out {held_out}.</p>
<h2>Loss: how much the next token surprises the model</h2>
{curve(run)}
<h2>Samples</h2><p>+ new, = in the data</p><ul class="samples">
{items}</ul>
<h2>Held out</h2><table><tr><th scope="col">step</th><th scope="col">loss</th>
<th scope="col">{run.unit}</th></tr>
{points}</table>
<h2>Settings</h2><div class="settings"><table>
{rows}</table></div>"""


def curve(run):
    """The loss as a picture: every step a dot, their mean a line, and the lines to beat."""
    losses = run.losses or [run.uniform_loss]
    lines = {"guessing": run.uniform_loss}
    if run.bigram_loss and run.bigram_loss == run.bigram_loss:
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
