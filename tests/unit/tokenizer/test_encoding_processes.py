"""A text that several processes encode: the ids are those of one."""

import random

import numpy as np
import pytest
from microgpt.data import tokens
from microgpt.data.documents import Documents
from microgpt.data.text import Corpus
from microgpt.data.tokens import encode_documents
from microgpt.errors import UserError
from microgpt.tokenizer import BPETokenizer
from microgpt.tokenizer.processes import encode_each

TOKENIZER = BPETokenizer.from_merges([(97, 110), (32, 256), (256, 97), (195, 169)], "gpt2")
LINES = ["anna", "", "an ana", "é", "ban an", "n" * 90, "a\nna"] * 5
LONG = [("an ana ban ", False)] * 30 + [
    ("anna é", True),
    ("an", True),
    ("na an", False),
    ("", True),
]


class Dies(BPETokenizer):
    """One whose process comes to a sudden end."""

    def encode_array(self, text):
        raise SystemExit


@pytest.mark.parametrize("texts", [[(line, True) for line in LINES], LONG], ids=["lines", "long"])
def test_the_ids_are_those_of_one_process(texts, monkeypatch):
    monkeypatch.setattr(tokens, "TOGETHER", 40)
    one, two = (list(encode_documents(texts, TOKENIZER, count)) for count in (1, 2))
    assert len(one) > 5  # so that both had something to do more than once
    assert [part.dtype for part in one] == [part.dtype for part in two]
    assert all(np.array_equal(*pair) for pair in zip(one, two, strict=True))


def test_a_run_has_the_same_rows(monkeypatch):
    monkeypatch.setattr(tokens, "TOGETHER", 40)
    documents = Documents.of((line, True) for line in LINES)
    rows = [
        Corpus("a", documents, "a test", processes=count).rows(TOKENIZER, random.Random(1), 0.2)
        for count in (1, 2)
    ]
    for one, two in zip(*rows, strict=True):
        assert one.stream.dtype == two.stream.dtype
        assert [row.tolist() for row in one] == [row.tolist() for row in two]


def test_a_process_that_ends_is_told():
    tokenizer = Dies(TOKENIZER.ids)
    with pytest.raises(UserError, match="ended before its time"):
        list(encode_each([("anna", True)] * 3, tokenizer, 2))
