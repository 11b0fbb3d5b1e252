"""Learning byte pairs for the page, some milliseconds at a time, and cutting a text with them."""

import time
from collections import Counter

from ..errors import UserError
from ..tokenizer.bpe import SINGLE_BYTES, BPETokenizer
from ..tokenizer.chars import CharTokenizer
from ..tokenizer.patterns import Splitter, valid
from ..tokenizer.special import BOS
from ..tokenizer.train import as_bytes, counting, learn_merges, merge_count

STRETCH = 1 << 15  # characters counted in one go: some milliseconds
LEAST = 256 + 1  # tokens of a vocabulary: the bytes, and the mark between documents
MOST_MERGES = 100_000
LONGEST = 100_000  # characters of a text to look at
DRAWN = 3000  # tokens of it that are drawn


class Learner:
    """Counts the words of some documents, then finds merge after merge."""

    def __init__(self, documents, pattern, count):
        splitter = Splitter(pattern)
        splitter.check()
        self.pattern, self.count = splitter.name, count
        self.pairs, self._tokens, self._told = [], list(SINGLE_BYTES), []
        self.characters, self.counted = sum(map(len, documents)), 0
        self._words, self._merges = Counter(), None
        self._counting = counting(documents, splitter, self._words, STRETCH)
        self.done = False

    def go_on(self, milliseconds):
        """A table of how far it is, with the merges that were found meanwhile."""
        end = time.perf_counter() + milliseconds / 1000
        while not self.done and time.perf_counter() < end:
            self._piece()
        told, self._told = self._told, []
        counted = min(1.0, self.counted / max(1, self.characters))
        return {
            "merges": told,
            "learned": len(self.pairs),
            "count": self.count,
            "counted": 1.0 if self._merges or self.done else counted,
            "done": self.done,
        }

    def _piece(self):
        if self._merges is None:
            self.counted = next(self._counting, None) or self.characters
            if self.counted < self.characters:
                return
            for _ in self._counting:  # what is left is empty
                pass
            self._merges = learn_merges(as_bytes(self._words))
        merge = next(self._merges, None) if len(self.pairs) < self.count else None
        if merge is None:
            self.done = True
            return
        left, right = self._tokens[merge.left], self._tokens[merge.right]
        self._tokens.append(left + right)
        self.pairs.append((merge.left, merge.right))
        self._told.append([spelled(left), spelled(right), spelled(left + right), merge.count])

    def tokenizer(self):
        return BPETokenizer.from_merges(self.pairs, self.pattern)


def spelled(token):
    """A token's bytes as text; those that are no whole characters as \\x.."""
    return token.decode("utf-8", "backslashreplace")


def checked_merge_count(vocab):
    """How many merges make a vocabulary of this size; a tab does not learn any number of them."""
    count = merge_count(vocab)
    if count > MOST_MERGES:
        raise UserError(
            f"Here a vocabulary has at most {LEAST + MOST_MERGES:,} tokens; choose fewer."
        )
    return count


def first_merges(tokenizer, count):
    """The tokenizer as it was after so many merges; by then there were no more tokens."""
    if count >= len(tokenizer.merges):
        return tokenizer
    return BPETokenizer.from_merges(tokenizer.merges[: max(0, count)], tokenizer.pattern)


def cut(tokenizer, text):
    """What a tokenizer makes of a text: ids, what they stand for, and counts.

    Only the first tokens are listed: nobody reads more, and drawing them takes long.
    """
    whole, text = len(text), valid(text[:LONGEST])
    ids = tokenizer.encode_array(text).tolist()
    listed = ids[:DRAWN]
    return {
        "ids": listed,
        "kinds": {str(id): _kind(tokenizer, id) for id in sorted(set(listed))},
        "tokens": len(ids),
        "distinct": len(set(ids)),
        "characters": len(text),
        "left": whole - min(whole, LONGEST),
        "bytes": len(text.encode()),
        "vocab": tokenizer.vocab_size,
    }


def _kind(tokenizer, id):
    """[text or None where the bytes are no whole characters, the bytes in hexadecimal]."""
    if isinstance(tokenizer, CharTokenizer):
        data = tokenizer.decode([id]).encode()
    else:
        data = tokenizer.decode_bytes([id])
    try:
        return [data.decode(), data.hex(" ")]
    except UnicodeDecodeError:
        return [None, data.hex(" ")]


def about(tokenizer):
    """What there is to say of a tokenizer."""
    if isinstance(tokenizer, CharTokenizer):
        return {"vocab": tokenizer.vocab_size, "pattern": None}
    return {
        "vocab": tokenizer.vocab_size,
        "pattern": tokenizer.pattern,
        "specials": [text for text in tokenizer.specials if text != BOS][:20],
    }
