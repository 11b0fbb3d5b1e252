"""`sample`: write with a saved model."""

import json
import random

from .. import checkpoint as checkpoints
from ..inference.generate import generate
from ..inference.sampling import Sampling
from .train_command import given


def sample_command(args):
    sampling = Sampling(**given(args, Sampling))
    checkpoint = checkpoints.load(args.checkpoint)
    model, tokenizer = checkpoint.model(), checkpoint.tokenizer()
    tokenizer.encode(args.prompt)  # a character it does not know is told before all else
    rng = random.Random(args.seed)
    for _ in range(args.n):
        tokens = generate(model, tokenizer, rng, args.prompt, sampling, args.max_tokens)
        if args.json:
            tokens = list(tokens)
            text = args.prompt + "".join(token.text for token in tokens)
            end = "end" if tokens[-1].end else "length"
            print(json.dumps({"text": text, "tokens": len(tokens), "reason": end}), flush=True)
            continue
        # Streaming is printing at once what is printed anyway.
        print(args.prompt, end="", flush=args.stream)
        for token in tokens:
            print(token.text, end="", flush=args.stream)
        print(flush=args.stream)
