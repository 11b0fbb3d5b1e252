"""How far back a model should look, by the data: names are short, a text is not."""

from ..tokenizer import BPETokenizer
from .batches import choose_rows

SOME = 200  # documents that are looked at
TEXT_CONTEXT = 64  # tokens back, at least, for a text


def kind_of_rows(corpus, block_size, tokenizer=None):
    """Whether training takes these documents one by one or as crops of one running text.

    A tokenizer of other than characters is tried on some of them, evenly from the whole text.
    """
    documents = corpus.documents
    if not documents:  # token ids, which are always one running text
        return "crops"
    if isinstance(tokenizer, BPETokenizer):
        rows = tokenizer.encode_rows(documents[:: max(1, len(documents) // SOME)])
    else:
        rows = [range(len(document) + 2) for document in documents]
    return choose_rows(rows, block_size)


def context_for(corpus, block_size, tokenizer=None):
    """The block size for these data where the reader has not chosen one.

    A text whose documents do not fit gets more room, so that a model sees a line and not a word.
    """
    if kind_of_rows(corpus, block_size, tokenizer) == "documents":
        return block_size
    return max(block_size, TEXT_CONTEXT)
