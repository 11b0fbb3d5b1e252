"""Looking inside for the page: what the heads look at, and the tokens as points in the plane."""

import time

import numpy as np

from ...errors import UserError
from ...inference.inspect import attention_maps, pca, tsne_steps
from ...inference.prompt import fit_prompt
from ...tokenizer import BPETokenizer
from ..current import NO_MODEL
from ..json_api import Answer, page_request

MOST_POSITIONS = 64  # more cells than this a side nobody can read
MOST_FOR_TSNE = 1000  # tokens; a tab is slower than a terminal
STEPS = 1000


class Inside:
    """What the view Inside asks about the current model."""

    def __init__(self, current):
        self._current = current
        self._points = None
        current.when_replaced(self._drop)

    def _drop(self):
        self._points = None

    @page_request
    def attention(self, prompt=""):
        """What each head looks at; `weights` are the shares, a float32 each.

        They stand as layers, heads, reading positions, and positions looked at.
        """
        return attention(*self._current.shown(), prompt)

    @page_request
    def embeddings(self, method="pca", perplexity=None):
        """The tokens as `points`: x, y, ...

        t-SNE is not done at once: `move_points` goes on until it says so.
        """
        counts = self._current.token_counts()
        self._points = EmbeddingMap(*self._current.shown(), method, perplexity, counts)
        return self._points.go_on(0)

    @page_request
    def move_points(self, milliseconds):
        if not self._points:
            raise UserError(NO_MODEL)
        return self._points.go_on(milliseconds)


def attention(model, tokenizer, prompt):
    prompt, note = read_text(tokenizer, prompt)
    tokens, layers = attention_maps(model, tokenizer, prompt)
    about = {
        "prompt": prompt,
        "note": note,
        "tokens": tokens,
        "layers": len(layers),
        "heads": len(layers[0]),
    }
    return Answer(about, {"weights": np.array(layers, np.float32).reshape(-1)})


def read_text(tokenizer, text):
    """(a text as the model can read it, a note about what was changed), if it can be looked at."""
    if len(text) >= MOST_POSITIONS:
        raise UserError(f"Choose a text of at most {MOST_POSITIONS - 1} letters to look at.")
    return fit_prompt(tokenizer, text)


def in_order(tokenizer, counts=None):
    """The ids of the tokens that its data use, the most frequent first.

    Without the data all of them: byte pairs were found in the order of how frequent they are, and
    single bytes come last.
    """
    if counts is not None:
        return [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    bytes_first = 256 if isinstance(tokenizer, BPETokenizer) else 0
    ids = range(tokenizer.vocab_size)
    return [*ids[bytes_first:], *ids[:bytes_first]]


class EmbeddingMap:
    """The embeddings of a model as points: at once with PCA, step by step with t-SNE."""

    def __init__(self, model, tokenizer, method="pca", perplexity=None, counts=None):
        x = np.array(model.weights.named()["wte"], np.float64)
        self.about = {
            "method": method,
            "tokens": [tokenizer.token_text(i) for i in range(len(x))],
            "order": in_order(tokenizer, counts),
        }
        self.step, self.steps = 0, STEPS if method == "tsne" else 0
        if method == "pca":
            self.points, share = pca(x)
            self.about["share"] = [float(part) for part in share]
        elif method == "tsne":
            if perplexity is None:
                perplexity = round(min(30.0, (len(x) - 1) / 3), 1)
            elif not isinstance(perplexity, int | float) or isinstance(perplexity, bool):
                raise UserError("The perplexity must be a number.")
            self.about["perplexity"] = perplexity
            self._moves = tsne_steps(x, perplexity, self.steps, most=MOST_FOR_TSNE)
            self.points = next(self._moves)
        else:
            raise UserError(f"There is no method {method!r}; there are pca and tsne.")

    def go_on(self, milliseconds):
        """How far it is, and the points, after moving them for about so long."""
        end = time.perf_counter() + milliseconds / 1000
        while self.step < self.steps and time.perf_counter() < end:
            self.points = next(self._moves)
            self.step += 1
        about = {**self.about, "step": self.step, "steps": self.steps}
        done = {"done": self.step == self.steps}
        return Answer({**about, **done}, {"points": np.array(self.points).reshape(-1)})
