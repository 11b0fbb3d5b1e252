"""Tasks with a right answer: what is asked, that answers are right, and what is held out."""

import doctest
import random
from functools import cache

import numpy as np
import pytest
from microgpt.data import load, tasks
from microgpt.data.tasks import TASKS
from microgpt.errors import UserError
from microgpt.tokenizer import CharTokenizer

task_corpus = cache(tasks.task_corpus)
EVERY = [f"task:{name}" for name in TASKS]


def answer(name, question):
    """The right answer, computed another way than the task computes it."""
    if name == "add":
        return str(eval(question))
    if name == "sort":
        return "".join(letter * question.count(letter) for letter in "abcdefghij")
    if name == "reverse":
        return "".join(reversed(question))
    letter, word = question.split(" in ")
    return str(sum(each == letter for each in word))


def about(name, question):
    """What two questions have in common that are the same one in another order."""
    if name == "add":
        return sorted(question.split("+"))
    if name == "sort":
        return sorted(question)
    if name == "reverse":
        return min(question, question[::-1])
    return question.split(" in ")[1]


@pytest.mark.parametrize("word", EVERY)
def test_every_answer_is_right_and_every_question_another(word):
    corpus, name = task_corpus(word), word.split(":")[1]
    lines = [*corpus.documents, *corpus.tests]
    assert len(set(lines)) == len(lines) > 9000
    for line in lines[::7]:
        question, right = line.split("=")
        assert right == answer(name, question)


@pytest.mark.parametrize("word", [*EVERY, "task:add:1", "task:add:6", "task:sort:2"])
def test_no_held_out_question_is_one_to_train_on_even_in_another_order(word):
    corpus, name = task_corpus(word), word.split(":")[1]
    keys = [
        {str(about(name, line.split("=")[0])) for line in lines}
        for lines in (corpus.documents, corpus.tests)
    ]
    assert keys[0] and keys[1] and not keys[0] & keys[1]


def test_sizes():
    assert max(map(len, task_corpus("task:add:6").documents)) == len("999999+999999=1999998")
    assert max(map(len, task_corpus("task:reverse:3").documents)) == len("abc=cba")
    assert load("task:sort").name == "task:sort:5"  # a run that goes on finds the same size


def test_a_task_is_the_same_every_time():
    assert task_corpus("task:add").digest == task_corpus("task:add:2").digest
    assert task_corpus("task:add:3").digest != task_corpus("task:add:2").digest
    # And in every version: a kept run goes on with the questions it knows.
    for word, digest in (("task:add", "caeae4b12b374d0c"), ("task:reverse:3", "8e50a942db8b78ed")):
        assert task_corpus(word).digest.startswith(digest)


def test_rows_keep_what_is_held_out_apart():
    corpus = task_corpus("task:add:1")
    tokenizer = CharTokenizer.from_documents(corpus.documents)
    rows, held_out = corpus.rows(tokenizer, random.Random(3), 0.5)
    assert len(rows) == len(corpus.documents)
    assert [tokenizer.decode(row[1:-1]) for row in held_out.whole] == list(corpus.tests)


def test_only_answers_are_learned():
    assert doctest.testmod(tasks).failed == 0
    corpus = task_corpus("task:reverse:3")
    tokenizer = CharTokenizer.from_documents(corpus.documents)
    rows, held_out = corpus.rows(tokenizer, random.Random(3), 0.5)
    said = [line.partition("=")[2] for line in corpus.tests]
    assert [tokenizer.decode(row[1:-1]) for row in held_out] == said
    batch = next(rows.batches(4, 16, np.float32, 0))
    learned = [tokenizer.decode(row[w > 0]) for row, w in zip(batch.targets, batch.weights)]
    asked = [tokenizer.decode(row[1:]).partition("=")[0] for row in batch.ids]
    assert [text.replace("<edge>", "") for text in learned] == [text[::-1] for text in asked]
    assert batch.weights.sum() == pytest.approx(1) and (batch.weights > 0).sum() == batch.tokens
    whole = sum(batch.tokens for batch in held_out.eval_batches(8, 16, np.float32))
    assert whole == sum(len(text) + 1 for text in said)


@pytest.mark.parametrize(
    "word, words",
    [
        ("task:multiply", "There is no task 'multiply'; the tasks are task:add, task:sort"),
        ("task:", "There is no task ''"),
        ("task", "There is no task ''"),
        ("task:add:0", "a number of digits from 1 to 6, as in task:add:2; '0' is not"),
        ("task:add:", "'' is not"),
        ("task:sort:99999999999", "from 2 to 12"),
        ("task:count:two", "'two' is not"),
        ("task:add:²", "'²' is not"),
    ],
)
def test_a_wrong_task_is_refused(word, words):
    with pytest.raises(UserError, match=words.replace("(", r"\(")):
        load(word)
