"""A run written down for the web page, which shows it until the reader's own run replaces it."""

import json
import random
from dataclasses import asdict

import numpy as np

from ..files import write_whole
from ..inference.generate import next_tokens, write
from ..inference.inspect import attention_maps, pca

PROMPT = "ma"
LOOKED_AT = "amelia"


def record_run(run, previews, samples, seconds, sampling, command, path):
    """Write the run's whole story as JSON; `previews` are (step, [(text, new)]) along the way."""
    story = {
        "command": command,
        "settings": {**run.model.config.to_dict(), **run.config.to_dict()},
        "data": {
            "name": run.corpus.name,
            "documents": len(run.corpus.documents),
            "vocabSize": run.tokenizer.vocab_size,
            "longest": run.corpus.longest,
            "heldOut": len(run.held_out),
        },
        "parameters": run.model.weights.count,
        "uniformLoss": round(run.uniform_loss, 4),
        "bigramLoss": round(run.bigram_loss, 4),
        "losses": [round(loss, 3) for loss in run.losses],
        "evaluations": [[e.step, round(e.loss, 4)] for e in run.evaluations],
        "samples": [
            {"step": step, "samples": [{"text": text, "new": new} for text, new in texts]}
            for step, texts in [*previews, (run.step, samples)]
        ],
        "write": _written(run, sampling),
        "inside": _inside(run),
        "seconds": round(seconds, 3),
        "stepsPerSecond": round(run.step / seconds) if seconds else 0,
    }
    text = json.dumps(story, separators=(",", ":")) + "\n"
    write_whole(path, text.encode())


def _inside(run):
    """What its heads look at in a name, and its tokens as points."""
    model, tokenizer = run.model, run.tokenizer
    prompt = _readable(LOOKED_AT, tokenizer)
    tokens, layers = attention_maps(model, tokenizer, prompt)
    points, share = pca(np.array(model.weights.named()["wte"], np.float64))
    return {
        "prompt": prompt,
        "tokens": tokens,
        "layers": len(layers),
        "heads": len(layers[0]),
        "weights": [round(float(share), 3) for share in np.array(layers).reshape(-1)],
        "vocabulary": [tokenizer.token_text(i) for i in range(tokenizer.vocab_size)],
        "order": [int(i) for i in np.argsort(-run.token_counts, kind="stable")],
        "share": [round(float(part), 4) for part in share],
        "points": [round(float(number), 4) for number in points.reshape(-1)],
    }


def _readable(prompt, tokenizer):
    """A prompt, or none where the tokenizer lacks its letters."""
    known = set(tokenizer.token_text(i) for i in range(tokenizer.bos))
    return prompt if set(prompt) <= known else ""


def _written(run, sampling):
    """What the trained model makes of a short beginning, and how likely each next token is."""
    tokenizer = run.tokenizer
    prompt = _readable(PROMPT, tokenizer)
    return {
        "prompt": prompt,
        "sampling": asdict(sampling),
        "probabilities": [
            {"text": token.text, "p": round(token.p, 4), "kept": token.kept}
            for token in next_tokens(run.model, tokenizer, prompt, sampling)
        ],
        "text": write(run.model, tokenizer, random.Random(1), prompt, sampling),
    }
