"""What `bench scale` found: as a table to read, and as a page with pictures."""

from html import escape
from statistics import fmean

from .model import MACHINES

IN_THE_TAB = (
    "What an exchange takes between the workers of a tab only a browser can measure. The page shows"
    " it: under Train set Workers to 2 or more, start a run, and read it below the buttons."
)
SHOWN = (1, 4, 16, 64, 256, 1024)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420, 240, 44, 96, 12, 28
STYLE = """
.pictures { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)) }
.wide { overflow-x: auto; margin: 1rem 0 } figure { margin: 0 }
td, th { white-space: nowrap; font-variant-numeric: tabular-nums }
.wide caption { padding-bottom: .3rem }
"""


def as_table(results):
    """The lines of a table."""
    yield "one machine"
    for name, each in results["shards"].items():
        way = "" if each["measured"] else "   reckoned by its size"
        yield (
            f"  {name:<10}{each['mean'] * 1e3:>12,.2f} ms a step ± {each['spread'] * 1e3:,.2f},"
            f" {each['tokens']:,} tokens, {each['bytes'] / 1e6:,.2f} MB of gradient{way}"
        )
    for way, times in results["exchanges"].items():
        if times:
            told = ", ".join(f"{size / 1e6:g} MB {s * 1e6:,.0f} µs" for size, s in times.items())
            yield f"  an exchange by {way}: {told}"
    for way in results["absent"]:
        yield f"  an exchange by {way}: not measured here"
    yield f"  {IN_THE_TAB}"
    for row in results["check"]:
        yield f"  {_checked(row)}"
    network = None
    for row in results["efficiency"]:
        if row["network"] != network:
            network = row["network"]
            yield ""
            yield f"{network}: of what so many machines could do at most, they do"
            yield f"  {'preset':<10} {'agree every':>11}" + "".join(f"{n:>8,}" for n in SHOWN)
        parts = "".join(f"{row['machines'][n]:>8.0%}" for n in SHOWN)
        yield f"  {row['preset']:<10} {row['sync_every']:>11}{parts}"
    yield ""
    yield from _losses_as_lines(results["losses"])


def _checked(row):
    return (
        f"{row['ranks']} ranks, {row['what']}: {row['predicted'] * 1e3:,.2f} ms predicted,"
        f" {row['measured'] * 1e3:,.2f} measured, {row['error']:+.1%} ({_rounds(row)})"
    )


def _rounds(row):
    return f"{min(row['rounds']):+.1%} to {max(row['rounds']):+.1%}"


def _losses_as_lines(found):
    yield f"held-out loss at equal tokens ({_setting(found)})"
    yield f"  all share each step: {fmean(found['synchronous']):.4f}"
    for row in found["rows"]:
        yield (
            f"  {row['workers']} workers, agree every {row['sync_every']:>3}:"
            f" {fmean(row['losses']):.4f}, {row['worse']:+.1%}"
        )


def _setting(found):
    seeds = len(found["seeds"])
    return (
        f"{found['preset']} with {found['parameters']:,} parameters on {found['data']},"
        f" {found['steps']:,} steps of {found['rows_a_step']} stretches in all, of which the first"
        f" {found['together']:,} are shared by all; the mean of {seeds} seed{'s'[seeds == 1 :]}"
    )


# ---- the page


def as_page(results):
    """(title, body, style)"""
    networks = list(dict.fromkeys(row["network"] for row in results["efficiency"]))
    pictures = "".join(_picture(name, results["efficiency"]) for name in networks)
    body = f"""<p>Each machine works out a batch as large as that of one machine alone. 100 % is as
many times as much as there are machines. Lines: every step is shared; dashed: they agree every
{_most_seldom(results)} steps.</p><div class="pictures">
{pictures}</div>
<h2>Numbers</h2>{_numbers(results)}
{_check_table(results["check"])}{_losses_table(results["losses"])}
<h2>What was measured here</h2>{_measured(results)}
<h2>What is assumed</h2>{_assumed(results["assumed"])}
<p>A step lasts as long as the slowest of all (the expected largest of so many draws from a normal
distribution, with the spread of one machine), and the exchange: 3 latencies for each doubling of
the machines, {results["assumed"]["message"] * 1e6:g} µs for a message, and 2 (P − 1) / P times
the bytes of the gradient. A job that lost a machine goes on after
{results["assumed"]["restart"]:g} s from its last checkpoint. Delays that are larger and rarer than
a normal distribution has cost more than this says.</p>"""
    return "What more machines would bring", body, STYLE


def _most_seldom(results):
    return max(row["sync_every"] for row in results["efficiency"])


def _picture(network, rows):
    """A line for each preset: how much is left of what more machines could do."""
    rows = [row for row in rows if row["network"] == network]
    seldom = max(row["sync_every"] for row in rows)
    count = len(MACHINES) - 1
    x = lambda i: LEFT + (WIDTH - LEFT - RIGHT) * i / count  # noqa: E731
    y = lambda part: TOP + (HEIGHT - TOP - BOTTOM) * (1 - part)  # noqa: E731
    drawn, labels = "", []
    for row in rows:
        if row["sync_every"] not in (1, seldom):
            continue
        parts = [row["machines"][n] for n in MACHINES]
        points = " ".join(f"{x(i):.1f},{y(part):.1f}" for i, part in enumerate(parts))
        look = "" if row["sync_every"] == 1 else ' stroke-dasharray="5 4" opacity=".7"'
        drawn += f'<polyline points="{points}" fill="none" stroke="var(--trace)"{look}/>'
        if row["sync_every"] == 1:
            labels.append((parts[-1], row["preset"]))
    at, named = HEIGHT, ""
    for part, name in sorted(labels):  # one above the other, where they would meet
        at = min(y(part) + 4, at - 13)
        named += f'<text x="{WIDTH - RIGHT + 6}" y="{at:.1f}">{escape(name)}</text>'
    ticks = "".join(
        f'<text x="{LEFT - 8}" y="{y(part) + 4:.1f}" text-anchor="end">{part:.0%}</text>'
        for part in (0, 0.5, 1)
    )
    axis = "".join(
        f'<text x="{x(i):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{n:,}</text>'
        for i, n in enumerate(MACHINES)
        if n in (1, 8, 64, 1024)
    )
    return f"""<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
aria-label="Efficiency by machines, {escape(network)}; the table below has the numbers">
<g stroke="var(--line)"><line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(0)}" y2="{y(0)}"/>
<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(1)}" y2="{y(1)}"/></g>
{ticks}{drawn}{named}{axis}</svg><figcaption>{escape(network)}</figcaption></figure>
"""


def _table(head, rows, caption=""):
    first = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
        + "</tr>\n"
        for name, *cells in rows
    )
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{named}<tr>{first}</tr>\n{lines}</table></div>'


def _numbers(results):
    """A table for each network."""
    tables = {}
    for row in results["efficiency"]:
        parts = [f"{row['machines'][n]:.1%}" for n in MACHINES]
        tables.setdefault(row["network"], []).append([row["preset"], row["sync_every"], *parts])
    head = ["preset", "agree every", *(f"{n:,}" for n in MACHINES)]
    return "".join(_table(head, rows, network) for network, rows in tables.items())


def _check_table(rows):
    if not rows:
        return ""
    head = ["what", "ranks", "predicted", "measured", "error", "of single rounds"]
    cells = [
        [
            row["what"],
            row["ranks"],
            f"{row['predicted'] * 1e3:,.2f} ms",
            f"{row['measured'] * 1e3:,.2f} ms",
            f"{row['error']:+.1%}",
            _rounds(row),
        ]
        for row in rows
    ]
    return f"<h2>The model beside what was measured here</h2>{_table(head, cells)}"


def _losses_table(found):
    every = list(dict.fromkeys(row["sync_every"] for row in found["rows"]))
    workers = list(dict.fromkeys(row["workers"] for row in found["rows"]))
    cell = {(row["workers"], row["sync_every"]): _cell(row) for row in found["rows"]}
    rows = [[f"every {h}", *(cell[n, h] for n in workers)] for h in every]
    head = ["agree", *(f"{n} workers" for n in workers)]
    return f"""<h2>What it costs to agree seldom: held-out loss at equal tokens</h2>
<p>All share each step: {fmean(found["synchronous"]):.4f}. {escape(_setting(found))};
{found["outer"]}. Each worker's batch is smaller where there are more, so a loss may be lower.</p>
{_table(head, rows)}"""


def _cell(row):
    return f"{fmean(row['losses']):.4f} ({row['worse']:+.1%})"


def _measured(results):
    shards = [
        [
            name,
            f"{each['mean'] * 1e3:,.2f} ms" + ("" if each["measured"] else ", reckoned"),
            f"{each['spread'] * 1e3:,.2f} ms",
            f"{each['tokens']:,}",
            f"{each['bytes'] / 1e6:,.2f} MB",
        ]
        for name, each in results["shards"].items()
    ]
    head = ["preset", "a step", "its spread", "tokens", "gradient"]
    exchanges = [
        [way, *(f"{s * 1e6:,.0f} µs" for s in times.values())]
        for way, times in results["exchanges"].items()
        if times
    ]
    sizes = next(list(t) for t in results["exchanges"].values() if t)
    names = ["an exchange by", *(f"{size / 1e6:,.3g} MB" for size in sizes)]
    absent = [f"<p>Not measured: {', '.join(results['absent'])}.</p>"] * bool(results["absent"])
    tables = f"{_table(head, shards)}{_table(names, exchanges)}"
    return f"{tables}{''.join(absent)}<p>{IN_THE_TAB}</p>"


def _assumed(assumed):
    head = ["network", "latency", "bandwidth of each", "a machine lasts"]
    rows = [
        [
            each["name"],
            f"{each['latency'] * 1e3:g} ms",
            f"{each['bandwidth'] * 8 / 1e6:,.0f} Mb/s" + (", shared" if each["shared"] else ""),
            f"{each['hours']:,} hours",
        ]
        for each in assumed["networks"]
    ]
    return _table(head, rows)
