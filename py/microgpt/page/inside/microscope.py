"""The microscope for the page: the machine's numbers, a step that is not made, one number."""

import numpy as np

from ...errors import UserError
from ...inference.prompt import fit_prompt
from ...microscope.activations import activations, ids_of
from ...microscope.interventions import Intervention, find_part, without_each
from ...microscope.one_step import source_of_model, source_of_run
from ...microscope.picture import laid_out, picture
from ...microscope.story import Microscope
from ..json_api import Answer, page_request
from .pictures import read_text

MOST_PREPARED = 2_000_000  # weights; a larger step takes too long to be worked out unasked
MANY = 100_000  # numbers; beyond them pictures of their means cross, and single ones on request
SCORES = ("scores", "logits")
FEW, BARS = 64, 20  # tokens: so few are all drawn, of more these many


class MicroscopeRequests:
    """What the page asks about single numbers and parts of the model that is shown."""

    def __init__(self, current):
        self._current = current
        self._scope = self._key = None
        current.when_replaced(self._drop)

    def _drop(self):
        self._scope = self._key = None

    # ---- the machine

    @page_request
    def machine(self, text="", off=(), whole=None, focus=None, matrices=()):
        """Every number of the model on a text, flat in `numbers`; `layout` says what stands where.

        For the names see microscope/activations.py. `off` names parts that are switched off. Of
        very many numbers the wide rows are means of neighbours, and `summarised` is true: those
        of the position `focus` (the last, if none is given) stand there whole besides, as
        "here NAME", and scores only so. `whole` names one array that comes as it is.

        `matrices` are [name of weights, row]: a picture of each, "picture NAME", and that row
        of it, "row NAME"; what has no rows comes whole as its row. The rows "token" and "place"
        are those of what is read at `focus`. `next` are the tokens that may follow: all, or the
        likeliest at `focus`.
        """
        model, tokenizer, text, note = self._read(text)
        ids = ids_of(model, tokenizer, text)
        focus = ids.size - 1 if focus is None else min(int(focus), ids.size - 1)
        parts = [find_part(name, model.config) for name in off]
        seen = activations(model, ids, Intervention(parts) if parts else None)
        logits = seen["logits"][focus]
        if whole is not None:
            if whole not in seen:
                raise UserError(f"There are no numbers called {str(whole)[:60]!r}.")
            seen = {whole: seen[whole]}
        summarised = whole is None and sum(array.size for array in seen.values()) > MANY
        if summarised:
            here = {f"here {name}": array[focus] for name, array in seen.items() if is_wide(name)}
            if "smear" in seen:
                start = seen.get("norm_embedding", seen["sum"])
                here["here before"] = start[focus - 1] if focus else np.zeros_like(start[0])
            seen = {n: picture(a, axes=(-1,)) for n, a in seen.items() if n not in SCORES}
            seen |= here
        weights = model.merged().weights.named()
        rows = {"token": int(ids[0, focus]), "place": focus}
        wanted = {name: rows.get(row, row) for name, row in matrices}
        drawn = [self._matrix(weights, name, row) for name, row in wanted.items()]
        seen |= {name: array for arrays in drawn for name, array in arrays.items()}
        layout, numbers = laid_out(seen)
        facts = {
            "text": text,
            "note": note,
            "focus": focus,
            "tokens": [tokenizer.token_text(i) for i in ids[0].tolist()],
            "ids": ids[0].tolist(),
            "off": list(off),
            "summarised": summarised,
            "layout": layout,
            "shapes": {name: list(weights[name].shape) for name in wanted},
            "rows": wanted,
            "next": self._followers(tokenizer, logits),
        }
        return Answer(facts, {"numbers": numbers})

    @page_request
    def without_parts(self, text=""):
        """The chances of the next token with each head, MLP and layer off by itself.

        `chances` has a row of the vocabulary for each of `parts`; the first is the whole model.
        """
        model, tokenizer, text, note = self._read(text)
        rows = list(without_each(model, tokenizer, text))
        facts = {
            "text": text,
            "note": note,
            "parts": [{"part": name, "loss": loss} for name, _, loss in rows],
        }
        return Answer(facts, {"chances": np.concatenate([chances for _, chances, _ in rows])})

    # ---- a step of training, which is not made

    @page_request
    def one_step(self, texts=None, lr=None):
        """The step that comes, on some texts or the run's next batch: see `Microscope.one_step`.

        Of more than a hundred thousand weights `gradient` and `move` are pictures, the means of
        their sizes; `summarised` is true then, and `before` is not there.
        """
        scope = self._step(texts, lr)
        facts, arrays = scope.one_step()
        if scope.weights.count <= MANY:
            return Answer({**facts, "summarised": False}, arrays)
        named = {n: scope.weights.named(np.abs(arrays[n])) for n in ("gradient", "move")}
        pictures = {kind: {n: picture(a) for n, a in own.items()} for kind, own in named.items()}
        whole = {each["name"]: each["shape"] for each in facts["layout"]}
        layout, _ = laid_out(pictures["move"])
        layout = [{**each, "of": whole[each["name"]]} for each in layout]
        flat = {kind: laid_out(own)[1].astype(np.float32) for kind, own in pictures.items()}
        return Answer({**facts, "layout": layout, "summarised": True}, flat)

    @page_request
    def weight_story(self, weight=None, seed=None, texts=None, lr=None):
        """One number's story: of a weight by its name, of any (by a seed), of the steepest.

        `path_steps` and `path_values` are what is known of it over the run so far, at every step
        from `pathSince` on: from now on it is watched.
        """
        scope = self._step(texts, lr)
        if weight is not None:
            found = scope.weight(weight)
        elif seed is not None:
            found = scope.another(int(seed))
        else:
            found = scope.largest()
        story = scope.story(found)
        arrays = self._path(scope, found.place)
        story["pathSince"] = arrays.pop("since")
        return Answer(story, arrays)

    @page_request
    def prepare_step(self, texts):
        """A piece of a step's work, done while nobody asks: what is asked of it then comes at once.

        The last piece is a story, for the first one takes a browser longer than all others.
        """
        scope = self._step(texts, None)
        if scope.weights.count > MOST_PREPARED:
            return {"done": True}
        for part in ("made", "exact"):
            if part not in vars(scope):
                getattr(scope, part)
                return {"done": False}
        scope.story(scope.largest())
        return {"done": True}

    @page_request
    def step_graph(self, texts=None, lr=None):
        """The operations of the step, from the weights to the loss."""
        return {"nodes": self._step(texts, lr).graph()}

    # ---- helpers

    def _read(self, text):
        """(model, tokenizer, text as the model can read it, a note) of what is shown."""
        model, tokenizer = self._current.shown()
        return model, tokenizer, *read_text(tokenizer, text)

    def _path(self, scope, place):
        """What is known of a weight over the run; of a model without one, nothing."""
        run, paths = self._current.run, self._current.paths
        known, since = [], 0
        if run and scope.source.model is run.model:
            paths.watch(place, run.step)
            known, since = paths.of(place)
        steps, values = zip(*known, strict=True) if known else ((), ())
        arrays = {"path_steps": steps, "path_values": values}
        return {"since": since, **{name: np.array(each, float) for name, each in arrays.items()}}

    def _step(self, texts, lr):
        """The microscope on the step that comes; the same one until the run has gone on."""
        model, tokenizer = self._current.shown()
        run = self._current.run if model is self._current.model else None
        if texts is not None:
            texts = [fit_prompt(tokenizer, text)[0] for text in texts]
        elif not run:
            raise UserError("This model has no run, and so no next step; type a text for one.")
        key = (model, run and run.step, texts and tuple(texts), lr)
        if self._key != key:
            source = source_of_run(run, texts, lr) if run else None
            source = source or source_of_model(model, tokenizer, texts, lr=lr)
            self._scope, self._key = Microscope(source), key
        return self._scope

    def _matrix(self, weights, name, row):
        """What is shown of a matrix, or of a row of weights such as a bias."""
        if name not in weights:
            raise UserError(f"This model has no weights called {str(name)[:60]!r}.")
        array = weights[name]
        if array.ndim == 1:
            return {f"row {name}": array}
        if not 0 <= row < len(array):
            raise UserError(f"{name} has no row {row}: they are 0 to {len(array) - 1}.")
        return {f"picture {name}": picture(array), f"row {name}": array[row]}

    def _followers(self, tokenizer, logits):
        few = logits.size <= FEW
        order = range(logits.size) if few else np.argsort(-logits, kind="stable")[:BARS].tolist()
        return [
            {"id": i, "text": tokenizer.token_text(i), "end": i == tokenizer.bos} for i in order
        ]


def is_wide(name):
    """Whether an array has one row for each position."""
    return not name.endswith(".weights")
