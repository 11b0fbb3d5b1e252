"""`inside`: early guesses by layer, parts switched off or patched, neurons, and what heads do."""

import json
from itertools import islice
from types import SimpleNamespace

import numpy as np

from ... import checkpoint as checkpoints
from ...data import load
from ...errors import UsageError, UserError
from ...microscope.activations import activations, head_scores, ids_of, logit_lens, strongest
from ...microscope.interventions import find_part, intervene, without_each
from ..args import add_number
from ..find import corpus_of, find_model, is_link
from ..progress import Progress

DESCRIPTION = """\
What goes on inside a model that reads a prompt: what it would say after each layer (the logit
lens), and what becomes of its guess and of its loss without each head, MLP and layer. Parts are
called layer0, layer0.attention, layer0.head1, layer0.mlp, layer0.unit5."""
DOCUMENTS = 5000  # of the data, in which texts that excite a neuron are looked for


def add(parser):
    parser.usage = "%(prog)s FILE --prompt TEXT [options]"
    parser.description = DESCRIPTION
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out or --link")
    parser.add_argument("--prompt", required=True, metavar="TEXT", help="what it reads")
    parser.add_argument(
        "--without", metavar="PART", action="append", default=[], help="switch it off; repeatable"
    )
    parser.add_argument(
        "--patch",
        metavar="PART",
        action="append",
        default=[],
        help="let it give what it gives for the text --patch-from, at the last token; repeatable",
    )
    parser.add_argument("--patch-from", metavar="TEXT", help="the other text")
    parser.add_argument(
        "--everywhere", action="store_true", help="patch at every token; both texts equally long"
    )
    parser.add_argument(
        "--unit", metavar="PART", help="a neuron, layer0.unit5, over the prompt and over the data"
    )
    parser.add_argument(
        "--data", metavar="FILE", help="of --unit: lines to look through (the run's own data)"
    )
    parser.add_argument(
        "--heads", action="store_true", help="score heads: previous-token and induction"
    )
    add_number(parser, "--top", 5, "how many tokens, or texts, are shown (5)", low=1, high=100)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    model, tokenizer = find_model(args.checkpoint)
    answer = {"prompt": args.prompt}
    if args.everywhere and not args.patch:
        raise UsageError("--everywhere is for --patch; name a part.")
    if args.without or args.patch or args.patch_from is not None:
        answer["changed"] = changed(model, tokenizer, args)
    if args.unit is not None:
        answer["unit"] = neuron(model, tokenizer, args)
    if args.heads:
        answer["heads"] = judged_heads(model)
    if len(answer) == 1:
        answer["lens"] = lens(model, tokenizer, args)
        answer["without"] = each(model, tokenizer, args)
    if args.json:
        print(json.dumps(answer))
        return
    for name, show in SHOW.items():
        if name in answer:
            show(answer[name])


# ---- what is found, as JSON has it


def likeliest(tokenizer, chances, count):
    order = np.argsort(-chances, kind="stable")[:count].tolist()
    return [{"text": tokenizer.token_text(i), "p": float(chances[i])} for i in order]


def changed(model, tokenizer, args):
    found = intervene(
        model,
        tokenizer,
        args.prompt,
        args.without,
        args.patch,
        args.patch_from,
        args.everywhere,
    )
    before, after = found["before"], found["after"]
    order = np.argsort(-np.maximum(before, after), kind="stable")[: args.top].tolist()
    answer = {
        "tokens": [
            {
                "text": tokenizer.token_text(i),
                "before": float(before[i]),
                "after": float(after[i]),
            }
            for i in order
        ]
    }
    if "surprise" in found:
        answer["loss"] = float(found["surprise"].mean())
        answer["lossAfter"] = float(found["surprise_after"].mean())
    return answer


def lens(model, tokenizer, args):
    layers = logit_lens(model, ids_of(model, tokenizer, args.prompt))
    names = ["before all", *(f"layer{i}" for i in range(model.config.n_layer)), "the model"]
    return [
        {"after": name, "tokens": likeliest(tokenizer, chances[-1], args.top)}
        for name, chances in zip(names, layers, strict=True)
    ]


def each(model, tokenizer, args):
    (_, whole, loss), *rows = without_each(model, tokenizer, args.prompt)
    top = int(whole.argmax())
    return {
        "text": tokenizer.token_text(top),
        "p": float(whole[top]),
        "loss": loss,
        "parts": [
            {
                "part": name,
                "p": float(chances[top]),
                "loss": lost,
                "next": likeliest(tokenizer, chances, 1)[0],
            }
            for name, chances, lost in rows
        ],
    }


def neuron(model, tokenizer, args):
    part = find_part(args.unit, model.config)
    if ".unit" not in part.name:
        raise UserError(f"{part.name} is not a single neuron; name one, such as layer0.unit5.")
    seen = activations(model, ids_of(model, tokenizer, args.prompt))
    values = seen[part.site][:, part.columns.start].tolist()
    ids = ids_of(model, tokenizer, args.prompt)[0].tolist()
    layer = int(part.site.split(".")[0].removeprefix("layer"))
    rows = [
        [tokenizer.bos, *tokenizer.encode(text), tokenizer.bos]
        for text in islice(documents(args), DOCUMENTS)
    ]
    found = strongest(model, rows, layer, part.columns.start, args.top)
    return {
        "part": part.name,
        "tokens": [tokenizer.token_text(i) for i in ids],
        "values": values,
        "texts": [
            {"value": value, "tokens": [tokenizer.token_text(i) for i in own]}
            for value, own in found
        ],
    }


def documents(args):
    """The texts of --data, or of the run's own data."""
    if args.data:
        return load(args.data, split="line").documents
    if is_link(args.checkpoint):
        raise UsageError("A link has no data to look through; name some with --data.")
    wanted = SimpleNamespace(data=None, offline=True, split=None, include=None, encoding=None)
    checkpoint = checkpoints.load(args.checkpoint)
    return corpus_of(checkpoint, wanted, Progress(quiet=True)).documents


def judged_heads(model):
    scores = head_scores(model)
    return {
        "previous": scores["previous"].tolist(),
        "induction": scores["induction"].tolist(),
        "even": scores["even"],
    }


# ---- in words


def show_changed(found):
    print("next        before   after")
    for token in found["tokens"]:
        print(f"  {token['text']:<8} {token['before']:7.1%} {token['after']:7.1%}")
    if "loss" in found:
        difference = found["lossAfter"] - found["loss"]
        print(
            f"loss of the prompt {found['loss']:.4f}, then {found['lossAfter']:.4f}"
            f" ({difference:+.4f})"
        )


def show_lens(layers):
    print("what would come next after each layer")
    for layer in layers:
        tokens = "  ".join(f"{token['text']} {token['p']:.0%}" for token in layer["tokens"])
        print(f"  {layer['after']:<12} {tokens}")


def show_each(found):
    print(
        f"\nwithout each part: {found['text']} has {found['p']:.1%}, the loss is"
        f" {found['loss']:.4f}"
    )
    width = max(len(part["part"]) for part in found["parts"])
    for part in found["parts"]:
        change = part["loss"] - found["loss"]
        print(
            f"  {part['part']:<{width}}  {found['text']} {part['p']:6.1%}  loss {change:+.4f}"
            f"  first {part['next']['text']} {part['next']['p']:.0%}"
        )


def show_unit(found):
    print(f"{found['part']} over the prompt")
    for token, value in zip(found["tokens"], found["values"], strict=True):
        print(f"  {token:<8} {value:+.4f}")
    print("highest, at the end of these texts")
    for text in found["texts"]:
        print(f"  {text['value']:+.4f}  {''.join(text['tokens'])}")


def show_heads(scores):
    even = scores["even"]
    print("random tokens that come twice: the share of attention on the token before (previous),")
    print("and on what followed the same token the first time (induction)")
    print(
        f"  looking at all alike   previous {even['previous']:4.0%}  induction"
        f" {even['induction']:4.0%}"
    )
    for layer, (before, again) in enumerate(zip(scores["previous"], scores["induction"])):
        for head, (a, b) in enumerate(zip(before, again)):
            print(f"  layer{layer}.head{head:<14} previous {a:4.0%}  induction {b:4.0%}")


SHOW = {
    "changed": show_changed,
    "lens": show_lens,
    "without": show_each,
    "unit": show_unit,
    "heads": show_heads,
}
