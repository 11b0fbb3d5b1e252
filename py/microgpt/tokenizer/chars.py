"""The simplest tokenizer: every character is a token."""

from functools import cached_property

import numpy as np

from ..errors import UserError
from .rows import Rows, characters_of, lengths_of, smallest_type
from .special import BOS, after

EDGE = "<edge>"  # how `bos` is shown
CHUNK = 1 << 20  # characters looked at in one go, so that a long text needs little more memory


class CharTokenizer:
    """Ids 0..n-1 are the sorted characters, id n (`bos`) marks both ends of a document.

    Other special tokens, if there are any, come after it.

    >>> tokenizer = CharTokenizer("banana")
    >>> tokenizer.chars, tokenizer.bos, tokenizer.vocab_size
    ('abn', 3, 4)
    >>> tokenizer.encode("nab"), tokenizer.decode([3, 2, 0, 1, 3])
    ([2, 0, 1], 'nab')
    """

    def __init__(self, chars, specials=(BOS,)):
        """`specials` are the special tokens by name, the first of them `bos`."""
        self.chars = "".join(sorted(set(chars)))
        if not self.chars:
            raise UserError("There are no characters to make a vocabulary of; give a longer text.")
        self.bos = len(self.chars)
        self.specials = {text: self.bos + i for i, text in enumerate(specials)}
        self.vocab_size = self.bos + len(self.specials)
        self._special_texts = {id: text for text, id in self.specials.items()}
        self._special_texts[self.bos] = EDGE
        self._ids = {char: i for i, char in enumerate(self.chars)}
        # From code point to id; the last entry stands for all code points beyond.
        self._table = np.full(ord(self.chars[-1]) + 2, -1, np.int32)
        self._table[_code_points(self.chars)] = np.arange(self.bos)

    @classmethod
    def from_documents(cls, documents):
        """The tokenizer that knows exactly the characters of these documents."""
        seen = np.zeros(0x110000, bool)
        for text in characters_of(documents):
            for chunk in _chunks(text):
                seen[_code_points(chunk)] = True
        return cls(map(chr, np.flatnonzero(seen)))

    def with_specials(self, texts):
        """This tokenizer with more special tokens, after all its ids."""
        return CharTokenizer(self.chars, after(self, texts))

    def encode(self, text):
        """The ids of a text, without `bos`; nothing in it is special."""
        try:
            return [self._ids[char] for char in text]
        except KeyError as error:
            raise self._unknown(error.args[0]) from None

    encode_ordinary = encode

    def encode_array(self, text):
        """The ids of a long text as an int32 array."""
        ids = np.empty(len(text), np.int32)
        for start, chunk in zip(range(0, len(text), CHUNK), _chunks(text)):
            ids[start : start + CHUNK] = self._encode_chunk(chunk)
        return ids

    def encode_rows(self, documents):
        """One array of ids a document, `bos` at both ends."""
        edges = np.zeros(len(documents) + 1, np.int64)
        np.cumsum(lengths_of(documents), out=edges[1:], dtype=np.int64)
        edges += np.arange(len(edges))
        stream = np.full(edges[-1] + 1, self.bos, smallest_type(self.vocab_size))
        text = _Characters(documents)
        for start in range(0, len(stream), CHUNK):
            here = np.ones(min(CHUNK, len(stream) - start), bool)
            first, last = np.searchsorted(edges, (start, start + CHUNK))
            here[edges[first:last] - start] = False
            chunk = text.take(np.count_nonzero(here))
            stream[start : start + CHUNK][here] = self._encode_chunk(chunk)
        return Rows(stream, edges)

    def safe_cut(self, text):
        """How much of a text that goes on can be encoded by itself."""
        return len(text)

    def decode(self, ids, specials=False):
        """The text of some ids; special tokens have none, unless `specials` asks for names."""
        texts = self._special_texts if specials else {}
        ids = map(self._check, ids)
        return "".join(self.chars[i] if i < self.bos else texts.get(i, "") for i in ids)

    def bytes_of(self, id):
        """The bytes of text that a token stands for: none for a special one."""
        return b"" if self._check(id) >= self.bos else self.chars[id].encode()

    def token_text(self, id):
        """A token as a reader shall see it: blanks and control characters made visible."""
        if self._check(id) >= self.bos:
            return self._special_texts[id]
        char = self.chars[id]
        return "␣" if char == " " else char if char.isprintable() else repr(char)[1:-1]

    @cached_property
    def token_bytes(self):
        """How many bytes of UTF-8 each id stands for: 0 for special tokens. An int32 array."""
        starts = np.array([0, 0x80, 0x800, 0x10000])  # where characters begin to take a byte more
        sizes = np.searchsorted(starts, _code_points(self.chars), "right")
        return np.append(sizes, [0] * len(self.specials)).astype(np.int32)

    def stream(self):
        """A decoder for ids that come one by one, as byte-level tokenizers need it."""
        return _Stream(self)

    def _encode_chunk(self, text):
        ids = self._table[np.minimum(_code_points(text), len(self._table) - 1)]
        if len(ids) and ids.min() < 0:
            raise self._unknown(text[int(ids.argmin())])
        return ids

    def _check(self, id):
        if not 0 <= id < self.vocab_size:
            raise UserError(
                f"There is no token {id}; this tokenizer has the ids 0 to {self.vocab_size - 1}."
            )
        return id

    def _unknown(self, char):
        known = "".join(map(self.token_text, range(min(self.bos, 64))))
        more = f" and {self.bos - 64} more" if self.bos > 64 else ""
        shown = char if char.isprintable() else repr(char)[1:-1]
        return UserError(
            f"The character '{shown}' (U+{ord(char):04X}) is not one this model knows"
            f" ({known}{more}); leave it out, or train on a text that has it."
        )


class _Stream:
    """Every id is a character: nothing is ever held back."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer

    def push(self, id):
        return self._tokenizer.decode([id])

    def finish(self):
        return ""


class _Characters:
    """The characters of all documents, to be taken some at a time."""

    def __init__(self, documents):
        self._parts, self._text, self._at = characters_of(documents), "", 0

    def take(self, count):
        taken = []
        while count > 0:
            if self._at == len(self._text):
                self._text, self._at = next(self._parts), 0
            part = self._text[self._at : self._at + count]
            taken.append(part)
            self._at += len(part)
            count -= len(part)
        return "".join(taken)


def _chunks(text):
    return (text[i : i + CHUNK] for i in range(0, len(text), CHUNK))


def _code_points(text):
    """The numbers of the characters, as numpy can work with them."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
