"""Byte-pair encoding of one piece: merge the neighbours whose concatenation ranks lowest, the
leftmost among equals, until no two neighbours are a token. There is no list of merges.
"""

from heapq import heapify, heappop, heappush

LONG = 128  # bytes from which the search for the lowest rank is worth a heap
NONE = float("inf")


def merge_piece(piece, ranks):
    """The parts a piece ends up in; `ranks` is {bytes: rank}.

    >>> ranks = {b"a": 0, b"b": 1, b"ab": 2, b"aa": 3, b"aab": 4}
    >>> merge_piece(b"aab", ranks)  # ab is the lowest, then a + ab
    [b'aab']
    >>> merge_piece(b"aaaab", ranks)
    [b'aa', b'aab']
    """
    return merge_long(piece, ranks) if len(piece) >= LONG else merge_short(piece, ranks)


def merge_short(piece, ranks, limit=NONE):
    """By looking through all neighbours each time; only merges that rank below `limit`."""
    parts = [piece[i : i + 1] for i in range(len(piece))]
    scores = [ranks.get(a + b, NONE) for a, b in zip(parts, parts[1:])]
    while scores:
        lowest = min(scores)
        if lowest >= limit:
            break
        i = scores.index(lowest)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
        del scores[i]
        if i < len(scores):
            scores[i] = ranks.get(parts[i] + parts[i + 1], NONE)
        if i > 0:
            scores[i - 1] = ranks.get(parts[i - 1] + parts[i], NONE)
    return parts


def merge_long(piece, ranks):
    """The same with a heap, so that a million bytes are no harder than a thousand times a thousand.

    A part is known by the place it begins at; `after` says where the next one does. What is in
    the heap is rank * length + place, one number instead of a pair.
    """
    length = len(piece)
    after = list(range(1, length + 1))
    before = list(range(-1, length))
    scores = [ranks.get(piece[i : i + 2], -1) for i in range(length - 1)] + [-1]
    heap = [score * length + i for i, score in enumerate(scores) if score >= 0]
    heapify(heap)
    while heap:
        score, i = divmod(heappop(heap), length)
        if scores[i] != score:
            continue  # one of the two has become part of another since
        j = after[i]
        after[i] = k = after[j]
        before[k] = i
        scores[j] = -1
        for start in (before[i], i):
            if start < 0:
                continue
            middle = after[start]
            if middle == length:
                scores[start] = -1
                continue
            score = ranks.get(piece[start : after[middle]], -1)
            scores[start] = score
            if score >= 0:
                heappush(heap, score * length + start)
    parts, i = [], 0
    while i < length:
        parts.append(piece[i : after[i]])
        i = after[i]
    return parts


def parents(token, ranks):
    """The parts a token is made of by its own, last merge: two of them, if merging leads to it.

    >>> parents(b"aab", {b"a": 0, b"b": 1, b"ab": 2, b"aa": 3, b"aab": 4})
    [b'a', b'ab']
    """
    return merge_short(token, ranks, limit=ranks[token])
