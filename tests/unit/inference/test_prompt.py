"""Texts made fit for a model, and what it no longer sees of them."""

import random
import re

import numpy as np
import pytest
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.inference.generate import generate, next_logits
from microgpt.inference.prompt import fit_prompt
from microgpt.inference.sampling import Sampling, probabilities
from microgpt.tokenizer import BPETokenizer, CharTokenizer

LETTERS = CharTokenizer(" abcdefghijklmn")


@pytest.mark.parametrize(
    ("prompt", "fitted"),
    [("anna", "anna"), ("Anna Bella".replace("Bella", "Bea"), "anna bea"), ("", "")],
)
def test_capital_letters_become_small_ones(prompt, fitted):
    found, note = fit_prompt(LETTERS, prompt)
    assert found == fitted
    assert (f"“{fitted}”" in note) == (prompt != fitted)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("a1", "“1”, so it cannot read it"), ("É2\n", "“É”, “2” or a line end"), ("ẞ", "“ẞ”")],
)
def test_what_stays_unknown_is_named(prompt, words):
    with pytest.raises(UserError, match=re.escape(words)) as caught:
        fit_prompt(LETTERS, prompt)
    assert "It knows abcdefghijklmn." in str(caught.value)


def test_bytes_know_every_letter():
    assert fit_prompt(BPETokenizer.from_merges([]), "Zoë 1") == ("Zoë 1", "")


def test_a_text_goes_on_past_the_block_and_says_what_is_out_of_sight():
    model = GPT(GPTConfig(vocab_size=LETTERS.vocab_size, block_size=8, n_embd=8, n_head=2))
    model.init_weights(random.Random(0))
    ids, seen = [LETTERS.bos, *LETTERS.encode("ab")], []
    for token in generate(model, LETTERS, random.Random(3), "ab", Sampling(temperature=9.0)):
        assert 1 <= len(ids) - token.unseen <= 8
        scores = next_logits(model, ids[token.unseen :])  # from what it saw, and nothing else
        chances = probabilities(scores, Sampling(temperature=9.0))
        np.testing.assert_allclose(chances[token.id], token.probability, rtol=1e-6)
        ids.append(token.id)
        seen.append(token.unseen)
        if len(ids) > 30 or token.end:
            break
    assert len(ids) > 12 and seen[0] == 0 and seen == sorted(seen) and seen[-1] > 0
