"""Is what a model wrote new, and what is held out unseen, or does it stand in the data?"""

import random

import numpy as np

from .batches import split_documents
from .documents import Documents


def is_new(text, documents, kind):
    """True if the text is not in the data, False if it is there, None where that is not known.

    `kind` says how the documents were trained on (see `choose_rows`). As crops, a piece of one is
    known, too. Data that are token ids have no documents to compare with, and an empty text is
    neither new nor known.

    >>> names = ["anna", "bo"]
    >>> is_new("anna", names, "documents"), is_new("ann", names, "documents")
    (False, True)
    >>> is_new("ann", names, "crops"), is_new("ann", [], "crops"), is_new("", names, "documents")
    (False, None, None)
    """
    if not text or not len(documents):
        return None
    if kind == "crops" and isinstance(documents, Documents):
        return not documents.mentions(text)
    if kind == "crops":
        return not any(text in document for document in documents)
    return text not in documents


def count_twins(documents, seed, val_fraction):
    """(documents held out that are also trained on, all that are held out), as a run splits them.

    >>> count_twins(["anna", "bo"] * 10, 42, 0.1)
    (2, 2)
    >>> count_twins(["anna", "bo"], 42, 0.1)
    (0, 0)
    """
    if isinstance(documents, Documents):
        shuffled = documents.shuffled(random.Random(seed))
    else:
        shuffled = list(documents)
        random.Random(seed).shuffle(shuffled)
    if not shuffled:
        return 0, 0
    trained, held_out = split_documents(shuffled, val_fraction)
    known, asked = hashes_of(trained), hashes_of(held_out)
    # Different documents may share a hash, above all in a tab, where it has 32 bits: so those of
    # one hash are compared.
    known_too = set(map(trained.__getitem__, among(known, np.sort(asked))))
    return sum(held_out[i] in known_too for i in among(asked, np.sort(known))), len(held_out)


def hashes_of(documents):
    """A hash of each, small enough to have of millions."""
    return np.fromiter(map(hash, documents), np.int64, len(documents))


def among(values, others):
    """The places of the values that are also among the others, which are sorted.

    >>> among(np.array([5, 3, 7, 3]), np.array([3, 4]))
    [1, 3]
    """
    # np.isin would load all of numpy.ma.
    found = np.searchsorted(others, values, "right") > np.searchsorted(others, values)
    return np.flatnonzero(found).tolist()


def about_twins(twins, held_out):
    """A sentence for the reader, or ''."""
    if not twins:
        return ""
    which = "All" if twins == held_out else f"{twins:,}"
    stand = "stands" if twins == 1 else "stand"
    return (
        f"{which} of the {held_out:,} held-out documents {stand} in the training data, too, so"
        " the held-out loss looks better than it is: repeated lines are best removed."
    )
