"""`gradient`: one weight of a model in a real step, from the forward pass to its move."""

import json
import sys
from html import escape
from types import SimpleNamespace

from ... import checkpoint as checkpoints
from ...errors import UsageError
from ...microscope.one_step import source_of_checkpoint, source_of_model, source_of_run
from ...microscope.story import Microscope
from ...training.run import Run
from ..args import add_force, add_number
from ..find import corpus_of, find_model, is_link, open_link
from ..html import write_page
from ..outputs import check_outputs
from ..progress import Progress

STYLE = """
table { font-variant-numeric: tabular-nums } td:first-child { font-weight: 600 }
h2 + p { color: var(--ink); font: 600 1.2rem ui-monospace, monospace }
.scroll { overflow-x: auto }
"""
READ = 24  # characters of a text before a position
DESCRIPTION = """\
One weight of a model in one step of training that is not made: what it is, the forward pass through
it, its gradient as a sum of parts, the slope measured by moving it, clipping, what the optimizer
remembers, and the move. Without --weight it is the one with the largest gradient."""


def add(parser):
    parser.usage = "%(prog)s FILE [--weight NAME] [--text TEXT] [options]"
    parser.description = DESCRIPTION
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out or --link")
    parser.add_argument(
        "--weight", metavar="NAME", help="which, such as 'layer0.wq[3,5]' (the largest gradient)"
    )
    add_number(parser, "--random", None, "any weight: the number is the seed", low=0)
    parser.add_argument(
        "--text",
        metavar="TEXT",
        action="append",
        help="what the step learns from; can be repeated (the next batch of the run)",
    )
    add_number(
        parser, "--lr", None, "another learning rate than the run's at that step", kind=float
    )
    parser.add_argument(
        "--before",
        metavar="FILE",
        action="append",
        default=[],
        help="an earlier checkpoint of the same run, for the weight's path; can be repeated",
    )
    parser.add_argument("--graph", action="store_true", help="list the operations of the step, too")
    parser.add_argument("--html", metavar="FILE.html", help="write a page instead")
    add_force(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    check_outputs({"--html": (args.html, "a page")}, {"FILE": args.checkpoint}, args.force)
    if args.weight is not None and args.random is not None:
        raise UsageError("--weight names a weight and --random draws one; give one of them.")
    scope = Microscope(source_of(args))
    earlier = [earlier_weights(path, scope.source.model.config) for path in args.before]
    if args.weight is not None:
        weight = scope.weight(args.weight)
    elif args.random is not None:
        weight = scope.another(args.random)
    else:
        weight = scope.largest()
    story = scope.story(weight)
    known = {step: float(flat[weight.place]) for step, flat in earlier}
    known[made_steps(args.checkpoint)] = story["value"]
    story["path"] = sorted(known.items())
    if args.graph:
        story["graph"] = scope.graph()
    parts = sections(story)
    if args.html:
        write_page(args.html, f"The story of {weight}", page(parts), STYLE)
        print(f"The page is in {args.html}.", file=sys.stderr)
    if args.json:
        print(json.dumps(story))
    elif not args.html:
        print_sections(parts)


def source_of(args):
    """The step that the flags ask for."""
    if is_link(args.checkpoint):
        model, tokenizer, _ = open_link(args.checkpoint)
        if not args.text:
            raise UsageError("A link has no data; give --text, what the step shall learn from.")
        return source_of_model(model, tokenizer, args.text, lr=args.lr)
    checkpoint = checkpoints.load(args.checkpoint)
    if args.text:
        return source_of_checkpoint(checkpoint, args.text, args.lr)
    if "optimizer.mean" not in checkpoint.tensors:
        raise UsageError(
            f"{args.checkpoint} is a model alone, without a run that could go on; give --text,"
            " what the step shall learn from."
        )
    wanted = SimpleNamespace(data=None, offline=True, split=None, include=None, encoding=None)
    run = Run.restore(checkpoint, corpus_of(checkpoint, wanted, Progress(quiet=True)))
    return source_of_run(run, lr=args.lr)


def made_steps(path):
    """How many steps the model in a file has made."""
    if is_link(path):
        return open_link(path)[2].get("step", 0)
    return checkpoints.load(path).meta["progress"]["step"]


def earlier_weights(path, config):
    """(steps made, all weights) of another checkpoint of a run, which must have the same shape."""
    model, _ = find_model(path)
    if model.config != config:
        raise UsageError(f"{path} is of another model: its shape differs, so it is no same run.")
    return made_steps(path), model.weights.flat


# ---- in words: [(title, number, [line], [row])], for the terminal and for the page


def sections(story):
    step, gradient, slope = story["step"], story["gradient"], story["slope"]
    move, clipping = story["move"], story["clipping"]
    found = [
        (
            story["weight"],
            number(story["value"]),
            [f"One of {story['count']:,}: {story['what']}. It touches {story['touches']}."],
            [],
        ),
        (
            "The step",
            f"loss {step['loss']:.6f}",
            [
                f"Step {step['step']:,}, {plural(step['examples'], 'example')} with"
                f" {plural(step['tokens'], 'target')}, learning rate {step['lr']:.4g}."
                + ("" if step["remembers"] else " The optimizer has nothing to remember yet.")
            ],
            [],
        ),
    ]
    for use in story["operations"]:
        found.append((f"Forward: {use['operation']}", number(use["term"]), forward(use), []))
    rows = [("part", "slope g", "input x", "after", "next")]
    for part in gradient["parts"]:
        rows.append(
            (
                number(part["part"]),
                number(part["slope"]),
                number(part["input"]),
                shown(part["read"]),
                part["next"],
            )
        )
    others = gradient["count"] - len(gradient["parts"])
    if others > 0:
        rows.append((number(gradient["rest"]), "", "", f"{plural(others, 'other')}", ""))
    lines = [use["backward"] for use in story["operations"]]
    lines.append(
        f"In {gradient['dtype']}, as the run computes it: {number(gradient['own'])}, a difference"
        f" of {gradient['difference']:.1e}."
    )
    if not gradient["parts"]:
        lines, rows = ["Nothing in this step depends on it."], []
    found.append(("Back: its gradient", number(gradient["exact"]), lines, rows))
    found.append(("Check: the slope, measured", number(slope["value"]), check(slope), []))
    if clipping["limit"]:
        clipped = clipping["factor"] < 1
        does = f"all are multiplied by {clipping['factor']:.4f}" if clipped else "nothing changes"
        found.append(
            (
                "Clipping",
                number(clipping["after"]),
                [
                    f"The whole gradient is {clipping['norm']:.4f} long, the limit"
                    f" {clipping['limit']:g}: {does}."
                ],
                [],
            )
        )
    found.append(memory(story["optimizer"]))
    found.append(
        (
            "Move",
            number(move["move"]),
            [f"It was {number(move['before'])} and becomes {number(move['after'])}."],
            [],
        )
    )
    if len(story["path"]) > 1:
        found.append(path(story["path"]))
    if "graph" in story:
        found.append(graph(story["graph"]))
    return found


def forward(use):
    lines = [
        use["forward"],
        f"After {shown(use['at']['read'])!r}: {number(use['weight'])} · {number(use['input'])} ="
        f" {number(use['term'])}",
    ]
    if "output" in use:
        lines[-1] += f", in a result of {number(use['output'])}"
    lines[-1] += "."
    return lines


def check(slope):
    lines = [
        f"The weight moved by {slope['step']:g}, in float64: the loss is {slope['down']:.9f} below"
        f" and {slope['up']:.9f} above; with twice as far as well, the central difference of the"
        f" fourth order differs from the gradient by {slope['difference']:.1e}."
    ]
    if slope["kinks"]:
        lines.append(
            f"The nudge switches {plural(slope['kinks'], 'unit')} on or off: it crosses a kink, and"
            " there the loss has no one slope."
        )
    return lines


def memory(told):
    rule, lr = told["rule"], told["lr"]
    if rule == "muon":
        values = {name: v for name, v in told["singularValues"].items() if v}
        ratios = [f"{name} {v[0]:.3g} to {v[-1]:.3g}" for name, v in values.items()]
        lines = [
            f"Muon, rate {lr:.4g}: it moves the whole matrix. Its momentum here was"
            f" {number(told['momentum'])} and is {number(told['momentumAfter'])} now; how large its"
            f" row has been, {told['balance']:.3g}, is {told['balanceAfter']:.3g}.",
            f"Singular values, the largest to the smallest: {', '.join(ratios)}.",
        ]
        return "Memory: Muon", number(told["momentumAfter"]), lines, []
    name = "AdamW" if rule == "adamw" else "Adam"
    lines = [
        f"{name}, rate {lr:.4g}: it remembers the mean of the gradient, which was"
        f" {number(told['mean'])}, and of its square, {told['square']:.3e}; now"
        f" {number(told['meanAfter'])} and {told['squareAfter']:.3e}."
    ]
    if told["weightDecay"]:
        lines.append(f"Weight decay {told['weightDecay']:g} pulls it to zero.")
    return f"Memory: {name}", number(told["meanAfter"]), lines, []


def path(known):
    (first, was), (last, now) = known[0], known[-1]
    rows = [("step", "value"), *((f"{step:,}", number(value)) for step, value in known)]
    lines = [
        f"From {number(was)} at step {first:,} to {number(now)} at step {last:,}; known at the"
        " steps of the files that were given."
    ]
    return "Its path over the run", number(now - was), lines, rows


def graph(nodes):
    total = sum(node["seconds"] + node["secondsBack"] for node in nodes)
    rows = [("number", "operation", "shape", "from", "forward", "back", "what")]
    for node in nodes:
        rows.append(
            (
                str(node["id"]),
                node["operation"],
                "×".join(map(str, node["shape"])) or "one",
                " ".join(map(str, node["from"])),
                f"{node['seconds'] * 1e6:.0f} µs" if node["from"] else "",
                f"{node['secondsBack'] * 1e6:.0f} µs" if node["from"] else "",
                node["name"] or ", ".join(node["weights"]),
            )
        )
    lines = [
        f"{len(nodes)} operations and leaves, {total * 1e3:.1f} ms; each names those that it was"
        " computed from."
    ]
    return "The step as a graph", f"{len(nodes)}", lines, rows


def number(value):
    return f"{value:+.6f}" if abs(value) >= 1e-4 or value == 0 else f"{value:+.3e}"


def plural(count, what):
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def shown(tokens):
    text = "".join(tokens)
    return text if len(text) <= READ else "…" + text[-READ:]


# ---- the terminal and the page


def print_sections(parts):
    for title, value, lines, rows in parts:
        print(f"{title}  {value}")
        for line in lines:
            print(f"  {line}")
        widths = [max(map(len, column)) for column in zip(*rows)]
        for row in rows:
            cells = (f"{cell:>{width}}" for cell, width in zip(row, widths))
            print("    " + "  ".join(cells).rstrip())
        print()


def page(parts):
    found = []
    for title, value, lines, (*rows,) in parts:
        found.append(f"<h2>{escape(title)}</h2>\n<p>{escape(value)}</p>")
        found += [f"<p>{escape(line)}</p>" for line in lines]
        if rows:
            head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0])
            body = "\n".join(
                f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
                for row in rows[1:]
            )
            label = escape(title, quote=True)
            found.append(
                f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>'
                f"<thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>"
            )
    return "\n".join(found)
