"""Tasks with a right answer, made on the fly: adding, sorting, reversing, counting.

A document is a question, an equals sign and the answer: "17+25=42"; only the answer is learned.
What is held out is decided by a hash of what the question is about, so that no question to be
tested with was ever trained on, nor one that is the same in another order.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from ..errors import UserError
from .batches import DocumentBatches, eval_batches
from .text import Corpus

TRAINED, HELD_OUT = 20_000, 1000  # documents, where there are so many different ones
HELD_OUT_SHARE = 10  # one question of so many
LETTERS = "abcdefghij"
MARK = "="  # where the question ends


class Question(NamedTuple):
    """What a model is asked, and the only right answer."""

    prompt: str
    answer: str


def add(dice, size):
    """
    >>> add(random.Random(1), 2)
    ('9+4', '13', (4, 9))
    """
    a, b = (dice.randrange(10 ** dice.randint(1, size)) for _ in range(2))
    return f"{a}+{b}", str(a + b), (min(a, b), max(a, b))


def sort(dice, size):
    letters = _letters(dice, size)
    answer = "".join(sorted(letters))
    return letters, answer, answer


def reverse(dice, size):
    letters = _letters(dice, size)
    return letters, letters[::-1], min(letters, letters[::-1])


def count(dice, size):
    letters = "".join(dice.choices(LETTERS[:4], k=dice.randint(2, size)))
    letter = dice.choice(letters) if dice.random() < 0.8 else dice.choice(LETTERS[:4])
    return f"{letter} in {letters}", str(letters.count(letter)), letters


def _letters(dice, size):
    return "".join(dice.choices(LETTERS, k=dice.randint(2, size)))


class Task(NamedTuple):
    """A kind of question; the last value of what it makes is what it is about."""

    make: Callable
    size: int  # as it is without a number
    least: int
    most: int
    unit: str
    about: str


TASKS = {
    "add": Task(add, 2, 1, 6, "digits", "the sum of two numbers"),
    "sort": Task(sort, 5, 2, 12, "letters", "letters in the order of the alphabet"),
    "reverse": Task(reverse, 5, 2, 12, "letters", "letters the other way round"),
    "count": Task(count, 8, 2, 12, "letters", "how often a letter stands among others"),
}


# ---- batches: a question is made by chance, and to predict it teaches nothing


class AnswerRows:
    """Rows of documents in which a token, the mark, stands between question and answer."""

    kind = "documents"

    def __init__(self, whole, mark):
        self.whole, self.mark = whole, mark

    def __len__(self):
        return len(self.whole)

    def __iter__(self):
        """Yield what is learned as rows of which every token but the first is a target."""
        for row in self.whole:
            yield row[int(np.argmax(row == self.mark)) :]

    @property
    def lengths(self):
        """Of the whole rows."""
        return self.whole.lengths

    def batches(self, batch_size, block_size, dtype, seed):
        """The endless batches to train on."""
        return AnswerBatches(self.whole, batch_size, block_size, dtype, self.mark)

    def eval_batches(self, batch_size, block_size, dtype, max_tokens=None):
        """Yield batches that hold each document once, up to so many targets, asked or answered."""
        for batch in eval_batches(self.whole, batch_size, block_size, dtype, max_tokens):
            yield answers_of(batch, self.mark)


class AnswerBatches(DocumentBatches):
    """Endless batches of whole documents in which only answers have weights."""

    def __init__(self, rows, batch_size, block_size, dtype, mark):
        super().__init__(rows, batch_size, block_size, dtype)
        self._mark = mark

    def __next__(self):
        return answers_of(super().__next__(), self._mark)


def answers_of(batch, mark):
    """The same batch, of which only what follows the mark counts.

    >>> from .batches import Batch
    >>> ids, even = np.array([[5, 1, 9, 2], [5, 9, 3, 3]]), np.full((2, 4), 0.125)
    >>> found = answers_of(Batch(ids, ids, even, 8), mark=9)
    >>> found.tokens, found.weights.tolist()
    (5, [[0.0, 0.0, 0.2, 0.2], [0.0, 0.2, 0.2, 0.2]])
    """
    learned = (np.cumsum(batch.ids == mark, 1) > 0) & (batch.weights > 0)
    tokens = int(learned.sum())
    weights = (learned / max(1, tokens)).astype(batch.weights.dtype)
    return batch._replace(weights=weights, tokens=tokens)


# ---- the corpus


@dataclass(frozen=True)
class TaskCorpus(Corpus):
    """The documents of a task; those to be tested with are its own, and never among them."""

    tests: tuple[str, ...] = ()

    @property
    def questions(self):
        """The held-out questions."""
        return [Question(*_cut(document)) for document in self.tests]

    @property
    def size(self):
        return f"{len(self.documents):,} questions with answers"

    @cached_property
    def digest(self):
        text = "".join(f"{document}\0" for document in (*self.documents, "answers", *self.tests))
        return hashlib.sha256(text.encode()).hexdigest()

    def rows(self, tokenizer, rng, val_fraction):
        """(rows to train on, rows held out); what is held out does not depend on a fraction."""
        documents = list(self.documents)
        rng.shuffle(documents)
        (mark,) = tokenizer.encode(MARK)
        return tuple(
            AnswerRows(tokenizer.encode_rows(rows), mark) for rows in (documents, list(self.tests))
        )


def task_corpus(word):
    """The corpus called `task:NAME` or `task:NAME:SIZE`."""
    name, size = _read(word)
    task = TASKS[name]
    trained, tests = _examples(name, size)
    source = f"the task {name}, up to {size} {task.unit}"
    return TaskCorpus(f"task:{name}:{size}", list(trained), source, tests=tests)


def _read(word):
    _, _, rest = word.partition(":")
    name, given, size = rest.partition(":")
    if name not in TASKS:
        known = ", ".join(f"task:{name}" for name in TASKS)
        raise UserError(f"There is no task {name!r}; the tasks are {known}.")
    task = TASKS[name]
    if given and not (size.isascii() and size.isdigit() and task.least <= int(size) <= task.most):
        raise UserError(
            f"The size of task:{name} is a number of {task.unit} from {task.least} to {task.most},"
            f" as in task:{name}:{task.size}; {size!r} is not."
        )
    return name, int(size or task.size)


@lru_cache(4)
def _examples(name, size):
    """(documents to train on, documents held out): all different, as many as there are."""
    dice, make = random.Random(f"task {name} {size}"), TASKS[name].make
    trained, tests = {}, {}
    for _ in range(6 * (TRAINED + HELD_OUT)):
        if len(trained) >= TRAINED and len(tests) >= HELD_OUT:
            break
        question, answer, about = make(dice, size)
        document = f"{question}{MARK}{answer}"
        if document in trained or document in tests:
            continue
        wanted, most = (tests, HELD_OUT) if _is_held_out(about) else (trained, TRAINED)
        if len(wanted) < most:
            wanted[document] = None
    return tuple(trained), tuple(tests)


def _is_held_out(about):
    return hashlib.sha256(repr(about).encode()).digest()[0] % HELD_OUT_SHARE == 0


def _cut(document):
    question, mark, answer = document.partition(MARK)
    return question + mark, answer
