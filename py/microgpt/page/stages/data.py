"""What the stages of a chat model learn from: a text with talk in it, and conversations.

All of it is made, checked and encoded in pieces, so that Stop is heard between two of them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...data.batches import split_documents
from ...data.chat.base import base_parts, mixed
from ...data.conversations.corpus import ConversationCorpus, made_up_corpus
from ...data.conversations.messages import Wrong, characters_of, read_line
from ...data.conversations.rendering import rendered_parts
from ...data.copied import Runs
from ...data.text import Corpus, decode, split_text
from ...evaluation.talk import Asked
from ...tokenizer.patterns import valid

MOST_TEXT = 2_000_000  # characters: a base of this size reads no more of them in its steps
STRETCH = 1 << 14  # characters that are encoded in one go
MOST_WRONG = 100  # lines that are named
MOST_SHOWN = 5  # conversations that are shown as a model reads them
LONGEST_SHOWN = 2000  # characters of a part of them
HOLD_OUT_FROM = 20  # conversations; of fewer all are learned


# ---- the text


def stories_of(data, name, encoding=None):
    """The lines of a reader's text; of a long one, the beginning."""
    kept, room = [], MOST_TEXT
    for line in split_text(decode(bytes(data), name, encoding)):
        kept.append(line[:room])
        if (room := room - len(line)) <= 0:
            break
    return kept


def making_text(stories, name=None):
    """A generator whose value is the Corpus of a base; it yields how much is made (0 to 1)."""
    parts = []
    for part in base_parts(stories):
        parts.append(part)
        yield min(1.0, len(parts) / (len(stories) + 2000))
    source = f"your file {name}, with talk in it"
    if name is None:
        name, source = "chat", "the stories and talk that microgpt makes up"
    return Corpus(name, [mixed(parts)], source, "none")


@dataclass(frozen=True)
class EncodedText(Corpus):
    """A text that has been encoded already; see `encoding`."""

    known: tuple = field(default=(), repr=False)

    def rows(self, tokenizer, rng, val_fraction):
        return self.known


def encoding(corpus, tokenizer, val_fraction):
    """A generator whose value is the corpus as EncodedText; it yields how much is done (0 to 1)."""
    done, sides = 0, []
    for documents in split_documents(corpus.documents, val_fraction):
        rows = []
        for document in documents:
            ids = [tokenizer.bos]
            for stretch in tokenizer.splitter.stretches(valid(document), STRETCH):
                ids += tokenizer.encode_ordinary(stretch)
                done += len(stretch)
                yield min(1.0, done / corpus.characters)
            rows.append(np.array([*ids, tokenizer.bos], np.int32))
        sides.append(rows)
    return EncodedText(corpus.name, corpus.documents, corpus.source, corpus.split, tuple(sides))


# ---- conversations


class OwnTalks(Sequence):
    """A reader's conversations, each a list of messages."""

    def __init__(self, talks, digest):
        self.talks, self.digest = talks, digest
        self.characters = set().union(*map(characters_of, talks))

    def __len__(self):
        return len(self.talks)

    def __getitem__(self, i):
        return self.talks[i]


def checking(data, found):
    """A generator that reads the lines of a file into `found`: its talks, and what is wrong.

    It yields how much is read (0 to 1). `found` has "talks", and "wrong" with (line, sentence).
    """
    found |= {"talks": [], "wrong": [], "more": 0}
    data, start = bytes(data), 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        start += len(line)
        if line.strip():
            try:
                found["talks"].append(read_line(line))
            except Wrong as error:
                if len(found["wrong"]) < MOST_WRONG:
                    found["wrong"].append((number, f"The conversation {error}."))
                else:
                    found["more"] += 1
        yield start / len(data)


def shown_talks(talks):
    """The first conversations as a model reads them: lists of {token, text, learned}."""
    return [
        [
            {
                "token": f"<|{name}|>" if name else "",
                "text": text[:LONGEST_SHOWN],
                "learned": counts,
            }
            for name, text, counts in rendered_parts(talk)
        ]
        for talk in talks[:MOST_SHOWN]
    ]


class InTurns(Sequence):
    """Conversations of two sources in turns; of the shorter source they come again and again."""

    def __init__(self, *sources):
        self.sources = sources
        self.digest = hashlib.sha256(" ".join(s.digest for s in sources).encode()).hexdigest()
        self.characters = set().union(*(source.characters for source in sources))

    def __len__(self):
        return len(self.sources) * max(map(len, self.sources))

    def __getitem__(self, i):
        at, which = divmod(i, len(self.sources))
        source = self.sources[which]
        return source[at % len(source)]


class Remembered(Sequence):
    """Conversations that a model learns to say: `said` gathers what it has come to so far."""

    def __init__(self, source, said):
        self.source, self.said = source, said

    @property
    def digest(self):
        return self.source.digest

    @property
    def characters(self):
        return self.source.characters

    def __len__(self):
        return len(self.source)

    def __getitem__(self, i):
        talk, read = self.source[i], ""
        for message in talk:
            if message.role != "assistant":
                read += f"{message.text}\n"
            elif message.learned:
                self.said.add(message.text, read)
        return talk


@dataclass(frozen=True)
class TaughtCorpus(ConversationCorpus):
    """Conversations to fine-tune on, and some to be asked on the way."""

    asked: tuple = field(default=(), repr=False)
    said: Runs | None = field(default=None, repr=False)  # of what was learned until now
    asks_learned: bool = False  # too few conversations to hold some of them out


def taught(own=None, name="", mix=True, questions=(), mixture="chat"):
    """The corpus of made-up conversations, or of a reader's own, with made-up ones in turns.

    Of twenty or more a tenth is held out; of fewer all are learned, and asked.
    """
    corpus = made_up_corpus(mixture=mixture)
    if own is None:
        return _remembering(TaughtCorpus(**_fields(corpus), asked=tuple(questions)))
    count = len(own) // 10 if len(own) >= HOLD_OUT_FROM else 0
    learned, held_out = own, corpus.held_out
    if count:
        learned, kept = OwnTalks(own.talks[:-count], own.digest), own.talks[-count:]
        held_out = OwnTalks(kept, own.digest)
    if mix:
        learned = InTurns(learned, corpus.trained)
        held_out = InTurns(held_out, corpus.held_out) if count else held_out
    asked = tuple(filter(None, map(_question, own.talks[-count:] if count else own.talks)))
    source = f"your conversations {name}"
    corpus = TaughtCorpus(name, learned, source, held_out, asked=asked, asks_learned=not count)
    return _remembering(corpus)


def _remembering(corpus):
    said = Runs()
    return replace(corpus, trained=Remembered(corpus.trained, said), said=said)


def _fields(corpus):
    return {name: getattr(corpus, name) for name in ("name", "trained", "source", "held_out")}


def _question(talk):
    """The first question of a conversation with its answer, as `evaluation.talk` asks it."""
    at = next(i for i, message in enumerate(talk) if message.role == "assistant")
    if not at:
        return None
    parts = [{"type": kind, "text": text} for kind, text in talk[at].parts]
    return Asked("yours", talk[:at], parts, 0)
