"""A run written down for the web page, which shows it until the reader's own run replaces it."""

import json
import random
from dataclasses import asdict

from ..files import write_whole
from ..inference.generate import next_tokens, write

PROMPT = "ma"


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
        "seconds": round(seconds, 3),
        "stepsPerSecond": round(run.step / seconds) if seconds else 0,
    }
    text = json.dumps(story, separators=(",", ":")) + "\n"
    write_whole(path, text.encode())


def _written(run, sampling):
    """What the trained model makes of a short beginning, and how likely each next token is."""
    tokenizer = run.tokenizer
    known = set(tokenizer.token_text(i) for i in range(tokenizer.bos))
    prompt = PROMPT if set(PROMPT) <= known else ""
    return {
        "prompt": prompt,
        "sampling": asdict(sampling),
        "probabilities": [
            {"text": token.text, "p": round(token.p, 4), "kept": token.kept}
            for token in next_tokens(run.model, tokenizer, prompt, sampling)
        ],
        "text": write(run.model, tokenizer, random.Random(1), prompt, sampling),
    }
