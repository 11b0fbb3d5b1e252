"""Calls a session as the page's worker does, and reads its answers as strictly as a browser."""

import json

import pytest
from microgpt.page import Session

NAMES = "\n".join(
    first + second
    for first in ("an", "be", "car", "dor", "el", "fa", "gi", "ha", "is", "jo")
    for second in ("a", "la", "na", "ra", "ria", "lia", "nora", "bel")
)
SMALL = {"n_embd": 8, "n_head": 2, "steps": 40, "eval_every": 10}


class Caller:
    """`call("describe", settings={...})`: the facts of the answer, with its arrays among them."""

    def __init__(self, text=NAMES, **options):
        self.session = Session()
        if text is not None:
            self.opened = self.data(text, **options)

    def __call__(self, name, /, *files, **request):
        text, *arrays = self.session.call(name, json.dumps(request), *files)
        facts = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
        names = facts.pop("arrays")
        assert len(names) == len(arrays)
        return {**facts, **dict(zip(names, arrays))}

    @property
    def run(self):
        return self.session.current.run

    @property
    def model(self):
        return self.session.current.model

    def data(self, text, **options):
        return self("open_data", text.encode(), **{"kind": "text", **options})

    def new(self, **settings):
        return self("new", settings={**SMALL, **settings})

    def train(self, until, milliseconds=1e6):
        """Until it stops; what it answered last, with all events and losses."""
        events, losses = [], []
        while True:
            answer = self("advance", milliseconds=milliseconds, until=until)
            events += answer["events"]
            losses += answer["losses"].tolist()
            if answer["state"] != "going":
                return {**answer, "events": events, "losses": losses}

    def write(self, **request):
        """What was written, and the tokens it was written in."""
        assert "refused" not in self("start_writing", **request)
        tokens = []
        while True:
            answer = self("write_token")
            if "written" in answer:
                return answer["written"], tokens
            tokens.append(answer["token"])

    def learn(self, **request):
        """Learn merges to the end, in pieces as small as they can be; all, and what it said."""
        assert "refused" not in self("learn_tokens", **{"source": "data", "merges": 20, **request})
        merges = []
        while True:
            answer = self("go_on_learning", milliseconds=0.01)
            merges += answer["merges"]
            if answer["done"]:
                return merges, answer

    def prepared(self, name, settings):
        """Ask, learn the merges that are missing, and ask again."""
        answer = self(name, settings=settings)
        assert answer["needs"] == "merges"
        while not self("prepare_tokenizer", milliseconds=1)["done"]:
            pass
        return self(name, settings=settings)
