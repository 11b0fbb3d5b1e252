"""The small model that comes with the page: there until the reader's own has learned something."""

from pathlib import Path

import pytest
from page_caller import Caller

SHIPPED = Path(__file__).resolve().parents[3] / "fallback_data" / "names-model.mgpt"


@pytest.fixture
def visitor():
    """A session that has its small model, as a visitor finds it."""
    caller = Caller()
    caller.about = caller("ship", text=SHIPPED.read_text())
    return caller


def bars(caller):
    return {token["text"]: token["p"] for token in caller("next_tokens", prompt="an")["tokens"]}


def test_it_says_what_it_is(visitor):
    about = visitor.about
    assert (about["parameters"], about["note"]["step"], about["note"]["data"]) == (
        4192,
        10_000,
        "names",
    )
    assert about["settings"]["preset"] == "microgpt"
    assert about["tokenizer"]["kind"] == "chars" and set("amelia") <= set(about["vocabulary"])


def test_it_writes_and_can_be_looked_into(visitor):
    written, _ = visitor.write(prompt="Ma", sampling={"seed": 1}, count=2)
    assert all(text.startswith("ma") and len(text) > 2 for text in written["texts"])
    assert max(bars(visitor).values()) > 0.1  # it has learned something
    assert len(visitor("attention", prompt="amelia")["tokens"]) == 7
    assert visitor("embeddings")["points"].shape == (2 * 27,)


def test_the_readers_own_replaces_it_and_reset_brings_it_back(visitor):
    shipped = bars(visitor)
    visitor.new()
    assert bars(visitor) == shipped  # a run that has made no step has nothing to show
    visitor.write(prompt="an")
    visitor.train(1)
    assert bars(visitor) != shipped
    visitor.write(prompt="an", cache=True)  # and with the engine of the other model
    visitor.new()
    assert bars(visitor) == shipped


def test_a_run_neither_begins_from_it_nor_keeps_it(visitor):
    alone = Caller()
    for caller in (visitor, alone):
        caller.new()
        caller.train(3)
    assert (visitor.model.weights.flat == alone.model.weights.flat).all()
    fresh = Caller()
    fresh("ship", text=SHIPPED.read_text())
    for method in ("link", "save"):
        assert "no model yet" in fresh(method)["refused"]


def test_a_model_that_was_opened_is_the_readers_own(visitor):
    other = Caller()
    other.new()
    other.train(2)
    text = other("link")["text"]
    visitor("open_link", text=text)
    alone = Caller()
    alone("open_link", text=text)
    assert bars(visitor) == bars(alone)
