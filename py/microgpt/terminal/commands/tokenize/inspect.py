"""`tokenize inspect`: what a tokenizer is, and what it makes of a text."""

import json

from ....tokenizer.bpe import BPETokenizer
from ...find import open_tokenizer
from .source import add_tokenizer


def add(parser):
    parser.add_argument("text", metavar="TEXT", nargs="?", help="show each of its tokens")
    add_tokenizer(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    tokenizer = open_tokenizer(args.tokenizer, args.pattern)
    if args.text is not None:
        return _show_text(tokenizer, args)
    facts = describe(tokenizer)
    if args.json:
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    longest = facts.pop("longest")
    specials = facts.pop("specials")
    for name, value in facts.items():
        print(f"{name:<12}{value:,}" if isinstance(value, int) else f"{name:<12}{value}")
    for text, id in specials.items():
        print(f"{'special':<12}{id:>7} {text}")
    for id in longest:
        print(f"{'long':<12}{id:>7} {tokenizer.token_text(id)}")
    return 0


def describe(tokenizer, most=10):
    """The facts of a tokenizer, and the ids of its longest tokens."""
    lengths = tokenizer.token_bytes
    longest = (-lengths).argsort(kind="stable")[:most].tolist()
    facts = {"tokens": tokenizer.vocab_size}
    if isinstance(tokenizer, BPETokenizer):
        merges = tokenizer.merges
        facts |= {
            "kind": "byte-level BPE",
            "pattern": tokenizer.pattern,
            "merges": len(merges) if merges is not None else "not a list of merges",
            "bos": tokenizer.bos,
            "specials": tokenizer.specials,
        }
    else:
        facts |= {"kind": "characters", "bos": tokenizer.bos, "specials": {}}
    mean = float(lengths[lengths > 0].mean())
    return {**facts, "mean bytes": f"{mean:.2f}", "longest": longest}


def _show_text(tokenizer, args):
    if isinstance(tokenizer, BPETokenizer):
        ids = tokenizer.encode(args.text, disallowed_special=())
    else:
        ids = tokenizer.encode(args.text)
    tokens = [
        {
            "id": id,
            "text": tokenizer.token_text(id),
            "bytes": tokenizer.decode_bytes([id]).hex(" ")
            if isinstance(tokenizer, BPETokenizer)
            else tokenizer.decode([id]).encode("utf-8", "surrogatepass").hex(" "),
        }
        for id in ids
    ]
    size, count = len(args.text.encode("utf-8", "surrogatepass")), max(1, len(ids))
    if args.json:
        facts = {"tokens": tokens, "characters": len(args.text), "bytes": size}
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    for token in tokens:
        print(f"{token['id']:>7}  {token['text']:<24} {token['bytes']}")
    print(
        f"{len(ids):,} tokens, {len(args.text):,} characters ({len(args.text) / count:.2f} a"
        f" token), {size:,} bytes ({size / count:.2f} a token)"
    )
    return 0
