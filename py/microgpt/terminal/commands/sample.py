"""`sample`: write with a saved model."""

import json
import random
import sys

from ...errors import UsageError
from ...inference.engine import Engine
from ...inference.generate import generate, generate_rows
from ...inference.prompt import fit_prompt
from ...inference.sampling import Sampling
from ..args import add_number, add_settings, given
from ..find import find_model

MOST = 256  # tokens of a text: a model of a running text hardly ever ends it
TOGETHER = 64  # texts that are written side by side
MOST_MEMORY = 1e9  # bytes that their caches may take together


def add(parser):
    parser.usage = "%(prog)s FILE [options]"
    parser.add_argument("checkpoint", metavar="FILE", help="a model saved by train --out or --link")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="how the text begins")
    add_number(parser, "-n", 10, "how many (10)", low=1)
    most = f"the most to write ({MOST}); 0: until the model ends the text, or you stop it"
    add_number(parser, "--max-tokens", MOST, most, low=0)
    add_number(parser, "--seed", None, "the same seed writes the same (by chance)", high=2**64 - 1)
    add_settings(parser, Sampling, {"temperature": "how tokens are chosen"})
    parser.add_argument("--stream", action="store_true", help="print each token as it is chosen")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args):
    sampling = Sampling(**given(args, Sampling))
    model, tokenizer = find_model(args.checkpoint)
    if not args.max_tokens and not args.stream:
        raise UsageError("--max-tokens 0 needs --stream: without an end there is nothing to print.")
    args.prompt, note = fit_prompt(tokenizer, args.prompt)
    if note:
        print(note, file=sys.stderr)
    seed = random.getrandbits(64) if args.seed is None else args.seed
    slid = False
    for tokens in _texts(args, model, tokenizer, sampling, seed):
        slid |= tokens[-1].unseen > 0
    if slid:
        print(
            f"This model sees {model.config.block_size} tokens back; of the longer texts it no"
            " longer saw the beginning.",
            file=sys.stderr,
        )


def _texts(args, model, tokenizer, sampling, seed):
    """Print the texts; yields the tokens of each."""
    if args.stream:
        engine = Engine(model)
        for row in range(args.n):
            yield _stream(args, tokenizer, sampling, _dice(seed, row), engine)
        return
    together = min(args.n, rows_together(model.config, model.dtype))
    engine = Engine(model, together)
    for first in range(0, args.n, together):
        rngs = [_dice(seed, row) for row in range(first, min(args.n, first + together))]
        texts = [[] for _ in rngs]
        for row, token in generate_rows(
            model, tokenizer, rngs, args.prompt, sampling, args.max_tokens or None, engine
        ):
            texts[row].append(token)
        for tokens in texts:
            _print(args, tokens)
            yield tokens


def rows_together(config, dtype):
    """How many texts to write side by side: as many as memory has room for their caches."""
    width = config.kv_heads * config.head_size
    cache = 2 * config.n_layer * config.block_size * width * dtype.itemsize
    return int(max(1, min(TOGETHER, MOST_MEMORY // cache)))


def _dice(seed, row):
    """A generator for each text, so that it is the same whatever else is written."""
    return random.Random(f"{seed} {row}")


def _stream(args, tokenizer, sampling, rng, engine):
    """One text, each token shown as it is chosen."""
    tokens = []
    if not args.json:
        print(args.prompt, end="", flush=True)
    for token in generate(
        engine.model, tokenizer, rng, args.prompt, sampling, args.max_tokens or None, engine
    ):
        tokens.append(token)
        if not args.json:
            print(token.text, end="", flush=True)
    if args.json:
        _print(args, tokens)
    else:
        print(flush=True)
    return tokens


def _print(args, tokens):
    text = args.prompt + "".join(token.text for token in tokens)
    if args.json:
        end = "end" if tokens[-1].end else "length"
        text = json.dumps(
            {"text": text, "tokens": len(tokens), "reason": end, "unseen": tokens[-1].unseen}
        )
    print(text, flush=args.json)
