"""A page about a sweep: its curves, what matters, each setting against the loss, the best one."""

import math
from html import escape

from ...html import write_page
from ...progress import duration
from .choose import importances
from .journal import COMPLETE
from .space import Range

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 56, 20, 12, 28
SMALL = 420, 220
SHOWN = 200  # rows of the table

STYLE = """
.command { overflow-wrap: anywhere; white-space: pre-wrap; font: .9rem ui-monospace, monospace }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem }
.wide { overflow-x: auto } figure { margin: 0 }
.curves { min-width: 30rem; max-width: 54rem }
"""


def write_sweep_report(journal, space, winner, command, path):
    trials = journal.trials
    done = sum(trial.state == COMPLETE for trial in trials)
    title = f"{len(trials)} trials, {done} to their end: {', '.join(space)}"
    shares, way = importances(journal, space)
    pictures = "".join(_against(name, choice, trials, winner) for name, choice in space.items())
    body = f"""<p>The best held-out loss is {winner.loss!r}, of trial {winner.number}. This command
gives it again, to the last digit:</p>
<p class="command">{escape(command)}</p>
<h2>Held-out loss by step</h2>
{curves(trials, winner)}
<h2>What matters</h2>
{_shares(shares)}<p>Told by: {way}.</p>
<h2>Each setting against the loss</h2><div class="pictures">
{pictures}</div>
<h2>Every trial</h2><div class="wide">
{_table(trials, space)}</div>"""
    write_page(path, title, body, STYLE)


def curves(trials, winner):
    """Every trial a line, the best one in colour. What is far above the first losses is cut off."""
    lines = [trial for trial in trials if trial.curve]
    if not lines:
        return "<p>No trial was looked at.</p>"
    last = max(max(trial.curve) for trial in lines) or 1
    low, high = min(min(trial.curve.values()) for trial in lines), _most(trials, winner)
    x = _scale(0, last, LEFT, WIDTH - RIGHT)
    y = _scale(high, low, TOP, HEIGHT - BOTTOM)
    drawn = ""
    for trial in sorted(lines, key=lambda trial: trial is winner):
        points = " ".join(
            f"{x(step):.1f},{y(min(loss, high)):.1f}" for step, loss in sorted(trial.curve.items())
        )
        colour = "var(--trace)" if trial is winner else "var(--soft)"
        look = 'stroke-width="2.5"' if trial is winner else 'opacity=".45"'
        drawn += f'<polyline points="{points}" fill="none" stroke="{colour}" {look}/>'
    ticks = "".join(
        f'<text x="{LEFT - 8}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3f}</text>'
        for v in (low + (high - low) * k / 4 for k in range(5))
    )
    return f"""<div class="wide"><svg class="curves" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
aria-label="Held-out loss of {len(lines)} trials by step; the best ends at {winner.loss:.4f}">
{ticks}{drawn}<text x="{LEFT}" y="{HEIGHT - 6}">step 0</text>
<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{last:,}</text></svg></div>
<p>Each line is a trial; the best is the coloured one. Lines that end early were given up.</p>"""


def _against(name, choice, trials, winner):
    """The losses of the trials by the value of one setting."""
    done = [trial for trial in trials if trial.state == COMPLETE]
    width, height = SMALL
    if isinstance(choice, Range):
        change = math.log if choice.log else float
        ends = [change(choice.low), change(choice.high)]
        place = lambda value: change(value)  # noqa: E731
        names = {ends[0]: f"{choice.low:g}", ends[1]: f"{choice.high:g}"}
    else:
        ends = [-0.5, len(choice.values) - 0.5]
        place = choice.internal
        names = {i: str(value) for i, value in enumerate(choice.values)}
    low, high = winner.loss, min(_most(trials, winner), max(trial.loss for trial in done))
    x = _scale(*ends, LEFT, width - RIGHT)
    y = _scale(
        high + (high - low or 1) * 0.04, low - (high - low or 1) * 0.04, TOP, height - BOTTOM
    )
    looks = {True: 'r="5" fill="var(--trace)"', False: 'r="3" fill="var(--soft)"'}
    dots = "".join(
        f'<circle cx="{x(place(trial.settings[name])):.1f}" cy="{y(min(trial.loss, high)):.1f}"'
        f" {looks[trial is winner]}>"
        f"<title>trial {trial.number}: {trial.settings[name]}, {trial.loss:.4f}</title></circle>"
        for trial in sorted(done, key=lambda trial: trial is winner)
    )
    labels = "".join(
        f'<text x="{x(at):.1f}" y="{height - 8}" text-anchor="middle">{escape(text)}</text>'
        for at, text in names.items()
    )
    ticks = "".join(
        f'<text x="{LEFT - 8}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3f}</text>'
        for v in sorted({low, high})
    )
    return f"""<figure><svg viewBox="0 0 {width} {height}" role="img"
aria-label="Loss by {name.replace("_", " ")}; the best has {winner.settings[name]}">
{ticks}{dots}{labels}</svg><figcaption>{name.replace("_", " ")}</figcaption></figure>"""


def _most(trials, winner):
    """The largest loss that is drawn: about that before any step."""
    firsts = sorted(trial.curve[min(trial.curve)] for trial in trials if trial.curve)
    return max(firsts[len(firsts) // 2], winner.loss) * 1.02


def _scale(low, high, start, end):
    return lambda value: start + (end - start) * (value - low) / ((high - low) or 1)


def _shares(shares):
    rows = "".join(
        f'<tr><th scope="row">{name.replace("_", " ")}</th><td>{share:.0%}</td></tr>\n'
        for name, share in sorted(shares.items(), key=lambda item: -item[1])
    )
    return f"<table>{rows}</table>"


def _table(trials, space):
    """The trials from the best one on."""
    ordered = sorted(trials, key=lambda t: (t.loss is None, t.loss or 0.0, t.number))
    head = "".join(f'<th scope="col">{name.replace("_", " ")}</th>' for name in space)
    rows = ""
    for trial in ordered[:SHOWN]:
        cells = "".join(f"<td>{escape(str(trial.settings[name]))}</td>" for name in space)
        loss = "" if trial.loss is None else f"{trial.loss:.4f}"
        told = escape(f"{trial.how}: {trial.why}" if trial.why else trial.how)
        rows += (
            f'<tr><th scope="row">{trial.number}</th><td>{loss}</td>{cells}<td>{told}</td>'
            f"<td>{duration(trial.seconds)}</td></tr>\n"
        )
    more = "" if len(trials) <= SHOWN else f"<p>The best {SHOWN} are shown.</p>"
    return f"""<table><tr><th scope="col">trial</th><th scope="col">loss</th>{head}
<th scope="col">how it ended</th><th scope="col">took</th></tr>
{rows}</table>{more}"""
