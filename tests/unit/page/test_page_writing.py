"""Writing: token by token, repeatable, with the cache and without; and what may come next."""

import random

import pytest
from microgpt.inference.generate import write
from microgpt.inference.sampling import Sampling
from microgpt.page.settings import presets
from page_caller import NAMES, Caller
from thorough import some


@pytest.fixture(scope="module")
def trained():
    call = Caller()
    call.new()
    call.train(40)
    return call


def test_writing_is_repeatable_and_says_what_is_new(trained):
    request = {"prompt": "an", "sampling": {"seed": 5}, "count": 4}
    written, tokens = trained.write(**request)
    assert trained.write(**request)[0]["texts"] == written["texts"]
    model, tokenizer = trained.model, trained.session.current.tokenizer
    rng = random.Random(5)
    assert written["texts"] == [write(model, tokenizer, rng, "an") for _ in range(4)]
    known = set(NAMES.split("\n"))
    assert written["new"] == [text not in known for text in written["texts"]]
    for index, text in enumerate(written["texts"]):
        assert "an" + "".join(t["text"] for t in tokens if t["index"] == index) == text
    assert all(0 < t["probability"] <= 1 for t in tokens)


def test_length_and_halting(trained):
    written, tokens = trained.write(max_tokens=1, sampling={"seed": 1, "temperature": 0})
    assert len(tokens) == 1 and written["reason"] == "length"
    trained("start_writing", max_tokens=50)
    trained("write_token")
    assert trained("stop_writing")["written"]["reason"] == "halted"


def test_what_is_halted_or_replaced_does_not_disturb_the_next(trained):
    alone = trained.write(prompt="an", sampling={"seed": 3})[0]["texts"]
    for halt in (True, False):
        trained("start_writing", prompt="be", max_tokens=50)
        trained("write_token")
        if halt:
            trained("stop_writing")
        assert trained.write(prompt="an", sampling={"seed": 3})[0]["texts"] == alone


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"prompt": "Zoë"}, "Z"),
        ({"max_tokens": 0}, "length"),
        ({"count": 1.5}, "texts"),
        ({"sampling": {"seed": "x"}}, "seed"),
        ({"sampling": {"top_p": 2}}, "top"),
        ({"sampling": {"heat": 2}}, "heat"),
    ],
)
def test_what_cannot_be_written_is_refused(trained, request_, word):
    assert word in trained("start_writing", **request_)["refused"]


def test_next_tokens(trained):
    request = {"prompt": "an", "sampling": {"temperature": 0.5, "top_k": 3}}
    tokens = trained("next_tokens", **request)["tokens"]
    chances = [token["p"] for token in tokens]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1)
    assert [token["kept"] for token in tokens] == [True] * 3 + [False] * (len(tokens) - 3)
    assert sum(token["end"] for token in tokens) == 1
    free = trained("next_tokens", prompt="an", sampling={"temperature": 0.5})["tokens"]
    assert [token["p"] for token in free] == chances, "p is before the cuts"
    greedy = trained("next_tokens", prompt="an", sampling={"greedy": True})["tokens"]
    assert [token["kept"] for token in greedy][:2] == [True, False]
    assert Sampling().temperature == 0.5


@pytest.mark.parametrize("name", some(("microgpt", "llama"), presets()))
def test_without_the_cache_it_writes_the_same_and_both_are_measured(name):
    trained = Caller()
    sizes = {"n_layer": 2, "n_head": 4, "n_embd": 48, "block_size": 16}
    trained("new", settings={**presets()[name], **sizes})
    trained.train(2)
    request = {"prompt": "an", "sampling": {"seed": 3}}
    usual, cached, bare = (
        trained.write(**request, **c)[0] for c in ({}, {"cache": True}, {"cache": False})
    )
    assert usual["texts"] == cached["texts"] == bare["texts"]
    assert "speed" not in usual
    size = trained.model.config.block_size
    for answer, cache in ((cached, True), (bare, False)):
        assert answer["cache"] is cache
        assert answer["speed"]["tokensPerSecond"] > 0
        assert answer["speed"]["context"] == size


def test_a_block_of_one_letter_can_be_measured():
    caller = Caller()
    caller("new", settings={"n_embd": 8, "n_head": 2, "block_size": 1})
    assert caller.write(cache=False)[0]["speed"]["context"] == 1
