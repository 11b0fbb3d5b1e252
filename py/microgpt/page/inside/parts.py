"""See and intervene, for the page: parts off or patched, early guesses, neurons, what heads do."""

import time

import numpy as np

from ...errors import UserError
from ...microscope.activations import (
    REPEATED,
    activations,
    head_scores_so_far,
    ids_of,
    logit_lens,
    strongest_so_far,
)
from ...microscope.interventions import all_parts, find_part, intervene, without_each
from ..json_api import Answer, page_request
from .pictures import read_text

DOCUMENTS, LARGE = 2000, 100_000  # texts in which a neuron is looked for; of large models fewer
ROWS = 16  # of them at once, so that the page can stop it soon
LIKELIEST = 8
GUESSES = 5  # of an early guess
EXCITING = 10


class PartRequests:
    """What the page asks about the parts of the model that is shown."""

    def __init__(self, current):
        self._current = current
        self._work = None
        current.when_replaced(self._drop)

    def _drop(self):
        self._work = None

    @page_request
    def intervene(self, text="", off=(), patched=(), other=None, everywhere=False):
        """What the next token and the loss become; see microscope/interventions.py.

        `before` and `after` are the chances of all tokens, `next` says those that matter.
        """
        model, tokenizer, text, note = self._read(text)
        if other is not None:
            other = read_text(tokenizer, other)[0]
        found = intervene(model, tokenizer, text, off, patched, other, everywhere)
        before, after = found["before"], found["after"]
        order = np.argsort(-np.maximum(before, after), kind="stable")[:LIKELIEST]
        shown = [
            {**_token(tokenizer, i), "before": float(before[i]), "after": float(after[i])}
            for i in order.tolist()
        ]
        facts = {"text": text, "note": note, "tokens": found["tokens"], "next": shown}
        facts["others"] = len(before) - len(shown)
        facts["othersAfter"] = float(1 - after[order].sum()) if facts["others"] else 0.0
        if "surprise" in found:
            facts["surprise"] = found["surprise"].tolist()
            facts["surpriseAfter"] = found["surprise_after"].tolist()
        return Answer(facts, {"before": before, "after": after})

    @page_request
    def lens(self, text=""):
        """What would come next if the line ended before the layers, and after each of them."""
        model, tokenizer, text, note = self._read(text)
        layers = logit_lens(model, ids_of(model, tokenizer, text))
        ends = [_likeliest(tokenizer, chances[-1], GUESSES) for chances in layers]
        return {"text": text, "note": note, "layers": ends}

    # ---- what takes its time: it begins, and goes on until it says `done`

    @page_request
    def start_without(self, text=""):
        """The chances of the next token, and the loss, with each part off by itself."""
        model, tokenizer, text, note = self._read(text)
        self._work = Looking(_without(model, tokenizer, text, note))
        return self._work.go_on(0)

    @page_request
    def start_neuron(self, part=None, text=""):
        """A unit of an MLP over a text, and the texts of the data in which it is highest.

        Without a name it is the one that is highest at the end of the text.
        """
        model, tokenizer, text, note = self._read(text)
        seen = activations(model, ids_of(model, tokenizer, text))
        found = find_part(part or _highest(seen, model.config), model.config)
        if ".unit" not in found.name:
            raise UserError(f"{found.name} is not a single neuron; name one, as layer0.unit5.")
        rows = self._rows(model, tokenizer)
        self._work = Looking(_neuron(model, tokenizer, seen, found, text, note, rows))
        return self._work.go_on(0)

    @page_request
    def start_heads(self):
        """How much each head looks at the token before, and at what followed the same token."""
        self._work = Looking(_heads(self._current.shown()[0]))
        return self._work.go_on(0)

    @page_request
    def go_on_looking(self, milliseconds):
        if not self._work:
            raise UserError("The model has changed; look again.")
        return self._work.go_on(milliseconds)

    # ---- helpers

    def _read(self, text):
        """(model, tokenizer, text as the model can read it, a note) of what is shown."""
        model, tokenizer = self._current.shown()
        return model, tokenizer, *read_text(tokenizer, text)

    def _rows(self, model, tokenizer):
        """Some texts of the model's data; where those are not known, of the data at hand."""
        run = self._current.run
        most = DOCUMENTS if model.weights.count <= LARGE else DOCUMENTS // 5
        if run and model is run.model:
            return [run.rows[i] for i in range(min(most, len(run.rows)))]
        return self._current.rows_at_hand(tokenizer, most)


class Looking:
    """Work that yields what there is until now, and which `share` of it is done: 1 at the end."""

    def __init__(self, work):
        self._work, self._last = work, next(work)

    def go_on(self, milliseconds):
        end = time.perf_counter() + milliseconds / 1000
        while self._last["share"] < 1 and time.perf_counter() < end:
            self._last = next(self._work)
        return {**self._last, "done": self._last["share"] == 1}


def _without(model, tokenizer, text, note):
    count = len(all_parts(model.config))
    (_, whole, loss), top, parts = (None, None, 0.0), 0, []
    for part, chances, lost in without_each(model, tokenizer, text):
        if not part:
            whole, loss, top = chances, lost, int(chances.argmax())
        else:
            (likeliest,) = _likeliest(tokenizer, chances, 1)
            parts.append({"part": part, "loss": lost, "p": float(chances[top]), "next": likeliest})
        yield {
            "text": text,
            "note": note,
            "loss": loss,
            "next": {**_token(tokenizer, top), "p": float(whole[top])},
            "parts": list(parts),
            "share": len(parts) / count,
        }


def _neuron(model, tokenizer, seen, part, text, note, rows):
    unit, layer = part.columns.start, int(part.site.split(".")[0].removeprefix("layer"))
    values = seen[part.site][:, unit]
    config = model.config
    about = {
        "part": part.name,
        "layer": layer,
        "unit": unit,
        "layers": config.n_layer,
        "units": config.hidden,
        "text": text,
        "note": note,
        "tokens": [tokenizer.token_text(i) for i in _ids(model, tokenizer, text)],
        "values": values.tolist(),
        "of": len(rows),
    }
    yield {**about, "texts": [], "read": 0, "share": 0.0 if rows else 1}
    found = strongest_so_far(model, rows, layer, unit, EXCITING, batch_size=ROWS)
    last = {**about, "texts": [], "read": 0}
    for texts, read in found:
        shown = [{"value": v, "tokens": [tokenizer.token_text(i) for i in own]} for v, own in texts]
        last = {**about, "texts": shown, "read": read}
        yield {**last, "share": min(0.99, read / len(rows))}
    yield {**last, "share": 1}


def _heads(model):
    for found in head_scores_so_far(model):
        scores = {name: found[name].tolist() for name in ("previous", "induction")}
        yield {**scores, "even": found["even"], "share": found["read"] / REPEATED}


def _ids(model, tokenizer, text):
    return ids_of(model, tokenizer, text)[0].tolist()


def _highest(seen, config):
    """The unit that is highest at the last position, of all layers."""
    ends = np.array([seen[f"layer{i}.units"][-1] for i in range(config.n_layer)])
    layer, unit = np.unravel_index(int(ends.argmax()), ends.shape)
    return f"layer{layer}.unit{unit}"


def _token(tokenizer, i):
    return {"text": tokenizer.token_text(i), "end": i == tokenizer.bos}


def _likeliest(tokenizer, chances, count):
    order = np.argsort(-chances, kind="stable")[:count].tolist()
    return [{**_token(tokenizer, i), "p": float(chances[i])} for i in order]
