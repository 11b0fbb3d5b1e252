"""Byte-level byte-pair encoding, compatible with tiktoken.

Every text is UTF-8 bytes; a token is a string of bytes. Texts are cut into pieces (`patterns`),
and in each piece neighbours are merged into tokens (`merging`). Special tokens stand for no bytes:
they are found in a text only where the caller allows it.
"""

import codecs
from array import array
from functools import cached_property
from itertools import chain

import numpy as np

from ..errors import UserError
from .merging import merge_piece, parents
from .patterns import Splitter, valid
from .rows import Rows, parts_of, smallest_type
from .special import BOS, BOS_NAMES, after, any_of

CACHED_PIECES = 1 << 16
# A file may be a trap: forty merges can double a token to a terabyte, one id can be 2**60.
MAX_IDS = 1 << 22
MAX_BYTES = 1 << 28
MOST_UNUSED = 1 << 14  # ids that no token has, besides some for each token
SINGLE_BYTES = [bytes([i]) for i in range(256)]


class BPETokenizer:
    """Tokens by id, the order in which they merge, a split pattern, and special tokens.

    >>> tokenizer = BPETokenizer.from_merges([(104, 105), (256, 33)], "none")  # hi, hi!
    >>> tokenizer.encode("oh hi!"), tokenizer.vocab_size, tokenizer.bos
    ([111, 104, 32, 257], 259, 258)
    >>> tokenizer.decode([258, 257, 258]), tokenizer.decode([258, 257], specials=True)
    ('hi!', '<|bos|>hi!')
    """

    def __init__(self, ids, pattern="gpt2", specials=None, *, ranks=None, bos=None):
        """`ids` is {bytes: id}. A lower rank merges first; ranks are the ids unless given.

        `specials` is {text: id}; without any there is `<|bos|>`, after all other ids. `bos` names
        the one that stands at both ends of a document.
        """
        self.ids, self.ranks = ids, ids if ranks is None else ranks
        if missing := [byte for byte in SINGLE_BYTES if byte not in self.ids]:
            raise UserError(
                f"The vocabulary has no token for the byte 0x{missing[0].hex().upper()}"
                f" ({len(missing)} of 256 are missing), so not every text could be encoded;"
                " use a byte-level vocabulary."
            )
        self.specials = dict(specials or {BOS: max(self.ids.values()) + 1})
        for id in (*self.ids.values(), *self.specials.values()):
            if not 0 <= id < MAX_IDS:
                raise UserError(f"The token id {id} is not between 0 and {MAX_IDS - 1:,}; mend it.")
        self.vocab_size = max(*self.ids.values(), *self.specials.values()) + 1
        if self.vocab_size > 8 * len(self.ids) + MOST_UNUSED:
            raise UserError(
                f"The token ids go up to {self.vocab_size - 1:,}, and there are only"
                f" {len(self.ids):,} tokens; this file is damaged."
            )
        self._tokens = [None] * self.vocab_size  # bytes; None for special and unused ids
        for token, id in self.ids.items():
            if self._tokens[id] is not None:
                raise UserError(
                    f"The tokens {self._tokens[id]!r} and {token!r} both have the id {id};"
                    " give each its own."
                )
            self._tokens[id] = token
        self._special_texts = {id: text for text, id in self.specials.items()}
        for text, id in self.specials.items():
            if not text or self._tokens[id] is not None or self._special_texts[id] != text:
                raise UserError(
                    f"The special token {text!r} cannot have the id {id}, which is another's."
                )
        self.bos_text = bos or next((n for n in BOS_NAMES if n in self.specials), None)
        if self.bos_text is None:
            self.bos_text = min(self.specials, key=self.specials.get)
        if self.bos_text not in self.specials:
            raise UserError(f"There is no special token {bos!r} to begin documents with.")
        self.bos = self.specials[self.bos_text]
        self.splitter = Splitter(pattern)
        self.pattern = self.splitter.name
        self._merges = None
        self._cache = _Pieces(self)

    @classmethod
    def from_merges(cls, merges, pattern="gpt2", specials=(BOS,), bos=None):
        """The tokenizer that was learned: bytes, then merges (pairs of ids), then specials."""
        tokens = vocabulary(merges)
        ids = {token: id for id, token in enumerate(tokens)}
        if len(ids) < len(tokens):
            raise UserError("Two merges make the same token; the list of merges is damaged.")
        specials = {text: len(tokens) + i for i, text in enumerate(specials or (BOS,))}
        tokenizer = cls(ids, pattern, specials, bos=bos)
        tokenizer._merges = [tuple(pair) for pair in merges]
        return tokenizer

    def with_specials(self, texts):
        """This tokenizer with more special tokens, after all its ids."""
        ranks = None if self.ranks is self.ids else self.ranks
        specials = after(self, texts)
        grown = BPETokenizer(self.ids, self.pattern, specials, ranks=ranks, bos=self.bos_text)
        grown._merges = self._merges
        return grown

    # ---- text to ids

    def encode(self, text, *, allowed_special=frozenset(), disallowed_special="all"):
        """The ids of a text.

        Special tokens in `allowed_special` ("all", or a set of them) become their ids. One in
        `disallowed_special` ("all": those not allowed) is an error; in neither, ordinary text.
        """
        allowed = self.specials.keys() if allowed_special == "all" else set(allowed_special)
        allowed = allowed & self.specials.keys()
        disallowed = disallowed_special
        if disallowed == "all":
            disallowed = self.specials.keys() - allowed
        if disallowed and (found := any_of(disallowed).search(text)):
            raise UserError(
                f"The text has the special token {found.group()!r} in it, at character"
                f" {found.start():,}; allow it as a token, encode it as ordinary text, or take it"
                " out."
            )
        if not allowed:
            return self.encode_ordinary(text)
        out, end = [], 0
        for found in any_of(allowed).finditer(text):
            out += self.encode_ordinary(text[end : found.start()])
            out.append(self.specials[found.group()])
            end = found.end()
        return out + self.encode_ordinary(text[end:])

    def encode_ordinary(self, text):
        """The ids of a text in which nothing is special."""
        pieces = self.splitter.split(valid(text))
        return list(chain.from_iterable(map(self._cache.__getitem__, pieces)))

    def encode_array(self, text):
        """The ids of a long text, nothing special, as an int32 array."""
        ids = array("i")
        for stretch in self.splitter.stretches(valid(text)):
            ids.extend(self.encode_ordinary(stretch))
        return np.array(ids, np.int32)

    def encode_rows(self, documents):
        """One array of ids a document, `bos` at both ends."""
        kind = np.dtype(smallest_type(self.vocab_size))
        stream, edges, rest = array(kind.char, [self.bos]), array("q", [0]), ""
        for text, end in parts_of(documents):
            rest += text
            cut = len(rest) if end else self.safe_cut(rest)
            for stretch in self.splitter.stretches(valid(rest[:cut])):
                stream.extend(self.encode_ordinary(stretch))
            rest = rest[cut:]
            if end:
                edges.append(len(stream))
                stream.append(self.bos)
        return Rows(np.frombuffer(stream, kind), np.frombuffer(edges, np.int64))

    def safe_cut(self, text):
        """How much of a text that goes on can be encoded by itself; 0 where no place is known."""
        return self.splitter.safe_cut(text, 0, len(text))

    # ---- ids to text

    def decode(self, ids, specials=False):
        """The text of some ids; bytes that are no UTF-8 become U+FFFD.

        Special tokens have no text, unless `specials` asks for their names.
        """
        return self.decode_bytes(ids, specials).decode("utf-8", "replace")

    def decode_bytes(self, ids, specials=False):
        return b"".join(self._bytes(id, specials) for id in ids)

    def stream(self):
        """A decoder for ids that come one by one."""
        return StreamDecoder(self._bytes)

    def bytes_of(self, id):
        """The bytes of text that a token stands for: none for a special one."""
        return self._bytes(id)

    def token_text(self, id):
        """A token as a reader shall see it: blanks, controls and broken characters made visible."""
        token = self._bytes(id)
        if id in self._special_texts:
            return self._special_texts[id]
        return "".join(map(_visible, token.decode("utf-8", "backslashreplace")))

    @cached_property
    def token_bytes(self):
        """How many bytes of text each id stands for: 0 for special tokens. An int32 array."""
        lengths = (len(token or b"") for token in self._tokens)
        return np.fromiter(lengths, np.int32, self.vocab_size)

    def _bytes(self, id, specials=False):
        token = self._tokens[id] if 0 <= id < self.vocab_size else None
        if token is not None:
            return token
        if id not in self._special_texts:
            raise UserError(
                f"There is no token {id}; this tokenizer has {len(self.ids) + len(self.specials):,}"
                f" tokens, the last of them {self.vocab_size - 1}."
            )
        return self._special_texts[id].encode() if specials else b""

    # ---- how it came to be

    @property
    def merges(self):
        """The pairs of ids that make the tokens, first to last: what a trainer would have learned.

        None where a token is not the merge of two others, as in some published files.
        """
        if self._merges is None:
            pairs = []
            for token in sorted(self.ranks, key=self.ranks.get):
                if len(token) > 1:
                    pair = parents(token, self.ranks)
                    if len(pair) != 2:
                        return None
                    pairs.append((self.ids[pair[0]], self.ids[pair[1]]))
            self._merges = pairs
        return self._merges


class _Pieces(dict):
    """{piece: its ids}, filled as pieces are met: a text has few that are new."""

    def __init__(self, tokenizer):
        self.ids, self.ranks = tokenizer.ids, tokenizer.ranks

    def __missing__(self, piece):
        data = piece.encode()
        if data in self.ranks:  # a piece that is a token is that token, whatever merging says
            ids = (self.ids[data],)
        else:
            ids = tuple(map(self.ids.__getitem__, merge_piece(data, self.ranks)))
        if len(self) < CACHED_PIECES and len(data) <= 64:
            self[piece] = ids
        return ids


class StreamDecoder:
    """Text out of ids that come one by one; an unfinished character is held back.

    >>> decoder = BPETokenizer.from_merges([]).stream()
    >>> [decoder.push(byte) for byte in "né".encode()], decoder.push(0xC3), decoder.finish()
    (['n', '', 'é'], '', '\ufffd')
    """

    def __init__(self, bytes_of):
        self._bytes_of = bytes_of
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, id):
        """What one more id adds to the text."""
        return self._decoder.decode(self._bytes_of(id))

    def finish(self):
        """What was held back, now that nothing follows."""
        return self._decoder.decode(b"", final=True)


def vocabulary(merges):
    """The bytes of all tokens by id: the 256 single bytes, then one for each pair of ids.

    >>> vocabulary([(97, 97), (256, 98)])[256:]
    [b'aa', b'aab']
    """
    tokens, total = list(SINGLE_BYTES), 0
    for left, right in merges:
        total += len(tokens[left]) + len(tokens[right])
        if total > MAX_BYTES:
            raise UserError("The merges make tokens of more than 256 MB; the list is damaged.")
        tokens.append(tokens[left] + tokens[right])
    return tokens


def _visible(char):
    return "␣" if char == " " else char if char.isprintable() else repr(char)[1:-1]
