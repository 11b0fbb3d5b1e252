"""A source of conversations as a corpus: what to train on, what is held out, where it is from."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .. import chat
from .messages import ConversationFile, characters_of, read_messages
from .packing import Conversations

# Made-up conversations to train on, by the name of their mixture: enough that a small model does
# not learn them, and not many more than it meets: all are looked through for what it has copied.
MADE = {"chat": 40_000, "small-chat": 20_000}
HELD_OUT = 1000
CONVERSATIONS = "conversations"  # what takes the place of a split


class MadeUp:
    """The first made-up conversations, each made when it is asked for."""

    def __init__(self, count, seed=0, held_out=False, mixture="chat"):
        self.count, self.seed, self.held_out, self.mixture = count, seed, held_out, mixture

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        return read_messages(chat.conversation(i, self.seed, self.held_out, self.mixture))

    @cached_property
    def characters(self):
        """The characters that occur in them, by some of them."""
        return set().union(*(characters_of(self[i]) for i in range(min(self.count, 200))))

    @cached_property
    def digest(self):
        """SHA-256 of how many they are and of the first: another generator makes others."""
        digest = hashlib.sha256(f"{self.count} {self.seed} {self.held_out}".encode())
        first = min(self.count, 200)
        for line in chat.json_lines(first, self.seed, self.held_out, self.mixture):
            digest.update(line.encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class ConversationCorpus:
    """Conversations to fine-tune on. Where a `Corpus` is wanted this will do."""

    name: str
    trained: ConversationFile | MadeUp = field(repr=False)
    source: str  # part of a sentence: "your file talks.jsonl"
    held_out: MadeUp | None = field(default=None, repr=False)  # none: a part of `trained`
    split: str = CONVERSATIONS
    documents: tuple = ()  # what text a sample could repeat is not known
    advice: str = ""
    longest: int = 0
    questions = ()

    @property
    def size(self):
        count = len(self.trained)
        return f"{count:,} conversation{'s'[count == 1 :]}"

    @property
    def digest(self):
        return self.trained.digest

    @property
    def characters(self):
        return self.trained.characters

    def rows(self, tokenizer, rng, val_fraction):
        """(conversations to train on, conversations held out)."""
        if self.held_out is not None:
            own = Conversations(self.held_out, np.arange(len(self.held_out)), tokenizer)
            return Conversations(self.trained, np.arange(len(self.trained)), tokenizer), own
        random = np.random.Generator(np.random.PCG64(rng.getrandbits(63)))
        order = random.permutation(len(self.trained)).astype(np.int32)
        held_out = int(len(order) * val_fraction)
        if held_out == 0 and val_fraction > 0 and len(order) >= 10:
            held_out = 1
        cut = len(order) - held_out
        return (
            Conversations(self.trained, order[:cut], tokenizer),
            Conversations(self.trained, order[cut:], tokenizer),
        )


def made_up_corpus(count=None, held_out=HELD_OUT, seed=0, mixture="chat"):
    """The conversations that the package makes itself, held out by content."""
    trained = MadeUp(count or MADE[mixture], seed, mixture=mixture)
    source = "the conversations that microgpt makes up"
    return ConversationCorpus(mixture, trained, source, MadeUp(held_out, seed, True, mixture))


def conversation_corpus(data, on_bytes=None):
    """The conversations of a mixture, such as `chat`, or those in a file of JSON lines."""
    if str(data) in chat.MIXTURES:
        return made_up_corpus(mixture=str(data))
    file = ConversationFile(data, on_bytes)
    return ConversationCorpus(file.path.name, file, f"your file {data}")
