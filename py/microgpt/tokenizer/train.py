"""Learning a byte-pair encoding: the pair of neighbours seen most often becomes a token, again
and again.

Counting every pair afresh for each merge would read the whole text a thousand times. Here each
distinct word is kept once, with how often it occurs, and each pair knows its places: a merge
touches those places, corrects the counts of their neighbours, and nothing else.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from ..errors import UserError
from .patterns import valid

VOCAB = 512  # tokens, where nothing is said
PATTERN = "gpt2"

GONE = -1  # at the ends of words, and where a token has become part of the one before it
MAX_WORDS = 2_000_000  # distinct words kept while counting a text of any length


@dataclass(frozen=True)
class Merge:
    """A new token: `left` and `right` side by side. `count` is how often they were."""

    id: int
    left: int
    right: int
    count: int


def merge_count(vocab, specials=1):
    """How many merges make a vocabulary of this size, with so many special tokens.

    >>> merge_count(512)
    255
    """
    least = 256 + specials
    if not isinstance(vocab, int) or isinstance(vocab, bool) or vocab < least:
        raise UserError(
            f"A vocabulary of {str(vocab)[:20]} has no room for the 256 bytes and {specials}"
            f" special token{'s'[specials == 1 :]}; ask for at least {least}."
        )
    return vocab - least


def count_pairs(ids, counts=None, times=1):
    """How often each two neighbours occur, added to `counts`.

    >>> count_pairs([1, 2, 3, 1, 2])
    {(1, 2): 2, (2, 3): 1, (3, 1): 1}
    """
    counts = {} if counts is None else counts
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + times
    return counts


def merge_pair(ids, pair, new):
    """The ids with each occurrence of the pair, from the left, replaced by `new`.

    >>> merge_pair([1, 2, 3, 1, 2], (1, 2), 4), merge_pair([5, 5, 5], (5, 5), 6)
    ([4, 3, 4], [6, 5])
    """
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def count_words(texts, splitter, on_progress=None):
    """{word as bytes: how often} in any number of texts, of which one at a time is held.

    `on_progress(characters)` follows.
    """
    words = Counter()
    for done in counting(texts, splitter, words):
        if on_progress:
            on_progress(done)
    return as_bytes(words)


def counting(texts, splitter, words, stretch=1 << 20):
    """Count the words of texts into the Counter `words`; yields the characters done so far.

    Of more than MAX_WORDS distinct words the rarest are forgotten as they come: they could not
    decide a merge.
    """
    done = 0
    for text in texts:
        for part in splitter.stretches(valid(text), stretch):
            words.update(splitter.split(part))
            done += len(part)
            yield done
        least = 1
        while len(words) > MAX_WORDS:
            for word in [word for word, count in words.items() if count <= least]:
                del words[word]
            least *= 2


def as_bytes(words):
    return {word.encode(): count for word, count in words.items()}


def learn_merges(words, first_id=256, min_count=2):
    """Yield one Merge after the other until no pair is left that occurs `min_count` times.

    `words` is {bytes: how often}. The most frequent pair is merged; among equals the one with
    the lowest ids. The caller takes as many merges as it wants tokens.

    >>> merges = learn_merges({b"aaabdaaabac": 1})  # Wikipedia's example: Z=aa, Y=ab, X=ZY
    >>> for merge in merges: print(merge)
    Merge(id=256, left=97, right=97, count=4)
    Merge(id=257, left=97, right=98, count=2)
    Merge(id=258, left=256, right=257, count=2)
    >>> ids = list(b"aaabdaaabac")
    >>> for merge in learn_merges({b"aaabdaaabac": 1}):
    ...     ids = merge_pair(ids, (merge.left, merge.right), merge.id)
    >>> "".join({258: "X"}.get(i) or chr(i) for i in ids)
    'XdXac'
    """
    tokens, weights = _lay_out(words)
    counts, places = _first_pairs(tokens, weights)
    tokens, weights = tokens.tolist(), weights.tolist()
    before = list(range(-1, len(tokens) - 1))
    after = list(range(1, len(tokens) + 1))
    heap = [(-count, *pair) for pair, count in counts.items() if count >= min_count]
    heapify(heap)
    new = first_id
    while heap:
        count, left, right = heappop(heap)
        now = counts[left, right]
        if now != -count:  # fewer than when it was put there
            if now >= min_count:
                heappush(heap, (-now, left, right))
            continue
        if now < min_count:
            return
        fresh = defaultdict(list)  # pairs with the new token, and where they begin
        for i in places.pop((left, right)):
            j = after[i]
            if tokens[i] != left or tokens[j] != right:
                continue  # another merge came first
            h, k, times = before[i], after[j], weights[i]
            tokens[i], tokens[j] = new, GONE
            after[i], before[k] = k, i
            if (token := tokens[h]) != GONE:
                counts[token, left] -= times
                counts[token, new] += times
                fresh[token, new].append(h)
            if (token := tokens[k]) != GONE:
                counts[right, token] -= times
                counts[new, token] += times
                fresh[new, token].append(i)
        del counts[left, right]
        for pair, where in fresh.items():
            if counts[pair] >= min_count:
                places[pair] = where
                heappush(heap, (-counts[pair], *pair))
        yield Merge(new, left, right, now)
        new += 1


def _lay_out(words):
    """All words in one row of bytes, GONE around each, and beside it how often the word occurs."""
    joined = np.frombuffer(b"\0" + b"".join(word + b"\0" for word in words), np.uint8)
    tokens = joined.astype(np.int32)
    lengths = np.fromiter(map(len, words), np.intp, len(words)) + 1
    tokens[np.concatenate([[0], np.cumsum(lengths)])] = GONE
    times = np.fromiter(words.values(), np.int64, len(words))
    return tokens, np.concatenate([[0], np.repeat(times, lengths)])


def _first_pairs(tokens, weights):
    """{pair of bytes: how often} and {pair: where it begins, from left to right}."""
    starts = np.flatnonzero((tokens[:-1] != GONE) & (tokens[1:] != GONE))
    codes = tokens[starts] * 256 + tokens[starts + 1]
    sums = np.bincount(codes, weights[starts], minlength=1)  # exact below 2**53
    by_code = np.argsort(codes, kind="stable")
    kinds, first = np.unique(codes[by_code], return_index=True)
    pairs = [divmod(code, 256) for code in kinds.tolist()]
    places = (part.tolist() for part in np.split(starts[by_code], first[1:]))
    counts = defaultdict(int, zip(pairs, sums[kinds].astype(np.int64).tolist()))
    return counts, dict(zip(pairs, places))
