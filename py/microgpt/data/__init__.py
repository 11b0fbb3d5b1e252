"""Where the text comes from, and how it becomes batches."""

from .builtin import load
from .text import Corpus, corpus_from_bytes

__all__ = ["Corpus", "corpus_from_bytes", "load"]
