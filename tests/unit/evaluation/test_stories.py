"""Stories that a chat model's base has not read, and how much they surprise a model."""

import math
from dataclasses import replace

import numpy as np
from microgpt.data.batches import split_documents
from microgpt.data.builtin import load_stories
from microgpt.data.chat.base import base_text
from microgpt.evaluation.exact_match import result_of
from microgpt.evaluation.held_out import held_out_loss
from microgpt.evaluation.stories import held_out_stories, story_loss
from microgpt.gpt.model import GPT
from microgpt.presets import CHAT
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens


def test_no_chosen_story_is_in_what_a_base_is_trained_on():
    stories = load_stories().documents[:200]
    chosen = result_of(held_out_stories(stories))
    trained, held_out = split_documents([base_text(stories)], 0.1)
    assert 5 < len(chosen) < 40
    assert all(story in held_out[0] and story not in trained[0] for story in chosen)


def test_the_loss_is_that_of_held_out_text():
    tokenizer = with_chat_tokens(CharTokenizer("abc "))
    config = replace(CHAT, vocab_size=tokenizer.vocab_size, block_size=16, n_embd=24, n_layer=1)
    model = GPT(config, np.dtype("float64"))
    stories = ["abc abc", "cab " * 9]
    seen = result_of(story_loss(model, tokenizer, stories))
    rows = [
        np.array([tokenizer.bos, *tokenizer.encode(s), tokenizer.bos], np.int32) for s in stories
    ]
    whole = result_of(held_out_loss(model, tokenizer, rows))
    assert math.isclose(seen.bits_per_byte, whole.bits_per_byte, rel_tol=1e-5)
    assert seen.tokens == whole.tokens == sum(map(len, rows)) - 2
