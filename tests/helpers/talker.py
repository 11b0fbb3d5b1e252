"""A tiny chat model that knows a few conversations by heart: what it says is known beforehand."""

import json
from dataclasses import replace
from functools import cache

from family import FAMILIES
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data.conversations.corpus import ConversationCorpus
from microgpt.data.conversations.messages import read_messages
from microgpt.data.text import corpus_from_bytes
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.loop import train
from microgpt.training.run import Run

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 !?.+*<>|_\n"


def parts(*pairs):
    return [{"type": kind, "text": text} for kind, text in pairs]


KNOWN = {
    "hi": "hello.",
    "sum": parts(("python", "1+2"), ("python_output", "3"), ("text", "it is 3.")),
    "bad": parts(("python", "x"), ("text", "no.")),
    "long": "abcdefghijklmnopqrstuvwxyz",
}
SHORT = ["hi", "sum", "bad"]


def line(*questions):
    """A conversation of these questions and their answers, as a line of a file."""
    messages = []
    for question in questions:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": KNOWN[question]})
    return json.dumps({"messages": messages}) + "\n"


LINES = [*map(line, KNOWN), *(line(a, b) for a in SHORT for b in SHORT)]


class Source(list):
    """Conversations in memory."""

    digest = "known by heart"
    characters = frozenset(LETTERS)


@cache
def base():
    """The checkpoint of a model that has read a little, and was taught nothing."""
    config = replace(FAMILIES["nanochat"], n_layer=2, n_embd=32, block_size=64)
    corpus = corpus_from_bytes(b"one\ntwo\nsix\n" * 9, "numbers")
    run = Run.start(corpus, config, TrainConfig(val_fraction=0.0), CharTokenizer(LETTERS))
    return from_bytes(to_bytes(run.checkpoint()))


@cache
def talker():
    """The checkpoint of a model that was taught KNOWN."""
    source = Source(read_messages(json.loads(each)) for each in LINES)
    corpus = ConversationCorpus("known", source, "a few conversations")
    config = TrainConfig(
        steps=220, batch_size=2, lr=0.02, optimizer="adamw", warmup=10, val_fraction=0.0,
        dtype="float32",
    )  # fmt: skip
    run = finetune(base(), corpus, config, with_chat_tokens(base().tokenizer()))
    for _ in train(run):
        pass
    assert run.losses[-1] < 0.02
    return from_bytes(to_bytes(run.checkpoint()))
