"""Is what a model wrote new, or does it stand in the data?"""

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
