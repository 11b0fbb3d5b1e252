"""The small chat model that comes with the package: what it answers, by its name alone."""

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.evaluation.talk import answer_all, questions, table
from program import call

# Of so few questions a good model may miss one or two; fallback_data/README.md has the figures.
TRIES = 12
LEAST = {"sums": 11, "word problems": 9, "facts": 10, "itself": 9, "foreign": 10, "spelling": 8}


@pytest.fixture(scope="module")
def story_chat():
    return checkpoints.load("story-chat")


def test_it_is_small_and_whole(story_chat):
    assert story_chat.is_quantized
    assert 300_000 < story_chat.model().weights.count < 560_000


def test_it_answers_held_out_questions(story_chat):
    asked = questions(TRIES, seed=99, abilities=LEAST)
    found = table(answer_all(story_chat.model(), story_chat.tokenizer(), asked))
    right = {ability: found[ability][0].right for ability in LEAST}
    assert all(right[ability] >= least for ability, least in LEAST.items()), right


def test_it_talks_at_once(capsys):
    answer = call(capsys, "chat", "story-chat", "--prompt", "What is 12 times 31?", "--greedy")
    assert answer.code == 0 and "That makes 372." in answer.out
    assert call(capsys, "info", "story-chat").code == 0
