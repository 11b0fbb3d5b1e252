"""Lines that stand in the training data and, once more, in what is held out."""

import random

from .batches import split_documents


def count_twins(documents, seed, val_fraction):
    """(documents held out that are also trained on, all that are held out), as a run splits them.

    >>> count_twins(["anna", "bo"] * 10, 42, 0.1)
    (2, 2)
    >>> count_twins(["anna", "bo"], 42, 0.1)
    (0, 0)
    """
    if len(set(documents)) == len(documents):
        return 0, len(split_documents(documents, val_fraction)[1]) if documents else 0
    shuffled = list(documents)
    random.Random(seed).shuffle(shuffled)
    trained, held_out = split_documents(shuffled, val_fraction)
    known = set(trained)
    return sum(document in known for document in held_out), len(held_out)


def about_twins(twins, held_out):
    """A sentence for the reader, or ''."""
    if not twins:
        return ""
    which = "All" if twins == held_out else f"{twins:,}"
    return (
        f"{which} of the {held_out:,} held-out documents stand in the training data, too, so the"
        " held-out loss looks better than it is: repeated lines are best removed."
    )
