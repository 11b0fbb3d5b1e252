"""Looking inside for the page: what the heads look at, and the tokens as points in the plane."""

import time

import numpy as np

from ..errors import UserError
from ..inference.inspect import attention_maps, pca, tsne_steps
from .writing import next_tokens

MOST_POSITIONS = 64  # more cells than this a side nobody can read
MOST_FOR_TSNE = 1000  # tokens; its work grows with the square
STEPS = 1000
LIKELIEST = 8


def attention(model, tokenizer, prompt):
    """(what there is, the shares of all layers and heads as one array)."""
    if len(prompt) >= MOST_POSITIONS:
        raise UserError(f"Choose a text of at most {MOST_POSITIONS - 1} letters to look at.")
    tokens, layers = attention_maps(model, tokenizer, prompt)
    about = {
        "tokens": tokens,
        "layers": len(layers),
        "heads": len(layers[0]),
        "next": next_tokens(model, tokenizer, prompt, {"temperature": 1.0})[:LIKELIEST],
    }
    return about, np.array(layers, np.float32).reshape(-1)


class Places:
    """The embeddings of a model as points: at once with PCA, step by step with t-SNE."""

    def __init__(self, model, tokenizer, request):
        x = np.array(model.weights.named()["wte"], np.float64)
        self.method = request.get("method") or "pca"
        self.about = {
            "method": self.method,
            "tokens": [tokenizer.token_text(i) for i in range(len(x))],
        }
        self.step, self.steps = 0, STEPS if self.method == "tsne" else 0
        if self.method == "pca":
            self.points, share = pca(x)
            self.about["share"] = [float(part) for part in share]
        elif self.method == "tsne":
            if len(x) > MOST_FOR_TSNE:
                raise UserError(
                    f"t-SNE of {len(x):,} tokens would take too long here; PCA does not."
                )
            perplexity = request.get("perplexity")
            if perplexity is None:
                perplexity = round(min(30.0, (len(x) - 1) / 3), 1)
            elif not isinstance(perplexity, int | float) or isinstance(perplexity, bool):
                raise UserError("The perplexity must be a number.")
            self.about["perplexity"] = perplexity
            self._moves = tsne_steps(x, perplexity, self.steps)
            self.points = next(self._moves)
        else:
            raise UserError(f"There is no method {self.method!r}; there are pca and tsne.")

    def go_on(self, milliseconds):
        """(how far it is, the points) after moving them for about so long."""
        end = time.perf_counter() + milliseconds / 1000
        while self.step < self.steps and time.perf_counter() < end:
            self.points = next(self._moves)
            self.step += 1
        about = {**self.about, "step": self.step, "steps": self.steps}
        return {**about, "done": self.step == self.steps}, np.array(self.points).reshape(-1)
